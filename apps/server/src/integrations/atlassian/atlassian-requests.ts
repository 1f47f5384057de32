import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Outbound, OutboundAnswer, SendRequest } from '../../platform/outbound/outbound.ts'
import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import type { OpenedAnswer, OpenRequest } from '../../platform/outbound/exchange.ts'
import { readJson } from '../../platform/outbound/read-answer.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import {
  type AtlassianCredential,
  authorization,
  credentialKey,
  isSendable,
} from './atlassian-credential.ts'
import {
  type AtlassianFailure,
  type AtlassianProduct,
  failureOfOutbound,
  refusalIn,
} from './atlassian-error.ts'

/** How TLS of this server is checked; the integration's own setting. */
export type AtlassianTls = { readonly ca?: string; readonly verifyTls?: boolean }

export type AtlassianAddress = AtlassianTls & {
  readonly outbound: Outbound
  /** Scheme, host, port and context path; a slash at the end does not matter. */
  readonly baseUrl: string
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** How long and how stubbornly a call is tried. */
export type Patience = {
  readonly signal?: AbortSignal
  readonly deadlineMs?: number
  readonly retriesMax?: number
  /** A person asks whether it works now: no breaker. */
  readonly isProbe?: boolean
}

/** One file as a browser would send it. */
export type FileForm = {
  readonly fileName: string
  readonly contentType: string
  readonly bytes: Uint8Array
  /** Fields beside the file. */
  readonly fields?: Readonly<Record<string, string>>
}

export type AtlassianRequest<T> = Patience & {
  /** Below the base URL, beginning with a slash. */
  readonly path: string
  readonly query?: Query
  /** Default: GET, and POST for what has a body. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly body?: unknown
  /** Instead of a body: sent as multipart, as the member `file`. */
  readonly file?: FileForm
  /** Undefined is what an empty answer holds. */
  readonly answer: z.ZodType<T>
  /** Repeating changes nothing, although it is no GET. */
  readonly idempotent?: boolean
}

const deadlineMs = 10_000

/**
 * Calls a Jira or a Confluence with one credential and reads its answers.
 *
 * @param credential undefined: as nobody
 * @param toError makes the exception of the integration from a failure
 */
export function createAtlassianRequests(
  address: AtlassianAddress,
  {
    product,
    credential,
    toError,
  }: {
    readonly product: AtlassianProduct
    readonly credential: AtlassianCredential | undefined
    readonly toError: (failure: AtlassianFailure, cause?: unknown) => Error
  },
) {
  const baseUrl = cleanBaseUrl(address.baseUrl)
  const host = URL.parse(baseUrl)?.host ?? ''
  const system = product.toLowerCase()

  function requireSendable(): void {
    if (credential === undefined || isSendable(credential.token.reveal())) return
    const detail = 'the token holds spaces or characters that no token has'
    throw toError({ kind: 'bad-token', sent: false, host, messages: [], fields: {}, detail })
  }

  const known = withoutAbsent({
    ca: address.ca,
    verifyTls: address.verifyTls,
    credentialKey: credential && credentialKey(credential),
  })

  function toSend<T>(request: AtlassianRequest<T>): SendRequest {
    const { path, query = {}, body, file, signal, retriesMax, isProbe, idempotent } = request
    const content = file === undefined ? jsonContent(body) : multipart(file)
    return {
      url: `${baseUrl}${path}${queryString(query)}`,
      method: request.method ?? (content === undefined ? 'GET' : 'POST'),
      headers: {
        accept: 'application/json',
        ...content?.headers,
        ...(credential && { authorization: authorization(credential) }),
      },
      ...(content && { body: content.body }),
      deadlineMs: request.deadlineMs ?? deadlineMs,
      system,
      ...known,
      ...withoutAbsent({ signal, retriesMax, isProbe, idempotent }),
    }
  }

  function toProductError(thrown: unknown): unknown {
    return thrown instanceof OutboundError ? toError(failureOfOutbound(thrown), thrown) : thrown
  }

  function readAnswer<T>(answer: OutboundAnswer, schema: z.ZodType<T>): T {
    const parsed = schema.safeParse(answer.body === '' ? undefined : readJson(answer))
    if (parsed.success) return parsed.data
    const paths = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole answer')
    throw toError({
      kind: 'unexpected-answer',
      sent: true,
      host: answer.host,
      status: answer.status,
      messages: [],
      fields: {},
      detail: `the answer lacks what we need: ${[...new Set(paths)].slice(0, 5).join(', ')}`,
    })
  }

  async function open(
    url: string,
    { asNobody = false, ...request }: Omit<OpenRequest, 'url' | 'headers'> & AsNobody,
  ): Promise<OpenedAnswer> {
    requireSendable()
    const isOurs = URL.parse(url)?.origin === URL.parse(baseUrl)?.origin
    const headers =
      credential === undefined || asNobody
        ? undefined
        : { authorization: authorization(credential) }
    try {
      return await address.outbound.open({
        url,
        ...request,
        ...(isOurs && { ...known, ...withoutAbsent({ headers }) }),
      })
    } catch (thrown) {
      throw toProductError(thrown)
    }
  }

  /** Nobody is sent from https to http. */
  function requireMediaHost(location: string, from: string): string {
    const target = URL.parse(location, from)
    const protocols = ['https:', URL.parse(baseUrl)?.protocol]
    if (target !== null && protocols.includes(target.protocol)) return target.href
    throw toError({
      kind: 'redirect',
      sent: true,
      host,
      messages: [],
      fields: {},
      target: target === null ? '' : `${target.origin}${target.pathname}`.slice(0, 300),
      detail: 'it redirects to an address that cannot be used',
    })
  }

  return {
    baseUrl,
    host,

    async call<T>(request: AtlassianRequest<T>): Promise<T> {
      requireSendable()
      try {
        const answer = await address.outbound.send(toSend(request))
        const refusal = refusalIn(answer, product)
        if (refusal !== undefined) throw toError(refusal)
        return readAnswer(answer, request.answer)
      } catch (thrown) {
        throw toProductError(thrown)
      }
    },

    /**
     * Opens something that is no JSON, such as a picture or an attachment. The credential goes along
     * to this server and to nobody else.
     *
     * @param url whole, also of another server
     */
    open,

    /**
     * Opens a file, which the Cloud keeps on a media host: it sends there once. The credential stays
     * with this server.
     */
    async openFile(url: string, request: Omit<OpenRequest, 'url' | 'headers'>) {
      const answer = await open(url, { ...request, tellsRedirect: true })
      const { location } = answer.headers
      if (answer.status < 300 || answer.status >= 400 || location === undefined) return answer
      answer.close()
      return open(requireMediaHost(location, url), { ...request, asNobody: true })
    },

    toProductError,
  }
}

export type AtlassianRequests = ReturnType<typeof createAtlassianRequests>

type AsNobody = {
  /** The credential stays here, wherever the address lies. */
  readonly asNobody?: boolean
}

type Content = { readonly headers: Record<string, string>; readonly body: string | Uint8Array }

function jsonContent(body: unknown): Content | undefined {
  if (body === undefined) return undefined
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function multipart({ fileName, contentType, bytes, fields = {} }: FileForm): Content {
  const boundary = `studioops-${randomUUID()}`
  const parts = Object.entries(fields).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="file"; filename="${quoted(fileName)}"`,
    `Content-Type: ${contentType.replaceAll(/[\r\n]/g, '')}`,
    '\r\n',
  ].join('\r\n')
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      // Without it a browser could have been made to send this, so they refuse it.
      'x-atlassian-token': 'no-check',
    },
    body: Buffer.concat([
      Buffer.from(parts.join('') + head),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  }
}

/** As browsers write names into multipart headers. */
function quoted(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
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
