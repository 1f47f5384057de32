import type { ConnectionIdentity } from '@studioops/contracts/connections'
import { AppError } from '../../../platform/errors/app-error.ts'
import { identityOf, type Reference } from '../../reach/compare-identity.ts'
import {
  type KnownPerson,
  type StepName,
  type TestOutcome,
  tryAddressFirst,
} from '../../reach/try-steps.ts'
import { ModelError, modelErrorCode, toModelRefusal } from '../model-error.ts'
import {
  askIdentity,
  type CompanySettings,
  companyTls,
  createCompanyModel,
} from './company-model.ts'

export type CompanyTest = Omit<TestOutcome, 'person'> & {
  /** Absent where the test did not come so far. */
  readonly identity?: ConnectionIdentity
}

/** What a failure of the company model means for a person: most often, that a cookie ran out. */
export function toCompanyRefusal(error: ModelError, name: string): AppError {
  if (error.kind === 'auth')
    return new AppError('company-model.cookie-refused', { facts: { name }, cause: error })
  return toModelRefusal(error)
}

const totalMs = 20_000
const evidenceLength = 80

/**
 * Tries the company model step by step: the way there, who the cookie belongs to, then one word of
 * an answer.
 */
export function testCompanyModel(
  settings: CompanySettings,
  reference: Reference,
): Promise<CompanyTest> {
  const { outbound, files } = settings
  const { baseUrl, name } = files.config
  const address = { outbound, baseUrl, system: name, tls: companyTls(files.config) }
  return tryAddressFirst(address, ['sign-in', 'answer', 'identity'], () =>
    askAndAnswer(settings, reference),
  )
}

async function askAndAnswer(settings: CompanySettings, reference: Reference): Promise<CompanyTest> {
  const probing = { ...settings, isProbe: true }
  const began = performance.now()
  const identity = await attempt(() => askIdentity(probing))
  const identityMs = performance.now() - began
  if (identity instanceof ModelError) return failedAt(settings, identity, { 'sign-in': identityMs })
  const asked = performance.now()
  const answer = await attempt(() => askForOneWord(probing))
  const durations = { 'sign-in': identityMs, answer: performance.now() - asked }
  if (answer instanceof ModelError) return failedAt(settings, answer, durations)
  const compared = compare(identity, reference)
  const steps = ownSteps.map((step) => ({
    step,
    state: 'passed' as const,
    ...durationOf(durations, step),
  }))
  const said = answer.replaceAll(/\s+/g, ' ').trim().slice(0, evidenceLength)
  return {
    steps: steps.map((step) => (step.step === 'identity' ? judged(compared, settings) : step)),
    ...(said === '' ? {} : { evidence: said }),
    identity: compared,
  }
}

function compare(
  identity: Awaited<ReturnType<typeof askIdentity>>,
  reference: Reference,
): ConnectionIdentity {
  const { system: comparedWith } = reference
  if (identity.kind === 'unverifiable') return { verdict: 'unverifiable', name: '', comparedWith }
  return identityOf(knownBy(identity.name), reference)
}

/** A company's model names people by an e-mail address, or as the company's other systems do. */
function knownBy(name: string): KnownPerson {
  const value = name.trim()
  return value.includes('@') ? { email: value } : { id: { kind: 'data-center', value } }
}

/** What nobody can verify is no pass, and no failure of the cookie either (CFG-16). */
function judged(
  { verdict, name }: ConnectionIdentity,
  { files }: CompanySettings,
): CompanyTest['steps'][number] {
  const step = 'identity' as const
  switch (verdict) {
    case 'same':
      return { step, state: 'passed' }
    case 'different': {
      const facts = { found: name.slice(0, 100) }
      return { step, state: 'failed', failure: { code: 'company-model.other-person', facts } }
    }
    case 'unverifiable': {
      const facts = { name: files.config.name }
      return { step, state: 'unverifiable', failure: { code: 'company-model.unverifiable', facts } }
    }
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<T | ModelError> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ModelError) return error
    throw error
  }
}

async function askForOneWord(settings: CompanySettings): Promise<string> {
  let text = ''
  const question = [{ role: 'user', content: 'Answer with the word ok.' }] as const
  // The kind of call that stories use: a test of another one would prove nothing.
  const options = { totalMs, callType: 'stream' as const }
  await createCompanyModel(settings).stream(question, options, (event) => {
    if (event.type === 'token') text += event.text
  })
  return text
}

const ownSteps = ['sign-in', 'answer', 'identity'] as const satisfies readonly StepName[]

type Durations = Readonly<Partial<Record<StepName, number>>>

function durationOf(durations: Durations, step: StepName): { durationMs?: number } {
  const durationMs = durations[step]
  return durationMs === undefined ? {} : { durationMs }
}

function failedAt(settings: CompanySettings, error: ModelError, durations: Durations): CompanyTest {
  const isAnswer = durations.answer !== undefined && error.kind !== 'auth'
  const at = ownSteps.indexOf(isAnswer ? 'answer' : 'sign-in')
  const { code, facts } =
    error.kind === 'auth'
      ? toCompanyRefusal(error, settings.files.config.name)
      : { code: modelErrorCode(error), facts: error.facts }
  const steps = ownSteps.map((step, index) => {
    const timed = { step, ...durationOf(durations, step) }
    if (index < at) return { ...timed, state: 'passed' as const }
    if (index > at) return { step, state: 'not-run' as const }
    return { ...timed, state: 'failed' as const, failure: { code, facts } }
  })
  return { steps }
}
