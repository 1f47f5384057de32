import type { Outbound } from '../../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../../platform/outbound/pinned-connection.ts'
import type { Secret } from '../../../platform/secret/secret.ts'
import { createJiraClient } from '../../jira/jira-client.ts'
import { credentialOf, type JiraFlavour } from '../../jira/jira-credential.ts'
import { createJiraMcpServer } from './jira-server.ts'
import { createJiraTools, type JiraTools } from './jira-tool-calls.ts'
import { connectInProcess } from '../mcp-in-process.ts'

type Access = {
  readonly baseUrl: string
  readonly flavour: JiraFlavour
  readonly loginEmail: string | undefined
  readonly token: Secret
  readonly tls: TlsChoice
}

type Dependencies = {
  readonly outbound: Outbound
  /** What is needed to act as this person. */
  readonly access: (userId: string) => Promise<Access>
  /** Brings the guard of the way out up to date. */
  readonly before: () => Promise<void>
}

export type OpenedJira = {
  readonly tools: JiraTools
  readonly baseUrl: string
  readonly flavour: JiraFlavour
}

/**
 * Opens our Jira MCP server with a person's own credential, for as long as the work takes: the
 * product itself goes through the tools that it offers to others.
 */
export function createJiraOpener({ outbound, access, before }: Dependencies) {
  return async <T>(userId: string, work: (jira: OpenedJira) => Promise<T>): Promise<T> => {
    await before()
    const person = await access(userId)
    const { baseUrl, flavour, tls } = person
    const credential = credentialOf(person)
    const client = createJiraClient({ outbound, baseUrl, flavour, credential, ...tls })
    const connection = await connectInProcess(createJiraMcpServer(client))
    try {
      return await work({ tools: createJiraTools(connection), baseUrl, flavour })
    } finally {
      await connection.close()
    }
  }
}
