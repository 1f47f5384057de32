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
  readonly before: FactsByKey
  readonly after: FactsByKey
  readonly flow: Flow
}

/** Objects of the shadow at a moment; to be read before the next step. */
export type FactsByKey = Pick<ReadonlyMap<string, Fact>, 'get' | 'has' | 'values'>

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
  if (done === 0) return before
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
  const facts = createChanging<Fact>()
  for (const migration of migrations) {
    const done = migration.source.id === unfinished?.migration ? unfinished.done : 0
    // The same as the migration before left it, unless something was rolled back or temporary.
    const { rows } = factsAfter(migration, done)
    if (rows.length !== facts.size()) facts.fill(rows.map((fact) => [fact.key, fact]))
    for (const [index, observation] of migration.observations.entries()) {
      const statement = migration.analysis.statements[index]
      if (index < done || statement === undefined) continue
      facts.settle()
      const { added, removed, changed } = observation.changes
      for (const { key } of removed) facts.remove(key)
      for (const fact of [...added, ...changed.map(({ after }) => after)]) facts.put(fact.key, fact)
      const moment = { statement, observation, before: facts.before, after: facts.now }
      const step = account.step(moment)
      yield { migration, ...moment, flow: step.flow }
      step.finish()
    }
  }
}

/** A map that remembers what it was before the last step: copies of it would cost more than the plan. */
function createChanging<Value>() {
  let now = new Map<string, Value>()
  let former = new Map<string, Value | undefined>()
  const remember = (key: string) => {
    if (!former.has(key)) former.set(key, now.get(key))
  }
  const before = {
    get: (key: string) => (former.has(key) ? former.get(key) : now.get(key)),
    has: (key: string) => before.get(key) !== undefined,
    *values(): MapIterator<Value> {
      for (const [key, value] of now) if (!former.has(key)) yield value
      for (const value of former.values()) if (value !== undefined) yield value
    },
  }
  return {
    before,
    now: {
      get: (key: string) => now.get(key),
      has: (key: string) => now.has(key),
      values: () => now.values(),
      keys: () => now.keys(),
    },
    size: () => now.size,
    fill(entries: Iterable<readonly [string, Value]>) {
      now = new Map(entries)
      former = new Map()
    },
    put(key: string, value: Value) {
      remember(key)
      now.set(key, value)
    },
    remove(key: string) {
      remember(key)
      now.delete(key)
    },
    /** What is now becomes what was before. */
    settle() {
      former = new Map()
    },
  }
}

type Changing<Value> = ReturnType<typeof createChanging<Value>>

type Moment = Pick<PlanStep, 'statement' | 'observation' | 'before' | 'after'>

function createAccount(expected: Facts, live: Facts, parser: Parser) {
  const liveByKey = new Map(live.rows.map((fact) => [fact.key, fact]))
  const tables = createChanging<TableOrigin>()
  const columns = createChanging<ColumnOrigin>()
  const changedNames = new Set<string>()
  const domains = domainsOf(expected.rows)
  for (const fact of expected.rows) {
    const there = liveByKey.get(fact.key)
    if (fact.kind === 'table' && there !== undefined) tables.put(fact.key, liveTable(there))
    if (fact.kind === 'column' && there !== undefined) columns.put(fact.key, liveColumn(there))
  }
  const flow: Flow = {
    tableOf: (key) => tables.now.get(key),
    columnOf: (key) => columns.now.get(key),
    namesChanged: (text) => [...changedNames].some((name) => text.includes(name)),
    beforeStatement: {
      tableOf: (key) => tables.before.get(key),
      columnOf: (key) => columns.before.get(key),
    },
  }
  return {
    step(moment: Moment) {
      const { statement, observation } = moment
      tables.settle()
      columns.settle()
      for (const name of domainsOf(observation.changes.added)) domains.add(name)
      const moved = movesOf(observation.changes)
      followTables(tables, observation.changes, moved)
      followColumns(columns, observation.changes, {
        moved,
        converted: convertedIn(statement, parser),
        domains,
      })
      return {
        flow,
        finish() {
          for (const name of namesIn(observation.changes)) changedNames.add(name)
          markWritten(tables, moment)
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

function followTables(
  tables: Changing<TableOrigin>,
  changes: FactsDiff,
  moved: ReadonlyMap<string, Fact>,
): void {
  const isTable = ({ kind }: Fact) => kind === 'table'
  for (const { key } of changes.removed.filter(isTable)) tables.remove(key)
  for (const { key } of changes.added.filter(isTable))
    tables.put(key, { kind: 'made', isWritten: false })
  for (const [key, now] of moved) {
    const origin = tables.before.get(key)
    if (isTable(now) && origin !== undefined) tables.put(now.key, origin)
  }
  for (const { before, after } of changes.changed)
    if (isTable(after) && before.address.oid !== after.address.oid)
      tables.put(after.key, { kind: 'made', isWritten: false })
}

type ColumnContext = {
  readonly moved: ReadonlyMap<string, Fact>
  /** Unquoted columns of which USING computes every value anew. */
  readonly converted: ReadonlySet<string>
  readonly domains: ReadonlySet<string>
}

function followColumns(
  columns: Changing<ColumnOrigin>,
  { added, removed, changed }: FactsDiff,
  { moved, converted, domains }: ColumnContext,
): void {
  for (const fact of removed) if (fact.kind === 'column') columns.remove(fact.key)
  for (const fact of added)
    if (fact.kind === 'column') columns.put(fact.key, newColumn(fact, domains))
  for (const [key, now] of moved) {
    const origin = columns.before.get(key)
    if (now.kind === 'column' && origin !== undefined) columns.put(now.key, origin)
  }
  for (const { before, after } of changed)
    if (after.kind === 'column')
      columns.put(after.key, columnAfter(columns.before.get(after.key), before, after))
  markConverted(columns, converted)
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
function markConverted(columns: Changing<ColumnOrigin>, converted: ReadonlySet<string>): void {
  if (converted.size === 0) return
  for (const key of columns.now.keys())
    if (converted.has(partsOfName(key.slice('column '.length)).at(-1) ?? ''))
      columns.put(key, unknown)
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

function domainsOf(facts: Iterable<Fact>): Set<string> {
  const names = new Set<string>()
  for (const fact of facts) if (fact.kind === 'domain') names.add(nameOf(fact))
  return names
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
function markWritten(tables: Changing<TableOrigin>, moment: Moment): void {
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
    const origin = tables.now.get(`table ${name}`)
    if (origin !== undefined) origin.isWritten = true
  }
}

function mayWriteAnything({ kind, opaque, reads, softReads }: AnalysedStatement): boolean {
  if (opaque || kind === 'CallStmt' || kind === 'ExecuteStmt') return true
  const calls = [...reads, ...softReads].some((key) => key.startsWith('f:'))
  return calls || softReads.size > 0
}

function markAll(tables: Changing<TableOrigin>): void {
  for (const origin of tables.now.values()) origin.isWritten = true
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
  const domains = domainsOf(target.rows)
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
