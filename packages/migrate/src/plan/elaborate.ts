import { analyseHistory } from '../analyse/analyse.ts'
import { useMakingSettings } from '../inverse/making-settings.ts'
import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { createCatalogReader } from '../catalog/catalog-reader.ts'
import { compareFacts } from '../catalog/compare-facts.ts'
import type { Facts } from '../catalog/fact.ts'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import type { Step } from '../execute/events.ts'
import { converge } from '../inverse/converge.ts'
import type { Objection } from '../objection.ts'
import type { Moment } from '../shadow/replay.ts'
import type { Shadow } from '../shadow/shadow.ts'
import type { Parser } from '../text/parser.ts'
import type { MigrationSource } from '../text/source.ts'
import type { ElaboratedMigration, Elaboration, ShadowStart } from './elaboration.ts'
import { watchPrefixes } from '../undo/prefix-inverses.ts'
import {
  changeBetween,
  keysOf,
  type KnownElaboration,
  type KnownMigration,
  openElaborationCache,
  rebuild,
} from './elaboration-cache.ts'
import { findInverse } from './find-inverse.ts'
import { allTables, keepRows } from './kept-rows.ts'
import { extensionsIn, findShadow, type ShadowPlace } from './open-shadow.ts'
import { objectToRefusal } from './refusal.ts'
import { replayFiles } from './replay-files.ts'
import { shadowStatements, tablesWritten } from './shadow-statements.ts'

/** A file that has run on the target. */
export type CompletedMigration = {
  readonly source: MigrationSource
  /** As the ledger or the manifest has it. */
  readonly checksum: string
}

/** A file that is to run, as the judged order gives it. */
export type PendingMigration = CompletedMigration & { readonly analysis: MigrationAnalysis }

/** Which migrations to try, or that their order alone is reason enough to try none. */
export type Judged = {
  readonly pending: readonly PendingMigration[]
  readonly isRefused: boolean
}

export type ElaborateOptions = Omit<ShadowPlace, 'extensions'> & {
  readonly parser: Parser
  /** In the order in which they ran. */
  readonly completed: readonly CompletedMigration[]
  /** In the order in which they will run; or how to judge that, once it is known what they begin on. */
  readonly pending: readonly PendingMigration[] | ((start: ShadowStart) => Judged)
  /** Names after CREATE EXTENSION in files whose order is still to be judged. */
  readonly extensions?: readonly string[]
  /**
   * What the target really holds. Where that is not what the completed ones leave behind, the shadow
   * is made the same before the pending ones are tried, so that what fails there fails here.
   */
  readonly live?: Facts | undefined
  /** Default true. False finds no inverses, which takes half of the time. */
  readonly findsInverses?: boolean
  /** Called before each pending migration is tried; must not throw. */
  readonly onProgress?: (step: Step) => void
}

/**
 * Tries the pending migrations in a database like the target, which is thrown away: the completed
 * ones are replayed first, from an image where there is one, and nothing is looked at until the
 * pending ones begin. Nothing is run on the target.
 *
 * @throws only where the shadow itself breaks; what PostgreSQL refuses is an objection
 */
export async function elaborate(options: ElaborateOptions): Promise<Elaboration> {
  const source = await findShadow({ ...options, extensions: extensionsOf(options) })
  if (source.kind === 'none')
    return { shadow: source, expected: undefined, migrations: [], objections: [] }
  const shadow = { kind: source.kind, major: options.target.major }
  const memory = await remember(options, source.kind)
  const known = memory.tried
  if (known !== undefined && known.isAll) {
    const { expected, migrations } = known
    return { shadow, expected, start: { kind: 'declared' }, migrations, objections: [] }
  }
  const trial = await begin(options, source.open)
  try {
    if ('objection' in trial)
      return { shadow, expected: undefined, migrations: [], objections: [trial.objection] }
    const { start, expected } = trial
    const tried = await tryPending(trial, known)
    if (start.kind === 'declared') await memory.keep(tried, trial)
    return { shadow, expected, start, migrations: tried.migrations, objections: tried.objections }
  } finally {
    await trial.shadow.close()
  }
}

/** What an earlier run has found out about the first of the pending migrations. */
type Remembered = Pick<Elaboration, 'migrations'> & {
  readonly expected: Facts
  readonly known: readonly KnownMigration[]
  /** As they were judged, so that it is done once. */
  readonly pending: readonly PendingMigration[]
  readonly isAll: boolean
}

type Memory = {
  readonly tried: Remembered | undefined
  readonly keep: (tried: Tried, trial: Pick<Trial, 'expected'>) => Promise<void>
}

const forgetful: Memory = { tried: undefined, keep: async () => undefined }

/** Nothing is remembered of a target that holds something else than it should. */
async function remember(options: ElaborateOptions, kind: 'pglite' | 'server'): Promise<Memory> {
  const { images, completed, target, ledgerSchema, findsInverses = true } = options
  if (images === undefined || !findsInverses) return forgetful
  const cache = openElaborationCache(images.directory, {
    kind,
    target,
    ledgerSchema,
    extensions: extensionsOf(options),
    completed: completed.map(({ source, checksum }) => [source.id, checksum]),
  })
  const read = await cache.read()
  return {
    tried: read && (await recognise(options, read)),
    async keep({ migrations, known }, { expected }) {
      const isNew = read === undefined || migrations.length > read.migrations.length
      const isOther = known.some(({ key }, index) => read?.migrations[index]?.key !== key)
      if (isNew || isOther) await cache.write({ expected, migrations: known })
    },
  }
}

async function recognise(
  options: ElaborateOptions,
  { expected, migrations }: KnownElaboration,
): Promise<Remembered | undefined> {
  const { live } = options
  if (live !== undefined && (await differs(expected, live)).length > 0) return undefined
  const pending = judgedPending(options, { kind: 'declared' })
  const keys = keysOf(pending)
  const end = keys.findIndex((key, index) => migrations[index]?.key !== key)
  const known = migrations.slice(0, end === -1 ? keys.length : end)
  return {
    expected,
    known,
    pending,
    migrations: rebuild(pending, { expected, migrations: known }),
    isAll: known.length === pending.length,
  }
}

/** Of those that nobody has judged yet, the caller names the extensions. */
function extensionsOf({ completed, pending, extensions = [] }: ElaborateOptions): string[] {
  const known = typeof pending === 'function' ? completed : [...completed, ...pending]
  return [...extensions, ...extensionsIn(known.map(({ source }) => source.text))]
}

type Trial = {
  readonly options: ElaborateOptions
  readonly open: (checksums: readonly string[]) => Promise<Shadow>
  readonly start: ShadowStart
  /** What the completed migrations leave behind. */
  readonly expected: Facts
  shadow: Shadow
  /** What the shadow holds now. */
  facts: Facts
}

type Stuck = { readonly shadow: Shadow; readonly objection: Objection }

async function begin(options: ElaborateOptions, open: Trial['open']): Promise<Trial | Stuck> {
  const shadow = await open(options.completed.map(({ checksum }) => checksum))
  try {
    const objection = await replayCompleted(shadow, options)
    if (objection !== undefined) return { shadow, objection }
    const expected = await shadow.facts()
    const start = await alignWithLive(shadow, expected, options)
    const facts = start.kind === 'live' ? await shadow.facts() : expected
    return { options, open, start, expected, shadow, facts }
  } catch (error) {
    await shadow.close()
    throw error
  }
}

/** What has run on the target runs here unobserved; what the image covers does not run at all. */
async function replayCompleted(
  shadow: Shadow,
  { completed, parser, target }: ElaborateOptions,
): Promise<Objection | undefined> {
  if (shadow.restored >= completed.length) return undefined
  const analyses = analyseHistory(
    completed.map(({ source }) => source),
    { parser, searchPath: pathOf(target) },
  )
  const stuck = await replayFiles(shadow, analyses.slice(shadow.restored))
  if (stuck !== undefined)
    return objectToRefusal(stuck.analysis, { ...stuck.failure, facts: await shadow.facts() })
  await shadow.saveImage(completed.map(({ checksum }) => checksum))
  return undefined
}

/** The schemas of a `search_path`, unquoted; the one of the user's name is seldom there. */
export function pathOf({ searchPath }: { readonly searchPath: string }): string[] {
  const names = (searchPath.match(/"(?:[^"]|"")*"|[^\s,"]+/g) ?? []).map((name) =>
    name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase(),
  )
  return names.filter((name) => name !== '$user')
}

const material = new Set(['missing', 'extra', 'changed'])

async function differs(expected: Facts, live: Facts): Promise<string[]> {
  const { differences } = await compareFacts(expected, live)
  return differences.filter(({ kind }) => material.has(kind)).map(({ key }) => key)
}

async function alignWithLive(
  shadow: Shadow,
  expected: Facts,
  { live, ledgerSchema }: Pick<ElaborateOptions, 'live' | 'ledgerSchema'>,
): Promise<ShadowStart> {
  if (live === undefined || (await differs(expected, live)).length === 0)
    return { kind: 'declared' }
  const { query } = shadow
  const reader = createCatalogReader(query, ledgerSchema === undefined ? {} : { ledgerSchema })
  await shadow.replay([], { observe: false })
  await query('begin')
  await useMakingSettings(query)
  const route = await converge({
    query,
    readFacts: () => reader.refresh({ transaction: 'open' }),
    target: live,
    sameDatabase: false,
  })
  const left = await differs(live, await reader.refresh({ transaction: 'open' }))
  await query(left.length === 0 ? 'commit' : 'rollback')
  return left.length === 0
    ? { kind: 'live', statements: route.statements.map(({ text }) => text) }
    : { kind: 'unlike-live', left }
}

type Tried = Pick<Elaboration, 'migrations' | 'objections'> & {
  readonly pending: readonly PendingMigration[]
  /** The same, to be kept. */
  readonly known: readonly KnownMigration[]
}

async function tryPending(trial: Trial, remembered: Remembered | undefined): Promise<Tried> {
  const isSame = trial.start.kind === 'declared' && remembered !== undefined
  const pending = isSame ? remembered.pending : judgedPending(trial.options, trial.start)
  const migrations = isSame ? [...remembered.migrations] : []
  const known = isSame ? [...remembered.known] : []
  const keys = keysOf(pending)
  await replayKnown(trial, migrations)
  for (const [index, one] of pending.entries()) {
    if (index < migrations.length) continue
    trial.options.onProgress?.({
      migration: one.source.id,
      position: index + 1,
      total: pending.length,
    })
    const tried = await tryOne(trial, one, migrations)
    if ('objection' in tried) return { pending, migrations, known, objections: [tried.objection] }
    migrations.push(tried)
    known.push(knownOf(tried, keys[index] ?? '', trial.facts))
  }
  return { pending, migrations, known, objections: [] }
}

/** What is known already runs unobserved. */
async function replayKnown(
  trial: Trial,
  migrations: readonly Pick<ElaboratedMigration, 'analysis'>[],
): Promise<void> {
  for (const { analysis } of migrations)
    await trial.shadow.replay(shadowStatements(analysis), { observe: false })
  if (migrations.length > 0) trial.facts = await trial.shadow.facts()
}

function knownOf(tried: ElaboratedMigration, key: string, next: Facts): KnownMigration {
  const { observations, fingerprints, inverse, prefixes, before, after } = tried
  return {
    key,
    observations,
    fingerprints,
    inverse,
    prefixes,
    toAfter: changeBetween(before, after),
    toNext: changeBetween(after, next),
  }
}

function judgedPending(
  { pending }: ElaborateOptions,
  start: ShadowStart,
): readonly PendingMigration[] {
  if (typeof pending !== 'function') return pending
  const judged = pending(start)
  return judged.isRefused ? [] : judged.pending
}

async function tryOne(
  trial: Trial,
  pending: PendingMigration,
  earlier: readonly ElaboratedMigration[],
): Promise<ElaboratedMigration | { readonly objection: Objection }> {
  const { analysis } = pending
  const before = trial.facts
  const keptRows = await keepRows(trial.shadow.query, {
    tables: mayWrite(analysis, before),
    facts: before,
  })
  const seen: Moment[] = []
  const { ledgerSchema, findsInverses = true } = trial.options
  const watcher = watchPrefixes({
    name: pending.source.id,
    statements: findsInverses ? analysis.statements : [],
    before,
    ledgerSchema,
  })
  const replay = await trial.shadow.replay(shadowStatements(analysis), {
    async onStatement(moment) {
      seen.push(moment)
      await watcher.onStatement(moment)
    },
  })
  if (replay.kind === 'failed') {
    const facts = seen.at(-1)?.after ?? before
    return { objection: objectToRefusal(analysis, { ...replay, facts }) }
  }
  const { observations } = replay
  trial.facts = analysis.statements.length === 0 ? before : await trial.shadow.facts()
  const after = trial.facts
  const done = { ...pending, observations, before, after, keptRows }
  const inverse =
    trial.options.findsInverses === false
      ? ({ kind: 'none', because: 'nobody asked for it' } as const)
      : await findInverse(
          {
            ...trial.options,
            searchPath: pathOf(trial.options.target),
            shadow: () => trial.shadow,
            reopen: () => reopen(trial, [...earlier, pending]),
          },
          done,
        )
  // The proof has made things anew: their places in the catalog are others for what follows.
  if (inverse.kind !== 'none' && inverse.steps.length > 0) trial.facts = await trial.shadow.facts()
  return {
    source: pending.source,
    checksum: pending.checksum,
    analysis,
    observations,
    before,
    after,
    fingerprints: fingerprintsOf(done, seen),
    inverse,
    prefixes: watcher.prefixes,
  }
}

function mayWrite(analysis: MigrationAnalysis, before: Facts): string[] {
  if (analysis.opaque) return allTables(before)
  return [...new Set(analysis.statements.flatMap(tablesWritten))]
}

/** A BEGIN or COMMIT of the author is no moment of its own. */
function fingerprintsOf(
  { analysis, before, after }: Pick<ElaboratedMigration, 'analysis' | 'before' | 'after'>,
  seen: readonly Moment[],
): string[] {
  const byNo = new Map(seen.map(({ observation, after: facts }) => [observation.no, facts]))
  const known = new Map<Facts, string>()
  const hash = (facts: Facts) => {
    const found = known.get(facts) ?? fingerprintOf(facts).structure
    known.set(facts, found)
    return found
  }
  let last = before
  const list = analysis.statements.map((_, index) => {
    last = byNo.get(index + 1) ?? last
    return hash(index === analysis.statements.length - 1 ? after : last)
  })
  return [hash(before), ...list]
}

/** A failed proof leaves anything behind: everything up to here runs again in another shadow. */
async function reopen(trial: Trial, done: readonly Pick<PendingMigration, 'analysis'>[]) {
  await trial.shadow.close()
  const { options } = trial
  trial.shadow = await trial.open(options.completed.map(({ checksum }) => checksum))
  await replayCompleted(trial.shadow, options)
  if (trial.start.kind === 'live') await alignWithLive(trial.shadow, trial.expected, options)
  for (const { analysis } of done)
    await trial.shadow.replay(shadowStatements(analysis), { observe: false })
  trial.facts = await trial.shadow.facts()
}
