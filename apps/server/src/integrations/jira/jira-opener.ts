import type { Outbound } from '../../platform/outbound/outbound.ts'
import type { Secret } from '../../platform/secret/secret.ts'
import { createJiraMcpServer } from '../mcp/jira-mcp-server.ts'
import { createJiraTools, type JiraTools } from '../mcp/jira-tools.ts'
import { connectInProcess } from '../mcp/mcp-in-process.ts'
import { createJiraClient } from './jira-client.ts'
import type { JiraFlavour } from './jira-credential.ts'
import { credentialOf } from './jira-people.ts'

type Person = {
  readonly baseUrl: string
  readonly flavour: JiraFlavour
  readonly loginEmail: string | undefined
  readonly token: Secret
}

type Dependencies = {
  readonly outbound: Outbound
  readonly access: (userId: string) => Promise<Person>
  /** Runs before each opening. */
  readonly before: () => Promise<void>
}

type OpenedJira = {
  readonly baseUrl: string
  readonly flavour: JiraFlavour
  readonly tools: JiraTools
}

/**
 * Opens our own Jira MCP server as one person, in this process, for as long as `work` takes.
 * Failures of the tools are JiraError.
 */
export function createJiraOpener({ outbound, access, before }: Dependencies) {
  return async <T>(userId: string, work: (jira: OpenedJira) => Promise<T>): Promise<T> => {
    await before()
    const person = await access(userId)
    const { baseUrl, flavour } = person
    const credential = credentialOf(person)
    const client = createJiraClient({ outbound, baseUrl, flavour, credential })
    const mcp = await connectInProcess(createJiraMcpServer(client))
    try {
      return await work({ baseUrl, flavour, tools: createJiraTools(mcp) })
    } finally {
      await mcp.close()
    }
  }
}
