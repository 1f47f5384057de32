import { readDependencies } from '../catalog/dependencies.ts'
import type { Fact, Facts, Values } from '../catalog/fact.ts'
import { sameFact } from '../catalog/fingerprint.ts'
import type { Query } from '../catalog/query.ts'
import { readServerError, type ShadowError } from '../shadow/server-error.ts'
import { throughText } from './alter-column.ts'
import { matchFacts } from './match-facts.ts'
import { planRound, type PlannedStatement } from './plan-round.ts'
import { renameSql } from './rename-sql.ts'

/** How to get from one state to another, as tried out on the database. */
export type Route =
  | {
      readonly kind: 'found'
      readonly statements: readonly PlannedStatement[]
      /** Columns that come back at another place among those of their table, by key. */
      readonly moved: readonly string[]
    }
  | {
      readonly kind: 'not-found'
      /** What worked up to there. */
      readonly statements: readonly PlannedStatement[]
      /** Objects that are still not what they should be, by key. */
      readonly left: readonly string[]
      /** What the server said about the statements that it refused last. */
      readonly errors: readonly { readonly text: string; readonly error: ShadowError }[]
    }

export type ConvergeOptions = {
  readonly query: Query
  /** Reads the catalog inside the open transaction. */
  readonly readFacts: () => Promise<Facts>
  readonly target: Facts
  /** Whether `target` was read from this very database, so that renames can be told. */
  readonly sameDatabase: boolean
}

const mostRounds = 12

/**
 * Changes the database, in the open transaction, until it is what the target says, and tells by
 * which statements. The database itself is asked what each of them did: after every round its
 * catalog is read again, and a statement that is refused is tried again after the others.
 */
export async function converge(options: ConvergeOptions): Promise<Route> {
  const { query, readFacts, target } = options
  const statements: PlannedStatement[] = []
  let errors: readonly { text: string; error: ShadowError }[] = []
  let leftBefore: string | undefined
  let sameDatabase = options.sameDatabase
  for (let round = 0; round < mostRounds; round++) {
    const current = await readFacts()
    const left = differencesOf(current, target)
    const state = JSON.stringify(left)
    if (left.every(({ isPlace }) => isPlace) || state === leftBefore)
      return finish({ left, statements, errors })
    leftBefore = state
    const next = await planNext(current, { ...options, sameDatabase })
    // What is made from now on is new, so its place in the catalog tells nothing any more.
    sameDatabase = next.isRenaming
    const planned = next.phases
    const run = await runPlanned(query, planned)
    statements.push(...run.done)
    errors = run.errors
  }
  return finish({ left: differencesOf(await readFacts(), target), statements, errors })
}

type Left = {
  readonly key: string
  readonly isPlace: boolean
  /** What is there now; tells whether a round has changed anything. */
  readonly now: Pick<Fact, 'values' | 'details' | 'environment'> | undefined
}

function finish({
  left,
  statements,
  errors,
}: Pick<Route & { kind: 'not-found' }, 'statements' | 'errors'> & {
  left: readonly Left[]
}): Route {
  if (left.every(({ isPlace }) => isPlace))
    return {
      kind: 'found',
      statements: withBodiesUnchecked(statements),
      moved: left.map(({ key }) => key),
    }
  const keys = left.filter(({ isPlace }) => !isPlace).map(({ key }) => key)
  return { kind: 'not-found', statements, left: keys, errors }
}

/** A body may name what is made later. */
const uncheckedBodies = 'set local check_function_bodies = off'

function withBodiesUnchecked(statements: readonly PlannedStatement[]): readonly PlannedStatement[] {
  const makesRoutine = statements.some(({ text }) =>
    /^create (or replace )?(function|procedure)\b/i.test(text),
  )
  return makesRoutine ? [{ text: uncheckedBodies }, ...statements] : statements
}

/** A column that was dropped can only come back as the last one; everything else must be equal. */
function differencesOf(current: Facts, target: Facts): Left[] {
  const wanted = new Map(target.rows.map((fact) => [fact.key, fact]))
  const differences: Left[] = []
  for (const fact of current.rows) {
    const other = wanted.get(fact.key)
    wanted.delete(fact.key)
    if (other === undefined || !sameFact(fact, other))
      differences.push({
        key: fact.key,
        now: { values: fact.values, details: fact.details, environment: fact.environment },
        isPlace: other !== undefined && samePlaceAside(fact, other),
      })
  }
  return [
    ...differences,
    ...[...wanted.keys()].map((key) => ({ key, now: undefined, isPlace: false })),
  ]
}

/** Whether two states of a column or constraint differ in nothing that could be helped. */
export function samePlaceAside(a: Fact, b: Fact): boolean {
  if (a.kind !== 'column' && a.kind !== 'constraint') return false
  return sameFact(
    { ...a, details: withoutPlace(a.details) },
    { ...b, details: withoutPlace(b.details) },
  )
}

/** What PostgreSQL lets nobody set: the place among the columns, and what a child has of its own. */
function withoutPlace({
  position: _position,
  inheritedOnly: _inherited,
  notNullInheritedOnly: _notNull,
  ...rest
}: Values): Values {
  return rest
}

async function planNext(
  current: Facts,
  { query, target, sameDatabase }: ConvergeOptions,
): Promise<{ phases: readonly (readonly PlannedStatement[])[]; isRenaming: boolean }> {
  const matching = matchFacts(current, target, { sameDatabase })
  const renames = renameSql(matching)
  if (renames.length > 0) return { phases: [renames.map((text) => ({ text }))], isRenaming: true }
  const phases = planRound(matching, { current, target }, await readDependencies(query))
  return { phases, isRenaming: false }
}

type Run = {
  readonly done: readonly PlannedStatement[]
  readonly errors: readonly Refusal[]
}

type Refusal = { readonly text: string; readonly error: ShadowError }

/** What one phase could not do is tried again in the next. */
async function runPlanned(
  query: Query,
  phases: readonly (readonly PlannedStatement[])[],
): Promise<Run> {
  const done: PlannedStatement[] = []
  let stuck: Stuck = { refused: [], errors: [] }
  for (const phase of phases) stuck = await runUntilStuck(query, [...stuck.refused, ...phase], done)
  return { done, errors: stuck.errors }
}

type Stuck = { readonly refused: readonly PlannedStatement[]; readonly errors: readonly Refusal[] }

/** Again and again, until all are done or none of what is left can be run. */
async function runUntilStuck(
  query: Query,
  statements: readonly PlannedStatement[],
  done: PlannedStatement[],
): Promise<Stuck> {
  const refused: PlannedStatement[] = []
  const errors: Refusal[] = []
  for (const statement of statements) {
    const tried = await tryStatement(query, statement)
    if ('error' in tried) {
      refused.push(statement)
      errors.push({ text: statement.text, error: tried.error })
    } else done.push(tried)
  }
  const isStuck = refused.length === 0 || refused.length === statements.length
  return isStuck ? { refused, errors } : runUntilStuck(query, refused, done)
}

async function tryStatement(
  query: Query,
  statement: PlannedStatement,
): Promise<PlannedStatement | { readonly error: ShadowError }> {
  const error = await attempt(query, statement.text)
  if (error === undefined) return statement
  // 42846: there is no cast between the two types.
  const other = error.sqlstate === '42846' ? throughText(statement.text) : undefined
  if (other === undefined || (await attempt(query, other)) !== undefined) return { error }
  return { ...statement, text: other }
}

async function attempt(query: Query, text: string): Promise<ShadowError | undefined> {
  await query('savepoint studioops_step')
  try {
    await query(text)
    await query('release savepoint studioops_step')
    return undefined
  } catch (thrown) {
    const error = readServerError(thrown)
    if (error === undefined) throw thrown
    await query('rollback to savepoint studioops_step')
    await query('release savepoint studioops_step')
    return error
  }
}
