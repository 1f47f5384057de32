import type { Fact, Facts, Value, Values } from './fact.ts'
import type { Canonicalise } from './canonical-sql.ts'
import { diffFacts } from './fingerprint.ts'
import { stableJson } from './stable-json.ts'

/** One field that is not the same; undefined where the object does not have it. */
export type FieldDifference = {
  readonly field: string
  readonly expected: Value | undefined
  readonly actual: Value | undefined
}

/** What differs about one object. An object can differ in several ways, each told apart. */
export type Difference =
  /** Declared, but not there. */
  | { readonly kind: 'missing'; readonly key: string; readonly expected: Fact }
  /** There, but not declared: not ours, never to be dropped. */
  | { readonly kind: 'extra'; readonly key: string; readonly actual: Fact }
  | (Both & {
      readonly kind:
        /** The declared schema is another one. */
        | 'changed'
        /** It means the same: order of columns, storage, a name that the server chose, spelling. */
        | 'cosmetic'
        /** Owner, rights, comments, tablespace, versions. */
        | 'environment'
    })

type Both = {
  readonly key: string
  readonly expected: Fact
  readonly actual: Fact
  readonly fields: readonly FieldDifference[]
}

export type Comparison = {
  /** `structural`: the majors differ, so a difference in spelling may mean nothing. */
  readonly kind: 'exact' | 'structural'
  /** By key; missing and changed ones are what blocks a migration. */
  readonly differences: readonly Difference[]
}

export type CompareOptions = {
  /** The name here of a role there; default: itself. Applied to owners and rights of `expected`. */
  readonly roleOf?: (role: string) => string
}

/**
 * Compares what is declared with what is there. Spellings that PostgreSQL changes by itself are told
 * apart from differences that matter; comparing a database with itself or with its restored dump
 * gives nothing that is missing or changed.
 */
export async function compareFacts(
  expected: Facts,
  actual: Facts,
  options: CompareOptions = {},
): Promise<Comparison> {
  const kind = expected.major === actual.major ? 'exact' : 'structural'
  const diff = diffFacts(withRoles(expected, options), actual)
  const pairs = findRenamed(diff.removed, diff.added)
  const canonicalise = diff.changed.some(hasOtherText) ? await load() : never
  const renamed = new Set(pairs.flatMap(({ expected: e, actual: a }) => [e, a]))
  const differences: Difference[] = [
    ...diff.removed.flatMap((fact): Difference[] =>
      renamed.has(fact) ? [] : [{ kind: 'missing', key: fact.key, expected: fact }],
    ),
    ...diff.added.flatMap((fact): Difference[] =>
      renamed.has(fact) ? [] : [{ kind: 'extra', key: fact.key, actual: fact }],
    ),
    ...pairs,
    ...diff.changed.flatMap(({ before, after }) => compareOne(before, after, canonicalise)),
  ]
  return { kind, differences: differences.toSorted((a, b) => (a.key < b.key ? -1 : 1)) }
}

async function load(): Promise<Canonicalise> {
  const { loadCanonicaliser } = await import('./canonical-sql.ts')
  return loadCanonicaliser()
}

const never: Canonicalise = () => undefined

function hasOtherText({ before, after }: { before: Fact; after: Fact }): boolean {
  return fieldsThatDiffer(before.values, after.values).some(
    ({ expected, actual }) => typeof expected === 'string' && typeof actual === 'string',
  )
}

/** Details that tell where a database runs rather than how it is made. */
const environmentalDetails = new Set(['tablespace', 'version', 'schema'])

function compareOne(expected: Fact, actual: Fact, canonicalise: Canonicalise): Difference[] {
  const both = { key: expected.key, expected, actual }
  const values = fieldsThatDiffer(expected.values, actual.values)
  const spelled = values.filter((field) => isSameMeaning(field, { expected, canonicalise }))
  const details = fieldsThatDiffer(expected.details, actual.details)
  const groups = [
    ['changed', values.filter((field) => !spelled.includes(field))],
    ['cosmetic', [...spelled, ...details.filter(({ field }) => !environmentalDetails.has(field))]],
    [
      'environment',
      [
        ...details.filter(({ field }) => environmentalDetails.has(field)),
        ...fieldsThatDiffer(expected.environment, actual.environment),
      ],
    ],
  ] as const
  return groups.flatMap(([kind, fields]) =>
    fields.length === 0 ? [] : [{ kind, ...both, fields }],
  )
}

function fieldsThatDiffer(expected: Values, actual: Values): FieldDifference[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].toSorted()
  return names.flatMap((field) =>
    stableJson(expected[field]) === stableJson(actual[field])
      ? []
      : [{ field, expected: expected[field], actual: actual[field] }],
  )
}

type Meaning = { readonly expected: Fact; readonly canonicalise: Canonicalise }

function isSameMeaning(
  { field, expected, actual }: FieldDifference,
  { expected: fact, canonicalise }: Meaning,
): boolean {
  // Sequences of unlogged tables were logged before 15, and upgrades keep them so.
  if (fact.kind === 'sequence' && field === 'persistence')
    return fact.values['ownedBy'] !== undefined
  if (typeof expected !== 'string' || typeof actual !== 'string') return false
  const canonical = canonicalise(field, expected)
  return canonical !== undefined && canonical === canonicalise(field, actual)
}

/**
 * A constraint or index under another name is no other constraint: the server chose the name, or
 * kept it when the table was renamed. Only where the definition leaves no doubt which one it is.
 */
function findRenamed(
  removed: readonly Fact[],
  added: readonly Fact[],
): (Both & { kind: 'cosmetic' })[] {
  const byMeaning = Map.groupBy(added.filter(isServerNamed), meaningWithoutName)
  return removed.filter(isServerNamed).flatMap((expected) => {
    const actual = byMeaning.get(meaningWithoutName(expected))?.shift()
    if (actual === undefined) return []
    const fields = [{ field: 'name', expected: expected.name, actual: actual.name }]
    return [{ kind: 'cosmetic' as const, key: expected.key, expected, actual, fields }]
  })
}

function isServerNamed({ kind }: Fact): boolean {
  return kind === 'constraint' || kind === 'index' || kind === 'domain-constraint'
}

function meaningWithoutName({ kind, schema, parent, name, values }: Fact): string {
  const { constraint, definition, ...rest } = values
  const text =
    kind === 'index' && typeof definition === 'string'
      ? definition.replace(/^(CREATE (?:UNIQUE )?INDEX) .*? ON /s, '$1 ON ')
      : definition
  const owner = constraint === undefined ? undefined : constraint === name ? 'own' : constraint
  return stableJson({
    ...rest,
    kind,
    schema: schema ?? null,
    parent: parent ?? null,
    definition: text ?? null,
    constraint: owner ?? null,
  })
}

function withRoles(facts: Facts, { roleOf }: CompareOptions): Pick<Facts, 'rows'> {
  if (roleOf === undefined) return facts
  const rows = facts.rows.map((fact) => ({
    ...fact,
    environment: Object.fromEntries(
      Object.entries(fact.environment).map(([name, value]) => [
        name,
        mapRoles(name, value, roleOf),
      ]),
    ),
  }))
  return { rows }
}

function mapRoles(field: string, value: Value, roleOf: (role: string) => string): Value {
  if (field === 'owner' && typeof value === 'string') return roleOf(value)
  if (!Array.isArray(value)) return value
  const items = value.map((item) => {
    const { grantee, letters } = readGrant(String(item))
    return `${grantee === '' ? '' : writeRole(roleOf(grantee))}=${letters}`
  })
  return items.toSorted()
}

/** One entry of `acl`: the role, unquoted and empty for everybody, and its rights as letters. */
export function readGrant(item: string): { readonly grantee: string; readonly letters: string } {
  const at = item.lastIndexOf('=')
  const role = item.slice(0, at)
  const grantee = role.startsWith('"') ? role.slice(1, -1).replaceAll('""', '"') : role
  return { grantee, letters: item.slice(at + 1) }
}

function writeRole(role: string): string {
  return /^[a-z0-9_]+$/i.test(role) ? role : `"${role.replaceAll('"', '""')}"`
}
