import { setTimeout as wait } from 'node:timers/promises'
import type { OpenedAnswer } from '../../platform/outbound/exchange.ts'
import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import { retryWaitMs } from '../../platform/outbound/retries.ts'
import type { Secret } from '../../platform/secret/secret.ts'
import { type ChatQuestion, chatRequest } from './chat-request.ts'
import { firstDialect, giveIn } from './dialect.ts'
import type { ModelConnection } from './model-connection.ts'
import { fromOutbound, ModelError } from './model-error.ts'
import { classifyRefusal, readRefusal, safeCode, type VendorRefusal } from './vendor-refusal.ts'

type Asking = {
  readonly connection: ModelConnection
  readonly question: ChatQuestion
  readonly signal: AbortSignal
}

type Outcome =
  | { readonly kind: 'answered'; readonly answer: OpenedAnswer }
  | { readonly kind: 'refused'; readonly error: ModelError; readonly refusal?: VendorRefusal }

/** How often a request may be changed to please a server. */
const changesMax = 5

/**
 * Asks until the server begins to answer, and remembers how it wanted to be asked.
 *
 * @returns an answer of status 2xx, its body unread
 * @throws ModelError when it refuses something that cannot be left out, or cannot be reached
 */
export async function askModel(asking: Asking): Promise<OpenedAnswer> {
  const { connection, question } = asking
  const { memory, model, quirks } = connection
  const url = connection.urlOf('chat/completions')
  const key = `${url} ${model}`
  let dialect = memory.dialects.get(key) ?? firstDialect(quirks)
  memory.retries.earn(key)
  for (let changes = 0; ; changes += 1) {
    const body = JSON.stringify(chatRequest(question, { model, quirks, dialect }))
    const outcome = await askTwice(asking, { url, key, body })
    if (outcome.kind === 'answered') {
      if (changes > 0) memory.dialects.set(key, dialect)
      return outcome.answer
    }
    const next = changes < changesMax ? nextDialect(outcome) : undefined
    if (next === undefined) throw outcome.error
    dialect = next
  }

  function nextDialect({ error, refusal }: Extract<Outcome, { kind: 'refused' }>) {
    if (refusal === undefined || error.status === undefined) return undefined
    const takesNamedTool = quirks.toolChoice === 'named'
    return giveIn(dialect, refusal, { status: error.status, question, takesNamedTool })
  }
}

type Request = { readonly url: string; readonly key: string; readonly body: string }

/** Nothing has been said yet, so a second time is no second answer. */
async function askTwice(asking: Asking, request: Request): Promise<Outcome> {
  const outcome = await askOnce(asking, request)
  const waitMs = outcome.kind === 'refused' ? waitBeforeRepeatingMs(outcome.error) : undefined
  if (asking.question.isOneOfMany === true) return outcome
  if (waitMs === undefined || !asking.connection.memory.retries.spend(request.key)) return outcome
  // An abort ends the wait; the second attempt then reports it.
  await wait(waitMs, undefined, { signal: asking.signal }).catch(() => {})
  return askOnce(asking, request)
}

/** Longer than this another provider, or the person, is the better choice. */
const serverWaitMaxMs = 2_000

export function waitBeforeRepeatingMs({ kind, retryAfterMs }: ModelError): number | undefined {
  // With a time to wait, it is our own breaker that refuses.
  if (kind === 'transport' && retryAfterMs === undefined) return retryWaitMs(0, Math.random())
  const isSoon = retryAfterMs !== undefined && retryAfterMs <= serverWaitMaxMs
  return kind === 'server' && isSoon ? retryAfterMs : undefined
}

/** A header has these characters only. */
const sendable = /^[\u0020-\u007e]*$/

async function askOnce({ connection, signal }: Asking, { url, body }: Request): Promise<Outcome> {
  const { model, outbound, request, host } = connection
  if (!isSendable(request.headers)) {
    const detail = 'the key holds characters that no key has'
    return { kind: 'refused', error: new ModelError({ kind: 'auth', host, model, detail }) }
  }
  try {
    const answer = await outbound.open({
      ...request,
      url,
      method: 'POST',
      headers: {
        ...request.headers,
        'content-type': 'application/json',
        accept: 'text/event-stream, application/json',
      },
      body,
      signal,
      limitBytes: wireLimitBytes,
    })
    if (answer.status < 300) return { kind: 'answered', answer }
    return await toRefused(answer, model)
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return { kind: 'refused', error: fromOutbound(error, model) }
  }
}

/** Some 250 bytes surround each token of a stream; the text itself has a limit of its own. */
export const wireLimitBytes = 64_000_000

export function isSendable(headers: Readonly<Record<string, string | Secret>>): boolean {
  return Object.values(headers).every((value) =>
    sendable.test(typeof value === 'string' ? value : value.reveal()),
  )
}

async function toRefused(answer: OpenedAnswer, model: string): Promise<Outcome> {
  const { status, headers, host } = answer
  const refusal = readRefusal(parseOrNothing(await readStart(answer)))
  const isPage = refusal === undefined && /html/i.test(headers['content-type'] ?? '')
  // A page instead of data is a proxy or a wall in front; only 401 is about the key all the same.
  const kind = isPage && status === 403 ? 'unexpected-answer' : classifyRefusal(refusal, status)
  const code = safeCode(refusal)
  const retryAfterMs = answer.retryAfterMs ?? inMilliseconds(headers['retry-after-ms'])
  const error = new ModelError({
    kind,
    host,
    model,
    status,
    detail: `status ${status}${code === undefined ? '' : ` (${code})`}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
  return { kind: 'refused', error, ...(refusal && { refusal }) }
}

/** The exact form of `Retry-After` that OpenAI adds. */
function inMilliseconds(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,9}$/.test(header.trim())) return undefined
  return Math.min(60_000, Math.max(200, Number(header)))
}

const errorLimitBytes = 64_000

/** Half an error body is no reason to forget the status. */
export async function readStart({ body }: OpenedAnswer): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > errorLimitBytes) break
    }
  } catch (error) {
    if (error instanceof OutboundError && error.kind === 'aborted') throw error
  }
  return Buffer.concat(chunks).toString('utf8')
}

export function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
