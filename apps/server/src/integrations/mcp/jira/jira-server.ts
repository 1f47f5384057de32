import type { McpServer } from '@modelcontextprotocol/server'
import type { JiraClient } from '../../jira/jira-client.ts'
import { JiraError, jiraErrorCode } from '../../jira/jira-error.ts'
import { createToolServer, type ToolServer, type ToolServerLimits } from '../tool-server.ts'
import { issueTools } from './jira-issue-tools.ts'
import { placeTools } from './jira-place-tools.ts'
import { planningTools } from './jira-planning-tools.ts'
import { projectTools } from './jira-project-tools.ts'
import { workTools } from './jira-work-tools.ts'

export const jiraServer: ToolServer<JiraClient> = {
  name: 'studioops-jira',
  title: 'StudioOps Jira',
  instructions:
    'Jira of one person. Ask for the project key instead of guessing it; read the create ' +
    'fields of an issue type before creating an issue of it.',
  tools: [...projectTools, ...issueTools, ...workTools, ...planningTools, ...placeTools],
  filters: 'projects',
  explain(error) {
    if (!(error instanceof JiraError)) return undefined
    const { facts, failure } = error
    const { messages, fields } = failure
    return { code: jiraErrorCode(error), facts, messages, fields, error: failure }
  },
}

/** Jira as MCP tools, for one person's credential. */
export function createJiraMcpServer(client: JiraClient, limits: ToolServerLimits = {}): McpServer {
  return createToolServer(jiraServer, { ...limits, open: () => client })
}
