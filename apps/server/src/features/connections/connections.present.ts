import type {
  ConnectionIdentity,
  ConnectionSystem,
  IdentityVerdict,
  TestResult,
} from '@studioops/contracts/connections'
import { connectionIdentity, systemNames } from '@studioops/contracts/connections'
import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import type { StepOutcome, TestOutcome } from '../../integrations/reach/try-steps.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { certificateFacts } from '../../platform/outbound/certificate-authority.ts'
import { stateOf, tellsOfPlace } from './connections.policy.ts'
import type { CheckRow } from './connections.store.ts'

/** Who looks, which decides about language and about how much is said (security.md 2.6). */
export type Viewer = { readonly language: Language; readonly runsWorkspace: boolean }

export type Failure = { readonly code: ErrorCode; readonly facts: Facts }

/** A test as its page shows it. */
export function presentTest(
  outcome: TestOutcome & { readonly identity?: ConnectionIdentity | undefined },
  { durationMs, system }: { readonly durationMs: number; readonly system: ConnectionSystem },
  viewer: Viewer,
): TestResult {
  const { steps, evidence, models, identity } = outcome
  return {
    passed: steps.every(({ state }) => state !== 'failed' && state !== 'unverifiable'),
    testedAt: new Date().toISOString(),
    durationMs: Math.round(durationMs),
    steps: steps.map((step) => presentStep(step, system, viewer)),
    ...(evidence === undefined || evidence === '' ? {} : { evidence }),
    ...(models === undefined ? {} : { models: [...models] }),
    ...(identity === undefined ? {} : { identity }),
  }
}

function presentStep(
  { step, state, durationMs, failure }: StepOutcome,
  system: ConnectionSystem,
  viewer: Viewer,
): TestResult['steps'][number] {
  const isBlurred =
    failure !== undefined && !viewer.runsWorkspace && tellsOfPlace(failure.code, step)
  // How long it took would tell refused from filtered.
  const time = durationMs === undefined || isBlurred ? {} : { durationMs: Math.round(durationMs) }
  if (failure === undefined) return { step, state, ...time }
  const { host = '' } = failure.facts
  const told: Failure = isBlurred
    ? { code: 'connection.not-reached', facts: { host, system: systemNames[system] } }
    : failure
  return { step, state, ...time, problem: presentFailure(told, viewer.language) }
}

function presentFailure({ code, facts }: Failure, language: Language) {
  const correlationId = currentContext()?.correlationId ?? ''
  return describeProblem(code, facts, { correlationId, language })
}

/** How a connection stands, from its check. */
export function presentCheck(check: CheckRow | undefined, language: Language) {
  if (check === undefined) return { state: stateOf(undefined) }
  const { changed_at, passed_at, failing_since, failure_code, failure_facts } = check
  const identity = connectionIdentity.safeParse(check.identity)
  return {
    state: stateOf({
      changedAt: changed_at,
      passedAt: passed_at ?? undefined,
      isFailing: failing_since !== null,
      // The column's check constraint lists exactly these.
      verdict: (check.identity_verdict ?? undefined) as IdentityVerdict | undefined,
    }),
    ...(passed_at === null ? {} : { lastPassedAt: passed_at.toISOString() }),
    ...(identity.success ? { identity: identity.data } : {}),
    ...(failing_since === null
      ? {}
      : {
          failingSince: failing_since.toISOString(),
          failure: presentFailure(
            {
              code: knownCode(failure_code),
              facts: (failure_facts ?? {}) as unknown as Facts,
            },
            language,
          ),
        }),
  }
}

/** How TLS of a connection is checked, with what its certificate says of itself. */
export function presentTls({ verifyTls = true, ca }: TlsChoice) {
  const certificate = ca === undefined ? undefined : certificateFacts(ca)
  return { verify: verifyTls, ...(certificate === undefined ? {} : { certificate }) }
}
