import { createHash } from 'node:crypto'
import { factSql } from './fact-sql.ts'
import { keyOf, type Fact, type FactKind, type Facts, type Value, type Values } from './fact.ts'
import { neutralSpelling } from './neutral-spelling.ts'
import type { Query, Row } from './query.ts'

export type ReadFactsOptions = {
  /**
   * `open`: the caller's transaction is open and stays as it is, so what it has changed is seen.
   * `none` (default): a read-only transaction of its own, with one snapshot for everything.
   */
  readonly transaction?: 'none' | 'open'
  /** Schema of the engine's ledger; default `public`. */
  readonly ledgerSchema?: string
  /** Makes a fact of a row; default: a new one for each reading. */
  readonly factOf?: (row: Row) => Fact
}

/**
 * Reads what a database holds, as facts that can be compared with those of another database of the
 * same major version. System objects, members of extensions and the ledgers of migration tools are
 * left out. Serves PostgreSQL 14 to 18.
 *
 * @throws the driver's error when a query fails
 */
export async function readFacts(query: Query, options: ReadFactsOptions = {}): Promise<Facts> {
  return pinned(query, options, async (major) => {
    const text = factSql({ major, ledgerSchema: options.ledgerSchema ?? 'public', scoped: false })
    const { rows } = await query(`execute ${await prepare(query, text)}`)
    return { major, rows: sortFacts(rows.map(options.factOf ?? toFact)) }
  })
}

/**
 * Planning a query this wide takes several times longer than running it, so the session keeps the
 * plan. Whoever has thrown it away (DISCARD ALL) finds it made again.
 */
async function prepare(query: Query, text: string): Promise<string> {
  const name = `studioops_facts_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
  const { rows } = await query(
    `select from pg_catalog.pg_prepared_statements where name = '${name}'`,
  )
  if (rows.length === 0) await query(`prepare ${name} as ${text}`)
  return name
}

const settings = {
  ...neutralSpelling,
  // Compiling a query this wide takes many times longer than running it.
  jit: 'off',
}

const pinSql = `select current_setting('server_version_num')::integer / 10000 as major, ${Object.entries(
  settings,
)
  .map(([name, value]) => `set_config('${name}', '${value}', true)`)
  .join(', ')}`

/**
 * Runs reads under the settings that decide how the catalog is spelled, and puts the settings back.
 */
export async function pinned<Result>(
  query: Query,
  { transaction = 'none' }: Pick<ReadFactsOptions, 'transaction'>,
  read: (major: number) => Promise<Result>,
): Promise<Result> {
  const [begin, end] =
    transaction === 'open'
      ? ['savepoint studioops_facts', 'rollback to savepoint studioops_facts']
      : ['begin isolation level repeatable read read only', 'rollback']
  await query(begin)
  try {
    const { rows } = await query(pinSql)
    return await read(Number(rows[0]?.['major']))
  } finally {
    await query(end)
    if (transaction === 'open') await query('release savepoint studioops_facts')
  }
}

export function toFact(row: Row): Fact {
  const named = {
    kind: row['kind'] as FactKind,
    name: String(row['name']),
    ...(typeof row['schema'] === 'string' && { schema: row['schema'] }),
    ...(typeof row['parent'] === 'string' && { parent: row['parent'] }),
  }
  return {
    ...named,
    key: keyOf(named),
    ...spellingOf(named.kind, withoutBlanks(row['vals']), withoutBlanks(row['details'])),
    environment: withoutBlanks(row['environment']),
    address: {
      catalog: String(row['catalog']),
      oid: Number(row['oid']),
      column: Number(row['col']),
    },
  }
}

export function sortFacts(rows: readonly Fact[]): Fact[] {
  return rows.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

/** Trailing blanks and line ends of a body are cosmetic; the body to restore is kept beside it. */
function spellingOf(kind: FactKind, values: Values, details: Values) {
  const { definition } = values
  if (kind !== 'function' || typeof definition !== 'string') return { values, details }
  const plain = definition.replaceAll(/[ \t\r]+$/gm, '')
  if (plain === definition) return { values, details }
  return {
    values: { ...values, definition: plain },
    details: { ...details, exactDefinition: definition },
  }
}

function withoutBlanks(text: unknown): Values {
  const parsed = JSON.parse(String(text)) as Record<string, Value>
  return Object.fromEntries(
    Object.entries(parsed).flatMap(([name, value]) => {
      if (name === 'acl' || name === 'builtin') return aclField(name, value)
      return isBlank(value) ? [] : [[name, tidy(value)]]
    }),
  )
}

function isBlank(value: Value): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0)
}

/** Nested records lose their blanks, too: an attribute without a collation says nothing about it. */
function tidy(value: Value): Value {
  if (Array.isArray(value)) return value.map(tidy)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]: [string, Value]) =>
      isBlank(inner) ? [] : [[name, tidy(inner)]],
    ),
  )
}

/**
 * `grantee=letters`, sorted; who granted is left out, because only the owner's grants can be made
 * again. No entry at all is the same as nothing said, which only columns have.
 */
function aclField(name: string, value: Value): [string, Value][] {
  if (!Array.isArray(value) || value.length === 0) return []
  const items = value.map((item) => String(item).replace(/\/[^/]*$/, ''))
  return [[name, items.toSorted()]]
}
