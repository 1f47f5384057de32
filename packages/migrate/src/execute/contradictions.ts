import { consolidationOrigin } from '../ledger/ledger-names.ts'
import type { LedgerRow } from '../ledger/ledger-rows.ts'
import { objectionReasons, objectTo, type Objection } from '../objection.ts'
import type { Migration } from './migration.ts'

/** What the ledger has and the files do not say, or say otherwise; empty when they agree. */
export function contradictions(
  migrations: readonly Migration[],
  rows: readonly LedgerRow[],
): Objection[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  const replaced = new Set(migrations.flatMap(({ replaces = [] }) => replaces))
  return rows.flatMap((row) => {
    const migration = known.get(row.name)
    if (migration !== undefined) return objectToEdit(migration, row)
    if (replaced.has(row.name) || !hasHappened(row)) return []
    return [objectToMissing(migrations, row)]
  })
}

/** What was adopted without a file can miss none. */
function hasHappened({ name, status, origin, journal }: LedgerRow): boolean {
  if (origin === consolidationOrigin) return false
  if (origin !== undefined && name.startsWith('legacy_')) return false
  if (status === 'rolled_back') return false
  return status === 'completed' || journal.some(({ state }) => state !== 'failed')
}

function objectToEdit(migration: Migration, row: LedgerRow): Objection[] {
  const { name, checksum, formerChecksums = [] } = migration
  if (row.status !== 'completed' || checksum === undefined || row.checksum === undefined) return []
  if ([checksum, ...formerChecksums].includes(row.checksum)) return []
  return [objectTo(objectionReasons['checksum-changed'], { migration: name }, { detail: '' })]
}

function objectToMissing(migrations: readonly Migration[], { name }: LedgerRow): Objection {
  const newest =
    migrations
      .map((migration) => migration.name)
      .toSorted()
      .at(-1) ?? ''
  if (name > newest)
    return objectTo(
      objectionReasons['schema-newer'],
      { migration: name },
      { detail: `it has ${name}, and this version ends with ${newest || 'nothing'}`, newest },
    )
  return objectTo(
    objectionReasons['file-missing'],
    { migration: name, object: name },
    { detail: 'The database has it.' },
  )
}
