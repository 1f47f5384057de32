import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { AnswerHead, OpenedAnswer } from '../../../platform/outbound/exchange.ts'
import type { Outbound } from '../../../platform/outbound/outbound.ts'
import { OutboundError } from '../../../platform/outbound/outbound-error.ts'
import type { TlsChoice } from '../../../platform/outbound/pinned-connection.ts'
import type { Secret } from '../../../platform/secret/secret.ts'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import {
  isSendable,
  parseOrNothing,
  readStart,
  waitBeforeRepeatingMs,
  wireLimitBytes,
} from '../ask-model.ts'
import type { ChatModel, StreamOptions } from '../chat-model.ts'
import { type ChatMessage, wireMessages } from '../chat-request.ts'
import { createCompletionReader } from '../completion-reader.ts'
import { fromOutbound, ModelError, type ModelErrorKind } from '../model-error.ts'
import { quirksFor } from '../provider-quirks.ts'
import { streamAnswer } from '../stream-answer.ts'
import { toolMembers } from '../tool-calls.ts'
import { classifyRefusal, readRefusal } from '../vendor-refusal.ts'
import type { CallType, CompanyConfig, CompanyFiles } from './company-files.ts'
import { createCompanyReader, kindOfError } from './company-reader.ts'
import { valueAt } from './json-pointer.ts'
import { fillHeaders, fillTemplate } from './templates.ts'

/** Whose call it is; fills the slots of the same names. */
export type CompanyPerson = {
  readonly employeeId: string
  readonly email: string
  readonly language: 'en' | 'he'
  /** Absent where header.json does not use it. */
  readonly cookie: Secret | undefined
}

export type CompanySettings = {
  readonly outbound: Outbound
  readonly files: CompanyFiles
  readonly person: CompanyPerson
  /** Tells credentials apart in the circuit breaker without being one. */
  readonly credentialKey: string
  /** A person asks whether it works now: no breaker. */
  readonly isProbe?: boolean
}

/**
 * The company's own model, configured wholly by its four files (D-20, LLM-3). Its answers pass the
 * same guard as those of every other model.
 */
export function createCompanyModel(settings: CompanySettings): ChatModel {
  const { config } = settings.files
  const name = config.model ?? config.name
  return {
    name,
    stream(messages, options, hear) {
      const { timeouts } = config
      return streamAnswer(
        {
          host: hostOf(config),
          model: name,
          reader: readerFor(config),
          isShaped: options.reply !== undefined && (options.tools ?? []).length === 0,
          ask: (signal) => ask(settings, { messages, options, signal }),
        },
        { ...timeouts, ...options },
        hear,
      )
    },
  }
}

function readerFor(config: CompanyConfig) {
  return config.mode === 'openai' ? createCompletionReader() : createCompanyReader(config)
}

type Question = {
  readonly messages: readonly ChatMessage[]
  readonly options: StreamOptions
  readonly signal: AbortSignal
}

async function ask(settings: CompanySettings, question: Question): Promise<OpenedAnswer> {
  const { retry } = settings.files.config
  const { waitMs } = retry
  const attempts = question.options.isOneOfMany === true ? 1 : retry.attempts
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await askOnce(settings, question)
    } catch (error) {
      const isLast = attempt >= attempts || question.signal.aborted
      if (!(error instanceof ModelError) || isLast) throw error
      const asked = waitBeforeRepeatingMs(error)
      if (asked === undefined) throw error
      // An abort ends the wait; the next attempt then reports it.
      await wait(Math.max(asked, waitMs), undefined, { signal: question.signal }).catch(() => {})
    }
  }
}

async function askOnce(settings: CompanySettings, question: Question): Promise<OpenedAnswer> {
  const { files, outbound } = settings
  const { config, payload } = files
  const call: CallType = question.options.callType ?? 'stream'
  const request = requestOf(settings)
  const body = fillTemplate(payload[call], {
    ...config.parameters,
    ...conversation(config, question),
    ...wishes(question.options),
    model: config.model,
    language: settings.person.language,
    employeeId: settings.person.employeeId,
    email: settings.person.email,
    callType: call,
    requestId: randomUUID(),
    stream: config.mode === 'openai' || config.stream !== 'none',
  })
  try {
    const answer = await outbound.open({
      ...request,
      url: urlOf(config, pathOf(config, call)),
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream, application/x-ndjson, application/json',
        ...request.headers,
      },
      body: JSON.stringify(body),
      signal: question.signal,
      limitBytes: wireLimitBytes,
    })
    if (isPage(answer)) {
      answer.close()
      throw failed(config, { kind: 'auth', detail: 'a page to sign in came instead of an answer' })
    }
    if (answer.status >= 300) throw await toRefusal(config, answer)
    return answer
  } catch (error) {
    throw toModelError(config, error)
  }
}

/** What is asked of an answer, besides its question. */
function wishes({ maxOutputTokens, temperature, reply }: StreamOptions) {
  return withoutAbsent({ maxOutputTokens, temperature, replySchema: reply?.schema })
}

/** Tools are offered in OpenAI's protocol only; one of their own has no place for them. */
function conversation({ mode }: CompanyConfig, { messages, options }: Question) {
  if (mode === 'custom') return { messages: withoutTools(messages) }
  const { tools, toolChoice } = options
  return { messages, moreOf: toolMembersOf, ...toolMembers({ tools, toolChoice }, nativeWays) }
}

const nativeWays = { quirks: quirksFor(''), dialect: { replyMode: 'none' as const } }

function toolMembersOf(message: ChatMessage): Record<string, unknown> {
  const { role: _, content: __, ...more } = wireMessages([message], nativeWays.quirks)[0] ?? {}
  return more
}

/** A server with a protocol of its own knows no tools; what they said is data of the user. */
function withoutTools(messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.map((message) =>
    message.role === 'tool'
      ? { role: 'user', content: `<tool_result>${message.content}</tool_result>` }
      : message,
  )
}

function pathOf({ paths }: CompanyConfig, call: CallType): string {
  return call === 'chat' ? paths.chat : (paths[call] ?? paths.stream ?? paths.chat)
}

/** How config.json wants TLS to be checked. */
export function companyTls({ tls }: CompanyConfig): TlsChoice {
  return { verifyTls: tls.verify, ...(tls.ca === undefined ? {} : { ca: tls.ca }) }
}

function requestOf({ files, person, credentialKey, isProbe }: CompanySettings) {
  const { config } = files
  const headers = fillHeaders(files.headers, {
    cookie: person.cookie,
    employeeId: person.employeeId,
    email: person.email,
    language: person.language,
    model: config.model,
    requestId: randomUUID(),
  })
  if (!isSendable(headers))
    throw failed(config, { kind: 'auth', detail: 'the cookie holds characters that no cookie has' })
  const probe = isProbe === undefined ? {} : { isProbe }
  return { ...companyTls(config), ...probe, system: 'company-model', credentialKey, headers }
}

function urlOf({ baseUrl }: CompanyConfig, path: string): string {
  return `${baseUrl.replace(/\/+$/, '')}${path}`
}

function hostOf({ baseUrl }: CompanyConfig): string {
  return URL.parse(baseUrl)?.host ?? ''
}

function isPage({ headers }: AnswerHead): boolean {
  return /html/i.test(headers['content-type'] ?? '')
}

type Failure = {
  readonly kind: ModelErrorKind
  readonly detail: string
  readonly status?: number
  readonly retryAfterMs?: number
}

function failed(config: CompanyConfig, failure: Failure, cause?: unknown): ModelError {
  return new ModelError(
    { ...failure, host: hostOf(config), model: config.model ?? config.name },
    cause,
  )
}

async function toRefusal(config: CompanyConfig, answer: OpenedAnswer): Promise<ModelError> {
  const { status, retryAfterMs } = answer
  const body = parseOrNothing(await readStart(answer))
  const kind =
    config.mode === 'custom'
      ? kindOfError(body, config, status)
      : classifyRefusal(readRefusal(body), status)
  return failed(config, {
    kind,
    status,
    detail: `status ${status}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** A login that ran out shows as a redirect to the page where one signs in. */
function toModelError(config: CompanyConfig, error: unknown): unknown {
  if (!(error instanceof OutboundError)) return error
  if (error.kind === 'redirect' || error.kind === 'login-page')
    return failed(config, { kind: 'auth', detail: error.failure.detail }, error)
  return fromOutbound(error, config.model ?? config.name)
}

/** Whom the cookie belongs to, as far as it can be found out (CFG-16). */
export type CompanyIdentity =
  | { readonly kind: 'known'; readonly name: string }
  | { readonly kind: 'unverifiable' }

const identityMs = 8_000

/**
 * Asks who the person of the cookie is.
 *
 * @returns `unverifiable` where config.json does not say how to ask, or its pointer finds nothing
 * @throws ModelError
 */
export async function askIdentity(
  settings: CompanySettings,
  signal?: AbortSignal,
): Promise<CompanyIdentity> {
  const { config } = settings.files
  if (config.identity === undefined) return { kind: 'unverifiable' }
  const { path, pointer } = config.identity
  const request = requestOf(settings)
  try {
    const answer = await settings.outbound.send({
      ...request,
      url: urlOf(config, path),
      headers: { accept: 'application/json', ...request.headers },
      deadlineMs: identityMs,
      retriesMax: 0,
      ...(signal && { signal }),
    })
    const { status } = answer
    if (status >= 500) throw failed(config, { kind: 'server', status, detail: `status ${status}` })
    if (isPage(answer) || status === 401 || status === 403)
      throw failed(config, { kind: 'auth', status, detail: `status ${status}` })
    return status < 300
      ? identityIn(parseOrNothing(answer.body), pointer)
      : { kind: 'unverifiable' }
  } catch (error) {
    throw toModelError(config, error)
  }
}

function identityIn(body: unknown, pointer: string): CompanyIdentity {
  const found = valueAt(body, pointer)
  const isName = (typeof found === 'string' && found !== '') || typeof found === 'number'
  return isName ? { kind: 'known', name: String(found) } : { kind: 'unverifiable' }
}
