import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One migration of one to three small statements. */
export type BenchMigration = { readonly name: string; readonly statements: readonly string[] }

export function benchMigrations(count: number): BenchMigration[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1
    const table = `t${number}`
    const statements = [
      `create table ${table} (id bigint generated always as identity primary key, name text not null)`,
      ...(number % 2 === 0 ? [] : [`create index ${table}_name on ${table} (name)`]),
      ...(number % 3 === 0 ? [`alter table ${table} add column note text default 'none'`] : []),
    ]
    return { name: `${String(number).padStart(4, '0')}_${table}`, statements }
  })
}

const textOf = ({ statements }: BenchMigration) => statements.map((one) => `${one};\n`).join('')

/** The same migrations as each tool wants them to lie; folders below `root` by name. */
export async function writeForAll(
  root: string,
  migrations: readonly BenchMigration[],
): Promise<void> {
  const write = async (folder: string, name: string, text: string) => {
    await mkdir(join(root, folder), { recursive: true })
    await writeFile(join(root, folder, name), text)
  }
  let previous: string | undefined
  for (const [index, migration] of migrations.entries()) {
    const { name, statements } = migration
    const text = textOf(migration)
    await write('plain', `${name}.sql`, text)
    await write('ours', `${name}.sql`, `-- why: measured\n${text}`)
    await write('node-pg-migrate', `${name}.sql`, `-- Up Migration\n${text}`)
    await write('postgrator', `${name.slice(0, 4)}.do.${name.slice(5)}.sql`, text)
    await write('drizzle', `${name}.sql`, statements.join(';\n--> statement-breakpoint\n'))
    const hash = graphileHash(text, previous)
    const head = `--! Previous: ${previous ?? '-'}\n--! Hash: ${hash}\n\n`
    await write('graphile/committed', `${String(index + 1).padStart(6, '0')}.sql`, head + text)
    previous = hash
  }
  await write('graphile', 'current.sql', '')
  const entries = migrations.map(({ name }, idx) => ({
    idx,
    version: '7',
    when: 1_700_000_000_000 + idx,
    tag: name,
    breakpoints: true,
  }))
  await write(
    'drizzle/meta',
    '_journal.json',
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  )
}

/** As graphile-migrate chains its files. */
function graphileHash(text: string, previous: string | undefined): string {
  const body = `${`${previous ?? ''}\n${text.trim()}`.trim()}\n`
  return `sha1:${createHash('sha1').update(body).digest('hex')}`
}
