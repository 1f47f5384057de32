import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { type Key, lastName, nameOfKey, partsOfName } from '../analyse/keys.ts'
import {
  compareFacts,
  type CompareOptions,
  type Comparison,
  type Difference,
  type FieldDifference,
} from '../catalog/compare-facts.ts'
import { type Fact, type FactKind, type Facts, nameOf, type Value } from '../catalog/fact.ts'
import { stableJson } from '../catalog/stable-json.ts'
import { parentOf } from '../inverse/object-words.ts'
import { objectTo, type Objection, type Reason } from '../objection.ts'
import { preflightReasons } from './preflight-reasons.ts'

/** One object that is not as the migrations declare it. */
export type DriftFinding = {
  readonly kind: Difference['kind']
  /** Kind and name, as in `Fact`. */
  readonly key: string
  readonly objectKind: FactKind
  /** As SQL names it. */
  readonly object: string
  /** The table or domain that it is a part of. */
  readonly partOf: string | undefined
  /** Both values of every field that differs; empty for missing and extra objects. */
  readonly fields: readonly FieldDifference[]
  /** Id of the last migration that wrote the object, where somebody knows. */
  readonly lastWrittenBy: string | undefined
  /** Whether nothing may run before it is dealt with: declared, and missing or changed. */
  readonly blocks: boolean
  /** What is wrong and what can be done about it, in both languages. */
  readonly explanation: Objection
}

export type DriftOptions = CompareOptions & {
  /** What should be there. */
  readonly expected: Facts
  readonly live: Facts
  /**
   * Objects about which nothing is to be said: their name or their kind and name, `*` for any text,
   * such as `public.tmp_*` or `index public.*_old`.
   */
  readonly ignore?: readonly string[]
  /** What has run, in that order; tells which migration wrote an object last. */
  readonly completed?: readonly MigrationAnalysis[]
}

export type Drift = {
  /** `structural`: the majors differ, so a difference in spelling may mean nothing. */
  readonly kind: Comparison['kind']
  readonly findings: readonly DriftFinding[]
}

/** Compares what is declared with what is there and explains every difference. */
export async function findDrift(options: DriftOptions): Promise<Drift> {
  const { expected, live, ignore = [], completed = [] } = options
  const comparison = await compareFacts(expected, live, options)
  const isIgnored = matcherOf(ignore)
  const findings = comparison.differences
    .filter((difference) => !isIgnored(factOf(difference)))
    .map((difference) => explain(difference, { comparison, completed }))
  return { kind: comparison.kind, findings }
}

/** Findings that block, without the parts of what is missing as a whole. */
export function objectionsOfDrift(findings: readonly DriftFinding[]): Objection[] {
  const missing = findings.filter(({ kind }) => kind === 'missing')
  const whole = new Set(missing.map(({ object }) => object))
  const isPart = (finding: DriftFinding) =>
    finding.kind === 'missing' &&
    (whole.has(finding.partOf ?? '') || whole.has(constraintOfIndex(finding)))
  return findings
    .filter((finding) => finding.blocks && !isPart(finding))
    .map(({ explanation }) => explanation)
}

/** The constraint that an index of this name and table would stand for. */
function constraintOfIndex({ objectKind, partOf, object }: DriftFinding): string {
  if (objectKind !== 'index') return ''
  const name = /(?:"(?:[^"]|"")*"|[^".]*)$/.exec(object)?.[0] ?? ''
  return `${partOf ?? ''}.${name}`
}

function factOf(difference: Difference): Fact {
  return difference.kind === 'extra' ? difference.actual : difference.expected
}

/** `*` stands for any text. */
export function matcherOf(patterns: readonly string[]): (fact: Fact) => boolean {
  return (fact) =>
    patterns.some((pattern) => matches(pattern, fact.key) || matches(pattern, nameOf(fact)))
}

/** The parts between the stars, one after the other, each where it first fits. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return pattern === text
  if (!text.startsWith(first) || text.length < first.length + last.length) return false
  const end = text.length - last.length
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return text.endsWith(last)
}

const reasons: Readonly<Partial<Record<Difference['kind'], Reason>>> = {
  missing: preflightReasons.missing,
  extra: preflightReasons.extra,
}

type Surroundings = {
  readonly comparison: Pick<Comparison, 'kind'>
  readonly completed: readonly MigrationAnalysis[]
}

function explain(difference: Difference, { comparison, completed }: Surroundings): DriftFinding {
  const fact = factOf(difference)
  const fields = 'fields' in difference ? difference.fields : []
  const lastWrittenBy = lastWriter(fact, completed)
  const object = nameOf(fact)
  const reason = reasons[difference.kind] ?? preflightReasons.changed
  const writer = lastWrittenBy === undefined ? '' : ` (${lastWrittenBy})`
  return {
    kind: difference.kind,
    key: difference.key,
    objectKind: fact.kind,
    object,
    partOf: fact.parent === undefined ? undefined : parentOf(fact),
    fields,
    lastWrittenBy,
    blocks:
      difference.kind === 'missing' ||
      (difference.kind === 'changed' && comparison.kind === 'exact'),
    explanation: objectTo(
      reason,
      { migration: lastWrittenBy ?? '', object },
      {
        kind: fact.kind,
        writer,
        detail: difference.kind === 'extra' ? 'not declared' : fields.map(describeField).join('; '),
      },
    ),
  }
}

/** `default: 5 → 6`, declared first. */
function describeField({ field, expected, actual }: FieldDifference): string {
  return `${field}: ${showValue(expected)} → ${showValue(actual)}`
}

const longest = 160

function showValue(value: Value | undefined): string {
  if (value === undefined) return '–'
  const text = typeof value === 'string' ? value : stableJson(value)
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}

const prefixes: Readonly<Partial<Record<FactKind, readonly string[]>>> = {
  schema: ['s'],
  extension: ['ext'],
  table: ['t'],
  view: ['t'],
  'materialized-view': ['t'],
  sequence: ['t'],
  index: ['t'],
  column: ['c'],
  constraint: ['k'],
  trigger: ['tg'],
  policy: ['pol'],
  rule: ['ru'],
  statistics: ['st'],
  function: ['f'],
  enum: ['ty'],
  domain: ['ty'],
  composite: ['ty'],
  range: ['ty'],
}

/** Where nobody wrote the part by itself, it came with its table. */
function lastWriter(fact: Fact, completed: readonly MigrationAnalysis[]): string | undefined {
  const own = prefixes[fact.kind] ?? []
  const wanted = partsOfFact(fact)
  const wrote = (writes: ReadonlySet<Key>, names: readonly string[], kinds: readonly string[]) =>
    [...writes].some((key) => kinds.includes(key.slice(0, key.indexOf(':'))) && isName(key, names))
  const direct = completed.findLast(({ writes }) => wrote(writes, wanted, own))
  if (direct !== undefined || fact.parent === undefined) return direct?.id
  const parent = [fact.schema ?? '', fact.parent]
  return completed.findLast(({ writes }) => wrote(writes, parent, ['t', 'ty']))?.id
}

function partsOfFact(fact: Fact): string[] {
  const name = fact.kind === 'function' ? lastName(`f:${fact.name}`) : fact.name
  const inParent = fact.parent !== undefined && fact.kind !== 'index' ? [fact.parent] : []
  return [...(fact.schema === undefined ? [] : [fact.schema]), ...inParent, name]
}

/** Keys and facts quote names by different rules, so they are compared without their quotes. */
function isName(key: Key, parts: readonly string[]): boolean {
  const name = key.startsWith('f:') ? nameOfKey(key).replace(/\(.*$/s, '') : nameOfKey(key)
  const found = partsOfName(name)
  return found.length === parts.length && found.every((part, index) => part === parts[index])
}
