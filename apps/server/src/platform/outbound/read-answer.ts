import { OutboundError, type OutboundFailureKind } from './outbound-error.ts'
import type { OutboundAnswer } from './outbound.ts'

/**
 * Whether an answer is a page for people: a login form, an SSO wall, a proxy's error page. Content
 * types lie, so the beginning of the body counts too.
 */
export function isPage({ headers, body }: Pick<OutboundAnswer, 'headers' | 'body'>): boolean {
  const type = headers['content-type'] ?? ''
  return (
    /^\s*(text\/html|application\/xhtml)/i.test(type) || /^\s*<(!doctype html|html)/i.test(body)
  )
}

/**
 * The JSON of an answer that should hold some, whatever its status.
 *
 * @throws OutboundError `login-page` for a page, `unreadable` for anything else that is not JSON
 */
export function readJson(answer: OutboundAnswer): unknown {
  if (isPage(answer)) throw problem(answer, 'login-page', 'a page for people came instead of data')
  try {
    return JSON.parse(answer.body)
  } catch {
    throw problem(answer, 'unreadable', 'the answer is not JSON')
  }
}

/**
 * Collects a body that is bytes rather than text.
 *
 * @throws OutboundError
 */
export async function readBytes(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function problem(
  { host, status }: OutboundAnswer,
  kind: OutboundFailureKind,
  detail: string,
): OutboundError {
  return new OutboundError({ kind, sent: true, host, status, detail })
}
