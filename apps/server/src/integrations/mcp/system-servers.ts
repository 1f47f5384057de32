import type { McpServer } from '@modelcontextprotocol/server'
import type { Outbound } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import type { Log } from '../../platform/log/log.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { credentialOf } from '../atlassian/atlassian-credential.ts'
import { createConfluenceClient } from '../confluence/confluence-client.ts'
import { createJiraClient } from '../jira/jira-client.ts'
import { createTrelloClient } from '../trello/trello-client.ts'
import { createTrelloLimits, type TrelloLimits } from '../trello/trello-limits.ts'
import { confluenceServer } from './confluence/confluence-server.ts'
import { jiraServer } from './jira/jira-server.ts'
import { createToolServer, type ToolServer, type ToolServerLimits } from './tool-server.ts'
import { trelloServer } from './trello/trello-server.ts'

export const builtInSystems = ['jira', 'confluence', 'trello'] as const
export type BuiltInSystem = (typeof builtInSystems)[number]

/** Where a system is, and one person's credential of it. */
export type SystemSettings = {
  readonly baseUrl: string
  /** Of Jira and Confluence; default `dc`. */
  readonly flavour?: 'dc' | 'cloud' | undefined
  /** Of their Cloud. */
  readonly loginEmail?: string | undefined
  readonly token?: Secret | undefined
  /** Of Trello. */
  readonly key?: Secret | undefined
  readonly tls?: TlsChoice | undefined
}

/** What can be said of a server of ours without a credential. */
export const describedServers: Readonly<
  Record<BuiltInSystem, Pick<ToolServer<never>, 'title' | 'tools' | 'filters'>>
> = { jira: jiraServer, confluence: confluenceServer, trello: trelloServer }

type Dependencies = {
  readonly outbound: Outbound
  readonly log?: Log | undefined
  /** Shared with whoever else asks Trello in this process. */
  readonly trelloLimits?: TrelloLimits
}

/** Makes our MCP server of a system for one person's credential; it opens a client when it is used. */
export function createSystemServers({ outbound, log, trelloLimits }: Dependencies) {
  // What Trello allows holds for a key and a token, whoever asks with them.
  const limits = trelloLimits ?? createTrelloLimits()
  const none = new Secret('')

  function serverOf<Client>(
    server: ToolServer<Client>,
    open: () => Promise<Client>,
    within: ToolServerLimits,
  ): McpServer {
    return createToolServer(server, {
      ...within,
      open,
      onDefect: (err, tool) => log?.error({ err, tool }, 'mcp tool failed'),
    })
  }

  /** @param settingsOf asked for when the first tool is called */
  return (
    system: BuiltInSystem,
    settingsOf: () => SystemSettings | Promise<SystemSettings>,
    within: ToolServerLimits,
  ): McpServer => {
    async function atlassian() {
      const { baseUrl, flavour = 'dc', loginEmail, token = none, tls } = await settingsOf()
      const credential = credentialOf({ flavour, token, loginEmail })
      return { outbound, baseUrl, flavour, credential, ...tls }
    }
    async function trello() {
      const { baseUrl, token = none, key = none, tls } = await settingsOf()
      return { outbound, limits, baseUrl, credential: { key, token }, ...tls }
    }
    const makers: Record<BuiltInSystem, () => McpServer> = {
      jira: () => serverOf(jiraServer, async () => createJiraClient(await atlassian()), within),
      confluence: () =>
        serverOf(confluenceServer, async () => createConfluenceClient(await atlassian()), within),
      trello: () => serverOf(trelloServer, async () => createTrelloClient(await trello()), within),
    }
    return makers[system]()
  }
}
