import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Facts } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { objectTo, type Objection, type Place } from '../objection.ts'
import { type Failing, fileErrorCode, objectionFor } from './backup-errors.ts'
import { backupReasons } from './backup-reasons.ts'
import {
  digestOfFile,
  sameDigest,
  syncDirectory,
  writeDurably,
  writeLines,
  type Digest,
} from './line-files.ts'
import { fromTable, keptColumns, lineSql, readLines } from './lines.ts'
import {
  comparable,
  fileNameFor,
  formatVersion,
  writeManifest,
  type BackupCatalog,
  type BackupColumn,
  type BackupEntry,
  type BackupManifest,
  type BackupSequence,
} from './manifest.ts'
import { withSpelling } from './pinned-settings.ts'
import { proveReadBack } from './read-back.ts'
import { existingNames, readSequence, readSequences, readTables, type Table } from './tables.ts'

/** What is put into a backup. */
export type BackupPart =
  | {
      readonly kind: 'table'
      /** Qualified and quoted as SQL writes it. */
      readonly table: string
      /** SQL condition; its columns may be qualified by `x`. */
      readonly where?: string
      /** Unquoted; the primary key is always kept. Default: all that the table does not compute. */
      readonly columns?: readonly string[]
    }
  /** The rows of any query. */
  | {
      readonly kind: 'rows'
      /** Under which they are found again. */
      readonly name: string
      readonly sql: string
      /** What the query gives, by the names that it gives them. */
      readonly columns: readonly BackupColumn[]
      /** Columns that tell the rows apart. */
      readonly key?: readonly string[]
    }
  | { readonly kind: 'sequence'; readonly sequence: string }

export type BackupOptions = {
  readonly query: Query
  /** Where backups lie; made where it is missing. */
  readonly directory: string
  /** Of the backup inside `directory`; default: the time and the migration. */
  readonly name?: string
  /** Id of the migration that it is made for. */
  readonly migration?: string
  /**
   * `none` (default): a transaction of its own with one snapshot for everything. `open`: the caller's
   * transaction stays open; the caller holds the locks that keep rows from changing meanwhile.
   */
  readonly transaction?: 'none' | 'open'
  /**
   * `files` (default): what was written is read again, counted and hashed. `rows`: it is also put
   * into a temporary table of the same definition and exported from there, and has to be equal.
   */
  readonly proof?: 'files' | 'rows'
  readonly engineVersion?: string
  /** Kept in the manifest; only JSON. */
  readonly notes?: Readonly<Record<string, unknown>>
  /** Bytes that may be written to a directory; default: what the file system says. */
  readonly freeBytes?: (directory: string) => Promise<number>
}

export type BackupResult =
  | {
      readonly kind: 'done'
      /** Directory of the backup: what goes into `backup_location`. */
      readonly location: string
      readonly manifest: BackupManifest
    }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/** A backup that is being written. Under its final name it does not exist before `finish`. */
export type OpenedBackup = {
  /** Keeps one part, on the disk and read back. After a refusal the backup is only to be abandoned. */
  add(part: BackupPart): Promise<Objection | undefined>
  /** Those of the tables are in it already. */
  addSequences(sequences: readonly BackupSequence[]): void
  /** Keeps the schema beside the rows. */
  addCatalog(facts: Facts): Promise<Objection | undefined>
  /** Merged into the notes of the manifest. */
  note(notes: Readonly<Record<string, unknown>>): void
  /** Gives it its name. A transaction of its own ends here. */
  finish(): Promise<BackupResult>
  /** Removes what was written. Does nothing after `finish`. */
  abandon(): Promise<void>
}

export type OpeningResult =
  | { readonly kind: 'opened'; readonly backup: OpenedBackup }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

type State = {
  readonly options: BackupOptions
  readonly place: Place
  readonly location: string
  /** Under this name it is written; nobody takes it for a backup. */
  readonly working: string
  readonly entries: BackupEntry[]
  readonly sequences: BackupSequence[]
  notes: Readonly<Record<string, unknown>>
  catalog: BackupCatalog | undefined
  readonly taken: Set<string>
  head: Pick<BackupManifest, 'database' | 'serverVersion' | 'snapshot' | 'takenAt'>
  isOver: boolean
}

/** What unfinished backups are called; they can be removed at any time when nobody writes them. */
export const unfinishedMark = '.unfinished-'

/** Begins a backup. */
export async function openBackup(options: BackupOptions): Promise<OpeningResult> {
  const { query, directory, migration = '', transaction = 'none' } = options
  const place: Place = { migration }
  const refuse = (objection: Objection): OpeningResult => ({
    kind: 'refused',
    objections: [objection],
  })
  if (transaction === 'none') await query(beginSql(options))
  try {
    const head = await readHead(query)
    const location = join(directory, options.name ?? nameFor(head.takenAt, migration))
    const working = `${location}${unfinishedMark}${randomBytes(4).toString('hex')}`
    await mkdir(directory, { recursive: true, mode: 0o700 })
    if ((await stat(location).catch(() => undefined)) !== undefined) {
      await endOwn(options)
      return refuse(objectTo(backupReasons.exists, place, { place: location }))
    }
    await mkdir(working, { mode: 0o700 })
    const state: State = {
      options,
      place,
      location,
      working,
      entries: [],
      sequences: [],
      notes: options.notes ?? {},
      catalog: undefined,
      taken: new Set(),
      head,
      isOver: false,
    }
    return { kind: 'opened', backup: toBackup(state) }
  } catch (error) {
    await endOwn(options)
    return refuse(explain(error, options, { ...place, place: directory }))
  }
}

function toBackup(state: State): OpenedBackup {
  return {
    add: (part) => addPart(state, part),
    addCatalog: (facts) => addCatalog(state, facts),
    addSequences: (sequences) => addNewSequences(state, sequences),
    note(notes) {
      state.notes = { ...state.notes, ...notes }
    },
    finish: () => finish(state),
    abandon: () => abandon(state),
  }
}

/** A temporary table cannot be made in a transaction that only reads. */
function beginSql({ proof }: BackupOptions): string {
  return `begin isolation level repeatable read${proof === 'rows' ? '' : ' read only'}`
}

async function endOwn({ query, transaction = 'none' }: BackupOptions): Promise<void> {
  if (transaction === 'none') await query('rollback').catch(() => undefined)
}

async function readHead(query: Query): Promise<State['head']> {
  const { rows } = await query(
    `select pg_catalog.current_database()::text as database,
        pg_catalog.current_setting('server_version') as version,
        pg_catalog.pg_current_snapshot()::text as snapshot,
        pg_catalog.to_char(pg_catalog.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`,
  )
  const [row] = rows
  return {
    database: String(row?.['database']),
    serverVersion: String(row?.['version']),
    snapshot: String(row?.['snapshot']),
    takenAt: String(row?.['now']),
  }
}

function nameFor(takenAt: string, migration: string): string {
  const time = takenAt.replaceAll(/[-:]/g, '').replace('.', '-')
  const stem = (migration === '' ? 'database' : migration).replaceAll(/[^\p{L}\p{N}_-]/gu, '_')
  return `${time}-${stem.slice(0, 60)}-${randomBytes(2).toString('hex')}`
}

/** In the caller's transaction errors of the server are the caller's, who may try again. */
function explain(error: unknown, { transaction }: BackupOptions, failing: Failing): Objection {
  const isFile = fileErrorCode(error) !== undefined
  const objection = transaction === 'open' && !isFile ? undefined : objectionFor(error, failing)
  if (objection === undefined) throw error
  return objection
}

async function addPart(state: State, part: BackupPart): Promise<Objection | undefined> {
  const { options, place, location } = state
  const object =
    part.kind === 'table' ? part.table : part.kind === 'rows' ? part.name : part.sequence
  try {
    return await withSpelling(options.query, async () => {
      switch (part.kind) {
        case 'table':
          return await addTable(state, part)
        case 'rows':
          return await addRows(state, part)
        case 'sequence':
          addNewSequences(state, [
            { name: part.sequence, ...(await readSequence(options.query, part.sequence)) },
          ])
          return undefined
      }
    })
  } catch (error) {
    return explain(error, options, { ...place, object, place: location })
  }
}

async function addCatalog(state: State, { major, rows }: Facts): Promise<Objection | undefined> {
  const { options, place, working, taken } = state
  const file = fileNameFor(['catalog'], taken)
  taken.add(comparable(file))
  const lines = rows.map((fact) => JSON.stringify(fact))
  try {
    const digest = await writeLines(join(working, file), inBatches(lines))
    state.catalog = { file, major, ...digest }
    return undefined
  } catch (error) {
    return explain(error, options, { ...place, place: state.location })
  }
}

async function* inBatches(lines: readonly string[]): AsyncGenerator<readonly string[]> {
  for (let at = 0; at < lines.length; at += 1000) yield lines.slice(at, at + 1000)
}

function addNewSequences({ sequences }: State, added: readonly BackupSequence[]): void {
  const known = new Set(sequences.map(({ name }) => name))
  sequences.push(...added.filter(({ name }) => !known.has(name)))
}

type TablePart = Extract<BackupPart, { kind: 'table' }>

async function addTable(state: State, part: TablePart): Promise<Objection | undefined> {
  const { query } = state.options
  const unknown = objectTo(backupReasons.unknownTable, { ...state.place, object: part.table })
  if (!(await existingNames(query, [part.table])).has(part.table)) return unknown
  const [table] = await readTables(query, { names: [part.table] })
  if (table === undefined) return unknown
  const tight = await spaceFor(state, [table])
  if (tight !== undefined) return tight
  const columns = keptColumns(table).filter(
    ({ name }) => part.columns === undefined || isKept(name, part.columns, table),
  )
  addNewSequences(state, await readSequences(query, { usedBy: [table.name] }))
  return keep(state, {
    parts: [table.schema, table.table],
    sql: lineSql({ columns, key: table.key, from: fromTable(table), where: part.where }),
    like: `select ${columns.map(({ name }) => quoteName(name)).join(', ')} from ${table.name}`,
    entry: {
      kind: 'table',
      name: table.name,
      columns: columns.map(({ name, type }) => ({ name, type })),
      key: table.key,
      ...(part.where === undefined ? {} : { where: part.where }),
    },
    plain: columns.filter(({ isPlain }) => isPlain).map(({ name }) => name),
  })
}

function isKept(name: string, columns: readonly string[], { key }: Table): boolean {
  return columns.includes(name) || key.includes(name)
}

function addRows(
  state: State,
  { name, sql, columns, key = [] }: Extract<BackupPart, { kind: 'rows' }>,
): Promise<Objection | undefined> {
  const from = `(${sql})`
  const named = columns.map((column) => ({ name: column.name, isPlain: false }))
  return keep(state, {
    parts: [name],
    sql: lineSql({ columns: named, key, from }),
    like: `select ${columns.map((column) => quoteName(column.name)).join(', ')} from ${from} x`,
    entry: { kind: 'rows', name, columns, key },
    plain: [],
  })
}

/** A source of lines and what the manifest says about it. */
type Kept = {
  readonly parts: readonly string[]
  readonly sql: string
  /** Gives the very columns, for a table of the same definition. */
  readonly like: string
  readonly entry: Omit<BackupEntry, 'file' | keyof Digest>
  /** Columns that stand in the lines as JSON has them. */
  readonly plain: readonly string[]
}

async function keep(state: State, kept: Kept): Promise<Objection | undefined> {
  const { options, working, taken } = state
  const file = fileNameFor(kept.parts, taken)
  taken.add(comparable(file))
  const path = join(working, file)
  const digest = await writeLines(path, readLines(options.query, kept.sql))
  const read = await digestOfFile(path)
  if (!sameDigest(digest, read)) return differs(state, kept, 'the file has changed')
  if (options.proof === 'rows') {
    const { entry, like, plain } = kept
    const proven = await proveReadBack(options.query, { path, like, plain, ...entry })
    if (!sameDigest(digest, proven)) return differs(state, kept, differenceOf(digest, proven))
  }
  state.entries.push({ ...kept.entry, file, ...digest })
  return undefined
}

function differenceOf(written: Digest, proven: Digest): string {
  return written.rows === proven.rows
    ? `the content of its ${written.rows} rows differs`
    : `${proven.rows} rows instead of ${written.rows}`
}

function differs({ place }: State, { entry }: Kept, detail: string): Objection {
  return objectTo(backupReasons.readBackDiffers, { ...place, object: entry.name }, { detail })
}

const mebibyte = 1024 * 1024

/** Whether what the tables hold fits; uncompressed, so that there is no surprise. */
export async function spaceFor(
  { options, place, working }: Pick<State, 'options' | 'place' | 'working'>,
  tables: readonly Table[],
): Promise<Objection | undefined> {
  const needed = tables.reduce((sum, { sizeBytes }) => sum + sizeBytes, mebibyte)
  const free = await (options.freeBytes ?? freeBytesOf)(working)
  if (free >= needed) return undefined
  const [first] = tables
  const about =
    tables.length === 1 && first !== undefined ? { ...place, object: first.name } : place
  return objectTo(backupReasons.noSpace, about, {
    place: options.directory,
    needed: Math.ceil(needed / mebibyte),
    free: Math.floor(free / mebibyte),
  })
}

async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

async function finish(state: State): Promise<BackupResult> {
  const { options, place, location, working, entries, sequences, notes, head, catalog } = state
  const { migration, engineVersion = '0.1.0' } = options
  const manifest: BackupManifest = {
    formatVersion,
    engineVersion,
    ...head,
    ...(migration === undefined ? {} : { migration }),
    entries,
    sequences,
    ...(catalog === undefined ? {} : { catalog }),
    ...(Object.keys(notes).length === 0 ? {} : { notes }),
  }
  try {
    await writeDurably(join(working, 'manifest.json'), writeManifest(manifest))
    await syncDirectory(working)
    await rename(working, location)
    await syncDirectory(options.directory)
    state.isOver = true
  } catch (error) {
    const objection = explain(error, options, { ...place, place: location })
    await abandon(state)
    return { kind: 'refused', objections: [objection] }
  }
  await endOwn(options)
  return { kind: 'done', location, manifest }
}

async function abandon(state: State): Promise<void> {
  if (state.isOver) return
  state.isOver = true
  await endOwn(state.options)
  await rm(state.working, { recursive: true, force: true }).catch(() => undefined)
}
