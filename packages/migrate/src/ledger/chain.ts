import { chainHash } from '../text/manifest.ts'
import { consolidationOrigin, type LedgerNames } from './ledger-names.ts'
import type { Query } from './query.ts'

/**
 * Reads, in one round trip, what has run, as its chain hash; equal to the manifest's when everything
 * in it is completed with the same checksums. Hashing it on the server takes longer than fetching it.
 *
 * @returns undefined where there is no ledger of ours yet
 * @throws the driver's error for anything but a missing table or column
 */
export async function readChain(
  query: Query,
  { migrations }: LedgerNames,
): Promise<string | undefined> {
  try {
    const rows = await query<{ id: string; checksum: string; status: string }>(
      `select migration_name as id, coalesce(checksum, '') as checksum, status from ${migrations}
        where status not in ('pending', 'rolled_back') and origin is distinct from '${consolidationOrigin}'
          and migration_name <> all (array(
            select unnest(parents) from ${migrations} where origin = 'squash'))`,
    )
    return chainHash(rows)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** No such table (42P01), column (42703) or schema (3F000). */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return ['42P01', '42703', '3F000'].includes(String(error.code))
}
