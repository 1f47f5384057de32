import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import type { Table, TableColumn } from '../backup/tables.ts'

/** A column and what it gets when nobody gives it a value. */
export type Column = TableColumn & {
  readonly isNotNull: boolean
  /** SQL; the next number of its sequence for identity columns. Undefined: NULL. */
  readonly fresh: string | undefined
  /** Sequence that it owns, qualified and quoted. */
  readonly sequence: string | undefined
}

/** What a consolidation has to know about a table beside its columns. */
export type TableDetails = {
  readonly table: Table
  readonly columns: readonly Column[]
  /** Enabled triggers of people, with what enables them again. */
  readonly triggers: readonly { readonly name: string; readonly enabling: string }[]
  /** Views and rules of others that read it, as SQL names them. */
  readonly readers: readonly string[]
  /** Partitioned, a partition's parent or child, or part of an inheritance. */
  readonly isRelated: boolean
}

/** Reads the details of tables; the settings of a backup are in force. */
export async function readDetails(
  query: Query,
  tables: readonly Table[],
): Promise<Map<string, TableDetails>> {
  const { rows } = await query(
    `select c.oid::text,
        (select pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, a.attnotnull,
              a.attidentity <> '', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
              pg_catalog.pg_get_serial_sequence(pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname)))
          from pg_catalog.pg_attribute a
          left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns,
        (select pg_catalog.json_agg(pg_catalog.json_build_array(t.tgname, t.tgenabled) order by t.tgname)
          from pg_catalog.pg_trigger t
          where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled in ('O', 'A'))::text as triggers,
        (select pg_catalog.json_agg(distinct r.ev_class::pg_catalog.regclass::text)
          from pg_catalog.pg_depend p join pg_catalog.pg_rewrite r on r.oid = p.objid
          where p.classid = 2618 and p.refclassid = 1259 and p.refobjid = c.oid
            and r.ev_class <> c.oid)::text as readers,
        c.relkind = 'p' or exists (select 1 from pg_catalog.pg_inherits i
          where c.oid in (i.inhrelid, i.inhparent)) as is_related
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.oid = any ($1::text[]::oid[])`,
    [tables.map(({ oid }) => String(oid))],
  )
  const byOid = new Map(rows.map((row) => [Number(row['oid']), row]))
  return new Map(tables.map((table) => [table.name, detailsOf(table, byOid.get(table.oid) ?? {})]))
}

type ColumnRow = readonly [
  name: string,
  isNotNull: boolean,
  isIdentity: boolean,
  fresh: string | null,
  sequence: string | null,
]

function detailsOf(table: Table, row: Readonly<Record<string, unknown>>): TableDetails {
  const facts = new Map(
    (listOf(row['columns']) as readonly ColumnRow[]).map((fact) => [fact[0], fact]),
  )
  return {
    table,
    columns: table.columns.map((column) => {
      const [, isNotNull = false, isIdentity = false, fresh = null, sequence = null] =
        facts.get(column.name) ?? []
      return {
        ...column,
        isNotNull,
        fresh:
          isIdentity && sequence !== null
            ? `pg_catalog.nextval('${sequence.replaceAll("'", "''")}'::pg_catalog.regclass)`
            : (fresh ?? undefined),
        sequence: sequence ?? undefined,
      }
    }),
    triggers: (listOf(row['triggers']) as readonly (readonly [string, string])[]).map(
      ([name, state]) => ({
        name: quoteName(name),
        enabling: state === 'A' ? 'enable always' : 'enable',
      }),
    ),
    readers: listOf(row['readers']) as readonly string[],
    isRelated: row['is_related'] === true,
  }
}

function listOf(text: unknown): readonly unknown[] {
  return typeof text === 'string' ? (JSON.parse(text) as readonly unknown[]) : []
}
