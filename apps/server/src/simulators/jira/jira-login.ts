import type { IncomingMessage } from 'node:http'
import { htmlAnswer, jsonAnswer, plainPage, type Answer } from '../exchange.ts'
import type { JiraPerson } from './jira-catalog.ts'
import type { JiraWorld } from './jira-world.ts'

export type Login =
  | { readonly kind: 'person'; readonly person: JiraPerson }
  | { readonly kind: 'none' }
  | { readonly kind: 'wrong' }

export function readLogin(world: JiraWorld, request: IncomingMessage): Login {
  const header = request.headers.authorization
  if (header === undefined) return { kind: 'none' }
  const [, scheme = '', credentials = ''] = /^(\S+)\s+(.*)$/.exec(header.trim()) ?? []
  const person =
    world.flavour === 'dc'
      ? findByToken(world, scheme, credentials)
      : findByApiToken(world, scheme, credentials)
  return person === undefined ? { kind: 'wrong' } : { kind: 'person', person }
}

function findByToken(
  { people }: JiraWorld,
  scheme: string,
  credentials: string,
): JiraPerson | undefined {
  if (scheme.toLowerCase() !== 'bearer') return undefined
  return people.find(({ personalAccessToken }) => personalAccessToken === credentials)
}

function findByApiToken(
  { people }: JiraWorld,
  scheme: string,
  credentials: string,
): JiraPerson | undefined {
  if (scheme.toLowerCase() !== 'basic') return undefined
  const pair = Buffer.from(credentials, 'base64').toString()
  return people.find(
    ({ emailAddress, apiToken, status }) =>
      status !== 'deleted' && pair === `${emailAddress}:${apiToken}`,
  )
}

export const failedLogin = { 'X-Seraph-LoginReason': 'AUTHENTICATED_FAILED' }

/** 401 with an HTML page, as Jira sends it for a wrong token. */
export function wrongLogin(world: JiraWorld): Answer {
  const page = plainPage(
    'Unauthorized (401)',
    'Encountered a "401 - Unauthorized" error while loading this page. Basic Authentication Failure - Reason : AUTHENTICATED_FAILED',
  )
  return htmlAnswer(401, page, {
    ...failedLogin,
    'WWW-Authenticate':
      world.flavour === 'dc'
        ? `OAuth realm="${encodeURIComponent(world.baseUrl())}"`
        : 'Basic realm="Jira"',
  })
}

export function missingLogin(): Answer {
  return jsonAnswer(401, {
    errorMessages: [
      'You are not authenticated. Authentication required to perform this operation.',
    ],
    errors: {},
  })
}

/** After too many failures: only a login with a browser mends it. */
export function captchaLogin(world: JiraWorld): Answer {
  return htmlAnswer(401, plainPage('Unauthorized (401)', 'AUTHENTICATION_DENIED'), {
    'X-Seraph-LoginReason': 'AUTHENTICATION_DENIED',
    'X-Authentication-Denied-Reason': `CAPTCHA_CHALLENGE; login-url=${world.baseUrl()}/login.jsp`,
  })
}

/** The account behind the token may not do anything any more. */
export function deniedLogin(): Answer {
  return htmlAnswer(401, plainPage('Unauthorized (401)', 'The user is not active.'), {
    'X-Seraph-LoginReason': 'AUTHENTICATION_DENIED',
  })
}

/** @param retryAfter the header as it is to be sent; undefined leaves all rate limit headers out */
export function tooManyRequests(world: JiraWorld, retryAfter: string | undefined): Answer {
  const body = { errorMessages: ['Rate limit exceeded.'], errors: {} }
  if (retryAfter === undefined) return jsonAnswer(429, body)
  const own =
    world.flavour === 'dc'
      ? {
          'X-RateLimit-Limit': '20',
          'X-RateLimit-Remaining': '0',
          'X-RateLimit-Interval-Seconds': '1',
          'X-RateLimit-FillRate': '2',
        }
      : {
          'X-RateLimit-Limit': '100',
          'X-RateLimit-Remaining': '0',
          'X-RateLimit-Reset': new Date(world.now() + 1000).toISOString(),
          'X-RateLimit-NearLimit': 'true',
          'RateLimit-Reason': 'jira-burst-based',
        }
  return jsonAnswer(429, body, { ...own, 'Retry-After': retryAfter })
}
