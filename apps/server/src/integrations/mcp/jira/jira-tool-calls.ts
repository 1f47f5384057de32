import type { CallToolResult } from '@modelcontextprotocol/client'
import { ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import { z } from 'zod'
import { JiraError, jiraError, type JiraFailureKind } from '../../jira/jira-error.ts'
import * as shapes from './jira-tool-shapes.ts'
import type { McpClient } from '../mcp-in-process.ts'
import { markerKey } from './jira-marked-create.ts'
import { fromFailedResult } from './jira-tool-failure.ts'

/** What an approval approved; the description is Markdown. */
export type NewIssue = {
  readonly projectKey: string
  readonly issueType: string
  readonly summary: string
  /** Undefined where the create screen takes none. */
  readonly description?: string | undefined
  readonly additionalFields: Readonly<Record<string, unknown>>
  /** Carried where nobody sees it. */
  readonly marker?: string | undefined
}

export type CallOptions = { readonly signal?: AbortSignal }

const callMs = 30_000

const searchFieldsOutput = z.object({
  fields: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      type: z.string().optional(),
      items: z.string().optional(),
      custom: z.boolean(),
      customType: z.string().optional(),
    }),
  ),
})
const named = z.object({ id: z.string(), name: z.string() })
const searchUsersOutput = z.object({
  users: z.array(z.object({ id: z.string(), displayName: z.string() })),
})

/** Our Jira tools as typed calls, over any MCP connection. Every method throws JiraError only. */
export function createJiraTools(client: McpClient) {
  async function call<S extends z.ZodObject>(
    name: string,
    { args, output, signal }: Call<S>,
  ): Promise<z.output<S>> {
    const result = await request(client, { name, args, ...(signal && { signal }) })
    if (result.isError === true) throw fromFailedResult(result)
    const read = output.safeParse(result.structuredContent)
    if (read.success) return read.data
    throw callFailure('unexpected-answer', `the tool ${name} answered in another shape`)
  }

  return {
    async projects() {
      const args = { include_archived: false }
      const { projects } = await call('jira_get_all_projects', {
        args,
        output: shapes.getAllProjects.output,
      })
      return projects.map(({ key, name }) => ({ key, name }))
    },

    async issueTypes(projectKey: string) {
      const { issueTypes } = await call('jira_get_project_issue_types', {
        args: { project_key: projectKey },
        output: shapes.getProjectIssueTypes.output,
      })
      return issueTypes
    },

    async createFields(projectKey: string, issueTypeId: string) {
      const { fields, storyPointsFieldId } = await call('jira_get_create_fields', {
        args: { project_key: projectKey, issue_type_id: issueTypeId },
        output: shapes.getCreateFields.output,
      })
      return { fields, storyPointsFieldId }
    },

    /** Every field of this Jira, at most 50 whose name or id holds the words. */
    async fields(words: string) {
      const { fields } = await call('jira_search_fields', {
        args: { keyword: words, limit: 50 },
        output: searchFieldsOutput,
      })
      return fields
    },

    /** People to whom issues of the project can be given. */
    async assignableUsers(projectKey: string) {
      const { users } = await call('jira_search_assignable_users', {
        args: { query: '', project_key: projectKey, limit: 50 },
        output: searchUsersOutput,
      })
      return users
    },

    /** Sprints of the project's first board that are not over. */
    async openSprints(projectKey: string) {
      const { boards } = await call('jira_get_agile_boards', {
        args: { project_key: projectKey, limit: 1 },
        output: z.object({ boards: z.array(named) }),
      })
      const [board] = boards
      if (board === undefined) return []
      const { sprints } = await call('jira_get_sprints_from_board', {
        args: { board_id: board.id, state: 'active,future', limit: 50 },
        output: z.object({ sprints: z.array(named) }),
      })
      return sprints
    },

    /** May be repeated. */
    async linkIssues(link: { type: string; inwardKey: string; outwardKey: string }) {
      await call('jira_create_issue_link', {
        args: {
          link_type: link.type,
          inward_issue_key: link.inwardKey,
          outward_issue_key: link.outwardKey,
        },
        output: z.object({}),
      })
    },

    async linkTypes() {
      const { linkTypes } = await call('jira_get_link_types', {
        args: {},
        output: z.object({ linkTypes: z.array(z.object({ name: z.string() })) }),
      })
      return linkTypes.map(({ name }) => name)
    },

    /** May be repeated. */
    async setEpic(key: string, epicKey: string) {
      await call('jira_link_to_epic', {
        args: { issue_key: key, epic_key: epicKey },
        output: z.object({}),
      })
    },

    /** Newest state of the search index; on Cloud it lags behind. */
    async search(jql: string, limit = 10, fields?: string) {
      const { issues } = await call('jira_search', {
        args: { jql, limit, ...(fields === undefined ? {} : { fields }) },
        output: shapes.search.output,
      })
      return issues
    },

    /** Read by its key, not from the index. Undefined where there is none that the person may see. */
    async getIssue(key: string) {
      try {
        return await call('jira_get_issue', {
          args: { issue_key: key, comment_limit: 0, properties: markerKey },
          output: shapes.getIssue.output,
        })
      } catch (error) {
        if (error instanceof JiraError && error.kind === 'not-found') return undefined
        throw error
      }
    },

    /** @throws JiraError whose `sent` and `kind` say whether the issue may exist */
    async createIssue(issue: NewIssue, { signal }: CallOptions = {}) {
      return call('jira_create_issue', {
        args: {
          project_key: issue.projectKey,
          summary: issue.summary,
          issue_type: issue.issueType,
          ...(issue.description === undefined ? {} : { description: issue.description }),
          additional_fields: JSON.stringify(issue.additionalFields),
          ...(issue.marker === undefined ? {} : { marker: issue.marker }),
        },
        output: shapes.createIssue.output,
        ...(signal && { signal }),
      })
    },
  }
}

export type JiraTools = ReturnType<typeof createJiraTools>

type Call<S extends z.ZodObject> = {
  readonly args: Record<string, unknown>
  readonly output: S
  readonly signal?: AbortSignal
}

type Request = {
  readonly name: string
  readonly args: Record<string, unknown>
  readonly signal?: AbortSignal
}

async function request(
  client: McpClient,
  { name, args, signal }: Request,
): Promise<CallToolResult> {
  if (client.transport === undefined)
    throw jiraError({ kind: 'unreachable', host: '', detail: 'the MCP server is not connected' })
  try {
    const options = { timeout: callMs, ...(signal && { signal }) }
    return await client.callTool({ name, arguments: args }, options)
  } catch (error) {
    if (signal?.aborted === true) throw callFailure('aborted', 'the caller stopped')
    throw callFailure(kindOf(error), `the tool ${name} did not answer: ${codeOf(error)}`)
  }
}

/** The connection to the server broke or was slow; whether the tool ran is unknown. */
function kindOf(error: unknown): JiraFailureKind {
  if (!(error instanceof SdkError)) return 'unexpected-answer'
  return error.code === SdkErrorCode.RequestTimeout ? 'timeout' : 'unreachable'
}

function codeOf(error: unknown): string {
  if (error instanceof SdkError || error instanceof ProtocolError) return String(error.code)
  return 'unknown error'
}

function callFailure(kind: JiraFailureKind, detail: string): JiraError {
  return jiraError({ kind, sent: true, host: '', detail })
}
