import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { problem } from './problem.ts'

/** A line of a comparison between what was accepted and what a server says now. */
export const differenceLine = z.object({
  kind: z.enum(['same', 'added', 'removed']),
  text: z.string(),
})
export type DifferenceLine = z.output<typeof differenceLine>

export const offeredTool = z.object({
  name: z.string(),
  title: z.string().optional(),
  /** The server's own words: text of somebody else, shown and never obeyed. */
  description: z.string(),
  /** What the server claims; `unknown` where it claims nothing. Believed of built-in servers only. */
  effect: z.enum(['read', 'write', 'destroy', 'unknown']),
  requiredArguments: z.array(z.string()),
  /** `changed`, `new`: off until somebody accepts it. */
  state: z.enum(['on', 'changed', 'new']),
  /** SHA-256 of name, description and schemas, hex: what an acceptance accepts. */
  hash: z.string(),
  /** Of `changed`. */
  differences: z.array(differenceLine).optional(),
})
export type OfferedTool = z.output<typeof offeredTool>

export const toolServer = z.object({
  id: z.string(),
  /** `built-in`: ours, over a connection of the person. */
  kind: z.enum(['built-in', 'http', 'stdio']),
  name: z.string(),
  /** The URL, or the exact command. */
  address: z.string().optional(),
  tokenHint: z.string().optional(),
  /** Of an http server: whether its certificate is checked, and by whom. */
  tls: z.enum(['usual', 'own', 'off']).optional(),
  /** `stale`: the server is away, the last list stands. `never`: no list was ever read. */
  state: z.enum(['fresh', 'stale', 'never']),
  fetchedAt: z.iso.datetime().optional(),
  nextRefreshAt: z.iso.datetime().optional(),
  /** Why the list is not of this moment. */
  problem: problem.optional(),
  tools: z.array(offeredTool),
})
export type ToolServer = z.output<typeof toolServer>

const servers = z.object({
  servers: z.array(toolServer),
  /** What a model is told of all of them (CON-9). */
  hints: z.object({ text: z.string(), tokensMax: z.int() }),
  /** Commands that the operator allows, by name. */
  commands: z.array(z.object({ name: z.string(), command: z.string() })),
})
export type ToolServers = z.output<typeof servers>

const form = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('http'),
    name: z.string().trim().min(1).max(limits.toolServerNameMax),
    url: z.url({ protocol: /^https?$/ }).max(limits.urlLengthMax),
    /** Sent as `Authorization: Bearer`. */
    token: z.string().trim().min(1).max(limits.tokenLengthMax).optional(),
    tls: z
      .object({
        verify: z.boolean(),
        /** PEM to be trusted besides what Node trusts. */
        certificate: z.string().trim().min(1).max(limits.certificateLengthMax).optional(),
      })
      .optional(),
  }),
  z.object({
    kind: z.literal('stdio'),
    name: z.string().trim().min(1).max(limits.toolServerNameMax),
    command: z.string().min(1).max(100),
  }),
])
export type ToolServerForm = z.output<typeof form>

const params = z.object({ serverId: z.string().min(1).max(60) })

export const listToolServers = defineEndpoint({
  method: 'GET',
  path: '/tools',
  summary: 'MCP servers of the person with their tools as they were last read.',
  access: 'member',
  reply: servers,
  errors: ['session.required'],
})

export const testToolServer = defineEndpoint({
  method: 'POST',
  path: '/tools/servers/test',
  summary: 'Asks an MCP server for its tools, and keeps nothing.',
  access: 'member',
  body: form,
  reply: z.object({
    passed: z.boolean(),
    durationMs: z.int(),
    tools: z.array(offeredTool.pick({ name: true, title: true, description: true, effect: true })),
    problem: problem.optional(),
  }),
  errors: [
    'session.required',
    'request.invalid',
    'request.too-many',
    'tools.no-such-command',
    'certificate.unreadable',
    'certificate.not-authority',
    'certificate.expired',
  ],
})

export const addToolServer = defineEndpoint({
  method: 'POST',
  path: '/tools/servers',
  summary: 'Connects an MCP server that answers, and accepts the tools that it offers now.',
  access: 'member',
  status: 201,
  body: form,
  reply: servers,
  errors: [
    'session.required',
    'request.invalid',
    'request.too-many',
    'tools.no-such-command',
    'tools.name-taken',
    'tools.server-away',
    'tools.server-refused',
    'tools.server-unreadable',
    'certificate.unreadable',
    'certificate.not-authority',
    'certificate.expired',
    'connection.not-allowed',
    'idempotency.mismatch',
  ],
})

export const removeToolServer = defineEndpoint({
  method: 'DELETE',
  path: '/tools/servers/:serverId',
  summary: 'Forgets an MCP server with its token and its tools.',
  access: 'member',
  params,
  reply: servers,
  errors: ['session.required', 'tools.no-such-server'],
})

export const refreshToolServer = defineEndpoint({
  method: 'POST',
  path: '/tools/servers/:serverId/refresh',
  summary: 'Reads the tools of a server now; the last good list stands where it is away.',
  access: 'member',
  params,
  reply: servers,
  errors: ['session.required', 'request.too-many', 'tools.no-such-server'],
})

export const acceptTools = defineEndpoint({
  method: 'POST',
  path: '/tools/servers/:serverId/acceptances',
  summary: 'Switches on tools that changed or are new, exactly as they were shown.',
  access: 'member',
  params,
  body: z.object({
    tools: z
      .array(z.object({ name: z.string().max(200), hash: z.string().length(64) }))
      .min(1)
      .max(500),
  }),
  reply: servers,
  errors: ['session.required', 'request.invalid', 'tools.no-such-server', 'tools.changed-again'],
})
