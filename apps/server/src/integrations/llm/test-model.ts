import { randomUUID } from 'node:crypto'
import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import { z } from 'zod'
import { OutboundError, type OutboundFailureKind } from '../../platform/outbound/outbound-error.ts'
import { createChatModel } from './chat-model.ts'
import { type ModelConnection, type ModelSettings, toConnection } from './model-connection.ts'
import { fromOutbound, ModelError, modelErrorCode, type ModelErrorKind } from './model-error.ts'

type Step = 'address' | 'tls' | 'sign-in' | 'answer'

/** One step; those after a failed one are `not-run`. Without TLS there is no step `tls`. */
export type ModelTestStep = {
  readonly step: Step
  readonly state: 'passed' | 'failed' | 'not-run'
  readonly durationMs?: number
  /** What the catalogue says about the failed step. */
  readonly failure?: { readonly code: ErrorCode; readonly facts: Facts }
}

export type ModelTest = {
  readonly steps: readonly ModelTestStep[]
  /** Why it failed, for the log; absent when it passed. */
  readonly error?: ModelError
  /** The first words of the model, on one line, at most 80 characters. */
  readonly evidence?: string
  /** Names of models, in the order of the server; absent where it has no list. */
  readonly models?: readonly string[]
}

type TestOptions = {
  readonly signal?: AbortSignal | undefined
  /** For both requests together. Default 8 000. */
  readonly totalMs?: number
}

/**
 * Tries a model step by step: asks for the list of models, which many servers do not have, then for
 * one word.
 *
 * @throws ModelError `aborted` and no other: every other failure is in the steps
 */
export async function testModel(
  given: ModelSettings,
  { signal, totalMs = 8_000 }: TestOptions = {},
): Promise<ModelTest> {
  // A breaker that opened on earlier failures must not answer for the server.
  const settings = { ...given, credentialKey: `test ${randomUUID()}` }
  const connection = toConnection(settings)
  const isSecure = URL.parse(settings.baseUrl)?.protocol === 'https:'
  const began = performance.now()
  const list = await listModels(connection, { signal, totalMs: totalMs / 2 })
  const addressMs = since(began)
  const listed = list.kind === 'listed' ? { models: list.models } : {}
  if (list.kind === 'unreachable')
    return { error: list.error, steps: steps(isSecure, { address: addressMs }, list.error) }

  const asked = performance.now()
  const answer = await askForOneWord(settings, { signal, totalMs: totalMs - addressMs })
  const durations = { address: addressMs, answer: since(asked) }
  if (answer instanceof ModelError)
    return { error: answer, steps: steps(isSecure, durations, answer), ...listed }
  const evidence = answer === '' ? {} : { evidence: answer }
  return { steps: steps(isSecure, durations), ...evidence, ...listed }
}

function since(began: number): number {
  return Math.round(performance.now() - began)
}

type Listing =
  | { readonly kind: 'listed'; readonly models: readonly string[] }
  | { readonly kind: 'no-list' }
  | { readonly kind: 'unreachable'; readonly error: ModelError }

type Limits = { readonly signal: AbortSignal | undefined; readonly totalMs: number }

/** After these the server was reached; whether it is a model is shown by asking. */
const reached: ReadonlySet<OutboundFailureKind> = new Set(['too-large', 'unreadable', 'login-page'])

async function listModels(
  { outbound, request, urlOf, model }: ModelConnection,
  { signal, totalMs }: Limits,
): Promise<Listing> {
  try {
    const { status, body } = await outbound.send({
      ...request,
      url: urlOf('models'),
      deadlineMs: totalMs,
      retriesMax: 0,
      ...(signal && { signal }),
    })
    const models = status === 200 ? namesIn(body) : undefined
    return models === undefined ? { kind: 'no-list' } : { kind: 'listed', models }
  } catch (thrown) {
    if (!(thrown instanceof OutboundError)) throw thrown
    const { kind, sent } = thrown
    if (kind === 'aborted') throw fromOutbound(thrown, model)
    if (reached.has(kind) || (kind === 'timeout' && sent)) return { kind: 'no-list' }
    return { kind: 'unreachable', error: fromOutbound(thrown, model) }
  }
}

const modelList = z.object({ data: z.array(z.object({ id: z.string().min(1).max(200) })) })
const modelsMax = 500

function namesIn(body: string): string[] | undefined {
  try {
    const { data } = modelList.parse(JSON.parse(body))
    return data.slice(0, modelsMax).map(({ id }) => id)
  } catch {
    return undefined
  }
}

/** Enough for a model that thinks before it says the word, and next to nothing on a bill. */
const maxOutputTokens = 200

async function askForOneWord(
  settings: ModelSettings,
  { signal, totalMs }: Limits,
): Promise<string | ModelError> {
  const times = { firstTokenMs: totalMs, idleMs: totalMs, totalMs }
  let text = ''
  try {
    const question = [{ role: 'user', content: 'Answer with the word ok.' }] as const
    const options = { ...times, signal, maxOutputTokens }
    await createChatModel(settings).stream(question, options, (event) => {
      if (event.type === 'token') text += event.text
    })
    return firstWords(text)
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind === 'aborted') throw error
    return error
  }
}

const evidenceLength = 80
const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

function firstWords(text: string): string {
  const said = text.split('</think>').at(-1) ?? ''
  const line = said
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, evidenceLength * 10)
  const characters = Array.from(segmenter.segment(line), ({ segment }) => segment)
  return characters.slice(0, evidenceLength).join('')
}

const stepOfKind: Partial<Record<ModelErrorKind, Step>> = {
  'not-allowed': 'address',
  tls: 'tls',
  auth: 'sign-in',
}

function steps(
  isSecure: boolean,
  durations: Partial<Record<Step, number>>,
  error?: ModelError,
): ModelTestStep[] {
  const all: Step[] = isSecure
    ? ['address', 'tls', 'sign-in', 'answer']
    : ['address', 'sign-in', 'answer']
  const reachedIt = durations.answer !== undefined
  const failed = error && (stepOfKind[error.kind] ?? (reachedIt ? 'answer' : 'address'))
  const failedAt = failed === undefined ? all.length : all.indexOf(failed)
  return all.map((step, index) => {
    if (index > failedAt) return { step, state: 'not-run' }
    const durationMs = durations[step]
    const timed = { step, ...(durationMs !== undefined && { durationMs }) }
    if (index < failedAt || error === undefined) return { ...timed, state: 'passed' }
    const failure = { code: modelErrorCode(error), facts: error.facts }
    return { ...timed, state: 'failed', failure }
  })
}
