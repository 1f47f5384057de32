import type { TestDatabase } from '../test-database.ts'

/** Every row of every table as text; bytes as hex digits. */
export async function tablesOf(copy: Pick<TestDatabase, 'asOwner'>): Promise<string[]> {
  return copy.asOwner(async (db) => {
    const { rows } = await db.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class
       where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`,
    )
    const texts: string[] = []
    for (const { name } of rows) {
      // oxlint-disable-next-line house/bans -- names come from the catalogue
      const found = await db.query<{ text: string }>(`select one::text as text from ${name} one`)
      texts.push(...found.rows.map(({ text }) => `${name} ${text}`))
    }
    return texts
  })
}
