import type { AccessScope } from '@studioops/contracts/access-tokens'
import type { Language } from '@studioops/contracts/installation'
import {
  type BearerCaller,
  createBearerEndpoints,
} from '../../integrations/mcp/bearer-endpoints.ts'
import {
  builtInSystems,
  type createSystemServers,
  describedServers,
} from '../../integrations/mcp/system-servers.ts'
import { createToolServer } from '../../integrations/mcp/tool-server.ts'
import type { ConnectionService } from '../connections/index.ts'
import type { OutboxService } from '../outbox/index.ts'
import type { AccessTokens } from './access-tokens.service.ts'
import { type StudioDesk, studioServer } from './access-tokens.tools.ts'

type Ways = Parameters<typeof createBearerEndpoints<AccessScope>>[0]
type Serving = Parameters<ReturnType<typeof createBearerEndpoints<AccessScope>>['serve']>[0]

type Dependencies = Omit<Ways, 'recognise'> & {
  readonly tokens: Pick<AccessTokens, 'recognise'>
  readonly desk: {
    readonly stories: StudioDesk['stories']
    readonly outbox: Pick<OutboxService, 'list' | 'present'>
    readonly connections: Pick<ConnectionService, 'show' | 'open'>
    readonly isWell: () => boolean
  }
  readonly systemServers: ReturnType<typeof createSystemServers>
  /** Answers a request to `/mcp/jira` that brings a credential of Jira instead of a token of ours. */
  readonly answerJira: NonNullable<Serving['otherwise']>
}

/** StudioOps as an MCP server at `/mcp`, and a person's systems at `/mcp/<system>`. */
export function serveMcp({ tokens, desk, systemServers, answerJira, ...ways }: Dependencies) {
  const { log } = ways
  const endpoints = createBearerEndpoints<AccessScope>({ ...ways, recognise: tokens.recognise })

  function deskOf({ userId, language, origin }: BearerCaller<AccessScope>): StudioDesk {
    return {
      userId,
      language,
      origin,
      stories: desk.stories,
      operations: async (limit) =>
        (await desk.outbox.list(userId, limit)).map((row) => desk.outbox.present(row, language)),
      health: () => health(userId, language),
    }
  }

  async function health(userId: string, language: Language) {
    const { jira, confluence, trello, model } = await desk.connections.show(userId, language)
    const connections = Object.entries({ jira, confluence, trello, model })
    return {
      product: desk.isWell() ? ('well' as const) : ('impaired' as const),
      connections: connections.map(([system, { state, ...standing }]) => ({
        system,
        state,
        failingSince: 'failingSince' in standing ? standing.failingSince : undefined,
      })),
    }
  }

  endpoints.serve({
    path: '/mcp',
    title: 'StudioOps',
    scopes: ['stories.read', 'stories.draft', 'stories.approve', 'waiting.read', 'health.read'],
    make: (caller) =>
      createToolServer(studioServer, {
        toolsets: caller.scopes,
        language: caller.language,
        onDefect: (err, tool) => log.error({ err, tool }, 'mcp tool failed'),
        open: () => deskOf(caller),
      }),
  })
  for (const system of builtInSystems)
    endpoints.serve({
      path: `/mcp/${system}`,
      title: describedServers[system].title,
      scopes: ['systems.read'],
      // A write needs a person's click in StudioOps (D-25), and no token is one.
      make: ({ userId, language }) =>
        systemServers(system, () => desk.connections.open({ userId, system }), {
          readOnly: true,
          language,
        }),
      ...(system === 'jira' ? { otherwise: answerJira } : {}),
    })
  return endpoints
}
