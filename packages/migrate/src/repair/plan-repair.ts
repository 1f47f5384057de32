import { compareFacts, type Difference } from '../catalog/compare-facts.ts'
import { useMakingSettings } from '../inverse/making-settings.ts'
import { type Fact, type Facts, nameOf } from '../catalog/fact.ts'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { converge } from '../inverse/converge.ts'
import { textOf } from '../inverse/object-words.ts'
import { type LedgerNames, ledgerNames } from '../ledger/ledger-names.ts'
import { objectTo } from '../objection.ts'
import { matcherOf } from '../preflight/drift.ts'
import { readGrant } from '../catalog/compare-facts.ts'
import { readServerError } from '../shadow/server-error.ts'
import type { Shadow } from '../shadow/shadow.ts'
import { loadParser } from '../text/parser.ts'
import { type Fitted, fitToRows, type RepairReport } from './repair-data.ts'
import { type IndexRepair, separateIndexes } from './repair-indexes.ts'
import { repairReasons } from './repair-reasons.ts'
import { findRoute, type RepairRoute, trialOn } from './repair-route.ts'
import { catchUpSql } from './repair-sequences.ts'
import { giveUp, type RepairTarget, targetOf } from './repair-target.ts'

export type { RepairReport } from './repair-data.ts'
export type { IndexRepair } from './repair-indexes.ts'

export type PlanRepairOptions = {
  /** A connection to the live database, in no transaction, as the role that owns its objects. */
  readonly query: Query
  /** What the completed migrations declare. */
  readonly expected: Facts
  /** Default `public`. */
  readonly ledgerSchema?: string | undefined
  /** The name here of a role in `expected`; default: itself. */
  readonly roleOf?: ((role: string) => string) | undefined
  /** Objects that are left alone, such as `public.tmp_*`. */
  readonly ignore?: readonly string[] | undefined
  /**
   * A database that may be changed and thrown away: the plan is then tried there, and the live one is
   * only asked. Without it, or where it cannot be made like the live one, the plan is tried on the
   * live database in a transaction that is rolled back, which takes its locks for that long.
   */
  readonly shadow?: Pick<Shadow, 'query'> | undefined
  /** Names of rows go into the sentences: only where nobody stores or logs them. */
  readonly showsKeys?: boolean | undefined
  /** Milliseconds that one question to the rows may take; default 30,000. */
  readonly probeTimeoutMs?: number | undefined
  /** Milliseconds to wait for a lock; default 5,000. */
  readonly lockTimeoutMs?: number | undefined
}

/** What brings the declared objects back. Objects that nobody declared stay as they are. */
export type RepairPlan = {
  /** `nothing-to-do`: nothing can be repaired, or need be; the reports say what is left. */
  readonly kind: 'repair' | 'nothing-to-do'
  /** Of one transaction, in order. */
  readonly statements: readonly string[]
  /** Built afterwards, outside of it. */
  readonly indexes: readonly IndexRepair[]
  /** What comes back only in part, or not at all. */
  readonly reports: readonly RepairReport[]
  /** Where the statements were tried. */
  readonly provenIn: 'shadow' | 'live'
  /** Fingerprint of the structure that was found. */
  readonly before: string
  /** Fingerprint of the structure that the transaction has to leave behind. */
  readonly after: string
}

/**
 * Finds the least that brings every missing or changed declared object back, and proves it by trying.
 * Nothing of the live database is changed.
 *
 * @throws the driver's error where the connection fails or a lock is not to be had (55P03)
 */
export async function planRepair(options: PlanRepairOptions): Promise<RepairPlan> {
  const { query } = options
  await query('begin')
  try {
    return (await workOut(options, 'plan')).plan
  } finally {
    await query('rollback')
  }
}

export type WorkedOut = { readonly plan: RepairPlan; readonly target: RepairTarget }

/**
 * Works the plan out in the open transaction. With `run` the statements have been run there when this
 * returns, so that the caller may commit.
 */
export async function workOut(
  options: PlanRepairOptions,
  purpose: 'plan' | 'run',
): Promise<WorkedOut> {
  const { query, ledgerSchema = 'public' } = options
  await prepareSession(query, options)
  const live = await readFacts(query, { transaction: 'open', ledgerSchema })
  const half = await readHalfDone(query, ledgerNames(ledgerSchema))
  if (half.length > 0) return leftAlone(live, half)
  const { target, reports, isOpen } = await aim(options, live)
  const liveFacts = new Map(live.rows.map((fact) => [fact.key, fact]))
  const indexes = separateIndexes(target, liveFacts)
  const before = fingerprintOf(live).structure
  const emptied = noteEmptied(target, liveFacts)
  const route = await routeFor(options, { live, target, isLive: purpose === 'run' || isOpen })
  const catchUp = route.statements.length === 0 ? [] : catchUpSql(target)
  if (purpose === 'run') for (const text of catchUp) await query(text)
  const statements = [...route.statements, ...catchUp]
  const plan: RepairPlan = {
    kind: statements.length + indexes.length === 0 ? 'nothing-to-do' : 'repair',
    statements,
    indexes,
    reports: [...reports, ...emptied.filter(({ key }) => target.wanted.has(key)), ...route.reports],
    provenIn: route.provenIn,
    before,
    after: fingerprintOf(route.after).structure,
  }
  return { plan, target }
}

/** Migrations of which some statements have taken effect, or may have. */
async function readHalfDone(query: Query, ledger: LedgerNames): Promise<string[]> {
  const { rows: there } = await query('select to_regclass($1) is not null as is_ours', [
    ledger.statements,
  ])
  if (there[0]?.['is_ours'] !== true) return []
  const { rows } = await query(
    `select m.migration_name as name from ${ledger.migrations} m
      where m.status in ('in_progress', 'failed') and exists (
        select from ${ledger.statements} s where s.migration_id = m.id and s.attempt = m.attempt
          and s.state in ('started', 'done'))
      order by 1`,
  )
  return rows.map((row) => String(row['name']))
}

/** Putting back what a migration has just taken away would undo half of its work. */
function leftAlone(live: Facts, half: readonly string[]): WorkedOut {
  const fingerprint = fingerprintOf(live).structure
  const reports = half.map((migration) => ({
    key: '',
    row: {},
    objection: objectTo(repairReasons.unfinished, { migration }),
  }))
  return {
    target: { facts: new Map(), wanted: new Set(), reports: [] },
    plan: {
      kind: 'nothing-to-do',
      statements: [],
      indexes: [],
      reports,
      provenIn: 'live',
      before: fingerprint,
      after: fingerprint,
    },
  }
}

/** What a repair runs under, until the transaction ends. */
export async function prepareSession(
  query: Query,
  { lockTimeoutMs = 5_000 }: Pick<PlanRepairOptions, 'lockTimeoutMs'>,
): Promise<void> {
  await useMakingSettings(query)
  await query(
    `select set_config('lock_timeout', $1, true), set_config('statement_timeout', '0', true)`,
    [String(lockTimeoutMs)],
  )
}

const repairable = new Set<Difference['kind']>(['missing', 'changed', 'environment'])

type Aimed = { readonly target: RepairTarget } & Fitted

async function aim(options: PlanRepairOptions, live: Facts): Promise<Aimed> {
  const { query, expected, roleOf, ignore = [], showsKeys = false } = options
  const comparison = await compareFacts(expected, live, roleOf === undefined ? {} : { roleOf })
  const isIgnored = matcherOf(ignore)
  const differences = comparison.differences
    .filter(({ kind }) => repairable.has(kind))
    // Two majors spell one definition in two ways; what is not there at all is no matter of spelling.
    .filter(({ kind }) => comparison.kind === 'exact' || kind === 'missing')
    .filter((one) => one.kind !== 'extra' && !isIgnored(one.expected))
  const target = targetOf(differences, { live, ...(await readRoles(query)) })
  const fitted = await fitToRows(target, {
    query,
    live,
    parser: await loadParser(),
    timeoutMs: options.probeTimeoutMs ?? 30_000,
    showsKeys,
  })
  const reports = [
    ...target.reports.map((objection) => ({ key: '', row: {}, objection })),
    ...fitted.reports,
  ]
  // What the rows did not allow may have been all.
  const liveFacts = new Map(live.rows.map((fact) => [fact.key, fact]))
  for (const key of target.wanted) if (!target.facts.has(key)) giveUp(target, key, liveFacts)
  return { target, reports, isOpen: fitted.isOpen }
}

async function readRoles(query: Query) {
  const { rows } = await query('select rolname::text as name from pg_catalog.pg_roles')
  const own = await query('select current_user::text as role')
  return {
    roles: new Set(rows.map((row) => String(row['name']))),
    role: String(own.rows[0]?.['role']),
  }
}

/** Tables and columns come back without what they held. */
function noteEmptied(target: RepairTarget, live: ReadonlyMap<string, Fact>): RepairReport[] {
  return [...target.wanted].flatMap((key) => {
    const fact = target.facts.get(key)
    if (fact === undefined || live.has(key)) return []
    const at = { migration: '', object: nameOf(fact) }
    if (fact.kind === 'table')
      return [{ key, row: {}, objection: objectTo(repairReasons.rowsGone, at) }]
    const isPlain = fact.values['of'] === undefined && fact.values['generated'] === undefined
    const table = `table ${nameOf(fact).replace(/\.(?:"(?:[^"]|"")*"|[^".]*)$/, '')}`
    if (fact.kind !== 'column' || !isPlain || !live.has(table)) return []
    const filled = textOf(fact.values['default']) || 'null'
    return [{ key, row: {}, objection: objectTo(repairReasons.valuesGone, at, { filled }) }]
  })
}

type Routing = {
  readonly live: Facts
  readonly target: RepairTarget
  /** Only the live database can tell whether it works, or it is to happen there. */
  readonly isLive: boolean
}

async function routeFor(
  { query, shadow, ledgerSchema = 'public' }: PlanRepairOptions,
  { live, target, isLive }: Routing,
): Promise<RepairRoute & Pick<RepairPlan, 'provenIn'>> {
  if (target.wanted.size === 0)
    return { statements: [], after: live, reports: [], provenIn: 'live' }
  if (shadow !== undefined && !isLive) {
    const { role } = await readRoles(query)
    const route = await routeInShadow(shadow.query, { live, target, ledgerSchema, role })
    if (route !== undefined) return { ...route, provenIn: 'shadow' }
  }
  return { ...(await findRoute(trialOn(query, ledgerSchema), target)), provenIn: 'live' }
}

type ShadowRouting = Omit<Routing, 'isLive'> & {
  readonly ledgerSchema: string
  /** Whom the objects of the live database are made by. */
  readonly role: string
}

/** Makes the shadow like the live database first; undefined where that cannot be. */
async function routeInShadow(
  query: Query,
  { live, target, ledgerSchema, role }: ShadowRouting,
): Promise<RepairRoute | undefined> {
  await query('begin')
  try {
    await useMakingSettings(query)
    await makeRoles(query, [...live.rows, ...target.facts.values()])
    await becomeRole(query, role)
    const trial = trialOn(query, ledgerSchema)
    await converge({ ...trial, target: live, sameDatabase: false })
    const like = await compareFacts(live, await trial.readFacts())
    if (like.differences.some(({ kind }) => kind !== 'cosmetic' && kind !== 'environment'))
      return undefined
    return await findRoute(trial, target)
  } catch (thrown) {
    if (readServerError(thrown) === undefined) throw thrown
    return undefined
  } finally {
    await query('rollback')
  }
}

async function makeRoles(query: Query, facts: readonly Fact[]): Promise<void> {
  const named = facts.flatMap(({ environment, values, kind }) => [
    textOf(environment['owner']),
    ...(Array.isArray(environment['acl']) ? environment['acl'] : []).map(
      (item) => readGrant(String(item)).grantee,
    ),
    ...(kind === 'policy' && Array.isArray(values['roles']) ? values['roles'].map(String) : []),
  ])
  const { rows } = await query('select rolname::text as name from pg_catalog.pg_roles')
  const there = new Set([...rows.map((row) => String(row['name'])), '', 'public'])
  for (const name of new Set(named))
    if (!there.has(name)) await query(`create role ${quoteName(name)}`)
}

/** What is made belongs to the same role as on the live database, so that nothing has to be revoked. */
async function becomeRole(query: Query, role: string): Promise<void> {
  const { rows } = await query('select from pg_catalog.pg_roles where rolname = $1', [role])
  const name = quoteName(role)
  await query(rows.length === 0 ? `create role ${name} superuser` : `alter role ${name} superuser`)
  await query(`set local role ${name}`)
}
