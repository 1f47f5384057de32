import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'

/**
 * What a program may do with a token of a person. What a program drafts is approved in StudioOps
 * (D-25), unless its person gave the token `stories.approve`, for the command line: even then only
 * the very payload is sent whose hash the program names. `systems.read`: read the person's Jira, Confluence
 * and Trello through the built-in MCP servers. `models.use`: ask the models of the workspace through
 * `/v1/chat/completions`, at the person's budget.
 */
export const accessScope = z.enum([
  'stories.read',
  'stories.draft',
  'stories.approve',
  'waiting.read',
  'health.read',
  'systems.read',
  'models.use',
])
export type AccessScope = z.output<typeof accessScope>

export const accessToken = z.object({
  id: z.uuid(),
  name: z.string(),
  scopes: z.array(accessScope),
  /** The last four characters, for recognising it. */
  hint: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().optional(),
  state: z.enum(['valid', 'expired', 'revoked']),
})
export type AccessToken = z.output<typeof accessToken>

export const listAccessTokens = defineEndpoint({
  method: 'GET',
  path: '/account/access-tokens',
  summary: 'The own tokens for programs, newest first. Never a token itself.',
  access: 'member',
  reply: z.object({
    tokens: z.array(accessToken),
    /** Where a program finds StudioOps as an MCP server. */
    mcpUrl: z.url(),
  }),
  errors: ['session.required'],
})

export const createAccessToken = defineEndpoint({
  method: 'POST',
  path: '/account/access-tokens',
  summary: 'Makes a token for a program. It is shown this once.',
  access: 'member',
  stepUp: true,
  status: 201,
  body: z.object({
    name: z.string().trim().min(1).max(limits.accessTokenNameMax),
    scopes: z.array(accessScope).min(1).max(accessScope.options.length),
    days: z.int().min(1).max(365),
  }),
  reply: z.object({ token: accessToken, secret: z.string() }),
  repliesSecret: true,
  errors: [
    'session.required',
    'session.step-up-needed',
    'request.invalid',
    'access-token.too-many',
    'idempotency.mismatch',
  ],
})

export const revokeAccessToken = defineEndpoint({
  method: 'DELETE',
  path: '/account/access-tokens/:tokenId',
  summary: 'Ends a token at once.',
  access: 'member',
  stepUp: true,
  params: z.object({ tokenId: z.uuid() }),
  reply: z.object({ tokens: z.array(accessToken) }),
  errors: ['session.required', 'session.step-up-needed', 'access-token.not-found'],
})
