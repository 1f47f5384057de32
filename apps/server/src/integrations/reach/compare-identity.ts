import type {
  ConnectionIdentity,
  ConnectionSystem,
  IdentityVerdict,
} from '@studioops/contracts/connections'
import type { KnownPerson } from './try-steps.ts'

/** Whom a credential is compared with. */
export type Reference = {
  readonly system: Extract<ConnectionSystem, 'jira'> | 'account'
  readonly person: KnownPerson
}

/** What came of it, as it is kept and shown. */
export function identityOf(person: KnownPerson, reference: Reference): ConnectionIdentity {
  return {
    verdict: compareIdentity(person, reference.person),
    name: nameOf(person),
    comparedWith: reference.system,
  }
}

/** What a person is called, by the best that is known. */
export function nameOf({ name, id, email }: KnownPerson = {}): string {
  return name ?? id?.value ?? email ?? ''
}

/**
 * Whether two systems speak of one person (CFG-16). Ids of one kind decide; without two of them an
 * equal e-mail address or an equal name says yes, and anything else says nothing: people have several
 * addresses, and names are spelled in several ways.
 */
export function compareIdentity(one: KnownPerson, other: KnownPerson): IdentityVerdict {
  if (one.id !== undefined && one.id.kind === other.id?.kind)
    return isSame(one.id.value, other.id.value) ? 'same' : 'different'
  if (isSame(one.email, other.email)) return 'same'
  // Two Atlassian accounts need more than a name: names are not unique.
  if (one.id !== undefined && other.id !== undefined) return 'unverifiable'
  return isSame(one.name, other.name) ? 'same' : 'unverifiable'
}

function isSame(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return normal(one) !== '' && normal(one) === normal(other)
}

function normal(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase()
}
