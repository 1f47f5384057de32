import { readFacts } from '../catalog/read-facts.ts'
import type { Query } from '../catalog/query.ts'
import {
  openBackup,
  spaceFor,
  type BackupOptions,
  type BackupPart,
  type BackupResult,
} from './open-backup.ts'
import { objectionFor } from './backup-errors.ts'
import { existingNames, readSequences, readTables } from './tables.ts'

export type CreateBackupOptions = BackupOptions & {
  /**
   * `all`: every table and every sequence of the database, and its schema, from which
   * `restoreDatabase` makes it again. Large objects (`lo_*`) and roles are not part of it.
   */
  readonly parts: 'all' | readonly BackupPart[]
  /** Tables that `all` leaves out, qualified and quoted. */
  readonly except?: readonly string[]
  /** Of the engine's own tables, which are no part of the schema; default `public`. */
  readonly ledgerSchema?: string
}

/**
 * Writes a backup: JSONL for each table, compressed, with a manifest. It has its name only when
 * everything of it is on the disk and was read back; whatever else is there is not a backup.
 */
export async function createBackup(options: CreateBackupOptions): Promise<BackupResult> {
  const { query, migration = '', directory } = options
  try {
    return await write(options)
  } catch (error) {
    if (options.transaction === 'open') throw error
    const objection = objectionFor(error, { migration, place: directory })
    if (objection === undefined) throw error
    await query('rollback').catch(() => undefined)
    return { kind: 'refused', objections: [objection] }
  }
}

async function write(options: CreateBackupOptions): Promise<BackupResult> {
  const { query, directory, migration = '' } = options
  const parts = await partsOf(options)
  const tables = parts.flatMap((part) => (part.kind === 'table' ? [part.table] : []))
  const known = await existingNames(query, tables)
  const there = tables.filter((name) => known.has(name))
  const facts = await readTables(query, { names: there })
  const opened = await openBackup({ ...options, query: locking(query, options, there) })
  if (opened.kind === 'refused') return opened
  const { backup } = opened
  let objection = await spaceFor({ options, place: { migration }, working: directory }, facts)
  for (const part of parts) objection ??= await backup.add(part)
  if (options.parts === 'all')
    objection ??= await backup.addCatalog(await readFacts(query, factsOptions(options)))
  if (objection !== undefined) {
    await backup.abandon()
    return { kind: 'refused', objections: [objection] }
  }
  if (options.parts === 'all') backup.addSequences(await readSequences(query))
  return backup.finish()
}

function factsOptions({ ledgerSchema }: CreateBackupOptions) {
  const open = { transaction: 'open' } as const
  return ledgerSchema === undefined ? open : { ...open, ledgerSchema }
}

async function partsOf({
  query,
  parts,
  except = [],
}: CreateBackupOptions): Promise<readonly BackupPart[]> {
  if (parts !== 'all') return parts
  const tables = await readTables(query)
  return tables
    .filter(({ name }) => !except.includes(name))
    .map(({ name }) => ({ kind: 'table', table: name }))
}

/**
 * The snapshot comes with the first query after BEGIN, and the locks stand between: what is truncated
 * or rewritten later would look empty to it.
 */
function locking(query: Query, { transaction }: BackupOptions, tables: readonly string[]): Query {
  if (transaction === 'open' || tables.length === 0) return query
  return async (text, values) => {
    const result = await query(text, values)
    if (text.startsWith('begin isolation level'))
      await query(`lock table ${tables.join(', ')} in access share mode`)
    return result
  }
}
