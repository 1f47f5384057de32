import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/** Whether something has been due for so long while nobody works on anything. */
export async function isNobodyWorking(db: Db, silentMs: number): Promise<boolean> {
  const found = await sql<{ is_silent: boolean }>`
    select
      exists (
        select from background_jobs
        where state = 'queued' and run_at < now() - ${silentMs} * interval '1 ms'
      )
      and not exists (
        select from background_jobs where state = 'running' and lease_until > now()
      ) as is_silent`.execute(db)
  return found.rows[0]?.is_silent ?? false
}

/** The models that everybody may ask. */
export function listSharedModels(db: Db) {
  return db
    .selectFrom('model_providers')
    .select(['name', 'base_url'])
    .where('kind', '=', 'server')
    .where('is_enabled', '=', true)
    .execute()
}
