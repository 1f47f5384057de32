import pg from 'pg'
import { type Coverage, type Tool, type ToolRule, toolRules } from './other-tools.ts'
import type { Query } from './query.ts'

/** What another tool says about one of its migrations. */
export type Claim = {
  /** As the tool names it: a file name, a version, or the hash of a file. */
  readonly id: string
  /** `skipped`: recorded without having run. `baseline`: stands for everything up to it. */
  readonly state: 'applied' | 'failed' | 'rolled-back' | 'partial' | 'skipped' | 'baseline'
  /** In the tool's own form; undefined where it keeps none. */
  readonly checksum: string | undefined
  /** ISO 8601, UTC; undefined where it is not recorded. */
  readonly appliedAt: string | undefined
}

/** A ledger of another tool in this database. */
export type FoundLedger = {
  readonly tool: Tool
  readonly schema: string
  readonly table: string
  readonly coverage: Coverage
  /** In the tool's order, the last word about each id only. */
  readonly claims: readonly Claim[]
  /** What to hold while its claims are taken over; decimal digits. */
  readonly lockKey: string | undefined
  /** English; what a reader of the claims has to know. */
  readonly warnings: readonly string[]
}

type Table = { readonly schema: string; readonly name: string; readonly columns: readonly string[] }

/**
 * Finds the ledgers of other tools by the names and columns of their tables, and reads what they
 * claim. Writes nothing; a claim is not yet a proof.
 *
 * @throws the driver's error, also when a table may not be read
 */
export async function detectLedgers(query: Query): Promise<FoundLedger[]> {
  const tables = await readTables(query)
  const found: FoundLedger[] = []
  for (const table of tables) {
    const rule = toolRules.find((one) => fits(one, table, tables))
    if (rule !== undefined) found.push(await readLedgerOf(query, rule, table))
  }
  return found
}

async function readTables(query: Query): Promise<Table[]> {
  const names = [...new Set(toolRules.flatMap(({ table, beside = table }) => [table, beside]))]
  return query<Table>(
    `select n.nspname as schema, c.relname as name,
        array_agg(a.attname::text order by a.attnum) as columns
       from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind in ('r', 'p') and c.relname = any ($1::text[])
      group by n.nspname, c.relname
      order by n.nspname, c.relname`,
    [names],
  )
}

function fits(rule: ToolRule, table: Table, tables: readonly Table[]): boolean {
  if (rule.table !== table.name || (rule.schema ?? table.schema) !== table.schema) return false
  if (!rule.columns.every((column) => table.columns.includes(column))) return false
  if (rule.isExact === true && rule.columns.length !== table.columns.length) return false
  const { beside } = rule
  return (
    beside === undefined ||
    tables.some(({ schema, name }) => schema === table.schema && name === beside)
  )
}

async function readLedgerOf(
  query: Query,
  rule: ToolRule,
  { schema, name }: Table,
): Promise<FoundLedger> {
  const { id, state = `'applied'`, checksum = 'null', at = 'null' } = rule.claim
  type Row = {
    id: string
    state: Claim['state']
    checksum: string | null
    applied_at: string | null
  }
  const rows = await query<Row>(
    `select (${id})::text as id, ${state} as state, (${checksum})::text as checksum,
        to_char((${at})::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as applied_at
       from ${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}
      order by ${rule.order ?? '1'}`,
  )
  const claims = rows.map((row) => ({
    id: row.id,
    state: row.state,
    checksum: row.checksum ?? undefined,
    appliedAt: row.applied_at ?? undefined,
  }))
  return {
    tool: rule.tool,
    schema,
    table: name,
    coverage: rule.coverage,
    claims: lastWords(claims),
    lockKey: rule.lockKey,
    warnings: rule.warning === undefined ? [] : [rule.warning],
  }
}

/** A migration that failed and then succeeded, or was undone, has several rows. */
function lastWords(claims: readonly Claim[]): Claim[] {
  const last = new Map<string, Claim>()
  for (const claim of claims) {
    last.delete(claim.id)
    last.set(claim.id, claim)
  }
  return [...last.values()]
}
