import type { Query } from '../catalog/query.ts'
import { quoteName } from '../catalog/identifier.ts'
import { objectTo, type Objection } from '../objection.ts'
import { readForeignKey } from '../preflight/definition-text.ts'
import { readServerError } from '../shadow/server-error.ts'
import { doctorReasons } from './doctor-reasons.ts'

/** One foreign key, and whether the rows keep to it. */
export type ForeignKeyCheck = {
  /** Qualified and quoted, table and constraint. */
  readonly constraint: string
  readonly table: string
  readonly parent: string
  /** What the catalog believes: false for NOT VALID. */
  readonly isValidated: boolean
  readonly result:
    | { readonly kind: 'holds' }
    | {
        readonly kind: 'broken'
        /** Rows that refer to nothing; not counted further than the limit. */
        readonly orphans: number
        readonly isAtLeast: boolean
      }
    | { readonly kind: 'unknown'; readonly because: string }
  /** Finds the rows in question. */
  readonly query: string
  /** Undefined where it holds. */
  readonly objection: Objection | undefined
}

export type ForeignKeyOptions = {
  /** Milliseconds for each key; default 60,000. */
  readonly timeoutMs?: number | undefined
  /** Orphans that are counted; default 1,000. */
  readonly countMax?: number | undefined
}

/**
 * Checks every foreign key against the rows, also those that the catalog calls valid: rows that came
 * in with triggers off were never looked at. In one read-only transaction.
 */
export async function validateForeignKeys(
  query: Query,
  { timeoutMs = 60_000, countMax = 1_000 }: ForeignKeyOptions = {},
): Promise<ForeignKeyCheck[]> {
  await query('begin isolation level repeatable read read only')
  try {
    await query(
      `select set_config('search_path', '', true), set_config('row_security', 'off', true),
        set_config('statement_timeout', $1, true)`,
      [String(timeoutMs)],
    )
    const { rows } = await query(keysSql)
    const checks: ForeignKeyCheck[] = []
    for (const row of rows) {
      const key = {
        constraint: String(row['name']),
        table: String(row['table']),
        definition: String(row['definition']),
        isValidated: row['is_validated'] === true,
        isPartitioned: row['is_partitioned'] === true,
        isParentPartitioned: row['is_parent_partitioned'] === true,
      }
      const check = await checkKey(query, key, countMax)
      if (check !== undefined) checks.push(check)
    }
    return checks
  } finally {
    await query('rollback')
  }
}

type Key = {
  readonly constraint: string
  readonly table: string
  readonly definition: string
  readonly isValidated: boolean
  readonly isPartitioned: boolean
  readonly isParentPartitioned: boolean
}

async function checkKey(
  query: Query,
  key: Key,
  countMax: number,
): Promise<ForeignKeyCheck | undefined> {
  const read = readForeignKey(key.definition)
  if (read === undefined) return undefined
  const { constraint, table, isValidated } = key
  const columns = read.columns.map((column) => `t.${quoteName(column)}`)
  const given = columns.map((column) => `${column} is not null`)
  const pairs = columns.map(
    (column, index) => `p.${quoteName(read.parentColumns[index] ?? '')} = ${column}`,
  )
  const parent = `${key.isParentPartitioned ? '' : 'only '}${read.parent}`
  const orphan = `${given.join(' and ')} and not exists (select from ${parent} as p where ${pairs.join(' and ')})`
  const halves =
    read.isFull && columns.length > 1
      ? ` or (${given.join(' or ')}) and not (${given.join(' and ')})`
      : ''
  const from = `from ${key.isPartitioned ? '' : 'only '}${table} as t where (${orphan})${halves}`
  const text = `select t.* ${from}`
  const result = await count(query, { from, countMax })
  const at = { migration: '', object: constraint }
  const objection =
    result.kind === 'holds'
      ? undefined
      : result.kind === 'broken'
        ? objectTo(doctorReasons.orphans, at, {
            count: `${result.orphans}${result.isAtLeast ? '+' : ''}`,
            sql: text,
          })
        : objectTo(doctorReasons.unprovenKey, at, { detail: result.because, sql: text })
  return { constraint, table, parent: read.parent, isValidated, result, query: text, objection }
}

async function count(
  query: Query,
  { from, countMax }: { readonly from: string; readonly countMax: number },
): Promise<ForeignKeyCheck['result']> {
  await query('savepoint studioops_key')
  try {
    const { rows } = await query(
      `select count(*)::float8 as orphans from (select 1 as one ${from} limit ${countMax}) as found`,
    )
    const orphans = Number(rows[0]?.['orphans'])
    if (orphans === 0) return { kind: 'holds' }
    return { kind: 'broken', orphans, isAtLeast: orphans >= countMax }
  } catch (thrown) {
    const error = readServerError(thrown)
    if (error === undefined) throw thrown
    return { kind: 'unknown', because: `${error.message} (${error.sqlstate})` }
  } finally {
    await query('rollback to savepoint studioops_key')
    await query('release savepoint studioops_key')
  }
}

const keysSql = `
  select format('%I.%I.%I', n.nspname, t.relname, k.conname) as name,
    format('%I.%I', n.nspname, t.relname) as "table", pg_get_constraintdef(k.oid) as definition,
    k.convalidated as is_validated, t.relkind = 'p' as is_partitioned, p.relkind = 'p' as is_parent_partitioned
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class t on t.oid = k.conrelid
  join pg_catalog.pg_class p on p.oid = k.confrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
  where k.contype = 'f' and k.conparentid = 0 and n.nspname !~ '^pg_'
  order by t.reltuples, 1`
