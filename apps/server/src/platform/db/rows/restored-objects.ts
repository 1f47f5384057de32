import type { OwnerClient } from './schema-rows.ts'

/** Whatever store these objects came from: now they lie in the data directory, and their rows say so. */
export async function noteRestoredObjects(
  client: OwnerClient,
  keys: readonly string[],
): Promise<void> {
  await client.query(
    `update files set stored_in = 'files', local_cache_path = null
     where stored_in <> 'files' and project_id::text || '/' || file_hash = any ($1)`,
    [keys],
  )
}
