import { readFacts } from '../catalog/read-facts.ts'
import type { Facts } from '../catalog/fact.ts'
import type { Session } from '../execute/session.ts'
import { type LedgerNames, ledgerNames } from '../ledger/ledger-names.ts'
import { ledgerReasons } from '../ledger/ledger-reasons.ts'
import { type LedgerRow, type MigrationStatus, readLedger } from '../ledger/ledger-rows.ts'
import { type LedgerShape, readShape, shapeOf } from '../ledger/ledger-shape.ts'
import { ledgerVersion } from '../ledger/ledger-tables.ts'
import type { Query } from '../ledger/query.ts'
import { objectTo, type Objection } from '../objection.ts'
import { readTarget, type TargetFacts } from '../plan/target.ts'
import type { MigratorOptions } from './migrator-options.ts'

/** What the ledger says, whatever its shape is; nothing has been changed. */
export type LedgerState = {
  readonly shape: LedgerShape['kind']
  readonly rows: readonly LedgerRow[]
  /** Names of what has run, in the order in which it did; without a time, by name. */
  readonly ran: readonly string[]
  /** Why it cannot be used as it is. */
  readonly objections: readonly Objection[]
}

/** What the target is and holds. */
export type DatabaseState = {
  readonly target: TargetFacts
  readonly ledger: LedgerState
  /** Undefined where there is no database, as for the proofs of a build. */
  readonly live: Facts | undefined
}

/**
 * Reads it without writing anything and without holding a snapshot for longer than the catalog takes.
 *
 * @param ids of the known files, for ledgers that keep only numbers
 * @throws the driver's error
 */
export async function readDatabase(
  session: Session,
  options: Pick<MigratorOptions, 'role' | 'searchPath' | 'ledgerSchema'>,
  ids: readonly string[],
): Promise<DatabaseState> {
  const { ledgerSchema } = options
  const target = await readTarget(session.rows, options)
  const ledger = await readLedgerState(session.query, ledgerNames(ledgerSchema), ids)
  const live = await readFacts(session.rows, ledgerSchema === undefined ? {} : { ledgerSchema })
  return { target, ledger, live }
}

/** Reads the ledger, also one of an older shape. */
export async function readLedgerState(
  query: Query,
  names: LedgerNames,
  ids: readonly string[],
): Promise<LedgerState> {
  const found = shapeOf(await readShape(query, names))
  const state = (rows: readonly LedgerRow[], ran: readonly string[]): LedgerState => ({
    shape: found.kind,
    rows,
    ran,
    objections: objectionsTo(found, names),
  })
  switch (found.kind) {
    case 'ours':
      return state(await readLedger(query, names), await readRan(query, names))
    case 'prescribed': {
      const rows = await readPrescribed(query, names)
      return state(rows, await readRan(query, names))
    }
    case 'versions':
    case 'high-water-mark': {
      const claimed = await readClaimed(query, names, { ids, isMark: found.kind !== 'versions' })
      return state(claimed.map(claimedRow), claimed)
    }
    case 'absent':
    case 'newer':
    case 'unknown':
      return state([], [])
  }
}

function objectionsTo(shape: LedgerShape, { schema }: LedgerNames): Objection[] {
  const place = { migration: '', object: `${schema}.schema_migrations` }
  if (shape.kind === 'newer') {
    const facts = { found: shape.version, known: ledgerVersion }
    return [objectTo(ledgerReasons.newerLedger, place, facts)]
  }
  if (shape.kind === 'unknown')
    return [objectTo(ledgerReasons.unknownTable, place, { columns: shape.columns.join(', ') })]
  return []
}

async function readRan(query: Query, { migrations }: LedgerNames): Promise<string[]> {
  const rows = await query<{ name: string }>(
    `select migration_name as name from ${migrations} where status = 'completed'
      order by completed_at, migration_name collate "C"`,
  )
  return rows.map(({ name }) => name)
}

/** The prescribed columns without the details that came later. */
async function readPrescribed(query: Query, { migrations }: LedgerNames): Promise<LedgerRow[]> {
  type Row = { id: string; name: string; status: MigrationStatus; checksum: string | null }
  const rows = await query<Row>(
    `select m.id::text, m.migration_name as name, m.status, to_jsonb(m) ->> 'checksum' as checksum
       from ${migrations} m order by m.migration_name collate "C"`,
  )
  return rows.map(({ checksum, ...row }) => ({
    ...row,
    attempt: 1,
    checksum: checksum ?? undefined,
    origin: undefined,
    journal: [],
  }))
}

async function readClaimed(
  query: Query,
  { migrations }: LedgerNames,
  { ids, isMark }: { readonly ids: readonly string[]; readonly isMark: boolean },
): Promise<string[]> {
  const rows = await query<{ version: string }>(
    `select version::text from ${migrations} order by 1`,
  )
  const versions = rows.map(({ version }) => version)
  const numberOf = (id: string) => /^\d+/.exec(id)?.[0]
  const isClaimed = (id: string) => {
    const number = numberOf(id)
    if (number === undefined) return false
    if (!isMark) return versions.includes(number)
    return versions.some((version) => BigInt(number) <= BigInt(version))
  }
  return ids.filter(isClaimed)
}

const claimedRow = (name: string): LedgerRow => ({
  id: '',
  name,
  status: 'completed',
  attempt: 1,
  checksum: undefined,
  origin: 'schema_migrations',
  journal: [],
})
