import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { objectTo, type Objection, type Reason } from '../objection.ts'
import { readServerError } from '../shadow/server-error.ts'
import { backupReasons } from './backup-reasons.ts'
import { type ForeignKey, inOrderOfKeys, readForeignKeys } from './foreign-keys.ts'
import { inPortions, insertLines } from './insert-lines.ts'
import { createDigester, sameDigest, type Digest } from './line-files.ts'
import { fromTable, keptColumns, lineSql, readLines } from './lines.ts'
import type { BackupColumn, BackupEntry, BackupManifest } from './manifest.ts'
import { withSpelling } from './pinned-settings.ts'
import { readEntryLines } from './read-rows.ts'
import { restoreSequences } from './restore-sequences.ts'
import { existingNames, readTables, type Table } from './tables.ts'
import { withoutTriggers } from './triggers.ts'
import { verifyBackup } from './verify-backup.ts'

export type RestoreOptions = {
  readonly query: Query
  /** Directory of the backup. */
  readonly location: string
  /** Qualified and quoted as in the manifest; `all`: every table that it holds. */
  readonly tables: 'all' | readonly string[]
  /** `into-empty` refuses a table that has rows; `replace` removes them first. */
  readonly mode: 'into-empty' | 'replace'
  /** `none` (default): one transaction for everything. `open`: the caller's, which stays open. */
  readonly transaction?: 'none' | 'open'
}

export type RestoreResult =
  /** Each table holds what the backup holds, counted and compared before the end. */
  | { readonly kind: 'done'; readonly rows: Readonly<Record<string, number>> }
  /** Nothing was changed; the transaction of a caller is only to be rolled back. */
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/** An entry and the table that it goes back into. */
type Pair = {
  readonly entry: BackupEntry
  readonly table: Table
  /** With the types of today. */
  readonly columns: readonly BackupColumn[]
}

type Prepared = {
  readonly pairs: readonly Pair[]
  readonly keys: readonly ForeignKey[]
  readonly manifest: BackupManifest
}

/**
 * Puts rows of a backup back into their tables: in the order of the foreign keys, with the values of
 * identity columns as they were, without firing triggers, sequences set. What came out is exported
 * and compared before it counts.
 */
export async function restoreTables(options: RestoreOptions): Promise<RestoreResult> {
  const { query, location, tables, transaction = 'none' } = options
  const verified = await verifyBackup(location, tables === 'all' ? {} : { names: tables })
  if (verified.kind === 'refused') return verified
  if (transaction === 'open') return restore(options, verified.manifest)
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

/**
 * The refusal for an error of the server.
 *
 * @throws the error itself where the connection is lost or the mistake is ours
 */
export function explainRestore(error: unknown, location: string): Objection {
  const said = readServerError(error)
  if (said === undefined || /^(08|57P)/.test(said.sqlstate)) throw error
  const { message, constraint, sqlstate } = said
  const detail = constraint === undefined ? message : `${message} (${constraint})`
  const place = { migration: '', object: said.table ?? location }
  return objectTo(backupReasons.notRestored, place, { detail, sqlstate })
}

async function restore(options: RestoreOptions, manifest: BackupManifest): Promise<RestoreResult> {
  const { query } = options
  return withSpelling(query, async () => {
    const pairs = await pairsOf(options, manifest)
    if ('objections' in pairs) return pairs
    const names = pairs.map(({ entry }) => entry.name)
    if (names.length === 0) return { kind: 'done', rows: {} }
    await query(`lock table ${names.join(', ')} in access exclusive mode`)
    const keys = await readForeignKeys(query, names)
    const prepared: Prepared = { pairs, keys, manifest }
    const unready =
      options.mode === 'replace' ? await removeRows(query, prepared) : await findRows(query, names)
    if (unready !== undefined) return { kind: 'refused', objections: [unready] }
    const different = await withoutTriggers(query, names, async () => {
      await insertAll(options, prepared)
      return compareAll(options, pairs)
    })
    if (different !== undefined) return { kind: 'refused', objections: [different] }
    await restoreSequences(query, manifest, names)
    return {
      kind: 'done',
      rows: Object.fromEntries(pairs.map(({ entry }) => [entry.name, entry.rows])),
    }
  })
}

async function pairsOf(
  { query, location, tables }: RestoreOptions,
  manifest: BackupManifest,
): Promise<Pair[] | { readonly kind: 'refused'; readonly objections: readonly Objection[] }> {
  const held = manifest.entries.filter(({ kind }) => kind === 'table')
  const wanted = tables === 'all' ? held.map(({ name }) => name) : tables
  const known = await existingNames(query, wanted)
  const there = await readTables(query, { names: [...known] })
  const objections: Objection[] = []
  const pairs: Pair[] = []
  for (const name of wanted) {
    const place = { migration: manifest.migration ?? '', object: name }
    const object = (reason: Reason, detail: string) =>
      objections.push(objectTo(reason, place, { place: location, detail }))
    const entry = held.find((one) => one.name === name)
    const table = there.find((one) => one.name === name)
    if (entry === undefined)
      object(backupReasons.notInBackup, held.map((one) => one.name).join(', '))
    else if (table === undefined) object(backupReasons.noHome, 'there is no such table')
    else {
      const columns = keptColumns(table)
      const missing = entry.columns.filter((kept) => !columns.some((one) => one.name === kept.name))
      if (missing.length > 0)
        object(
          backupReasons.noHome,
          `it has no column ${missing.map((one) => one.name).join(', ')}`,
        )
      else pairs.push({ entry, table, columns: withTypes(entry, table) })
    }
  }
  return objections.length > 0 ? { kind: 'refused', objections } : pairs
}

function withTypes({ columns }: BackupEntry, table: Table): BackupColumn[] {
  const types = new Map(table.columns.map(({ name, type }) => [name, type]))
  return columns.map(({ name, type }) => ({ name, type: types.get(name) ?? type }))
}

async function findRows(query: Query, names: readonly string[]): Promise<Objection | undefined> {
  for (const object of names) {
    const { rows } = await query(`select exists (select 1 from ${object}) as found`)
    if (rows[0]?.['found'] === true)
      return objectTo(backupReasons.notEmpty, { migration: '', object })
  }
  return undefined
}

/**
 * Tables that only refer to each other are truncated together. Where others may refer to them the
 * rows go by one DELETE for all, so that a cycle breaks nothing; nothing outside is ever removed.
 */
async function removeRows(query: Query, { pairs, keys }: Prepared): Promise<Objection | undefined> {
  const names = pairs.map(({ entry }) => entry.name)
  const outside = keys.filter(
    ({ child, parent }) => names.includes(parent) && !names.includes(child),
  )
  for (const { child, parent, columns } of outside) {
    const condition = columns.map((name) => `${quoteName(name)} is not null`).join(' and ')
    const { rows } = await query(
      `select exists (select 1 from ${child} where ${condition}) as found`,
    )
    if (rows[0]?.['found'] === true)
      return objectTo(
        backupReasons.referenced,
        { migration: '', object: parent },
        { detail: child },
      )
  }
  if (outside.length === 0) {
    const targets = pairs.map(({ table }) => fromTable(table))
    await query(`truncate ${targets.join(', ')}`)
    return undefined
  }
  await withoutTriggers(query, names, async () => {
    const deletes = pairs.map(({ table }, at) => `d${at} as (delete from ${fromTable(table)})`)
    await query(`with ${deletes.join(', ')} select 1`)
  })
  return undefined
}

async function insertAll(options: RestoreOptions, { pairs, keys }: Prepared): Promise<void> {
  const byName = new Map(pairs.map((pair) => [pair.entry.name, pair]))
  for (const group of inOrderOfKeys([...byName.keys()], keys)) {
    const members = group.flatMap((name) => byName.get(name) ?? [])
    const refersToItself = keys.some(
      ({ child, parent }) => child === parent && group.includes(child),
    )
    if (members.length > 1 || refersToItself) await insertTogether(options, members)
    else for (const member of members) await insertEntry(options, member, member.entry.name)
  }
}

async function insertEntry(
  { query, location }: RestoreOptions,
  { entry, columns }: Pair,
  into: string,
): Promise<void> {
  for await (const lines of inPortions(readEntryLines(location, entry)))
    await insertLines(query, lines, { into, columns })
}

let staged = 0

/** Foreign keys are checked when a statement is over, so one statement inserts into all of them. */
async function insertTogether(options: RestoreOptions, pairs: readonly Pair[]): Promise<void> {
  const { query } = options
  const inserts: string[] = []
  const stages: string[] = []
  for (const pair of pairs) {
    const { entry, columns } = pair
    staged += 1
    const stage = `pg_temp.studioops_stage_${staged}`
    stages.push(stage)
    const names = columns.map(({ name }) => quoteName(name)).join(', ')
    await query(
      `create temporary table studioops_stage_${staged} as select ${names} from ${entry.name} with no data`,
    )
    await insertEntry(options, pair, stage)
    inserts.push(
      `i${staged} as (insert into ${entry.name} (${names}) overriding system value select ${names} from ${stage})`,
    )
  }
  await query(`with ${inserts.join(', ')} select 1`)
  await query(`drop table ${stages.join(', ')}`)
}

async function compareAll(
  { query }: RestoreOptions,
  pairs: readonly Pair[],
): Promise<Objection | undefined> {
  for (const { entry, table, columns } of pairs) {
    const digest = await digestOfTable(query, { entry, table })
    const isSame = columns.every(({ type }, at) => type === entry.columns[at]?.type)
    if (digest.rows === entry.rows && (!isSame || sameDigest(digest, entry))) continue
    const detail = `it holds ${digest.rows} rows that are not the ${entry.rows} of the backup`
    return objectTo(
      backupReasons.notRestored,
      { migration: '', object: entry.name },
      { detail, sqlstate: '–' },
    )
  }
  return undefined
}

/** What a table holds now, in the columns and the order of an entry. */
export async function digestOfTable(
  query: Query,
  { entry, table }: Pick<Pair, 'entry' | 'table'>,
): Promise<Digest> {
  const kept = keptColumns(table)
  const columns = entry.columns.flatMap(({ name }) => kept.find((one) => one.name === name) ?? [])
  const digester = createDigester()
  const sql = lineSql({ columns, key: entry.key, from: fromTable(table), where: entry.where })
  for await (const lines of readLines(query, sql)) digester.add(lines)
  return digester.digest()
}
