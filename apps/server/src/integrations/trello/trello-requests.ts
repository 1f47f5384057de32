import type { z } from 'zod'
import type { Outbound, OutboundAnswer, SendRequest } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { readJson } from '../../platform/outbound/read-answer.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { authorization, hashOf, isQuotable, type TrelloCredential } from './trello-credential.ts'
import { refusalOf, toTrelloError, TrelloError, trelloError } from './trello-error.ts'
import type { TrelloLimits } from './trello-limits.ts'

export type TrelloAddress = TlsChoice & {
  readonly outbound: Outbound
  readonly limits: TrelloLimits
  /** With or without `/1`. */
  readonly baseUrl: string
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export type Patience = {
  readonly signal?: AbortSignal | undefined
  readonly deadlineMs?: number | undefined
}

export type TrelloRequest<T> = Patience & {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/1`, beginning with a slash. */
  readonly path: string
  readonly query?: Query
  /** Sent as JSON, so that no text of a person lands in a URL. */
  readonly body?: unknown
  /** Sent instead of `body`. */
  readonly form?: { readonly contentType: string; readonly bytes: Uint8Array }
  readonly answer: z.ZodType<T>
}

const deadlineMs = 10_000
const limitedRetriesMax = 1

/** Calls Trello with one credential and reads its answers. Waits for its turn in our own limits. */
export function createTrelloRequests(address: TrelloAddress, credential: TrelloCredential) {
  const { outbound, limits } = address
  const baseUrl = cleanTrelloUrl(address.baseUrl)
  const host = URL.parse(baseUrl)?.host ?? ''
  const hashes = { key: hashOf(credential.key), token: hashOf(credential.token) }
  const tls = withoutAbsent({ ca: address.ca, verifyTls: address.verifyTls })

  function requireSendable(): void {
    const detail = 'it holds spaces or characters that no such secret has'
    if (!isQuotable(credential.key)) throw trelloError({ kind: 'bad-key', host, detail })
    if (!isQuotable(credential.token)) throw trelloError({ kind: 'bad-token', host, detail })
  }

  const placeOf = (path: string) => ({
    ...hashes,
    host,
    isOfMembers: path.startsWith('/members/'),
  })

  function toSend<T>(request: TrelloRequest<T>, leftMs: number): SendRequest {
    const { method = 'GET', path, query = {}, body, form, signal } = request
    const type = form?.contentType ?? (body === undefined ? undefined : 'application/json')
    const content = form?.bytes ?? (body === undefined ? undefined : JSON.stringify(body))
    return {
      url: `${baseUrl}/1${path}${queryString(query)}`,
      method,
      headers: {
        accept: 'application/json',
        authorization: authorization(credential),
        ...(type !== undefined && { 'content-type': type }),
      },
      deadlineMs: leftMs,
      system: 'trello',
      credentialKey: hashes.token,
      repeatWhenLimited: false,
      ...tls,
      ...withoutAbsent({ body: content, signal }),
    }
  }

  async function sendOnce<T>(request: TrelloRequest<T>, until: number): Promise<OutboundAnswer> {
    const place = placeOf(request.path)
    await limits.take(place, until - Date.now())
    const answer = await outbound.send(toSend(request, Math.max(1, until - Date.now())))
    const refusal = refusalOf(answer)
    if (refusal?.kind === 'rate-limited') limits.close(place, refusal.retryAfterMs)
    if (refusal !== undefined) throw refusal
    return answer
  }

  /** A read that was one too many waits in the limits and is sent once more, if there is time. */
  async function send<T>(request: TrelloRequest<T>): Promise<OutboundAnswer> {
    requireSendable()
    const until = Date.now() + (request.deadlineMs ?? deadlineMs)
    const isRead = (request.method ?? 'GET') === 'GET'
    for (let retry = 0; ; retry += 1) {
      try {
        return await sendOnce(request, until)
      } catch (thrown) {
        const isLimited = thrown instanceof TrelloError && thrown.kind === 'rate-limited'
        if (!isRead || !isLimited || !thrown.sent || retry >= limitedRetriesMax)
          throw toTrelloError(thrown)
      }
    }
  }

  return {
    baseUrl,
    host,
    /** @throws TrelloError */
    async call<T>(request: TrelloRequest<T>): Promise<T> {
      const answer = await send(request)
      try {
        return readAnswer(answer, request.answer)
      } catch (thrown) {
        throw toTrelloError(thrown)
      }
    },
    /** For answers of which nothing is read. @throws TrelloError */
    async tell(request: Omit<TrelloRequest<unknown>, 'answer'>): Promise<void> {
      await send({ ...request, answer: anything })
    },
    /** The bytes of a file of Trello's own. @throws TrelloError */
    async download(path: string, limitBytes: number) {
      requireSendable()
      try {
        await limits.take(placeOf(path), deadlineMs)
        return await outbound.open({
          url: `${baseUrl}/1${path}`,
          headers: { authorization: authorization(credential) },
          limitBytes,
          signal: AbortSignal.timeout(deadlineMs),
          system: 'trello',
          credentialKey: hashes.token,
          ...tls,
        })
      } catch (thrown) {
        throw toTrelloError(thrown)
      }
    },
  }
}

export type TrelloRequests = ReturnType<typeof createTrelloRequests>

const anything = { safeParse: () => ({ success: true, data: undefined }) } as unknown as z.ZodType

function readAnswer<T>(answer: OutboundAnswer, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(readJson(answer))
  if (parsed.success) return parsed.data
  const paths = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole answer')
  throw trelloError({
    kind: 'unexpected-answer',
    sent: true,
    host: answer.host,
    status: answer.status,
    detail: `the answer lacks what we need: ${[...new Set(paths)].slice(0, 5).join(', ')}`,
  })
}

function queryString(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

/** Without slashes at the end, query, fragment and the version, so that `/1` can be put behind it. */
export function cleanTrelloUrl(baseUrl: string): string {
  const url = URL.parse(baseUrl)
  const clean = url === null ? baseUrl : `${url.origin}${url.pathname}`
  return clean.replace(/\/+$/, '').replace(/\/1$/, '')
}
