import { type Fact, type Facts, nameOf } from '../catalog/fact.ts'
import { diffFacts } from '../catalog/fingerprint.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { parentOf, textOf } from '../inverse/object-words.ts'
import { objectTo, type Objection } from '../objection.ts'
import { createProbeDeriver } from '../preflight/derive-probes.ts'
import { flowBetween } from '../preflight/plan-flow.ts'
import type { Probe, ProbePlan } from '../preflight/probe.ts'
import { runProbes } from '../preflight/run-probes.ts'
import { keyOfTable } from '../preflight/row-source.ts'
import type { Parser } from '../text/parser.ts'
import { repairReasons } from './repair-reasons.ts'
import { giveUp, type RepairTarget } from './repair-target.ts'

/** An object that comes back only in part, and a row that is the reason. */
export type RepairReport = {
  /** Of the object. */
  readonly key: string
  /** Both languages; names a row only where the caller asked for it. */
  readonly objection: Objection
  /** One of the rows in question; for the operator's eyes only, never to be stored or logged. */
  readonly row: Readonly<Record<string, string>>
}

type Asking = {
  readonly query: Query
  readonly live: Facts
  readonly parser: Parser
  readonly timeoutMs: number
  readonly showsKeys: boolean
}

/**
 * Asks the rows what of the target they allow, and lessens the target by what they do not: a column
 * stays nullable, a rule comes as NOT VALID, a unique key waits. Nothing is invented and nothing lost.
 * To be called in a transaction.
 */
export async function fitToRows(target: RepairTarget, asking: Asking): Promise<Fitted> {
  const conversions = await fitConversions(target, asking)
  const { live, parser, query, timeoutMs } = asking
  const wanted: Facts = { major: live.major, rows: [...target.facts.values()] }
  const step = {
    place: { migration: '', statementNo: 0, file: '', line: 1, column: 1 },
    text: '',
    changes: diffFacts(live, wanted),
    before: new Map(live.rows.map((fact) => [fact.key, fact])),
    after: target.facts,
    flow: flowBetween(live, wanted),
  }
  const plans = createProbeDeriver({ live, parser })(step)
  const probes = await runProbes(plans, {
    query,
    timeoutMs,
    searchPath: '',
    sizeOf: () => 0,
    major: live.major,
  })
  const liveFacts = new Map(live.rows.map((fact) => [fact.key, fact]))
  const reports = probes
    .filter(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'timed-out')
    .flatMap((probe) => lessen(target, probe, { liveFacts, showsKeys: asking.showsKeys }))
  return {
    reports: [...conversions, ...reports],
    isOpen: probes.some(({ outcome }) => outcome.kind === 'skipped'),
  }
}

export type Fitted = {
  readonly reports: readonly RepairReport[]
  /** Something could not be asked, as about values that are still to be computed: only trying tells. */
  readonly isOpen: boolean
}

type Lessening = {
  readonly liveFacts: ReadonlyMap<string, Fact>
  readonly showsKeys: boolean
}

function lessen(
  target: RepairTarget,
  probe: Probe,
  { liveFacts, showsKeys }: Lessening,
): RepairReport[] {
  const fact = factOf(probe, target.facts)
  if (fact === undefined) return []
  const isCertain = probe.outcome.kind === 'failed'
  const report = (reason: 'leftNullable' | 'notValid' | 'violated') => [
    reportOf(fact, probe, { reason: isCertain ? reason : 'unknownRows', showsKeys }),
  ]
  if (probe.kind === 'not-null' || probe.kind === 'required-column') {
    leaveNullable(target, fact, liveFacts)
    return report('leftNullable')
  }
  if (isCheckable(probe) && !liveFacts.has(fact.key)) {
    target.facts.set(fact.key, asNotValid(fact))
    return report('notValid')
  }
  giveUp(target, fact.key, liveFacts)
  return report('violated')
}

/** Only these can be added for new rows alone. */
function isCheckable({ kind, object }: Pick<ProbePlan, 'kind' | 'object'>): boolean {
  return kind === 'check' || kind === 'foreign-key' || (kind === 'domain' && object !== '')
}

function factOf({ kind, object }: Probe, facts: ReadonlyMap<string, Fact>): Fact | undefined {
  const kinds: Readonly<Record<Probe['kind'], readonly string[]>> = {
    'not-null': ['column'],
    'required-column': ['column'],
    unique: ['constraint', 'index'],
    'foreign-key': ['constraint'],
    check: ['constraint'],
    domain: ['domain-constraint', 'domain'],
    convert: ['index', 'column'],
    exclude: ['constraint'],
    partition: ['table'],
    'default-partition': ['table'],
  }
  return kinds[kind].map((one) => facts.get(`${one} ${object}`)).find((fact) => fact !== undefined)
}

function leaveNullable(
  { facts, wanted }: RepairTarget,
  fact: Fact,
  liveFacts: ReadonlyMap<string, Fact>,
): void {
  const { notNull: _notNull, notNullUnchecked: _unchecked, ...values } = fact.values
  const { notNullName: _name, ...details } = fact.details
  facts.set(fact.key, { ...fact, values, details })
  if (!liveFacts.has(fact.key)) return
  const { notNull: _, ...was } = liveFacts.get(fact.key)?.values ?? {}
  if (JSON.stringify(was) === JSON.stringify(values)) wanted.delete(fact.key)
}

function asNotValid(fact: Fact): Fact {
  const definition = textOf(fact.values['definition'])
  return {
    ...fact,
    values: { ...fact.values, definition: `${definition} NOT VALID`, unchecked: true },
  }
}

function reportOf(
  fact: Fact,
  { outcome, query }: Probe,
  {
    reason,
    showsKeys,
  }: {
    readonly reason: 'leftNullable' | 'notValid' | 'violated' | 'unknownRows'
    readonly showsKeys: boolean
  },
): RepairReport {
  const row = outcome.kind === 'failed' ? outcome.key : {}
  const named = Object.entries(row).map(([name, value]) => `${name} = ${value}`)
  return {
    key: fact.key,
    row,
    objection: objectTo(
      repairReasons[reason],
      { migration: '', object: nameOf(fact) },
      {
        key: showsKeys && named.length > 0 ? ` (${named.join(', ')})` : '',
        query,
        detail: outcome.kind,
      },
    ),
  }
}

/** A column that got another type goes back only if every value survives the way there and back. */
async function fitConversions(target: RepairTarget, asking: Asking): Promise<RepairReport[]> {
  const reports: RepairReport[] = []
  for (const actual of asking.live.rows) {
    const wanted = target.wanted.has(actual.key) ? target.facts.get(actual.key) : undefined
    if (wanted === undefined || !isStored(actual) || isSameColumn(actual, wanted)) continue
    const question = roundTrip(actual, wanted)
    if (question !== undefined && (await isLossless(asking, question))) continue
    giveUp(target, actual.key, new Map([[actual.key, actual]]))
    reports.push({
      key: actual.key,
      row: {},
      objection: objectToLoss({ actual, wanted, question }),
    })
  }
  return reports
}

function isSameColumn(actual: Fact, wanted: Fact): boolean {
  return ['type', 'generated'].every((field) => actual.values[field] === wanted.values[field])
}

function objectToLoss({
  actual,
  wanted,
  question,
}: {
  readonly actual: Fact
  readonly wanted: Fact
  readonly question: RoundTrip | undefined
}): Objection {
  const facts = {
    declared: textOf(wanted.values['type']),
    actual: textOf(actual.values['type']),
    query: question === undefined ? undefined : `select ${question.key} ${question.text}`,
  }
  return objectTo(repairReasons.losesValues, { migration: '', object: nameOf(actual) }, facts)
}

function isStored({ kind, values }: Fact): boolean {
  return kind === 'column' && values['of'] === undefined && values['generated'] === undefined
}

type RoundTrip = { readonly text: string; readonly key: string }

/** Undefined where the values would be computed instead. */
function roundTrip(actual: Fact, wanted: Fact): RoundTrip | undefined {
  const [from, to] = [textOf(actual.values['type']), textOf(wanted.values['type'])]
  if (wanted.values['generated'] !== undefined) return undefined
  const name = quoteName(actual.name)
  return {
    key: keyOfTable(parentOf(actual), new Map()).join(', '),
    text: `from only ${parentOf(actual)} where (${name}::${to})::${from}::text is distinct from ${name}::text`,
  }
}

async function isLossless({ query, timeoutMs }: Asking, { text }: RoundTrip): Promise<boolean> {
  await query('savepoint studioops_conversion')
  try {
    await query(`select set_config('statement_timeout', $1, true)`, [String(timeoutMs)])
    const { rows } = await query(`select 1 as lost ${text} limit 1`)
    return rows.length === 0
  } catch {
    // What cannot be converted, or not in time, stays what it is.
    return false
  } finally {
    await query('rollback to savepoint studioops_conversion')
    await query('release savepoint studioops_conversion')
  }
}
