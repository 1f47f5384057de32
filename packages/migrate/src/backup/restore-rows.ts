import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { objectTo, type Objection } from '../objection.ts'
import { backupReasons } from './backup-reasons.ts'
import { inPortions, insertLines, recordsSql, valueSql } from './insert-lines.ts'
import type { BackupColumn } from './manifest.ts'
import { withSpelling } from './pinned-settings.ts'
import { entryOf, readEntryLines } from './read-rows.ts'
import { verifyBackup } from './verify-backup.ts'

export type RestoreRowsOptions = {
  readonly query: Query
  readonly location: string
  /** Of the entry in the manifest. */
  readonly name: string
  /** Table that the rows go to, qualified and quoted; default: `name`. */
  readonly into?: string
  /** `update` changes the rows that have the keys of the entry; `insert` adds rows. */
  readonly mode: 'insert' | 'update'
  /** Unquoted; of those in the entry that go back. Default: all (`update`: all but the key). */
  readonly columns?: readonly string[]
}

export type RestoreRowsResult =
  | { readonly kind: 'done'; readonly rows: number }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/**
 * Puts the rows of one entry back in the caller's open transaction. An update refuses when rows
 * that it should change are gone. Triggers fire; `withoutTriggers` stops that.
 */
export async function restoreRows(options: RestoreRowsOptions): Promise<RestoreRowsResult> {
  const { query, location, name, into = name, mode } = options
  const refuse = (objection: Objection): RestoreRowsResult => ({
    kind: 'refused',
    objections: [objection],
  })
  const verified = await verifyBackup(location, { names: [name] })
  if (verified.kind === 'refused') return verified
  const { manifest } = verified
  const place = { migration: manifest.migration ?? '', object: name }
  const entry = entryOf(manifest, name)
  if (entry === undefined) {
    const detail = manifest.entries.map((one) => one.name).join(', ')
    return refuse(objectTo(backupReasons.notInBackup, place, { place: location, detail }))
  }
  if (mode === 'update' && entry.key.length === 0)
    return refuse(objectTo(backupReasons.noHome, place, { detail: 'they have no key' }))
  const columns = entry.columns.filter(
    (column) => options.columns?.includes(column.name) ?? !isOfKey(column, entry.key, mode),
  )
  const key = entry.columns.filter((column) => entry.key.includes(column.name))
  return withSpelling(query, async () => {
    let changed = 0
    for await (const lines of inPortions(readEntryLines(location, entry)))
      changed +=
        mode === 'insert'
          ? await insertAll(query, lines, { into, columns })
          : await updateByKey(query, lines, { into, columns, key })
    if (changed === entry.rows) return { kind: 'done', rows: changed }
    const detail = `${entry.rows - changed} of ${entry.rows}`
    return refuse(objectTo(backupReasons.keysGone, place, { place: location, detail }))
  })
}

function isOfKey({ name }: BackupColumn, key: readonly string[], mode: 'insert' | 'update') {
  return mode === 'update' && key.includes(name)
}

async function insertAll(
  query: Query,
  lines: readonly string[],
  to: Parameters<typeof insertLines>[2],
): Promise<number> {
  await insertLines(query, lines, to)
  return lines.length
}

type Update = {
  readonly into: string
  readonly columns: readonly BackupColumn[]
  readonly key: readonly BackupColumn[]
}

/** @returns how many rows were there */
async function updateByKey(
  query: Query,
  lines: readonly string[],
  { into, columns, key }: Update,
): Promise<number> {
  const sets = columns.map((column) => `${quoteName(column.name)} = ${valueSql(column)}`)
  const same = key.map((column) => `t.${quoteName(column.name)} = ${valueSql(column)}`)
  const { rows } = await query(
    `with changed as (
      update ${into} t set ${sets.join(', ')} from ${recordsSql([...key, ...columns])}
        where ${same.join(' and ')} returning 1)
      select count(*)::integer as n from changed`,
    [`[${lines.join(',')}]`],
  )
  return Number(rows[0]?.['n'])
}
