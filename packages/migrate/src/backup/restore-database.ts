import type { Fact, Facts } from '../catalog/fact.ts'
import { useMakingSettings } from '../inverse/making-settings.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { converge } from '../inverse/converge.ts'
import { ledgerNames } from '../ledger/ledger-names.ts'
import { completeLedgerTexts, createMigrationsText } from '../ledger/ledger-tables.ts'
import { type Objection, objectTo } from '../objection.ts'
import { backupReasons } from './backup-reasons.ts'
import type { BackupCatalog, BackupManifest } from './manifest.ts'
import { readEntryLines } from './read-rows.ts'
import { explainRestore, restoreTables } from './restore-tables.ts'
import { setSequence } from './restore-sequences.ts'
import { existingNames, readTables } from './tables.ts'
import { verifyBackup } from './verify-backup.ts'

export type RestoreDatabaseOptions = {
  readonly query: Query
  /** Directory of a backup of everything. */
  readonly location: string
  /** Of the engine's own tables; default `public`. */
  readonly ledgerSchema?: string
}

export type RestoreDatabaseResult =
  | {
      readonly kind: 'done'
      readonly rows: Readonly<Record<string, number>>
      /** Ledgers of other tools, which are no part of the schema; their rows stay in the backup. */
      readonly skipped: readonly string[]
    }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/**
 * Makes a database again from a backup of everything: its schema, its rows, its sequences, and the
 * engine's ledger. Into an empty database of the same major version, in one transaction; roles and
 * extensions that the schema names have to be there.
 */
export async function restoreDatabase(
  options: RestoreDatabaseOptions,
): Promise<RestoreDatabaseResult> {
  const { query, location } = options
  const verified = await verifyBackup(location)
  if (verified.kind === 'refused') return verified
  await query('begin')
  try {
    const result = await restore(options, verified.manifest)
    await query(result.kind === 'done' ? 'commit' : 'rollback')
    return result
  } catch (error) {
    await query('rollback').catch(() => undefined)
    return { kind: 'refused', objections: [explainRestore(error, location)] }
  }
}

function refuse(...told: Parameters<typeof objectTo>): RestoreDatabaseResult {
  return { kind: 'refused', objections: [objectTo(...told)] }
}

async function restore(
  options: RestoreDatabaseOptions,
  manifest: BackupManifest,
): Promise<RestoreDatabaseResult> {
  const { query, location } = options
  const place = { migration: '' }
  const { catalog } = manifest
  if (catalog === undefined) return refuse(backupReasons.noCatalog, place, { place: location })
  const [first] = await readTables(query)
  if (first !== undefined) return refuse(backupReasons.inhabited, { ...place, object: first.name })
  const now = await readFacts(query, { transaction: 'open' })
  if (now.major !== catalog.major)
    return refuse(backupReasons.otherMajor, place, { detail: catalog.major })
  const detail = await makeSchema(query, await readCatalog(location, catalog))
  if (detail !== undefined) return refuse(backupReasons.schemaDiffers, place, { detail })
  await makeLedger(options, manifest)
  const held = manifest.entries.flatMap(({ kind, name }) => (kind === 'table' ? [name] : []))
  const there = await existingNames(query, held)
  const tables = held.filter((name) => there.has(name))
  const restored = await restoreTables({
    query,
    location,
    tables,
    mode: 'into-empty',
    transaction: 'open',
  })
  if (restored.kind === 'refused') return restored
  await setSequences(query, manifest)
  return { ...restored, skipped: held.filter((name) => !there.has(name)) }
}

async function readCatalog(location: string, catalog: BackupCatalog): Promise<Facts> {
  const rows: Fact[] = []
  for await (const lines of readEntryLines(location, catalog))
    for (const line of lines) rows.push(JSON.parse(line) as Fact)
  return { major: catalog.major, rows }
}

/** @returns what could not be made */
async function makeSchema(query: Query, target: Facts): Promise<string | undefined> {
  await useMakingSettings(query)
  const route = await converge({
    query,
    readFacts: () => readFacts(query, { transaction: 'open' }),
    target,
    sameDatabase: false,
  })
  if (route.kind === 'found') return undefined
  const said = route.errors.map(
    ({ text, error }) => `${error.message} (${error.sqlstate}) at: ${text}`,
  )
  return [route.left.join(', '), ...said].join('; ')
}

/** The engine's tables are no part of the schema that they record. */
async function makeLedger(
  { query, ledgerSchema }: RestoreDatabaseOptions,
  { entries }: BackupManifest,
): Promise<void> {
  const ledger = ledgerNames(ledgerSchema)
  const name = `${quoteName(ledger.schema)}.schema_migrations`
  if (!entries.some((entry) => entry.name === name)) return
  for (const text of [createMigrationsText(ledger), ...completeLedgerTexts(ledger)])
    await query(text)
}

/** Also those that no table uses. */
async function setSequences(query: Query, { sequences }: BackupManifest): Promise<void> {
  const there = await existingNames(
    query,
    sequences.map(({ name }) => name),
  )
  for (const sequence of sequences)
    if (there.has(sequence.name)) await setSequence(query, sequence.name, sequence)
}
