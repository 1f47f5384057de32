import { type Difference, readGrant } from '../catalog/compare-facts.ts'
import { type Fact, type Facts, nameOf, type Values } from '../catalog/fact.ts'
import { listOf, textOf } from '../inverse/object-words.ts'
import { objectTo, type Objection } from '../objection.ts'
import { repairReasons } from './repair-reasons.ts'

/** What a repair aims at: what is there, with the declared objects as they were declared. */
export type RepairTarget = {
  /** By key; extras are as they are. */
  readonly facts: Map<string, Fact>
  /** Keys of the declared objects that are missing or another way, and so to be repaired. */
  readonly wanted: Set<string>
  readonly reports: Objection[]
}

type Surroundings = {
  readonly live: Facts
  /** Names of the roles of the server. */
  readonly roles: ReadonlySet<string>
  /** Whom new objects belong to. */
  readonly role: string
}

/** @param differences of kinds that are to be repaired; environment ones add rights only */
export function targetOf(
  differences: readonly Difference[],
  { live, roles, role }: Surroundings,
): RepairTarget {
  const target: RepairTarget = {
    facts: new Map(live.rows.map((fact) => [fact.key, fact])),
    wanted: new Set(),
    reports: [],
  }
  for (const difference of differences) {
    if (difference.kind === 'missing')
      put(target, homed(difference.expected, { roles, role, reports: target.reports }))
    if (difference.kind === 'changed') put(target, restored(difference.expected, difference.actual))
  }
  for (const difference of differences)
    if (difference.kind === 'environment')
      addRights(target, difference, { roles, reports: target.reports })
  return target
}

function put({ facts, wanted }: RepairTarget, fact: Fact): void {
  facts.set(fact.key, fact)
  wanted.add(fact.key)
}

type Home = Pick<Surroundings, 'roles' | 'role'> & { readonly reports: Objection[] }

/** What is made anew belongs to us where its owner is nobody's role here. */
function homed(fact: Fact, { roles, role, reports }: Home): Fact {
  const declared = textOf(fact.environment['owner'])
  const owner = declared === '' || roles.has(declared) ? declared : role
  const grants = listOf(fact.environment['acl']).map((item) => {
    const { grantee, letters } = readGrant(item)
    return { grantee: grantee === declared ? owner : grantee, letters }
  })
  const known = grants.filter(({ grantee }) => grantee === '' || roles.has(grantee))
  const unknown = grants.filter((grant) => !known.includes(grant)).map(({ grantee }) => grantee)
  if (unknown.length > 0) reports.push(objectToRoles(fact, unknown))
  return {
    ...fact,
    environment: {
      ...fact.environment,
      ...(owner !== '' && { owner }),
      ...(fact.environment['acl'] !== undefined && { acl: writeGrants(known) }),
    },
  }
}

function objectToRoles(fact: Fact, roles: readonly string[]): Objection {
  const names = [...new Set(roles)].join(', ')
  return objectTo(
    repairReasons.otherRole,
    { migration: '', object: nameOf(fact) },
    { roles: names },
  )
}

type Grant = { readonly grantee: string; readonly letters: string }

function writeGrants(grants: readonly Grant[]): string[] {
  return grants
    .map(({ grantee, letters }) => {
      const isPlain = grantee === '' || /^[a-z0-9_]+$/i.test(grantee)
      return `${isPlain ? grantee : `"${grantee.replaceAll('"', '""')}"`}=${letters}`
    })
    .toSorted()
}

/** Owner, rights and comment stay what they are here; so does the place among the columns. */
function restored(expected: Fact, actual: Fact): Fact {
  const values = expected.kind === 'enum' ? withBothLabels(expected, actual) : expected.values
  return {
    ...expected,
    values,
    details: { ...expected.details, ...placeIn(actual.details) },
    environment: actual.environment,
    address: actual.address,
  }
}

function placeIn(details: Values): Values {
  const kept = ['position', 'inheritedOnly', 'notNullInheritedOnly', 'tablespace']
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = details[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Rows may hold a label that nobody declared, and no label can go without them. */
function withBothLabels(expected: Fact, actual: Fact): Values {
  const [wanted, there] = [listOf(expected.values['labels']), listOf(actual.values['labels'])]
  const labels = [...there]
  for (const [place, label] of wanted.entries()) {
    if (labels.includes(label)) continue
    const before = wanted.slice(0, place).findLast((other) => labels.includes(other))
    labels.splice(before === undefined ? 0 : labels.indexOf(before) + 1, 0, label)
  }
  return { ...expected.values, labels }
}

type Environment = Exclude<Difference, { kind: 'missing' | 'extra' }>

/** Rights that were declared come back; those that somebody gave beside them stay. */
function addRights(
  { facts, wanted }: RepairTarget,
  difference: Environment,
  { roles, reports }: Pick<Home, 'roles' | 'reports'>,
): void {
  const { key, expected, actual, fields } = difference
  if (!fields.some(({ field }) => field === 'acl') || wanted.has(key)) return
  const declared = grantsToOthers(difference)
  const isHere = ({ grantee }: Grant) => grantee === '' || roles.has(grantee)
  const unknown = declared.filter((grant) => !isHere(grant)).map(({ grantee }) => grantee)
  if (unknown.length > 0) reports.push(objectToRoles(expected, unknown))
  const before = grantsOf(actual)
  const after = new Map(before)
  for (const { grantee, letters } of declared.filter(isHere))
    after.set(grantee, unite(before.get(grantee) ?? '', letters))
  const write = (grants: ReadonlyMap<string, string>) =>
    writeGrants([...grants].map(([grantee, letters]) => ({ grantee, letters })))
  const acl = write(after)
  if (acl.join(' ') === write(before).join(' ')) return
  facts.set(key, { ...actual, environment: { ...actual.environment, acl } })
  wanted.add(key)
}

/** An owner has his rights by himself. */
function grantsToOthers({ expected, actual }: Environment): Grant[] {
  const owners = [expected, actual].map(({ environment }) => textOf(environment['owner']))
  return listOf(expected.environment['acl'])
    .map(readGrant)
    .filter(({ grantee }) => !owners.includes(grantee))
}

function grantsOf({ environment }: Fact): ReadonlyMap<string, string> {
  return new Map(
    listOf(environment['acl'])
      .map(readGrant)
      .map(({ grantee, letters }) => [grantee, unite('', letters)]),
  )
}

/** The letters that PostgreSQL knows, in the order in which it prints them. */
const order: readonly string[] = 'a r w d D x t X U C T c s A m'.split(' ')

function unite(there: string, declared: string): string {
  const read = (text: string) =>
    new Map(
      [...text.matchAll(/([A-Za-z])(\*?)/g)].map(([, letter = '', star = '']) => [letter, star]),
    )
  const [own, other] = [read(there), read(declared)]
  return order
    .filter((letter) => own.has(letter) || other.has(letter))
    .map((letter) => `${letter}${own.get(letter) === '*' || other.get(letter) === '*' ? '*' : ''}`)
    .join('')
}

/** Sets an object aside; a constraint and its index are one. */
export function giveUp(target: RepairTarget, key: string, live: ReadonlyMap<string, Fact>): void {
  const fact = target.facts.get(key)
  const twin = fact === undefined ? undefined : twinOf(fact, target)
  for (const one of [key, ...(twin === undefined ? [] : [twin.key])]) {
    const there = live.get(one)
    if (there === undefined) target.facts.delete(one)
    else target.facts.set(one, there)
    target.wanted.delete(one)
  }
}

function twinOf(fact: Fact, { facts, wanted }: RepairTarget): Fact | undefined {
  const isTwin = (other: Fact) => {
    if (fact.kind === 'constraint')
      return other.kind === 'index' && other.values['constraint'] === fact.name
    return other.kind === 'constraint' && fact.values['constraint'] === other.name
  }
  if (fact.kind !== 'constraint' && fact.kind !== 'index') return undefined
  return [...wanted]
    .flatMap((key) => facts.get(key) ?? [])
    .find((other) => other.schema === fact.schema && other.parent === fact.parent && isTwin(other))
}
