import type { AnalysedStatement } from '../analyse/analysis.ts'
import { type Key, lastName, nameOfKey, partsOfName } from '../analyse/keys.ts'
import { placeOf } from '../catalog/dependencies.ts'
import { type Fact, type Facts, nameOf } from '../catalog/fact.ts'
import type { FactsDiff } from '../catalog/fingerprint.ts'
import { quoteName } from '../catalog/identifier.ts'
import { parentOf, textOf } from '../inverse/object-words.ts'
import type { ElaboratedMigration, Elaboration } from '../plan/elaboration.ts'
import type { Observation } from '../shadow/replay.ts'
import type { Parser } from '../text/parser.ts'
import { readConversions } from './using-clause.ts'

/** Where the rows of a table of the plan lie on the live database at a moment of the plan. */
export type TableOrigin =
  | {
      readonly kind: 'live'
      /** Qualified and quoted, as it is called on the live database now. */
      readonly name: string
      readonly oid: number
      readonly isPartitioned: boolean
      /** An earlier statement of the plan inserts, changes or removes rows. */
      isWritten: boolean
    }
  /** An earlier statement of the plan makes it; it is empty unless written. */
  | { readonly kind: 'made'; isWritten: boolean }

/** What the values of a column of the plan are, in terms of the live table. */
export type ColumnOrigin =
  /** An expression over the live table, such as the column itself. */
  | { readonly kind: 'expression'; readonly text: string; readonly isItself: boolean }
  /** Computed, converted, filled: only running the plan could tell. */
  | { readonly kind: 'unknown' }

/** One statement of the plan with what is known of the live database when its turn comes. */
export type PlanStep = {
  readonly migration: ElaboratedMigration
  readonly statement: AnalysedStatement
  readonly observation: Observation
  /** Objects of the shadow by key, before and after the statement. */
  readonly before: ReadonlyMap<string, Fact>
  readonly after: ReadonlyMap<string, Fact>
  readonly flow: Flow
}

/** What the plan has changed so far; read it during its step, it goes on afterwards. */
export type Flow = {
  /** @param table key such as `table public.t`, as the plan calls it at this moment */
  readonly tableOf: (table: string) => TableOrigin | undefined
  /** @param column key such as `column public.t.a` */
  readonly columnOf: (column: string) => ColumnOrigin | undefined
  /** Whether the plan has made or changed a type or function that the text names. */
  readonly namesChanged: (text: string) => boolean
  /** The same before the statement of the step took effect. */
  readonly beforeStatement: Pick<Flow, 'tableOf' | 'columnOf'>
}

/** A migration of which some statements have run already. */
export type Unfinished = {
  readonly migration: string
  /** How many of its statements, from the first on. */
  readonly done: number
}

/** The facts that the shadow had when the first statements of a migration had run. */
export function factsAfter({ before, observations }: ElaboratedMigration, done: number): Facts {
  const rows = new Map(before.rows.map((fact) => [fact.key, fact]))
  for (const { changes } of observations.slice(0, done)) apply(rows, changes)
  const sorted = [...rows.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return { major: before.major, rows: sorted }
}

function apply(rows: Map<string, Fact>, { added, removed, changed }: FactsDiff): void {
  for (const { key } of removed) rows.delete(key)
  for (const fact of [...added, ...changed.map(({ after }) => after)]) rows.set(fact.key, fact)
}

/** What the live database should hold now. */
export function expectedNow(
  { expected, migrations }: Pick<Elaboration, 'expected' | 'migrations'>,
  unfinished: Unfinished | undefined,
): Facts | undefined {
  const half = migrations.find(({ source }) => source.id === unfinished?.migration)
  return half === undefined || unfinished === undefined
    ? expected
    : factsAfter(half, unfinished.done)
}

type Options = {
  readonly migrations: readonly ElaboratedMigration[]
  readonly expected: Facts
  readonly live: Facts
  readonly unfinished: Unfinished | undefined
  readonly parser: Parser
}

/**
 * Goes through the plan statement by statement and keeps account of what each table and column of
 * the shadow is on the live database. Steps must be used in their order.
 */
export function* stepsOf(options: Options): Generator<PlanStep> {
  const { migrations, expected, live, unfinished, parser } = options
  const account = createAccount(expected, live, parser)
  for (const migration of migrations) {
    const done = migration.source.id === unfinished?.migration ? unfinished.done : 0
    let before = new Map(factsAfter(migration, done).rows.map((fact) => [fact.key, fact]))
    for (const [index, observation] of migration.observations.entries()) {
      const statement = migration.analysis.statements[index]
      if (index < done || statement === undefined) continue
      const after = new Map(before)
      apply(after, observation.changes)
      const step = account.step({ statement, observation, before, after })
      yield { migration, statement, observation, before, after, flow: step.flow }
      step.finish()
      before = after
    }
  }
}

type Moment = Pick<PlanStep, 'statement' | 'observation' | 'before' | 'after'>

function createAccount(expected: Facts, live: Facts, parser: Parser) {
  const liveByKey = new Map(live.rows.map((fact) => [fact.key, fact]))
  let tables = new Map<string, TableOrigin>()
  let columns = new Map<string, ColumnOrigin>()
  const changedNames = new Set<string>()
  for (const fact of expected.rows) {
    const there = liveByKey.get(fact.key)
    if (fact.kind === 'table' && there !== undefined) tables.set(fact.key, liveTable(there))
    if (fact.kind === 'column' && there !== undefined) columns.set(fact.key, liveColumn(there))
  }
  return {
    step({ statement, observation, before, after }: Moment) {
      const [oldTables, oldColumns] = [tables, columns]
      const moved = movesOf(observation.changes)
      tables = tablesAfter(tables, observation.changes, moved)
      columns = columnsAfter(columns, observation.changes, {
        moved,
        converted: convertedIn(statement, parser),
        domains: domainsOf(after),
      })
      const [newTables, newColumns] = [tables, columns]
      const flow: Flow = {
        tableOf: (key) => newTables.get(key),
        columnOf: (key) => newColumns.get(key),
        namesChanged: (text) => [...changedNames].some((name) => text.includes(name)),
        beforeStatement: {
          tableOf: (key) => oldTables.get(key),
          columnOf: (key) => oldColumns.get(key),
        },
      }
      return {
        flow,
        finish() {
          for (const name of namesIn(observation.changes)) changedNames.add(name)
          markWritten(newTables, { statement, observation, before, after })
        },
      }
    },
  }
}

function liveTable(fact: Fact): TableOrigin {
  return {
    kind: 'live',
    name: nameOf(fact),
    oid: fact.address.oid,
    isPartitioned: fact.values['form'] === 'partitioned',
    isWritten: false,
  }
}

function liveColumn(fact: Fact): ColumnOrigin {
  return { kind: 'expression', text: quoteName(fact.name), isItself: true }
}

/** Objects that got another name, by the key that they had; PostgreSQL keeps their places. */
function movesOf({ added, removed }: FactsDiff): ReadonlyMap<string, Fact> {
  const byPlace = new Map(added.map((fact) => [`${fact.kind} ${placeOf(fact.address)}`, fact]))
  return new Map(
    removed.flatMap((fact): [string, Fact][] => {
      const now = byPlace.get(`${fact.kind} ${placeOf(fact.address)}`)
      return now === undefined ? [] : [[fact.key, now]]
    }),
  )
}

function tablesAfter(
  tables: ReadonlyMap<string, TableOrigin>,
  changes: FactsDiff,
  moved: ReadonlyMap<string, Fact>,
): Map<string, TableOrigin> {
  const next = new Map(tables)
  const isTable = ({ kind }: Fact) => kind === 'table'
  for (const { key } of changes.removed.filter(isTable)) next.delete(key)
  for (const { key } of changes.added.filter(isTable))
    next.set(key, { kind: 'made', isWritten: false })
  for (const [key, now] of moved) {
    const origin = tables.get(key)
    if (isTable(now) && origin !== undefined) next.set(now.key, origin)
  }
  for (const { before, after } of changes.changed)
    if (isTable(after) && before.address.oid !== after.address.oid)
      next.set(after.key, { kind: 'made', isWritten: false })
  return next
}

type ColumnContext = {
  readonly moved: ReadonlyMap<string, Fact>
  /** Unquoted columns of which USING computes every value anew. */
  readonly converted: ReadonlySet<string>
  readonly domains: ReadonlySet<string>
}

function columnsAfter(
  columns: ReadonlyMap<string, ColumnOrigin>,
  { added, removed, changed }: FactsDiff,
  { moved, converted, domains }: ColumnContext,
): Map<string, ColumnOrigin> {
  const next = new Map(columns)
  for (const { key } of removed) next.delete(key)
  for (const fact of added) if (fact.kind === 'column') next.set(fact.key, newColumn(fact, domains))
  for (const [key, now] of moved) {
    const origin = columns.get(key)
    if (now.kind === 'column' && origin !== undefined) next.set(now.key, origin)
  }
  for (const { before, after } of changed)
    if (after.kind === 'column')
      next.set(after.key, columnAfter(columns.get(after.key), before, after))
  return withConverted(next, converted)
}

const unknown: ColumnOrigin = { kind: 'unknown' }

/** What the rows that are there have in a column that is added. */
function newColumn(fact: Fact, domains: ReadonlySet<string>): ColumnOrigin {
  const { identity, generated } = fact.values
  const type = textOf(fact.values['type'])
  const filled = textOf(fact.values['default'])
  if (identity !== undefined || generated !== undefined || domains.has(type)) return unknown
  const value = filled === '' ? 'null' : `(${filled})`
  // Of calls nobody knows whether they give every row the same.
  if (filled !== '' && !isConstant(filled)) return unknown
  return { kind: 'expression', text: `${value}::${type}`, isItself: false }
}

function isConstant(expression: string): boolean {
  return /^(?:-?\d+(?:\.\d+)?|true|false|E?'(?:[^']|'')*'(?:::[\w ".[\]()]+)?)$/.test(expression)
}

/** The catalog may not tell: a column can be computed anew without getting another type. */
function withConverted(
  columns: Map<string, ColumnOrigin>,
  converted: ReadonlySet<string>,
): Map<string, ColumnOrigin> {
  if (converted.size === 0) return columns
  for (const key of columns.keys())
    if (converted.has(partsOfName(key.slice('column '.length)).at(-1) ?? ''))
      columns.set(key, unknown)
  return columns
}

function convertedIn({ kind, text }: AnalysedStatement, parser: Parser): ReadonlySet<string> {
  if (kind !== 'AlterTableStmt' || !/using/i.test(text)) return new Set()
  const conversions = [...readConversions(text, parser)]
  return new Set(conversions.flatMap(([name, { using }]) => (using === undefined ? [] : [name])))
}

function columnAfter(origin: ColumnOrigin | undefined, before: Fact, after: Fact): ColumnOrigin {
  if (origin === undefined || origin.kind === 'unknown') return unknown
  if (before.address.column !== after.address.column || isComputedAnew(before, after))
    return unknown
  if (isSame(before, after, 'type', 'collation')) return origin
  // Another collation is another order, and another idea of what is equal.
  if (!isSame(before, after, 'collation')) return unknown
  const type = textOf(after.values['type'])
  return { kind: 'expression', text: `(${origin.text})::${type}`, isItself: false }
}

function isComputedAnew(before: Fact, after: Fact): boolean {
  const isComputed = [before, after].some(({ values }) => values['generated'] !== undefined)
  return isComputed && !isSame(before, after, 'default', 'generated', 'type')
}

function isSame(before: Fact, after: Fact, ...fields: readonly string[]): boolean {
  return fields.every((field) => textOf(before.values[field]) === textOf(after.values[field]))
}

function domainsOf(facts: ReadonlyMap<string, Fact>): ReadonlySet<string> {
  return new Set(
    [...facts.values()].flatMap((fact) => (fact.kind === 'domain' ? [nameOf(fact)] : [])),
  )
}

const namedInText = new Set([
  'function',
  'enum',
  'domain',
  'domain-constraint',
  'composite',
  'range',
  'base-type',
  'operator',
  'collation',
  'cast',
  'view',
  'materialized-view',
])

/** Names that an expression may mention and that mean something else from now on. */
function namesIn({ added, removed, changed }: FactsDiff): string[] {
  const facts = [...added, ...removed, ...changed.map(({ after }) => after)]
  return facts
    .filter(({ kind }) => namedInText.has(kind))
    .map((fact) => {
      if (fact.kind === 'domain-constraint') return parentOf(fact)
      return fact.kind === 'function' ? nameOf(fact).replace(/\(.*$/s, '') : nameOf(fact)
    })
}

const definitionKinds =
  /^(?:Alter|Create|Index|Drop|Rename|Comment|Grant|View|Rule|Define|Variable)/

/** Statements that write rows make every later question about these tables pointless. */
function markWritten(tables: Map<string, TableOrigin>, moment: Moment): void {
  const { statement, observation, after } = moment
  const isDefinition =
    definitionKinds.test(statement.kind) && statement.kind !== 'CreateTableAsStmt'
  if (isDefinition) return
  if (mayWriteAnything(statement)) return markAll(tables)
  const names = new Set([
    ...observation.losses.flatMap(({ kind, table }) =>
      kind === 'rows' && table !== undefined ? [table] : [],
    ),
    ...[...statement.dataWrites].map(tableOfRows),
    ...observation.changes.added.flatMap((fact) => (fact.kind === 'table' ? [nameOf(fact)] : [])),
  ])
  const facts = [...after.values()]
  if (facts.some((fact) => fact.kind === 'trigger' && names.has(parentOf(fact))))
    return markAll(tables)
  for (const name of withFollowers(names, facts)) {
    const origin = tables.get(`table ${name}`)
    if (origin !== undefined) origin.isWritten = true
  }
}

function mayWriteAnything({ kind, opaque, reads, softReads }: AnalysedStatement): boolean {
  if (opaque || kind === 'CallStmt' || kind === 'ExecuteStmt') return true
  const calls = [...reads, ...softReads].some((key) => key.startsWith('f:'))
  return calls || softReads.size > 0
}

function markAll(tables: Map<string, TableOrigin>): void {
  for (const origin of tables.values()) origin.isWritten = true
}

/** `public.t` of `d:public.t` and `d:public.t.a`, quoted as the catalog does. */
function tableOfRows(key: Key): string {
  const [schema = '', table = ''] = partsOfName(nameOfKey(key))
  return [schema, table === '' ? lastName(key) : table].map(quoteName).join('.')
}

/** Foreign keys hand removals on, and rows of a parent may lie in its partitions and children. */
function withFollowers(names: ReadonlySet<string>, facts: readonly Fact[]): ReadonlySet<string> {
  const all = new Set(names)
  for (const name of all) {
    const followers = facts.flatMap((fact): string[] => {
      const isChild = fact.kind === 'constraint' && fact.details['references'] === name
      if (isChild) return [parentOf(fact)]
      const { parents } = fact.values
      return Array.isArray(parents) && parents.includes(name) ? [nameOf(fact)] : []
    })
    for (const follower of followers) all.add(follower)
  }
  for (const fact of facts)
    if (fact.kind === 'table' && all.has(nameOf(fact)))
      for (const parent of Array.isArray(fact.values['parents']) ? fact.values['parents'] : [])
        all.add(String(parent))
  return all
}

/**
 * The account of a single change from what is there to something else, such as a repair: nothing has
 * been written, and every table that is there is what it is called.
 */
export function flowBetween(live: Facts, target: Facts): Flow {
  const liveByKey = new Map(live.rows.map((fact) => [fact.key, fact]))
  const targetByKey = new Map(target.rows.map((fact) => [fact.key, fact]))
  const domains = domainsOf(targetByKey)
  const tableOf: Flow['tableOf'] = (key) => {
    const there = liveByKey.get(key)
    if (there !== undefined) return liveTable(there)
    return targetByKey.has(key) ? { kind: 'made', isWritten: false } : undefined
  }
  const columnOf: Flow['columnOf'] = (key) => {
    const [there, wanted] = [liveByKey.get(key), targetByKey.get(key)]
    if (there === undefined) return wanted === undefined ? undefined : newColumn(wanted, domains)
    const isKept = wanted === undefined || isSame(there, wanted, 'type', 'generated')
    return isKept ? liveColumn(there) : unknown
  }
  return { tableOf, columnOf, namesChanged: () => false, beforeStatement: { tableOf, columnOf } }
}
