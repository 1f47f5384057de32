import type { Fact, Facts } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { parentOf } from '../inverse/object-words.ts'
import { readServerError } from '../shadow/server-error.ts'

/** The few rows that migrations themselves have written into a table of the shadow. */
export type KeptTable = {
  readonly table: string
  /** Quoted; computed ones are left out. */
  readonly columns: readonly string[]
  /** As PostgreSQL writes a row as text. */
  readonly rows: readonly string[]
}

/** Keeps the rows of these tables as they are now. */
export async function keepRows(
  query: Query,
  { tables, facts }: { readonly tables: readonly string[]; readonly facts: Facts },
): Promise<KeptTable[]> {
  const known = facts.rows.filter((fact) => isPlainTable(fact) && tables.includes(nameOf(fact)))
  const kept: KeptTable[] = []
  for (const fact of known) {
    const table = nameOf(fact)
    // oxlint-disable-next-line house/bans -- a name cannot be a parameter; the catalog quoted it
    const { rows } = await query(`select t::text as row from only ${table} t`)
    kept.push({ table, columns: columnsOf(table, facts), rows: rows.map(({ row }) => String(row)) })
  }
  return kept
}

/** Every table of a database, for statements that do not say what they write. */
export function allTables({ rows }: Facts): string[] {
  return rows.filter(isPlainTable).map(nameOf)
}

function isPlainTable({ kind, values }: Fact): boolean {
  return kind === 'table' && values['form'] !== 'foreign' && values['form'] !== 'partitioned'
}

function columnsOf(table: string, { rows }: Facts): string[] {
  return rows
    .filter((fact) => fact.kind === 'column' && parentOf(fact) === table)
    .filter(({ values }) => values['generated'] === undefined)
    .map(({ name }) => quoteName(name))
}

/** Puts them back without firing a trigger. Where the role may not do that, the rows stay as they are. */
export async function putRowsBack(query: Query, kept: readonly KeptTable[]): Promise<void> {
  if (kept.length === 0) return
  await query('begin')
  try {
    await query(`set local session_replication_role = replica`)
    for (const one of kept) await putBack(query, one)
    await query('commit')
  } catch (error) {
    await query('rollback')
    if (readServerError(error) === undefined) throw error
  }
}

async function putBack(query: Query, { table, columns, rows }: KeptTable): Promise<void> {
  await query(`delete from only ${table}`)
  if (rows.length === 0 || columns.length === 0) return
  await query(
    `insert into ${table} (${columns.join(', ')}) overriding system value
     select ${columns.map((column) => `(r.row::${table}).${column}`).join(', ')}
       from json_array_elements_text($1::json) as r(row)`,
    [JSON.stringify(rows)],
  )
}
