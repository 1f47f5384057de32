import type { Query, Row } from '../catalog/query.ts'
import { objectTo } from '../objection.ts'
import { doctorReasons } from './doctor-reasons.ts'
import type { Finding } from './finding.ts'

export type IndexAdviceKind =
  /** Two indexes that do the same. */
  | 'duplicate-index'
  /** One index begins as another one does. */
  | 'covered-index'
  /** No query uses it. */
  | 'unused-index'
  /** A change of a row that is referred to has to read the whole table that refers. */
  | 'key-without-index'

export type IndexAdvice = Finding<IndexAdviceKind> & {
  /** Table of the index or the key. */
  readonly table: string
  /** Of the index; of the table where an index is missing. */
  readonly bytes: number
}

export type IndexAdviceOptions = {
  /** Indexes below this size cost nothing worth a word as unused ones; default 1 MiB. */
  readonly unusedFromBytes?: number | undefined
  /** Days for which the server must have counted before an index is called unused; default 7. */
  readonly unusedFromDays?: number | undefined
}

/** What could be better about the indexes of a database. Nothing is changed, nothing is large to read. */
export async function adviseOnIndexes(
  query: Query,
  options: IndexAdviceOptions = {},
): Promise<IndexAdvice[]> {
  const indexes = (await query(indexesSql)).rows.map(indexOf)
  const keys = (await query(keysSql)).rows
  const since = await readSince(query)
  const redundant = redundantOnes(indexes)
  const named = new Set(redundant.map(({ object }) => object))
  return [
    ...redundant,
    ...keys.map(keyAdvice),
    ...unusedOnes(
      indexes.filter(({ name }) => !named.has(name)),
      since,
      options,
    ),
  ]
}

type Index = {
  readonly name: string
  readonly table: string
  /** One text for each key column: expression, class, collation and direction. */
  readonly columns: readonly string[]
  /** Everything else that makes an index what it is: method, predicate, what it includes. */
  readonly manner: string
  readonly includes: readonly string[]
  readonly isUnique: boolean
  /** A constraint, the replica identity, the clustering or a parent rests on it. */
  readonly isBound: boolean
  readonly isOrdered: boolean
  readonly scans: number
  readonly bytes: number
}

function indexOf(row: Row): Index {
  return {
    name: String(row['name']),
    table: String(row['table']),
    columns: texts(row['columns']),
    includes: texts(row['includes']),
    manner: String(row['manner']),
    isUnique: row['is_unique'] === true,
    isBound: row['is_bound'] === true,
    isOrdered: row['is_ordered'] === true,
    scans: Number(row['scans']),
    bytes: Number(row['bytes']),
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function redundantOnes(indexes: readonly Index[]): IndexAdvice[] {
  return [...Map.groupBy(indexes, ({ table }) => table).values()].flatMap((own) => {
    const gone = new Set<Index>()
    // The one that is worth least first: bound and unique ones do more than serve queries.
    const order = own.toSorted((a, b) => worthOf(a) - worthOf(b) || (a.name < b.name ? 1 : -1))
    return order.flatMap((index) => {
      const other = own.find((one) => one !== index && !gone.has(one) && serves(one, index))
      if (index.isBound || other === undefined) return []
      gone.add(index)
      return [redundantAdvice(index, other)]
    })
  })
}

function worthOf({ isBound, isUnique, columns, includes }: Index): number {
  return (isBound ? 1000 : 0) + (isUnique ? 100 : 0) + columns.length + includes.length
}

/** Whether one index serves everything that another does. */
function serves(one: Index, other: Index): boolean {
  if (one.manner !== other.manner) return false
  const isSame = sameList(one.columns, other.columns)
  const hasAll = other.includes.every((column) => one.includes.includes(column))
  // A rule about what may be equal is no matter of speed.
  if (other.isUnique && !(isSame && one.isUnique)) return false
  if (isSame) return hasAll
  const begins = sameList(one.columns.slice(0, other.columns.length), other.columns)
  return one.isOrdered && begins && other.includes.length === 0
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, place) => text === other[place])
}

function redundantAdvice(index: Index, other: Index): IndexAdvice {
  const isSame = sameList(index.columns, other.columns)
  const reason = isSame ? doctorReasons.duplicateIndex : doctorReasons.coveredIndex
  const sql = `drop index concurrently ${index.name}`
  const { table, bytes } = index
  return {
    kind: isSame ? 'duplicate-index' : 'covered-index',
    object: index.name,
    table,
    bytes,
    statements: [sql],
    explanation: objectTo(
      reason,
      { migration: '', object: index.name },
      { other: { migration: '', object: other.name }, table, bytes, sql },
    ),
  }
}

function keyAdvice(row: Row): IndexAdvice {
  const [object, table, parent, sql] = [row['name'], row['table'], row['parent'], row['sql']].map(
    String,
  )
  const bytes = Number(row['bytes'])
  return {
    kind: 'key-without-index',
    object: object ?? '',
    table: table ?? '',
    bytes,
    statements: [sql ?? ''],
    explanation: objectTo(
      doctorReasons.keyWithoutIndex,
      { migration: '', object: object ?? '' },
      {
        other: { migration: '', object: parent ?? '' },
        table,
        rows: Math.max(0, Number(row['rows'])),
        sql,
      },
    ),
  }
}

type Since = { readonly date: string; readonly days: number }

async function readSince(query: Query): Promise<Since> {
  const { rows } = await query(
    `select to_char(coalesce(stats_reset, pg_postmaster_start_time()) at time zone 'UTC', 'YYYY-MM-DD') as date,
        extract(epoch from now() - coalesce(stats_reset, pg_postmaster_start_time()))::float8 / 86400 as days
       from pg_catalog.pg_stat_database where datname = current_database()`,
  )
  const [row] = rows
  return row === undefined
    ? { date: '', days: 0 }
    : { date: String(row['date']), days: Number(row['days']) }
}

function unusedOnes(
  indexes: readonly Index[],
  since: Since,
  { unusedFromBytes = 2 ** 20, unusedFromDays = 7 }: IndexAdviceOptions,
): IndexAdvice[] {
  if (since.days < unusedFromDays) return []
  return indexes
    .filter(({ scans, bytes }) => scans === 0 && bytes >= unusedFromBytes)
    .filter(({ isBound, isUnique }) => !isBound && !isUnique)
    .map(({ name, table, bytes }): IndexAdvice => {
      const sql = `drop index concurrently ${name}`
      return {
        kind: 'unused-index',
        object: name,
        table,
        bytes,
        statements: [sql],
        explanation: objectTo(
          doctorReasons.unusedIndex,
          { migration: '', object: name },
          { table, bytes, since: since.date, sql },
        ),
      }
    })
}

const indexesSql = `
  select format('%I.%I', n.nspname, c.relname) as name, format('%I.%I', tn.nspname, t.relname) as "table",
    to_json(array(select concat_ws(' ', pg_get_indexdef(i.indexrelid, k, false), i.indclass[k - 1],
        i.indcollation[k - 1], i.indoption[k - 1])
      from generate_series(1, i.indnkeyatts) as k order by k)) as columns,
    to_json(array(select pg_get_indexdef(i.indexrelid, k, false)
      from generate_series(i.indnkeyatts + 1, i.indnatts) as k order by k)) as includes,
    concat_ws(' ', m.amname, pg_get_expr(i.indpred, i.indrelid),
      to_jsonb(i) ->> 'indnullsnotdistinct') as manner,
    i.indisunique or i.indisexclusion as is_unique,
    i.indisreplident or i.indisclustered or i.indisexclusion or i.indisprimary
      or exists (select from pg_catalog.pg_constraint k where k.conindid = c.oid)
      or exists (select from pg_catalog.pg_inherits h where h.inhrelid = c.oid) as is_bound,
    m.amname = 'btree' as is_ordered,
    coalesce(pg_catalog.pg_stat_get_numscans(c.oid), 0)::float8 as scans,
    pg_catalog.pg_relation_size(c.oid)::float8 as bytes
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_class t on t.oid = i.indrelid
  join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
  join pg_catalog.pg_am m on m.oid = c.relam
  where i.indisvalid and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_class'::regclass
      and d.objid = c.oid and d.deptype = 'e')
  order by 1`

// An index helps where its first columns are those of the key, in whatever order.
const keysSql = `
  select format('%I.%I.%I', n.nspname, t.relname, k.conname) as name,
    format('%I.%I', n.nspname, t.relname) as "table", format('%I.%I', pn.nspname, p.relname) as parent,
    greatest(t.reltuples, 0)::float8 as rows, pg_catalog.pg_relation_size(t.oid)::float8 as bytes,
    format('create index %son %I.%I (%s)', case t.relkind when 'p' then '' else 'concurrently ' end,
      n.nspname, t.relname, (select string_agg(quote_ident(a.attname), ', ' order by u.place)
        from unnest(k.conkey) with ordinality as u (number, place)
        join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = u.number)) as sql
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class t on t.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
  join pg_catalog.pg_class p on p.oid = k.confrelid
  join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
  where k.contype = 'f' and k.conparentid = 0 and n.nspname !~ '^pg_'
    and not exists (
      select from pg_catalog.pg_index i
      where i.indrelid = k.conrelid and i.indisvalid
        and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^\\(.* IS NOT NULL\\)$')
        and i.indnkeyatts >= cardinality(k.conkey)
        and (select array_agg(number order by number)
             from unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) as number)
          = (select array_agg(number order by number) from unnest(k.conkey) as number))
  order by 1`
