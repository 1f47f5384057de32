import type { DependencyKind } from '@studioops/contracts/health'
import type { Sample } from '../../platform/health/dependency-state.ts'
import type { OutboundFailureKind } from '../../platform/outbound/outbound-error.ts'
import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import type { OutboundCall } from '../../platform/outbound/outbound.ts'

/** Where a service answers, and where one may ask without a credential whether it does. */
export type Place = { readonly kind: DependencyKind; readonly name: string; readonly url: string }

type Systems = Readonly<
  Record<string, { readonly kind: DependencyKind; readonly api: string; readonly ask: string }>
>

/** By the names under which integrations call: what their paths begin with, and a path for looks. */
const systems: Systems = {
  jira: { kind: 'jira', api: '/rest/', ask: '/rest/api/2/serverInfo' },
  confluence: { kind: 'confluence', api: '/rest/', ask: '/rest/api/user/anonymous' },
  trello: { kind: 'trello', api: '/1/', ask: '/1/members/me' },
}

/** @returns undefined for what belongs to one person, or is watched in another way */
export function placeOf({ system, url }: OutboundCall): Place | undefined {
  const known = systems[system]
  const at = URL.parse(url)
  if (known === undefined || at === null) return undefined
  const end = at.pathname.indexOf(known.api)
  if (end < 0) return undefined
  const base = at.host + at.pathname.slice(0, end)
  return { kind: known.kind, name: base, url: `${at.protocol}//${base}${known.ask}` }
}

const hardKinds: ReadonlySet<OutboundFailureKind> = new Set(['refused', 'dns', 'tls'])
const softKinds: ReadonlySet<OutboundFailureKind> = new Set(['timeout', 'reset', 'login-page'])

/** @returns undefined for what says nothing of the service: a refusal of the request, or our own wait */
export function sampleOf({ outcome, durationMs, deadlineMs }: Told): Sample | undefined {
  if (outcome instanceof OutboundError) {
    // The breaker refused, not they.
    if (outcome.failure.retryAfterMs !== undefined) return undefined
    if (hardKinds.has(outcome.kind)) return { outcome: 'hard' }
    return softKinds.has(outcome.kind) ? { outcome: 'soft' } : undefined
  }
  if (outcome.status >= 500) return { outcome: 'soft' }
  if (outcome.status >= 400) return undefined
  const isLate = deadlineMs !== undefined && durationMs > deadlineMs / 2
  return { outcome: 'success', isLate }
}

type Told = Pick<OutboundCall, 'outcome' | 'durationMs' | 'deadlineMs'>

/** Of a look without a credential: whoever refuses us is there. */
export function sampleOfLook(told: Told): Sample | undefined {
  const { outcome } = told
  const isRefused = !(outcome instanceof OutboundError) && outcome.status < 500
  return isRefused ? { outcome: 'success', isLate: false } : sampleOf(told)
}
