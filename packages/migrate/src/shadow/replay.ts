import type { CatalogReader } from '../catalog/catalog-reader.ts'
import type { Facts } from '../catalog/fact.ts'
import { diffFacts, type FactsDiff } from '../catalog/fingerprint.ts'
import type { Query } from '../catalog/query.ts'
import { effectsAlone, type AloneEffects } from './alone-locks.ts'
import { lossesOf, withConversions, type DataLoss } from './losses.ts'
import {
  filesChanged,
  locksTaken,
  noEffects,
  readEffects,
  readRelations,
  scansDone,
  type Effects,
  type Lock,
  type Relations,
} from './relations.ts'
import { isTransactionSetting } from '../execute/sql-head.ts'
import { readServerError, type Notice, type ShadowError } from './server-error.ts'
import type { ShadowSession } from './session.ts'
import { headWord } from './statement-head.ts'

/** One statement to replay, and where it may run. */
export type ShadowStatement = {
  readonly text: string
  /**
   * `tx` (default) runs with its neighbours in one transaction; `alone`, `own` and `opaque` outside
   * of one. A BEGIN, COMMIT or ROLLBACK of the author is obeyed whatever stands here.
   */
  readonly txClass?: 'tx' | 'alone' | 'own' | 'opaque'
  /** Ends the transaction after this statement, as after `alter type … add value`. */
  readonly endsGroup?: boolean
  /** Tables that the analyser says it writes rows of; added to what the locks show. */
  readonly dataWrites?: readonly string[]
}

/** What one statement did to the empty database. */
export type Observation = {
  /** 1-based, as in error messages. */
  readonly no: number
  readonly changes: FactsDiff
  /** Added to the transaction by this statement, on relations that it did not make itself. */
  readonly locks: readonly Lock[]
  /** Tables and materialized views whose file is a new one. */
  readonly rewrites: readonly {
    readonly relation: string
    readonly cause: 'rewrite' | 'truncate' | 'refresh'
  }[]
  /** Indexes that were built anew under their name. */
  readonly rebuilds: readonly string[]
  /** Tables read from end to end. */
  readonly scans: readonly string[]
  readonly losses: readonly DataLoss[]
  readonly notices: readonly Notice[]
  /** The server said that it skipped what is there already, or not there, and nothing changed. */
  readonly isNoOp: boolean
  /** Empty transactions, SET and the like: whether the locks are the table's constants. */
  readonly isMeasured: boolean
}

/** The moment after a statement, inside its transaction where it has one. */
export type Moment = {
  readonly statement: ShadowStatement
  readonly observation: Observation
  readonly before: Facts
  readonly after: Facts
  readonly query: Query
  readonly transaction: 'none' | 'open'
}

export type ReplayOptions = {
  /** Default true. False runs the statements and looks at nothing, many times faster. */
  readonly observe?: boolean
  /** Called after each observed statement; must leave the transaction as it found it. */
  readonly onStatement?: (moment: Moment) => Promise<void>
}

export type Replay =
  | { readonly kind: 'done'; readonly observations: readonly Observation[] }
  /** The transaction of the failed statement was rolled back; what was committed before stays. */
  | {
      readonly kind: 'failed'
      readonly observations: readonly Observation[]
      /** 1-based; one more than the last where the failure came with the final COMMIT. */
      readonly statementNo: number
      readonly error: ShadowError
    }

type Run = {
  readonly session: ShadowSession
  readonly reader: CatalogReader
  readonly options: ReplayOptions
  readonly observations: Observation[]
  facts: Facts
  relations: Relations
  /** Undefined outside a transaction. */
  group: Group | undefined
}

/** An open transaction. */
type Group = {
  /** What others could see before it began. */
  readonly known: Relations
  /** Whether the author opened it and will close it. */
  readonly isExplicit: boolean
  effects: Effects
}

/** Replays the statements of one migration in order, grouped into transactions as the executor does. */
export async function replayStatements(
  context: Pick<Run, 'session' | 'reader'>,
  statements: readonly ShadowStatement[],
  options: ReplayOptions,
): Promise<Replay> {
  const observe = options.observe ?? true
  const run: Run = {
    ...context,
    options,
    observations: [],
    facts: observe ? await context.reader.refresh() : { major: 0, rows: [] },
    relations: observe ? await readRelations(context.session.query) : new Map(),
    group: undefined,
  }
  let no = 0
  try {
    for (const statement of statements) {
      no += 1
      await step(run, no, statement)
    }
    no += 1
    await endGroup(run, 'commit')
    return { kind: 'done', observations: run.observations }
  } catch (thrown) {
    await context.session.run('rollback')
    const error = readServerError(thrown)
    if (error === undefined) throw thrown
    return { kind: 'failed', observations: run.observations, statementNo: no, error }
  }
}

async function step(run: Run, no: number, statement: ShadowStatement): Promise<void> {
  const control = transactionControl(statement.text)
  if (control !== undefined) {
    await controlTransaction(run, no, control)
    return
  }
  const inGroup = (statement.txClass ?? 'tx') === 'tx'
  if (inGroup) await beginGroup(run, false)
  else await endGroup(run, 'commit')
  if (run.options.observe ?? true) await observe(run, no, statement)
  else await run.session.run(statement.text)
  if (statement.endsGroup === true && run.group?.isExplicit !== true) await endGroup(run, 'commit')
}

/** `setting`: an isolation level, which no query may precede; nobody else is here. */
type Control = 'begin' | 'commit' | 'rollback' | 'setting'

function transactionControl(text: string): Control | undefined {
  if (isTransactionSetting(text)) return 'setting'
  switch (headWord(text)) {
    case 'begin':
      return 'begin'
    case 'start':
      return 'begin'
    case 'commit':
    case 'end':
      return /prepared/i.test(text) ? undefined : 'commit'
    case 'abort':
      return 'rollback'
    case 'rollback':
      return /\b(to|prepared)\b/i.test(text) ? undefined : 'rollback'
    default:
      return undefined
  }
}

async function controlTransaction(run: Run, no: number, control: Control): Promise<void> {
  if (control === 'begin') {
    await endGroup(run, 'commit')
    await beginGroup(run, true)
  } else if (control !== 'setting') await endGroup(run, control)
  if (run.options.observe ?? true) run.observations.push(nothingHappened(no))
}

async function beginGroup(run: Run, isExplicit: boolean): Promise<void> {
  if (run.group !== undefined) return
  await run.session.run('begin')
  // On a server the counters of scans still hold what earlier transactions of the session did.
  const effects = (run.options.observe ?? true) ? await readEffects(run.session.query) : noEffects
  run.group = { known: run.relations, isExplicit, effects }
}

async function endGroup(run: Run, how: 'commit' | 'rollback'): Promise<void> {
  if (run.group === undefined) return
  run.group = undefined
  const end = () => run.session.run(how)
  // Temporary tables, which ON COMMIT DROP takes away, are not among the facts.
  if (how === 'commit') return run.reader.across(end)
  await end()
  if (!(run.options.observe ?? true)) return
  run.facts = await run.reader.refresh()
  run.relations = await readRelations(run.session.query)
}

async function observe(run: Run, no: number, statement: ShadowStatement): Promise<void> {
  const { session, group } = run
  const transaction = group === undefined ? 'none' : 'open'
  const before = { facts: run.facts, relations: run.relations }
  const alone =
    group === undefined
      ? await effectsAlone(statement.text, { query: session.query, relations: before.relations })
      : undefined
  const notices = await session.run(statement.text)
  const effects = group === undefined ? noEffects : await readEffects(session.query)
  run.relations = await readRelations(session.query)
  run.facts = await run.reader.refresh({ transaction })

  const changes = diffFacts(before.facts, run.facts)
  const files = filesChanged(before.relations, run.relations)
  const written = newFiles(files, statement.text)
  const seen = alone ?? seenByOthers(before.relations, group, effects)
  const observation: Observation = {
    no,
    changes,
    locks: seen.locks,
    scans: scansOf(seen, { changes, rewrites: written.rewrites }),
    ...written,
    losses: [
      ...withConversions(lossesOf(changes), statement.text),
      ...rowLosses(statement, {
        ...seen,
        files: filesChanged(asWhenBegun(before.relations, group), run.relations),
        relations: before.relations,
      }),
    ],
    notices,
    isNoOp: isNoOp(notices, changes),
    isMeasured: alone === undefined,
  }
  if (group !== undefined) group.effects = effects
  run.observations.push(observation)
  await run.options.onStatement?.({
    statement,
    observation,
    before: before.facts,
    after: run.facts,
    query: session.query,
    transaction,
  })
}

/** What the transaction has written anew already, TRUNCATE empties where it lies. */
function asWhenBegun(relations: Relations, group: Group | undefined): Relations {
  if (group === undefined) return relations
  return new Map(
    [...relations].map(([oid, relation]) => {
      const { fileNode } = group.known.get(oid) ?? relation
      return [oid, { ...relation, fileNode }]
    }),
  )
}

/** Locks on what the transaction made itself stop nobody. */
function seenByOthers(
  relations: Relations,
  group: Group | undefined,
  effects: Effects,
): AloneEffects {
  if (group === undefined) return { locks: [], scans: [] }
  const known = new Map([...relations].filter(([oid]) => group.known.has(oid)))
  return {
    locks: locksTaken(known, group.effects, effects),
    scans: scansDone(known, group.effects, effects),
  }
}

/**
 * An index of an emptied table is built from nothing, and a foreign key looks into its parent only
 * where there are rows, which the shadow does not have.
 */
function scansOf(
  { scans, locks }: AloneEffects,
  { changes, rewrites }: Pick<Observation, 'changes' | 'rewrites'>,
): string[] {
  const emptied = new Set(
    rewrites.flatMap(({ relation, cause }) => (cause === 'rewrite' ? [] : [relation])),
  )
  const locked = new Set(locks.map(({ relation }) => relation))
  const parents = [...changes.added, ...changes.changed.map(({ after }) => after)].flatMap(
    ({ kind, values, details }) =>
      kind === 'constraint' && values['unchecked'] === undefined ? [details['references']] : [],
  )
  const checked = scans.length === 0 ? [] : parents.filter((name) => typeof name === 'string')
  const all = [...scans.filter((name) => !emptied.has(name)), ...checked]
  return [...new Set(all)].filter((name) => locked.has(name) || scans.includes(name)).toSorted()
}

function newFiles(
  files: readonly Pick<Lock, 'relation' | 'kind'>[],
  text: string,
): Pick<Observation, 'rewrites' | 'rebuilds'> {
  const word = headWord(text)
  const cause = word === 'truncate' || word === 'refresh' ? word : 'rewrite'
  return {
    rewrites: files
      .filter(({ kind }) => kind === 'table' || kind === 'materialized view')
      .map(({ relation }) => ({ relation, cause })),
    rebuilds: files.filter(({ kind }) => kind === 'index').map(({ relation }) => relation),
  }
}

type Seen = Pick<AloneEffects, 'locks'> & {
  /** Written anew since the transaction began. */
  readonly files: readonly Pick<Lock, 'relation' | 'kind'>[]
  readonly relations: Relations
}

/** Whoever writes rows holds ROW EXCLUSIVE on the table, also when there is no row to write. */
function rowLosses(
  { text, dataWrites = [] }: ShadowStatement,
  { locks, files, relations }: Seen,
): DataLoss[] {
  const written = locks
    .filter(({ kind, mode }) => kind === 'table' && mode === 'row exclusive')
    .map(({ relation }) => relation)
  const truncated = headWord(text) === 'truncate' ? files : []
  const emptied = truncated.filter(({ kind }) => kind === 'table').map(({ relation }) => relation)
  const tables = new Set([...written, ...emptied, ...dataWrites])
  const oids = new Map([...relations].map(([oid, { name }]) => [name, oid]))
  return [...tables].toSorted().map((table) => {
    const oid = oids.get(table)
    return { kind: 'rows', object: table, table, ...(oid === undefined ? {} : { oid }) }
  })
}

const skipped = new Set(['42P07', '42701', '42710', '42P06', '42723'])

function isNoOp(notices: readonly Notice[], { added, removed, changed }: FactsDiff): boolean {
  if (added.length + removed.length + changed.length > 0) return false
  // The text is PostgreSQL's own; a server that speaks another language still gives the codes.
  return notices.some(
    ({ sqlstate, message }) =>
      skipped.has(sqlstate) || (sqlstate === '00000' && message.endsWith('skipping')),
  )
}

function nothingHappened(no: number): Observation {
  return {
    no,
    changes: { added: [], removed: [], changed: [] },
    locks: [],
    rewrites: [],
    rebuilds: [],
    scans: [],
    losses: [],
    notices: [],
    isNoOp: false,
    isMeasured: true,
  }
}
