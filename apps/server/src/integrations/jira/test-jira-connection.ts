import { createJiraClient } from './jira-client.ts'
import type { JiraCredential, JiraFlavour } from './jira-credential.ts'
import { JiraError, type JiraFailure, type JiraFailureKind } from './jira-error.ts'
import { detectFlavour } from './jira-flavour.ts'
import type { JiraIdentity } from './jira-identity.ts'
import type { JiraAddress } from './jira-requests.ts'

/** In the order in which they are tried. `permission`: the account may be used. */
export const jiraTestSteps = ['address', 'tls', 'sign-in', 'permission', 'identity'] as const
export type JiraTestStep = (typeof jiraTestSteps)[number]

export type JiraStepResult = {
  readonly step: JiraTestStep
  readonly state: 'passed' | 'failed' | 'not-run'
  /** Of the call that decided the step; steps that one call decides together share its time. */
  readonly durationMs?: number
  readonly failure?: JiraFailure
}

export type JiraTestResult = {
  readonly passed: boolean
  readonly steps: readonly JiraStepResult[]
  readonly durationMs: number
  readonly flavour?: JiraFlavour
  /** Present when all steps passed. */
  readonly identity?: JiraIdentity
}

type Options = JiraAddress & {
  readonly credential: JiraCredential
  /** Known flavour; otherwise it is found out. */
  readonly flavour?: JiraFlavour
}

const deadlineMs = 8_000

const stepOfAddress: Partial<Record<JiraFailureKind, JiraTestStep>> = { tls: 'tls' }
const stepOfLogin: Partial<Record<JiraFailureKind, JiraTestStep>> = {
  inactive: 'permission',
  deleted: 'permission',
  redirect: 'identity',
}

/**
 * Tries a connection step by step. The first call carries no token, so a wrong address does not get
 * to see one. Nothing is repeated: a person waits.
 *
 * @returns always a result; failures are in it
 */
export async function testJiraConnection(options: Options): Promise<JiraTestResult> {
  const began = performance.now()
  const isSecure = URL.parse(options.baseUrl)?.protocol === 'https:'
  const first = await timed(() => detectFlavour(options, { deadlineMs }))
  if (first.kind === 'failed') {
    const failedStep = stepOfAddress[first.error.kind] ?? 'address'
    return result({ began, steps: stepsUntil(failedStep, first) })
  }
  const flavour = options.flavour ?? first.value
  const second = await timed(() =>
    createJiraClient({ ...options, flavour }).myself({ deadlineMs, retriesMax: 0, isProbe: true }),
  )
  const reached: JiraStepResult[] = [
    { step: 'address', state: 'passed', durationMs: first.durationMs },
    { step: 'tls', state: isSecure ? 'passed' : 'not-run' },
  ]
  if (second.kind === 'failed') {
    const failedStep = stepOfLogin[second.error.kind] ?? 'sign-in'
    return result({
      began,
      flavour,
      steps: [...reached, ...stepsUntil(failedStep, second).slice(2)],
    })
  }
  const { durationMs, value: identity } = second
  const proven = jiraTestSteps.slice(2).map((step): JiraStepResult => {
    return { step, state: 'passed', durationMs }
  })
  return result({ began, flavour, identity, steps: [...reached, ...proven] })
}

type Timed<T> =
  | { readonly kind: 'done'; readonly value: T; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly error: JiraError; readonly durationMs: number }

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const began = performance.now()
  const durationMs = () => Math.round(performance.now() - began)
  try {
    const value = await work()
    return { kind: 'done', value, durationMs: durationMs() }
  } catch (error) {
    if (!(error instanceof JiraError)) throw error
    return { kind: 'failed', error, durationMs: durationMs() }
  }
}

function stepsUntil(
  failedStep: JiraTestStep,
  { error, durationMs }: Extract<Timed<never>, { kind: 'failed' }>,
): JiraStepResult[] {
  const failedAt = jiraTestSteps.indexOf(failedStep)
  return jiraTestSteps.map((step, index): JiraStepResult => {
    if (index > failedAt) return { step, state: 'not-run' }
    if (index < failedAt) return { step, state: 'passed', durationMs }
    return { step, state: 'failed', durationMs, failure: error.failure }
  })
}

function result({
  began,
  ...rest
}: Omit<JiraTestResult, 'passed' | 'durationMs'> & { readonly began: number }): JiraTestResult {
  const passed = rest.steps.every(({ state }) => state !== 'failed')
  return { passed, durationMs: Math.round(performance.now() - began), ...rest }
}
