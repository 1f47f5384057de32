import type { Query } from '../catalog/query.ts'

/**
 * Until the transaction ends, names say their schema and bodies are not looked into: whatever is
 * made then needs only what the catalog says that it depends on.
 */
export async function useMakingSettings(query: Query): Promise<void> {
  await query(
    `select set_config('search_path', '', true), set_config('check_function_bodies', 'off', true)`,
  )
}
