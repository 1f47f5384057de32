import type { Fact, Values } from '../catalog/fact.ts'
import { readGrant } from '../catalog/compare-facts.ts'
import { nameOf } from '../catalog/fact.ts'
import { quoteName, quoteText } from '../catalog/identifier.ts'
import { addressOf, listOf, parentOf, textOf, wordOf } from './object-words.ts'

/** Gives an object the owner, the rights and the comment that another state of it has. */
export function environmentSql(current: Fact, target: Fact): string[] {
  if (target.kind === 'default-privileges') return defaultPrivilegesSql(current, target)
  return [
    ...ownerSql(current, target),
    ...grantsSql(current, target),
    ...(current.environment['comment'] === target.environment['comment']
      ? []
      : [`comment on ${addressOf(target)} is ${commentText(target.environment)}`]),
  ]
}

function commentText({ comment }: Values): string {
  return typeof comment === 'string' ? quoteText(comment) : 'null'
}

function ownerSql(current: Fact, target: Fact): string[] {
  const owner = textOf(target.environment['owner'])
  if (owner === '' || owner === current.environment['owner']) return []
  return [`alter ${wordOf(target)} ${nameOf(target)} owner to ${quoteName(owner)}`]
}

const rights: Readonly<Record<string, string>> = {
  r: 'select',
  a: 'insert',
  w: 'update',
  d: 'delete',
  D: 'truncate',
  x: 'references',
  t: 'trigger',
  m: 'maintain',
  X: 'execute',
  U: 'usage',
  C: 'create',
}

/** The right of each grantee by letter; true where it may be passed on. */
type Rights = Map<string, Map<string, boolean>>

function readRights(acl: unknown): Rights {
  const result: Rights = new Map()
  for (const item of listOf(acl)) {
    const { grantee, letters } = readGrant(item)
    const known = result.get(grantee) ?? new Map<string, boolean>()
    for (const [, letter = '', star] of letters.matchAll(/([A-Za-z])(\*?)/g))
      known.set(letter, star === '*' || known.get(letter) === true)
    result.set(grantee, known)
  }
  return result
}

/** Differences as the middle of a GRANT or REVOKE: `select, insert` and the role. */
type GrantChange = {
  readonly kind: 'grant' | 'revoke' | 'revoke-option'
  readonly letters: readonly string[]
  readonly role: string
  readonly passOn: boolean
}

function grantChanges(current: unknown, target: unknown): GrantChange[] {
  const [from, to] = [readRights(current), readRights(target)]
  const grantees = [...new Set([...from.keys(), ...to.keys()])].toSorted()
  return grantees.flatMap((grantee) => {
    const had = from.get(grantee) ?? new Map<string, boolean>()
    const gets = to.get(grantee) ?? new Map<string, boolean>()
    const role = grantee === '' ? 'public' : quoteName(grantee)
    const missing = [...gets].filter(([letter, star]) => had.get(letter) !== star)
    const lessened = missing.filter(([letter, star]) => !star && had.has(letter))
    const added = missing.filter(([letter, star]) => star || !had.has(letter))
    const changes: GrantChange[] = [
      {
        kind: 'revoke',
        letters: lettersOf([...had].filter(([l]) => !gets.has(l))),
        role,
        passOn: false,
      },
      { kind: 'revoke-option', letters: lettersOf(lessened), role, passOn: false },
      { kind: 'grant', letters: lettersOf(added.filter(([, star]) => !star)), role, passOn: false },
      { kind: 'grant', letters: lettersOf(added.filter(([, star]) => star)), role, passOn: true },
    ]
    return changes.filter(({ letters }) => letters.length > 0)
  })
}

function lettersOf(entries: readonly (readonly [string, boolean])[]): string[] {
  return entries.map(([letter]) => letter)
}

function grantText(change: GrantChange, on: string, columns = ''): string {
  const names = change.letters.map((letter) => `${rights[letter] ?? letter}${columns}`).join(', ')
  switch (change.kind) {
    case 'grant':
      return `grant ${names} ${on} to ${change.role}${change.passOn ? ' with grant option' : ''}`
    case 'revoke':
      return `revoke ${names} ${on} from ${change.role}`
    case 'revoke-option':
      return `revoke grant option for ${names} ${on} from ${change.role}`
  }
}

function grantsSql(current: Fact, target: Fact): string[] {
  const changes = grantChanges(current.environment['acl'], target.environment['acl'])
  if (target.kind === 'column') {
    const columns = ` (${quoteName(target.name)})`
    return changes.map((change) => grantText(change, `on table ${parentOf(target)}`, columns))
  }
  return changes.map((change) => grantText(change, `on ${grantWord(target)} ${nameOf(target)}`))
}

function grantWord({ kind }: Fact): string {
  if (kind === 'table' || kind === 'view' || kind === 'materialized-view') return 'table'
  if (kind === 'foreign-server') return 'foreign server'
  return wordOf({ kind, values: {} })
}

/** What is granted on objects to come. Where nothing is said the built-in rights hold. */
export function defaultPrivilegesSql(
  current: Fact | undefined,
  target: Fact | undefined,
): string[] {
  const fact = target ?? current
  if (fact === undefined) return []
  const builtin = fact.environment['builtin']
  const changes = grantChanges(
    current === undefined ? builtin : current.environment['acl'],
    target === undefined ? builtin : target.environment['acl'],
  )
  const { role, schema, on } = fact.values
  const within = schema === undefined ? '' : ` in schema ${textOf(schema)}`
  const head = `alter default privileges for role ${textOf(role)}${within}`
  return changes.map((change) => `${head} ${grantText(change, `on ${textOf(on)}`)}`)
}
