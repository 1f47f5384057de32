import {
  type CallToolResult,
  McpServer,
  type ServerContext,
  type ToolAnnotations,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { defaultIssueFields, type JiraClient, quoteJql } from '../jira/jira-client.ts'
import { toJiraText } from '../jira/jira-description.ts'
import { JiraError, jiraError } from '../jira/jira-error.ts'
import { storyPointsAmong } from '../jira/jira-metadata.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import * as shapes from './jira-tool-shapes.ts'
import { presentIssue } from './present-issue.ts'
import { toFailedResult } from './tool-failure.ts'

type Options = {
  /** True: tools that write are not there. */
  readonly readOnly?: boolean
}

const projectsMax = 1_000
const allowedValuesMax = 100
const listedDescriptionLength = 1_000
const toolListFreshMs = 6 * 3_600_000

/**
 * Jira as MCP tools, for one person's credential. Stateless: make one for each request or
 * connection.
 */
export function createJiraMcpServer(
  client: JiraClient,
  { readOnly = false }: Options = {},
): McpServer {
  const server = new McpServer(
    { name: 'studioops-jira', title: 'StudioOps Jira', version: '0.1.0' },
    {
      instructions:
        'Jira of one person. Ask for the project key instead of guessing it; read the create ' +
        'fields of an issue type before creating an issue of it.',
      cacheHints: { 'tools/list': { ttlMs: toolListFreshMs, cacheScope: 'private' } },
    },
  )
  const tools = createTools(client)
  const add = createRegistrar(server, client.host)
  add('jira_get_user_profile', {
    title: 'Own profile',
    description: 'Who the credential belongs to, as Jira says.',
    shape: shapes.getUserProfile,
    run: tools.userProfile,
  })
  add('jira_get_all_projects', {
    title: 'All projects',
    description: 'Projects that the person sees, by name.',
    shape: shapes.getAllProjects,
    run: tools.allProjects,
  })
  add('jira_get_project_issue_types', {
    title: 'Issue types of a project',
    description: 'Types of issues that can be created in a project.',
    shape: shapes.getProjectIssueTypes,
    run: tools.issueTypes,
  })
  add('jira_get_create_fields', {
    title: 'Fields of the create screen',
    description: 'Fields that an issue type takes when it is created; others are refused.',
    shape: shapes.getCreateFields,
    run: tools.createFields,
  })
  add('jira_search', {
    title: 'Search issues',
    description: 'Issues that match a JQL query. On Jira Cloud new issues appear after a delay.',
    shape: shapes.search,
    run: tools.search,
  })
  add('jira_get_issue', {
    title: 'Read an issue',
    description: 'One issue with its newest comments.',
    shape: shapes.getIssue,
    run: tools.issue,
  })
  if (readOnly) return server
  add('jira_create_issue', {
    title: 'Create an issue',
    description:
      'Creates one issue and adds nothing of its own. Not repeatable: when the answer is lost, ' +
      'look for the issue before calling again.',
    shape: shapes.createIssue,
    annotations: { readOnlyHint: false, idempotentHint: false },
    run: tools.createIssue,
  })
  return server
}

type Shape = { readonly input: z.ZodObject; readonly output: z.ZodObject }

type Tool<S extends Shape> = {
  readonly title: string
  readonly description: string
  readonly shape: S
  readonly annotations?: ToolAnnotations
  readonly run: (args: z.output<S['input']>, signal: AbortSignal) => Promise<z.output<S['output']>>
}

function createRegistrar(server: McpServer, host: string) {
  return <S extends Shape>(name: string, tool: Tool<S>): void => {
    const { title, description, shape, run } = tool
    server.registerTool(
      name,
      {
        title,
        description,
        inputSchema: shape.input,
        outputSchema: shape.output,
        annotations: {
          title,
          readOnlyHint: true,
          destructiveHint: false,
          idempotentHint: true,
          openWorldHint: true,
          ...tool.annotations,
        },
      },
      async (args: unknown, context: ServerContext): Promise<CallToolResult> => {
        try {
          // The SDK has parsed them with the same schema.
          const result = await run(args as z.output<S['input']>, context.mcpReq.signal)
          return {
            content: [{ type: 'text', text: JSON.stringify(result) }],
            structuredContent: result,
          }
        } catch (error) {
          return toFailedResult(asJiraError(error, host))
        }
      },
    )
  }
}

/** A defect of ours inside a tool may have happened after sending. */
function asJiraError(error: unknown, host: string): JiraError {
  if (error instanceof JiraError) return error
  return jiraError({
    kind: 'unexpected-answer',
    sent: true,
    host,
    detail: 'the tool itself failed',
  })
}

type Input<S extends Shape> = z.output<S['input']>

function createTools(client: JiraClient) {
  return {
    async userProfile({ user_identifier: wanted }: Input<typeof shapes.getUserProfile>) {
      const { active: _active, deleted: _deleted, ...profile } = await client.myself()
      const own = [profile.employeeId, profile.name, profile.displayName, profile.email ?? '']
      if (wanted === 'me' || own.some((name) => name.toLowerCase() === wanted.toLowerCase()))
        return profile
      throw badArgument(client, 'user_identifier', 'only the own profile can be read: use "me"')
    },

    async allProjects({ include_archived: archived }: Input<typeof shapes.getAllProjects>) {
      const projects = await client.projects({ archived })
      return { projects: projects.slice(0, projectsMax), total: projects.length }
    },

    async issueTypes({ project_key: projectKey }: Input<typeof shapes.getProjectIssueTypes>) {
      return { issueTypes: await client.issueTypes(projectKey) }
    },

    async createFields(args: Input<typeof shapes.getCreateFields>) {
      const fields = await client.createFields(args.project_key, args.issue_type_id)
      return {
        fields: fields.map(
          ({ fieldId, name, required, hasDefaultValue, schema, allowedValues }) => ({
            id: fieldId,
            name,
            required,
            hasDefaultValue,
            type: schema.type,
            ...withoutAbsent({
              items: schema.items,
              custom: schema.custom,
              allowedValues: allowedValues
                ?.slice(0, allowedValuesMax)
                .map((choice) =>
                  withoutAbsent({ id: choice.id, name: choice.name ?? choice.value ?? choice.key }),
                ),
            }),
          }),
        ),
        ...withoutAbsent({ storyPointsFieldId: storyPointsAmong(fields)?.fieldId }),
      }
    },

    async search(args: Input<typeof shapes.search>) {
      const { issues, ...page } = await client.search(filtered(args.jql, args.projects_filter), {
        fields: namesOf(args.fields) ?? defaultIssueFields,
        limit: args.limit,
        startAt: args.start_at,
        ...withoutAbsent({ pageToken: args.page_token }),
      })
      const present = { commentLimit: 0, descriptionLength: listedDescriptionLength }
      return { issues: issues.map((issue) => presentIssue(issue, present)), ...page }
    },

    async issue(args: Input<typeof shapes.getIssue>) {
      const { comment_limit: commentLimit } = args
      const fields = namesOf(args.fields) ?? defaultIssueFields
      const issue = await client.getIssue(args.issue_key, {
        fields: commentLimit > 0 ? [...fields, 'comment'] : fields,
        updateHistory: args.update_history,
        expand: args.expand,
        properties: namesOf(args.properties),
      })
      return presentIssue(issue, { commentLimit })
    },

    async createIssue(args: Input<typeof shapes.createIssue>, signal: AbortSignal) {
      return client.createIssue(createPayload(client, args), { signal })
    },
  }
}

/** Fields of the arguments first; additional ones may not turn the issue into another one. */
const ownFields = ['project', 'issuetype', 'summary', 'description'] as const

function createPayload(
  client: JiraClient,
  args: Input<typeof shapes.createIssue>,
): Record<string, unknown> {
  const { issue_type: type, description, assignee } = args
  const additional = additionalFields(client, args.additional_fields)
  const components = namesOf(args.components)?.map((name) => ({ name }))
  return {
    ...additional,
    project: { key: args.project_key },
    issuetype: /^\d+$/.test(type) ? { id: type } : { name: type },
    summary: args.summary.replaceAll(/\s+/g, ' ').trim(),
    ...withoutAbsent({
      description: description === undefined ? undefined : toJiraText(description, client.flavour),
      assignee:
        assignee === undefined
          ? undefined
          : { [client.flavour === 'cloud' ? 'id' : 'name']: assignee },
      components,
    }),
  }
}

function additionalFields(client: JiraClient, json = '{}'): Record<string, unknown> {
  const argument = 'additional_fields'
  const fields = parseObject(json)
  if (fields === undefined)
    throw badArgument(client, argument, 'a JSON object is expected, such as {"labels": ["a"]}')
  const doubled = ownFields.filter((name) => name in fields)
  if (doubled.length === 0) return fields
  throw badArgument(client, argument, `${doubled.join(', ')} have arguments of their own`)
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(json))
  } catch {
    return undefined
  }
}

function badArgument({ host }: JiraClient, argument: string, text: string): JiraError {
  const detail = `the argument ${argument} is wrong`
  return jiraError({ kind: 'rejected', sent: false, host, fields: { [argument]: text }, detail })
}

function namesOf(csv: string | undefined): string[] | undefined {
  const names = csv
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return names === undefined || names.length === 0 ? undefined : names
}

/** The order stays outside of the brackets. */
function filtered(jql: string, csv: string | undefined): string {
  const projects = namesOf(csv)
  if (projects === undefined) return jql
  const [, query = '', order = ''] = /^([\s\S]*?)(\border\s+by\b[\s\S]*)?$/i.exec(jql) ?? []
  const within = `project in (${projects.map(quoteJql).join(', ')})`
  return `${query.trim() === '' ? within : `${within} AND (${query.trim()})`} ${order}`.trim()
}
