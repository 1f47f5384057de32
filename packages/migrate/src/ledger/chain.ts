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
    // A new session plans the simplest query in half the time; choosing costs less here than there.
    const rows = await query<Row>(
      `select migration_name as id, checksum, status, origin,
          case when origin = 'squash' then parents end as replaced from ${migrations}`,
    )
    const replaced = new Set(rows.flatMap((row) => row.replaced ?? []))
    return chainHash(
      rows
        .filter((row) => hasRun(row) && !replaced.has(row.id))
        .map(({ id, checksum, status }) => ({ id, checksum: checksum ?? '', status })),
    )
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

type Row = {
  id: string
  checksum: string | null
  status: string
  origin: string | null
  replaced: readonly string[] | null
}

const hasRun = ({ status, origin }: Row) =>
  status !== 'pending' && status !== 'rolled_back' && origin !== consolidationOrigin

/** No such table (42P01), column (42703) or schema (3F000). */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return ['42P01', '42703', '3F000'].includes(String(error.code))
}
