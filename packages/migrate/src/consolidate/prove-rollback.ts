import { digestOfTable } from '../backup/restore-tables.ts'
import { sameDigest } from '../backup/line-files.ts'
import type { BackupManifest } from '../backup/manifest.ts'
import { withSpelling } from '../backup/pinned-settings.ts'
import { readTables } from '../backup/tables.ts'
import type { Facts } from '../catalog/fact.ts'
import { diffFacts } from '../catalog/fingerprint.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { samePlaceAside } from '../inverse/converge.ts'
import { readServerError } from '../shadow/server-error.ts'
import { openFacts } from './derive-rollback.ts'
import type { ConsolidationRollback, Stamp } from './rollback-script.ts'
import { openRollback, runRollback } from './run-rollback.ts'

export type ProofOptions = {
  readonly query: Query
  readonly location: string
  readonly manifest: BackupManifest
  readonly rollback: Omit<ConsolidationRollback, 'stamps'>
  readonly before: Facts
  readonly ledgerSchema: string | undefined
}

export type RollbackProof =
  | { readonly kind: 'proven'; readonly stamps: readonly Stamp[] }
  | { readonly kind: 'different'; readonly because: string }

/**
 * Goes back for a try in the open transaction: the catalog has to be what it was, and every table of
 * the backup byte for byte what the backup holds. Then all of that is taken back.
 */
export async function proveRollback(options: ProofOptions): Promise<RollbackProof> {
  const { query } = options
  await query('savepoint studioops_proof')
  try {
    return await goBack(options)
  } catch (error) {
    const said = readServerError(error)
    if (said === undefined || /^(08|57P|40|55)/.test(said.sqlstate)) throw error
    return { kind: 'different', because: `${said.message} (${said.sqlstate})` }
  } finally {
    await query('rollback to savepoint studioops_proof')
    await query('release savepoint studioops_proof')
  }
}

async function goBack(options: ProofOptions): Promise<RollbackProof> {
  const { query, location, manifest, before, ledgerSchema } = options
  const rollback: ConsolidationRollback = { ...options.rollback, stamps: [] }
  const backup = { location, manifest }
  const refused = await openRollback(query, backup, rollback)
  const stamps = await readStamps(query, rollback)
  const objections = refused.length > 0 ? refused : await runRollback(query, backup, rollback)
  if (objections.length > 0)
    return { kind: 'different', because: objections.map(({ because }) => because).join('; ') }
  const catalog = catalogDifference(before, await readFacts(query, openFacts(ledgerSchema)))
  if (catalog !== undefined) return { kind: 'different', because: catalog }
  const rows = await rowDifference(query, manifest)
  if (rows !== undefined) return { kind: 'different', because: rows }
  return { kind: 'proven', stamps }
}

/** What the tables hold now, as `stampSql` says it; the crosswalks are loaded. */
export async function readStamps(
  query: Query,
  { stampSql }: Pick<ConsolidationRollback, 'stampSql'>,
): Promise<Stamp[]> {
  return withSpelling(query, async () => {
    const stamps: Stamp[] = []
    for (const { moved, others, table } of stampSql) {
      const [first, second] = [await query(moved), await query(others)]
      const read = (row: Readonly<Record<string, unknown>> = {}) => ({
        rows: String(row['rows']),
        sum: String(row['sum']),
      })
      stamps.push({ table, moved: read(first.rows[0]), others: read(second.rows[0]) })
    }
    return stamps
  })
}

function catalogDifference(before: Facts, after: Facts): string | undefined {
  const { added, removed, changed } = diffFacts(before, after)
  const keys = [
    ...added.map(({ key }) => key),
    ...removed.map(({ key }) => key),
    ...changed
      .filter(({ before: was, after: is }) => !samePlaceAside(was, is))
      .map(({ before: was }) => was.key),
  ]
  return keys.length === 0 ? undefined : `other than before: ${keys.join(', ')}`
}

async function rowDifference(
  query: Query,
  { entries }: BackupManifest,
): Promise<string | undefined> {
  return withSpelling(query, async () => {
    for (const entry of entries) {
      if (entry.kind !== 'table') continue
      const [table] = await readTables(query, { names: [entry.name] })
      if (table === undefined) return `${entry.name} is missing`
      const digest = await digestOfTable(query, { entry, table })
      if (!sameDigest(digest, entry)) return `the rows of ${entry.name} are not what they were`
    }
    return undefined
  })
}
