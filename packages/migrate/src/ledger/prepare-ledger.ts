import { objectTo, type Objection, type Reason } from '../objection.ts'
import { adoptPrescribed, adoptVersions, adoptHighWaterMark } from './adopt-ledger.ts'
import type { LedgerNames } from './ledger-names.ts'
import { ledgerReasons } from './ledger-reasons.ts'
import { type LedgerShape, readShape, shapeOf } from './ledger-shape.ts'
import { completeLedgerTexts, createMigrationsText, ledgerVersion } from './ledger-tables.ts'
import type { Query } from './query.ts'

/** Asked before claims of another tool are taken over; an objection stops it. */
export type ProveClaims = (names: readonly string[]) => Promise<Objection | undefined>

/** What adoption needs: every known migration by name, and how to prove what another tool claims. */
export type AdoptionOptions = {
  readonly names: readonly string[]
  /** Without it, tables that only hold a high-water mark are refused. */
  readonly proveClaims?: ProveClaims | undefined
}

/** The ledger stands; or nothing was changed, and why. */
export type PreparedLedger =
  | {
      readonly kind: 'ready'
      /** Migrations that a table of an older shape claimed; empty when there was nothing to adopt. */
      readonly adopted: readonly string[]
    }
  | { readonly kind: 'refused'; readonly objection: Objection }

/**
 * Makes the tables, or turns an older shape of `schema_migrations` into ours, in one transaction.
 * The caller holds the lock: `create table if not exists` is not safe between connections.
 *
 * @throws the driver's error; the transaction is then open and to be rolled back by the caller
 */
export async function prepareLedger(
  query: Query,
  ledger: LedgerNames,
  options: AdoptionOptions,
): Promise<PreparedLedger> {
  const shape = shapeOf(await readShape(query, ledger))
  if (shape.kind === 'ours') return { kind: 'ready', adopted: [] }
  await query('begin')
  const result = await shapeUp({ query, ledger, ...options }, shape)
  if (result.kind === 'ready') {
    for (const text of completeLedgerTexts(ledger)) await query(text)
  }
  await query(result.kind === 'ready' ? 'commit' : 'rollback')
  return result
}

/** What every way of adopting works with. */
export type Adoption = AdoptionOptions & { readonly query: Query; readonly ledger: LedgerNames }

async function shapeUp(adoption: Adoption, shape: LedgerShape): Promise<PreparedLedger> {
  const object = `${adoption.ledger.schema}.schema_migrations`
  const refuse = (reason: Reason, facts: Readonly<Record<string, string | number>>) =>
    ({
      kind: 'refused',
      objection: objectTo(reason, { migration: '', object }, facts),
    }) as const
  switch (shape.kind) {
    case 'ours':
      return { kind: 'ready', adopted: [] }
    case 'absent':
      return create(adoption)
    case 'prescribed':
      return adoptPrescribed(adoption)
    case 'versions':
      return adoptVersions(adoption, shape.appliedAt)
    case 'high-water-mark':
      return adoptHighWaterMark(adoption)
    case 'newer':
      return refuse(ledgerReasons.newerLedger, { found: shape.version, known: ledgerVersion })
    case 'unknown':
      return refuse(ledgerReasons.unknownTable, { columns: shape.columns.join(', ') })
  }
}

async function create({ query, ledger }: Adoption): Promise<PreparedLedger> {
  const [row] = await query<{ exists: boolean }>(
    'select to_regnamespace($1) is not null as exists',
    [quoted(ledger.schema)],
  )
  if (row?.exists !== true) await query(`create schema ${quoted(ledger.schema)}`)
  await query(createMigrationsText(ledger))
  return { kind: 'ready', adopted: [] }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
