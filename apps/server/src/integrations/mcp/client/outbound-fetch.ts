import type { FetchLike } from '@modelcontextprotocol/client'
import type { Outbound } from '../../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../../platform/outbound/pinned-connection.ts'
import { Secret } from '../../../platform/secret/secret.ts'

type Choice = {
  readonly token?: Secret | undefined
  readonly tls?: TlsChoice | undefined
  /** Tells breakers of one server and person from others. */
  readonly credentialKey: string
}

/** More than any list of tools or result needs. */
const answerMax = 10_000_000
const bodiless: ReadonlySet<number> = new Set([101, 204, 205, 304])

/** The SDK's way out is ours: guarded, pinned, without redirects, with a cap on the answer. */
export function createOutboundFetch(
  outbound: Outbound,
  { token, tls, credentialKey }: Choice,
): FetchLike {
  return async (input, init = {}) => {
    const { method = 'GET', body, signal } = init
    const given = Object.fromEntries(new Headers(init.headers))
    const answer = await outbound.open({
      url: String(input),
      method,
      headers: {
        ...given,
        ...(token === undefined ? {} : { authorization: new Secret(`Bearer ${token.reveal()}`) }),
      },
      ...(typeof body === 'string' ? { body } : {}),
      ...(signal === null || signal === undefined ? {} : { signal }),
      system: 'mcp',
      credentialKey,
      limitBytes: answerMax,
      ...tls,
    })
    const { status, headers } = answer
    if (!bodiless.has(status))
      return new Response(ReadableStream.from(answer.body), { status, headers: { ...headers } })
    answer.close()
    return new Response(null, { status, headers: { ...headers } })
  }
}
