import type { MigrationAnalysis } from '../analyse/analysis.ts'
import type { Fact, Facts } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { ledgerNames } from '../ledger/ledger-names.ts'
import { objectTo, type Objection } from '../objection.ts'
import type { Elaboration } from '../plan/elaboration.ts'
import { type LockMode, strongestMode } from '../shadow/lock-modes.ts'
import { loadParser, type Parser } from '../text/parser.ts'
import { type BackupNeed, lossesOn } from './backup-need.ts'
import { createProbeDeriver, probeStepOf } from './derive-probes.ts'
import { type Drift, type DriftFinding, findDrift, objectionsOfDrift } from './drift.ts'
import { type LiveBlocker, readLiveBlockers } from './live-blockers.ts'
import { readIsEmpty, readTables, type TableFacts } from './live-tables.ts'
import { checkNames } from './name-check.ts'
import { createObstacles, placeAt } from './obstacles.ts'
import { expectedNow, type PlanStep, stepsOf, type Unfinished } from './plan-flow.ts'
import { checkRights, needsOf, readActor } from './plan-rights.ts'
import { preflightReasons } from './preflight-reasons.ts'
import type { Probe, ProbePlan } from './probe.ts'
import { objectToProbe, warnAboutProbe } from './probe-objections.ts'
import { publicationWarnings, slotWarnings } from './replication.ts'
import { runProbes } from './run-probes.ts'

export type { DriftFinding } from './drift.ts'
export type { LiveBlocker } from './live-blockers.ts'
export type { TableFacts } from './live-tables.ts'
export type { BackupNeed } from './backup-need.ts'
export type { Probe } from './probe.ts'

export type PreflightOptions = {
  /** A connection to the live database as the role that runs the migrations, or one that may become it. */
  readonly query: Query
  /** `open`: the caller's transaction is open and stays as it was. Default: one of its own. */
  readonly transaction?: 'none' | 'open'
  readonly elaboration: Elaboration
  /** Where the ledger stands; default `public`. */
  readonly ledgerSchema?: string | undefined
  /** Role that the migrations run as; default: that of the connection. */
  readonly role?: string | undefined
  /** `search_path` of the migrations; default `"$user", public`. */
  readonly searchPath?: string | undefined
  /** The name here of a role in the shadow; default: itself. */
  readonly roleOf?: ((role: string) => string) | undefined
  /** Objects about which drift is not reported, such as `public.tmp_*`. */
  readonly ignore?: readonly string[] | undefined
  /** What has run, in its order: tells which migration wrote an object last. */
  readonly completed?: readonly MigrationAnalysis[] | undefined
  /** What is to run, where it could not be tried anywhere: its names are looked up at least. */
  readonly untried?: readonly MigrationAnalysis[] | undefined
  /** A migration of the plan of which the first statements have run. */
  readonly unfinished?: Unfinished | undefined
  /** Names of rows go into the sentences of `probe-failed`: only where nobody stores or logs them. */
  readonly showsKeys?: boolean
  readonly limits?: Partial<PreflightLimits> | undefined
}

export type PreflightLimits = {
  /** Milliseconds that one data probe may take; default 5,000. */
  readonly probeTimeoutMs: number
  /** Milliseconds to wait for somebody's lock; default 500. */
  readonly lockTimeoutMs: number
  /** Seconds from which on a transaction counts as a blocker; default 10. */
  readonly oldTransactionS: number
  /** Bytes from which on a table that is written anew is worth a warning; default 1 GiB. */
  readonly bigTableBytes: number
}

/** What the live database says to a plan. Nothing was written, nothing was kept locked. */
export type Preflight = {
  /** Why nothing may run; all of them together. */
  readonly objections: readonly Objection[]
  /** What the operator should know. */
  readonly warnings: readonly Objection[]
  /** Every difference between what is declared and what is there, the harmless ones included. */
  readonly drift: readonly DriftFinding[]
  /** The tables that the plan touches. */
  readonly tables: readonly TableFacts[]
  readonly blockers: readonly LiveBlocker[]
  /** Questions to the rows, with their answers; those of skipped ones are open. */
  readonly probes: readonly Probe[]
  /** What has to be kept before the plan destroys it. */
  readonly backupNeeded: readonly BackupNeed[]
  /** `none`: there was nothing to compare with; `structural`: another major. */
  readonly comparison: Drift['kind'] | 'none'
  readonly live: Facts
}

const defaultLimits: PreflightLimits = {
  probeTimeoutMs: 5_000,
  lockTimeoutMs: 500,
  oldTransactionS: 10,
  bigTableBytes: 2 ** 30,
}

/**
 * Asks the live database whether a plan would work on it, in one read-only transaction with one
 * snapshot. Not to be called while waiting for anybody: the snapshot would hold up others.
 *
 * @throws the driver's error where the connection or the rights to read fail
 */
export async function preflight(options: PreflightOptions): Promise<Preflight> {
  const { query, transaction = 'none' } = options
  const [begin, ...end] =
    transaction === 'open'
      ? [
          'savepoint studioops_preflight',
          'rollback to savepoint studioops_preflight',
          'release savepoint studioops_preflight',
        ]
      : ['begin isolation level repeatable read read only', 'rollback']
  await query(begin)
  try {
    return await look({ ...options, limits: { ...defaultLimits, ...options.limits } })
  } finally {
    for (const text of end) await query(text)
  }
}

type Looking = PreflightOptions & { readonly limits: PreflightLimits }

// oxlint-disable-next-line complexity -- a list of questions one after the other, without branches
async function look(options: Looking): Promise<Preflight> {
  const { query, elaboration, limits, ledgerSchema = 'public' } = options
  const server = await readServer(options)
  await query(`select set_config('lock_timeout', $1, true), set_config('search_path', '', true)`, [
    String(limits.lockTimeoutMs),
  ])
  const actor = await readActor(query, options.role)
  const live = await readFacts(query, { transaction: 'open', ledgerSchema })
  const expected = expectedNow(elaboration, options.unfinished)
  const drift = expected === undefined ? undefined : await driftOf(options, { expected, live })
  const parser = await loadParser()
  const start = startOf(elaboration, { expected, live, unfinished: options.unfinished })
  const obstacles = createObstacles({
    expected: start,
    live,
    parser,
    searchPath: pathOf(options.searchPath, actor.role),
  })
  const plan = walk(options, { expected: start, live, look: obstacles.look, parser })
  const tables = await readTables(query, [...plan.wanted.keys()])
  const size = sizesOf(tables)
  const probes = await runProbes(plan.probes, {
    query,
    timeoutMs: limits.probeTimeoutMs,
    searchPath: options.searchPath ?? '"$user", public',
    sizeOf: (table) => size(table).bytes,
    major: server.major,
  })
  const found = obstacles.result()
  const backupNeeded = await needsBackup(query, { plan, drops: found.drops, size })
  const blockers = await readLiveBlockers(query, {
    wanted: plan.wanted,
    waitsForSnapshots: plan.waitsForSnapshots,
    oldS: limits.oldTransactionS,
  })
  const ledger = ledgerNames(ledgerSchema)
  const rights = await checkRights(plan.needs, { query, actor, live, ledger })
  return {
    objections: [
      ...server.objections,
      ...rights,
      ...(await checkNames(query, options.untried ?? [])),
      ...objectionsOfDrift(drift?.findings ?? []),
      ...found.objections,
      ...undeclaredDrops(found.drops, size),
      ...probes.flatMap((probe) => objectToProbe(probe, options.showsKeys === true)),
      ...blockers.filter(({ kind }) => kind === 'prepared').map(objectToPrepared),
    ],
    warnings: [
      ...majorWarning(elaboration, server.major),
      ...found.warnings,
      ...probes.flatMap(warnAboutProbe),
      ...blockers.filter(({ kind }) => kind !== 'prepared').map(warnOfBlocker),
      ...plan.rewrites
        .filter(({ table }) => size(table).bytes >= limits.bigTableBytes)
        .map(({ step, table }) =>
          objectTo(preflightReasons.rewrite, placeAt(step, table), { bytes: size(table).bytes }),
        ),
      ...(await publicationWarnings(query, [...plan.wanted.keys()])),
      ...(plan.rewrites.length === 0 ? [] : await slotWarnings(query)),
    ],
    drift: drift?.findings ?? [],
    tables,
    blockers,
    probes,
    backupNeeded,
    comparison: drift?.kind ?? 'none',
    live,
  }
}

async function readServer({ query, role }: PreflightOptions) {
  const { rows } = await query(
    `select current_setting('server_version_num')::integer / 10000 as major,
        pg_catalog.pg_is_in_recovery() as is_standby,
        current_setting('default_transaction_read_only') = 'on' as is_read_only,
        current_user as role`,
  )
  const row = rows[0] ?? {}
  const major = Number(row['major'])
  const at = { migration: '' }
  return {
    major,
    objections: [
      ...(major < 14 ? [objectTo(preflightReasons.tooOld, at, { live: major })] : []),
      ...(row['is_standby'] === true ? [objectTo(preflightReasons.standby, at)] : []),
      ...(row['is_read_only'] === true
        ? [objectTo(preflightReasons.readOnly, at, { role: role ?? String(row['role']) })]
        : []),
    ],
  }
}

/** What the shadow held when the first statement that is still to run had its turn. */
function startOf(
  { migrations }: Elaboration,
  {
    expected,
    live,
    unfinished,
  }: Pick<Looking, 'unfinished'> & {
    readonly expected: Facts | undefined
    readonly live: Facts
  },
): Facts {
  const [first] = migrations
  if (first === undefined || first.source.id === unfinished?.migration)
    return expected ?? { major: live.major, rows: [] }
  return first.before
}

function driftOf(
  { roleOf, ignore, completed }: PreflightOptions,
  facts: { readonly expected: Facts; readonly live: Facts },
): Promise<Drift> {
  return findDrift({
    ...facts,
    ...(roleOf !== undefined && { roleOf }),
    ...(ignore !== undefined && { ignore }),
    ...(completed !== undefined && { completed }),
  })
}

function pathOf(searchPath: string | undefined, role: string): string[] {
  return (searchPath ?? '"$user", public')
    .split(',')
    .map((name) => name.trim().replaceAll('"', ''))
    .map((name) => (name === '$user' ? role : name))
}

type Walk = {
  /** OID of each live table and the strongest lock that the plan takes on it. */
  readonly wanted: ReadonlyMap<number, LockMode>
  readonly waitsForSnapshots: boolean
  readonly needs: ReturnType<typeof needsOf>
  readonly losses: ReturnType<typeof lossesOn>
  readonly rewrites: readonly { readonly step: PlanStep; readonly table: string }[]
  readonly probes: readonly ProbePlan[]
}

function walk(
  { elaboration, unfinished }: Looking,
  options: {
    readonly expected: Facts
    readonly live: Facts
    readonly look: (step: PlanStep) => void
    readonly parser: Parser
  },
): Walk {
  const { expected, live, parser } = options
  const steps = stepsOf({ migrations: elaboration.migrations, expected, live, unfinished, parser })
  const liveFacts = new Map(live.rows.map((fact) => [fact.key, fact]))
  const wanted = new Map<number, LockMode>()
  const needs: Walk['needs'][number][] = []
  const losses: Walk['losses'][number][] = []
  const rewrites: Walk['rewrites'][number][] = []
  const rolesMade = new Set<string>()
  let waitsForSnapshots = false
  const derive = createProbeDeriver({ live, parser })
  const probes: ProbePlan[] = []
  for (const step of steps) {
    probes.push(...derive(probeStepOf(step)))
    options.look(step)
    waitsForSnapshots ||= /\bconcurrently\b/i.test(step.statement.text)
    for (const key of step.statement.creates) if (key.startsWith('role:')) rolesMade.add(key)
    needs.push(...needsOf(step, liveFacts, rolesMade))
    losses.push(...lossesOn(step, (key) => liveFacts.has(key)))
    rewrites.push(...rewritesOf(step))
    for (const { relation, mode } of locksOf(step, liveFacts))
      wanted.set(relation, strongestMode([mode, wanted.get(relation) ?? mode]) ?? mode)
  }
  return { wanted, waitsForSnapshots, needs, losses, rewrites, probes }
}

function rewritesOf(step: PlanStep): Walk['rewrites'][number][] {
  return step.observation.rewrites.flatMap(({ relation, cause }) => {
    const origin = step.flow.beforeStatement.tableOf(`table ${relation}`)
    return cause === 'rewrite' && origin?.kind === 'live' ? [{ step, table: origin.name }] : []
  })
}

/** Locks on tables and indexes, by the OID that they have on the live database. */
function locksOf({ observation, flow }: PlanStep, live: ReadonlyMap<string, Fact>) {
  return observation.locks.flatMap(({ relation, kind, mode }) => {
    if (kind === 'table') {
      const origin = flow.beforeStatement.tableOf(`table ${relation}`)
      return origin?.kind === 'live' ? [{ relation: origin.oid, mode }] : []
    }
    const fact = live.get(
      `${kind === 'materialized view' ? 'materialized-view' : kind} ${relation}`,
    )
    return fact === undefined ? [] : [{ relation: fact.address.oid, mode }]
  })
}

type Size = (table: string) => Pick<TableFacts, 'bytes' | 'rows'>

function sizesOf(tables: readonly TableFacts[]): Size {
  const byName = new Map(tables.map((table) => [table.table, table]))
  return (table) => byName.get(table) ?? { bytes: 0, rows: undefined }
}

type Needing = {
  readonly plan: Walk
  readonly drops: ReturnType<ReturnType<typeof createObstacles>['result']>['drops']
  readonly size: Size
}

async function needsBackup(query: Query, { plan, drops, size }: Needing): Promise<BackupNeed[]> {
  const undeclared = drops
    .filter(({ fact }) => fact.kind === 'table')
    .map(({ step, object }) => ({
      migration: step.migration.source.id,
      statementNo: step.statement.no,
      kind: 'table' as const,
      object,
      table: object,
      isUndeclared: true,
    }))
  const needs: BackupNeed[] = []
  for (const loss of [...plan.losses, ...undeclared]) {
    const isEmpty = loss.table === undefined ? undefined : await readIsEmpty(query, loss.table)
    needs.push({
      ...loss,
      ...(loss.table === undefined ? { bytes: 0, rows: undefined } : size(loss.table)),
      isEmpty,
    })
  }
  return needs
}

function undeclaredDrops(drops: Needing['drops'], size: Size): Objection[] {
  return drops
    .filter(({ step, fact }) => fact.kind === 'table' && !step.migration.source.header.destructive)
    .map(({ step, object }) =>
      objectTo(preflightReasons.dropsOther, placeAt(step, object), { rows: size(object).rows }),
    )
}

function majorWarning({ shadow }: Elaboration, live: number): Objection[] {
  if (shadow.kind === 'none' || shadow.major === live) return []
  return [objectTo(preflightReasons.otherMajor, { migration: '' }, { shadow: shadow.major, live })]
}

function objectToPrepared({ gid, user, relations }: LiveBlocker): Objection {
  return objectTo(
    preflightReasons.preparedTransaction,
    { migration: '', object: relations.join(', ') },
    { gid: `'${(gid ?? '').replaceAll("'", "''")}'`, owner: quoteName(user) },
  )
}

function warnOfBlocker(blocker: LiveBlocker): Objection {
  const { pid, state, relations, transactionS, application, user, kind } = blocker
  const name = application === '' ? user : application
  return objectTo(
    preflightReasons.blocked,
    { migration: '', object: relations.length === 0 ? 'a snapshot' : relations.join(', ') },
    {
      who: kind === 'autovacuum' ? 'autovacuum against wraparound' : name,
      pid,
      state,
      seconds: Math.round(transactionS),
    },
  )
}
