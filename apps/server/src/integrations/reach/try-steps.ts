import type { TestResult } from '@studioops/contracts/connections'
import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import type { Outbound } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import {
  type ConnectionFailure,
  ConnectionRefusal,
  failureOfOutbound,
} from './connection-failure.ts'

export type StepName = TestResult['steps'][number]['step']

/** How one step of a test went. */
export type StepOutcome = {
  readonly step: StepName
  readonly state: TestResult['steps'][number]['state']
  readonly durationMs?: number
  readonly failure?: ConnectionFailure
}

/** Somebody whom a system knows, with what can be compared between systems. */
export type KnownPerson = {
  /** Ids are compared within one kind only. */
  readonly id?: { readonly kind: 'data-center' | 'cloud'; readonly value: string }
  readonly email?: string
  readonly name?: string
}

/** What a test of a connection found, in our words. */
export type TestOutcome = {
  readonly steps: readonly StepOutcome[]
  readonly evidence?: string
  readonly models?: readonly string[]
  /** Whom the credential belongs to, where that was found out. */
  readonly person?: KnownPerson
}

export type ConnectionAddress = {
  readonly outbound: Outbound
  readonly baseUrl: string
  readonly tls?: TlsChoice | undefined
  /** As it stands in sentences. */
  readonly system: string
}

/** @throws OutboundError or ConnectionRefusal */
type StepWork = { readonly step: StepName; readonly run: () => Promise<void> }

/**
 * The first two steps of every test: name and connection, then TLS, each with its own time and
 * before any credential leaves.
 */
async function tryAddress({
  outbound,
  baseUrl,
  tls,
  system,
}: ConnectionAddress): Promise<StepOutcome[]> {
  const { addressMs, tlsMs, error } = await outbound.probe({ url: baseUrl, ...tls })
  const failure = error && failureOfOutbound(error, system)
  const isOfTls = error?.kind === 'tls'
  const address: StepOutcome =
    failure === undefined || isOfTls
      ? { step: 'address', state: 'passed', durationMs: addressMs }
      : { step: 'address', state: 'failed', durationMs: addressMs, failure }
  if (tlsMs === undefined) return [address, { step: 'tls', state: 'not-run' }]
  return [
    address,
    isOfTls && failure !== undefined
      ? { step: 'tls', state: 'failed', durationMs: tlsMs, failure }
      : { step: 'tls', state: 'passed', durationMs: tlsMs },
  ]
}

/** Address and TLS, then the steps of the system one after the other until one fails. */
export async function trySteps(
  address: ConnectionAddress,
  work: readonly StepWork[],
): Promise<StepOutcome[]> {
  const steps = await tryAddress(address)
  for (const { step, run } of work) {
    if (hasFailed(steps)) steps.push({ step, state: 'not-run' })
    else steps.push(await tryStep({ step, run }, address.system))
  }
  return steps
}

async function tryStep({ step, run }: StepWork, system: string): Promise<StepOutcome> {
  const began = performance.now()
  try {
    await run()
    return { step, state: 'passed', durationMs: performance.now() - began }
  } catch (error) {
    const failure = failureOf(error, system)
    return { step, state: 'failed', durationMs: performance.now() - began, failure }
  }
}

function failureOf(error: unknown, system: string): ConnectionFailure {
  if (error instanceof ConnectionRefusal) return error.failure
  if (error instanceof OutboundError) return failureOfOutbound(error, system)
  throw error
}

/**
 * Puts address and TLS before a test that knows these steps itself; where it came to other
 * conclusions about them, its own count.
 */
export async function tryAddressFirst<O extends Pick<TestOutcome, 'steps'>>(
  address: ConnectionAddress,
  names: readonly StepName[],
  test: () => Promise<O>,
): Promise<O | Pick<TestOutcome, 'steps'>> {
  const reached = await tryAddress(address)
  if (hasFailed(reached))
    return { steps: [...reached, ...names.map((step) => ({ step, state: 'not-run' as const }))] }
  const outcome = await test()
  const failedEarly = (step: StepName) =>
    outcome.steps.find((one) => one.step === step && one.state === 'failed')
  const later = outcome.steps.filter(({ step }) => step !== 'address' && step !== 'tls')
  return { ...outcome, steps: [...reached.map((one) => failedEarly(one.step) ?? one), ...later] }
}

function hasFailed(steps: readonly StepOutcome[]): boolean {
  return steps.some(({ state }) => state === 'failed')
}
