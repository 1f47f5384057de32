import { existsSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'

/** Headers that every answer of the product carries, whoever writes it (SEC-12, security.md 3.2). */
export type SecurityHeaders = Readonly<Record<string, string>>

type Options = {
  /** Where the built page lies; `csp.json` beside it names its inline pieces by their hashes. */
  readonly directory?: string
  /** Whether people reach the product by https. */
  readonly isSecure: boolean
}

export function createSecurityHeaders({ directory, isSecure }: Options): SecurityHeaders {
  const { scriptSrc, styleSrc } = readSources(directory)
  return {
    ...plainHeaders,
    'content-security-policy': policyOf({
      'default-src': ["'self'"],
      'script-src': ["'self'", ...scriptSrc],
      'style-src': ["'self'", ...styleSrc],
      'img-src': ["'self'", 'data:', 'blob:'],
      'connect-src': ["'self'"],
      'font-src': ["'self'"],
      'object-src': ["'none'"],
      'base-uri': ["'none'"],
      'frame-ancestors': ["'none'"],
      'form-action': ["'self'"],
    }),
    ...(isSecure ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  }
}

/** For listeners that serve no page of ours. */
export const plainHeaders: SecurityHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'x-permitted-cross-domain-policies': 'none',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

/** Set on the response itself, so that also what is written past the framework carries them. */
export function setHeaders(response: ServerResponse, headers: SecurityHeaders): void {
  for (const name in headers) response.setHeader(name, headers[name] ?? '')
}

type Sources = { readonly scriptSrc: readonly string[]; readonly styleSrc: readonly string[] }

/** What the build says about the inline pieces of its page; without a build there are none. */
function readSources(directory: string | undefined): Sources {
  const file = directory === undefined ? undefined : join(directory, 'csp.json')
  const none: Sources = { scriptSrc: [], styleSrc: [] }
  return file !== undefined && existsSync(file)
    ? { ...none, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<Sources>) }
    : none
}

function policyOf(directives: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join(';')
}
