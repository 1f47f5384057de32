import { createCatalogReader } from '../catalog/catalog-reader.ts'
import { placeOf } from '../catalog/dependencies.ts'
import { type Fact, type Facts, nameOf } from '../catalog/fact.ts'
import type { Query } from '../catalog/query.ts'
import { stableJson } from '../catalog/stable-json.ts'
import { converge } from '../inverse/converge.ts'
import { parentOf } from '../inverse/object-words.ts'
import { rankOf } from '../inverse/plan-round.ts'
import { objectTo } from '../objection.ts'
import type { RepairReport } from './repair-data.ts'
import { repairReasons } from './repair-reasons.ts'
import type { RepairTarget } from './repair-target.ts'

/** Statements that were tried, and what they leave behind. */
export type RepairRoute = {
  readonly statements: readonly string[]
  readonly after: Facts
  /** Objects that had to be set aside. */
  readonly reports: readonly RepairReport[]
}

type Trial = {
  readonly query: Query
  readonly readFacts: () => Promise<Facts>
}

/** Reads inside the caller's transaction. */
export function trialOn(query: Query, ledgerSchema: string): Trial {
  const reader = createCatalogReader(query, { ledgerSchema })
  return { query, readFacts: () => reader.refresh({ transaction: 'open' }) }
}

/**
 * Changes the database of the open transaction into the target, and tells how. All at once where that
 * works and loses nothing, otherwise object by object, so that one that cannot come back keeps none of
 * the others away.
 */
export async function findRoute(trial: Trial, target: RepairTarget): Promise<RepairRoute> {
  const before = await trial.readFacts()
  const whole = await attempt(trial, before, target)
  if (whole.kind === 'done') return { ...whole, reports: [] }
  return oneByOne(trial, before, target)
}

type Attempt =
  | { readonly kind: 'done'; readonly statements: readonly string[]; readonly after: Facts }
  | { readonly kind: 'loses'; readonly keys: readonly string[] }
  | { readonly kind: 'refused'; readonly because: string }

async function attempt(
  { query, readFacts }: Trial,
  before: Facts,
  { facts, wanted }: Pick<RepairTarget, 'facts' | 'wanted'>,
): Promise<Attempt> {
  await query('savepoint studioops_repair')
  const route = await converge({
    query,
    readFacts,
    target: { major: before.major, rows: sorted(facts.values()) },
    sameDatabase: false,
  })
  const after = await readFacts()
  const lost = lostData(before, after)
  const left = leftOver(after, { facts, wanted, before })
  if (lost.length === 0 && left.length === 0) {
    await query('release savepoint studioops_repair')
    return { kind: 'done', statements: route.statements.map(({ text }) => text), after }
  }
  await query('rollback to savepoint studioops_repair')
  await query('release savepoint studioops_repair')
  if (lost.length > 0) return { kind: 'loses', keys: lost }
  const errors = route.kind === 'found' ? [] : route.errors
  const said = errors.map(({ error }) => `${error.message} (${error.sqlstate})`)
  return {
    kind: 'refused',
    because: said.length === 0 ? left.join(', ') : [...new Set(said)].join('; '),
  }
}

function sorted(facts: Iterable<Fact>): Fact[] {
  return [...facts].toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

/** Tables, columns and sequences that are others under the same name, or gone. */
function lostData(before: Facts, after: Facts): string[] {
  const now = new Map(after.rows.map((fact) => [fact.key, fact]))
  return before.rows
    .filter(holdsData)
    .filter((fact) => {
      const same = now.get(fact.key)
      return same === undefined || placeOf(same.address) !== placeOf(fact.address)
    })
    .map(({ key }) => key)
}

function holdsData({ kind, values }: Fact): boolean {
  if (kind === 'column') return values['of'] === undefined && values['generated'] === undefined
  return kind === 'sequence' || (kind === 'table' && values['form'] !== 'foreign')
}

type Aim = Pick<RepairTarget, 'facts' | 'wanted'> & { readonly before: Facts }

/** What should have come back and has not, and what was there and is no more as it was. */
function leftOver(after: Facts, { facts, wanted, before }: Aim): string[] {
  const now = new Map(after.rows.map((fact) => [fact.key, fact]))
  const isAsIn = (fact: Fact | undefined) =>
    fact !== undefined && stableJson(now.get(fact.key)?.values) === stableJson(fact.values)
  const missed = [...wanted].filter((key) => !isAsIn(facts.get(key)))
  const harmed = before.rows.filter(({ key }) => !wanted.has(key) && !isAsIn(facts.get(key)))
  return [...missed, ...harmed.map(({ key }) => key)]
}

async function oneByOne(trial: Trial, before: Facts, target: RepairTarget): Promise<RepairRoute> {
  const reached: { facts: Map<string, Fact>; wanted: Set<string> } = {
    facts: new Map(before.rows.map((fact) => [fact.key, fact])),
    wanted: new Set(),
  }
  const statements: string[] = []
  let after = before
  let waiting: readonly (readonly Fact[])[] = unitsOf(target)
  let failures: { readonly unit: readonly Fact[]; readonly attempt: Attempt }[] = []
  for (let isProgress = true; isProgress;) {
    failures = []
    for (const unit of waiting) {
      const tried = {
        facts: new Map([...reached.facts, ...unit.map((fact) => [fact.key, fact] as const)]),
        wanted: new Set([...reached.wanted, ...unit.map(({ key }) => key)]),
      }
      const result = await attempt(trial, after, tried)
      if (result.kind !== 'done') {
        failures.push({ unit, attempt: result })
        continue
      }
      statements.push(...result.statements)
      after = result.after
      reached.facts = new Map(after.rows.map((fact) => [fact.key, fact]))
      reached.wanted = tried.wanted
    }
    isProgress = failures.length > 0 && failures.length < waiting.length
    waiting = failures.map(({ unit }) => unit)
  }
  for (const { key } of failures.flatMap(({ unit }) => unit)) target.wanted.delete(key)
  return {
    statements,
    after,
    reports: failures.map(({ unit, attempt: why }) => reportOf(unit, why)),
  }
}

/** What only comes together: a table with its columns, a constraint with its index. */
function unitsOf({ facts, wanted }: RepairTarget): Fact[][] {
  const all = [...wanted].flatMap((key) => facts.get(key) ?? [])
  const units = Map.groupBy(all, (fact) => unitName(fact, wanted))
  return [...units.values()].toSorted((a, b) => rankOfUnit(a) - rankOfUnit(b))
}

function unitName(fact: Fact, wanted: ReadonlySet<string>): string {
  const parent = fact.parent === undefined ? '' : parentOf(fact)
  const relation = ['table', 'view', 'materialized-view', 'domain']
    .map((kind) => `${kind} ${parent}`)
    .find((key) => wanted.has(key))
  if (relation !== undefined && fact.kind === 'column') return relation
  const { constraint } = fact.values
  return fact.kind === 'index' && typeof constraint === 'string'
    ? `constraint of ${parent} ${constraint}`
    : fact.kind === 'constraint'
      ? `constraint of ${parent} ${fact.name}`
      : fact.key
}

function rankOfUnit(unit: readonly Fact[]): number {
  return Math.min(...unit.map(rankOf))
}

function reportOf(unit: readonly Fact[], why: Attempt): RepairReport {
  const [fact] = unit
  const object = fact === undefined ? '' : nameOf(fact)
  const at = { migration: '', object }
  const objection =
    why.kind === 'loses'
      ? objectTo(repairReasons.losesData, at)
      : objectTo(repairReasons.refused, at, {
          detail: why.kind === 'refused' ? why.because : '',
        })
  return { key: fact?.key ?? '', row: {}, objection }
}
