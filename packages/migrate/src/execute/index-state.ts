import type { Query } from '../ledger/query.ts'
import type { AloneWork, ObjectName } from './alone-work.ts'
import { quoted } from './pg-name.ts'

/** A table as the catalog has it. */
export type Relation = {
  readonly oid: string
  readonly schema: string
  readonly name: string
  /** `pg_class.relkind`, such as `r` or `p`. */
  readonly kind: string
}

/** An index as the catalog has it; two definitions are equal exactly if the indexes do the same. */
export type IndexState = {
  readonly onTable: boolean
  /** Whether queries use it and inserts keep it: valid, ready and live. */
  readonly isWhole: boolean
  readonly backsConstraint: boolean
  /** `unique` or not, then everything behind the name of the table. Undefined for what is no index. */
  readonly definition: string | undefined
}

/** Finds a table or an index by its name, as a statement of this session would; undefined if none. */
export async function findRelation(query: Query, name: ObjectName): Promise<Relation | undefined> {
  const [row] = await query<Relation>(
    `select c.oid::text, n.nspname as schema, c.relname as name, c.relkind::text as kind
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.oid = to_regclass($1)`,
    [quoted(name)],
  )
  return row
}

const behind = (schema: string) =>
  `split_part(pg_get_indexdef(i.indexrelid), format('%I.%I USING ', ${schema}, t.relname), 2)`

// From 15 on the server calls every temporary schema `pg_temp` when it prints a definition.
const definitionSql = `case when i.indexrelid is null then null else
  case when i.indisunique then 'unique ' else '' end ||
  coalesce(nullif(${behind('tn.nspname')}, ''), ${behind(`'pg_temp'`)}) end`

/** What stands under the name in the schema of the table; undefined for nothing. */
export async function readIndex(
  query: Query,
  table: Relation,
  index: string,
): Promise<IndexState | undefined> {
  type Row = {
    on_table: boolean
    is_whole: boolean
    backs_constraint: boolean
    definition: string | null
  }
  const [row] = await query<Row>(
    `select coalesce(i.indrelid = t.oid, false) as on_table,
        coalesce(i.indisvalid and i.indisready and i.indislive, false) as is_whole,
        exists (select from pg_catalog.pg_constraint k where k.conindid = c.oid
          and k.contype in ('p', 'u', 'x')) as backs_constraint,
        ${definitionSql} as definition
       from pg_catalog.pg_class t join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
       join pg_catalog.pg_class c on c.relnamespace = t.relnamespace and c.relname = $2
       left join pg_catalog.pg_index i on i.indexrelid = c.oid
      where t.oid = $1::oid`,
    [table.oid, index],
  )
  if (row === undefined) return undefined
  return {
    onTable: row.on_table,
    isWhole: row.is_whole,
    backsConstraint: row.backs_constraint,
    definition: row.definition ?? undefined,
  }
}

type CreateIndex = Extract<AloneWork, { kind: 'create-index' }>

/** What the server makes of an index: the name it chooses and the definition as the catalog has it. */
export type ElaboratedIndex = { readonly name: string; readonly definition: string }

/**
 * Lets the server make the index on an empty temporary copy of the table, and forgets the copy.
 *
 * @param taken names that are not free in the table's schema, where the server is to choose one
 * @throws the driver's error, as when a column does not exist
 */
export async function elaborateIndex(
  query: Query,
  {
    table,
    work,
    taken,
  }: {
    readonly table: Relation
    readonly work: CreateIndex
    readonly taken: readonly string[]
  },
): Promise<ElaboratedIndex | undefined> {
  const own = quoted({ schema: 'pg_temp', name: table.name })
  const name = work.index === undefined ? '' : quoted({ schema: undefined, name: work.index })
  await query('begin')
  try {
    await query(`create temporary table ${quoted({ schema: undefined, name: table.name })}
      (like ${quoted(table)})`)
    for (const one of taken)
      await query(
        `create temporary view ${quoted({ schema: undefined, name: one })} as select 1 as one`,
      )
    await query(`create ${work.unique ? 'unique ' : ''}index ${name} on ${own} ${work.rest}`)
    const [row] = await query<ElaboratedIndex>(
      `select c.relname as name, ${definitionSql} as definition
         from pg_catalog.pg_index i
         join pg_catalog.pg_class c on c.oid = i.indexrelid
         join pg_catalog.pg_class t on t.oid = i.indrelid
         join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
        where i.indrelid = to_regclass($1)`,
      [own],
    )
    return row
  } finally {
    await query('rollback')
  }
}

/** A name that the server would choose and that is free in the table's schema. */
export async function chooseIndexName(
  query: Query,
  table: Relation,
  work: CreateIndex,
): Promise<string | undefined> {
  const taken: string[] = []
  for (;;) {
    const made = await elaborateIndex(query, { table, work, taken })
    if (made === undefined) return undefined
    if ((await readIndex(query, table, made.name)) === undefined) return made.name
    taken.push(made.name)
  }
}

/**
 * Indexes that REINDEX CONCURRENTLY has left behind, as qualified and quoted names: of a table, of its
 * partitions, and of what holds their long values.
 */
export async function readReindexLeftovers(query: Query, tableOid: string): Promise<string[]> {
  const rows = await query<{ name: string }>(
    `with tables as (
       select relid::oid as oid from pg_catalog.pg_partition_tree($1::oid)
        union select $1::oid)
     select format('%I.%I', n.nspname, c.relname) as name
       from tables t
       join pg_catalog.pg_class held on held.oid = t.oid
       join pg_catalog.pg_index i on i.indrelid in (held.oid, held.reltoastrelid)
       join pg_catalog.pg_class c on c.oid = i.indexrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'
      order by 1`,
    [tableOid],
  )
  return rows.map(({ name }) => name)
}
