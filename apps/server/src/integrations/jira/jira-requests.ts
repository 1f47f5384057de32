import type { z } from 'zod'
import type { Outbound, OutboundAnswer, SendRequest } from '../../platform/outbound/outbound.ts'
import { readJson } from '../../platform/outbound/read-answer.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { authorization, credentialKey, isSendable, type JiraCredential } from './jira-credential.ts'
import { jiraError, refusalOf, toJiraError } from './jira-error.ts'

/** How TLS of this Jira is checked; the integration's own setting. */
export type JiraTls = { readonly ca?: string; readonly verifyTls?: boolean }

export type JiraAddress = JiraTls & {
  readonly outbound: Outbound
  /** Scheme, host, port and context path; a slash at the end does not matter. */
  readonly baseUrl: string
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export type JiraRequest<T> = {
  /** Below the base URL, beginning with a slash. */
  readonly path: string
  readonly query?: Query
  /** Present: a POST that changes something. */
  readonly body?: unknown
  readonly answer: z.ZodType<T>
  readonly signal?: AbortSignal
  readonly retriesMax?: number
  readonly deadlineMs?: number
  /** A person asks whether it works now: no breaker. */
  readonly isProbe?: boolean
}

const deadlineMs = 10_000

/**
 * Calls Jira with one credential and reads its answers.
 *
 * @param credential undefined: as nobody
 */
export function createJiraRequests(address: JiraAddress, credential?: JiraCredential) {
  const baseUrl = cleanBaseUrl(address.baseUrl)
  const host = URL.parse(baseUrl)?.host ?? ''

  function requireSendable(): void {
    if (credential === undefined || isSendable(credential.token.reveal())) return
    const detail = 'the token holds spaces or characters that no token has'
    throw jiraError({ kind: 'bad-token', host, detail })
  }

  const known = withoutAbsent({
    ca: address.ca,
    verifyTls: address.verifyTls,
    credentialKey: credential && credentialKey(credential),
  })

  function toSend<T>(request: JiraRequest<T>): SendRequest {
    const { path, query = {}, body, signal, retriesMax, isProbe } = request
    const isWrite = body !== undefined
    return {
      url: `${baseUrl}${path}${queryString(query)}`,
      method: isWrite ? 'POST' : 'GET',
      headers: {
        accept: 'application/json',
        ...(isWrite && { 'content-type': 'application/json' }),
        ...(credential && { authorization: authorization(credential) }),
      },
      ...(isWrite && { body: JSON.stringify(body) }),
      deadlineMs: request.deadlineMs ?? deadlineMs,
      system: 'jira',
      ...known,
      ...withoutAbsent({ signal, retriesMax, isProbe }),
    }
  }

  return {
    baseUrl,
    host,
    /** @throws JiraError */
    async call<T>(request: JiraRequest<T>): Promise<T> {
      requireSendable()
      try {
        const answer = await address.outbound.send(toSend(request))
        const refusal = refusalOf(answer)
        if (refusal !== undefined) throw refusal
        return readAnswer(answer, request.answer)
      } catch (thrown) {
        throw toJiraError(thrown)
      }
    },
  }
}

export type JiraRequests = ReturnType<typeof createJiraRequests>

function readAnswer<T>(answer: OutboundAnswer, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(readJson(answer))
  if (parsed.success) return parsed.data
  const paths = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole answer')
  throw jiraError({
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

/** Without slashes at the end, query and fragment, so that paths can be put behind it. */
export function cleanBaseUrl(baseUrl: string): string {
  const url = URL.parse(baseUrl)
  return url === null ? baseUrl : `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}
