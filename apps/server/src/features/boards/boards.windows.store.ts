import { sql } from 'kysely'
import type { SharedWindow, SharedWindows } from '../../integrations/trello/trello-limits.ts'
import type { Database, Db } from '../../platform/db/database.ts'

type Row = { readonly id: string; readonly taken_at: number[]; readonly closed_until: number }

/** The windows of Trello's limits in the database, so that all processes on it keep them together. */
export function createSharedWindows(database: Database): SharedWindows {
  return {
    take: (windows, patienceMs) =>
      database.asMaintenance(async (db) => {
        const rows = await lock(
          db,
          windows.map(({ id }) => id),
        )
        const now = await nowOf(db)
        const at = Math.max(now, ...windows.map((window) => freeAt(window, rows.get(window.id))))
        if (at - now > patienceMs) return at - now
        for (const { id, windowMs } of windows) {
          const taken = (rows.get(id)?.taken_at ?? []).filter((time) => time > now - windowMs)
          await change(db, id, { taken_at: [...taken, at] })
        }
        return at - now
      }),

    close: (ids, pauseMs) =>
      database.asMaintenance(async (db) => {
        await lock(db, ids)
        const until = (await nowOf(db)) + pauseMs
        for (const id of ids)
          await change(db, id, { closed_until: sql<number>`greatest(closed_until, ${until})` })
      }),
  }
}

/** In the order of their names, so that nobody waits for each other. */
async function lock(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, Row>> {
  await db
    .insertInto('trello_windows')
    .values(ids.toSorted().map((id) => ({ id })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const rows = await db
    .selectFrom('trello_windows')
    .select(['id', 'taken_at', 'closed_until'])
    .where('id', 'in', ids)
    .orderBy('id')
    .forUpdate()
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

/** Asked after the lock: whoever waited for it is later. */
async function nowOf(db: Db): Promise<number> {
  const { now } = await db
    .selectNoFrom(sql<number>`(extract(epoch from clock_timestamp()) * 1000)::float8`.as('now'))
    .executeTakeFirstOrThrow()
  return now
}

/** The first moment at which one more request keeps the window. */
function freeAt({ requestsMax, windowMs }: SharedWindow, row: Row | undefined): number {
  const oldest = row?.taken_at.at(-requestsMax)
  return Math.max(row?.closed_until ?? 0, oldest === undefined ? 0 : oldest + windowMs)
}

async function change(
  db: Db,
  id: string,
  values: { readonly taken_at?: number[]; readonly closed_until?: ReturnType<typeof sql<number>> },
): Promise<void> {
  await db
    .updateTable('trello_windows')
    .set({ ...values, changed_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute()
}

/** Of keys and tokens that nobody uses any more. */
export async function deleteOldWindows(db: Db): Promise<number> {
  const gone = await db
    .deleteFrom('trello_windows')
    .where('changed_at', '<', sql<Date>`now() - interval '1 day'`)
    .executeTakeFirst()
  return Number(gone.numDeletedRows)
}
