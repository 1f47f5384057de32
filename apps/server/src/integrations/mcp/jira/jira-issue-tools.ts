import { defaultIssueFields, type JiraClient } from '../../jira/jira-client.ts'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { namesOf } from '../csv-argument.ts'
import { toolsOf } from '../tool.ts'
import { projectOf, within } from './jira-arguments.ts'
import { additionalFields, fieldsOfNew } from './jira-fields-of-issue.ts'
import { createMarked } from './jira-marked-create.ts'
import * as shapes from './jira-tool-shapes.ts'
import { presentIssue } from './present-issue.ts'

const jiraTool = toolsOf<JiraClient>()
const listedDescriptionLength = 1_000

async function namesOfFields(client: JiraClient): Promise<ReadonlyMap<string, string>> {
  return new Map((await client.fields()).map(({ id, name }) => [id, name]))
}

function withNames(issue: shapes.IssueResult, named: ReadonlyMap<string, string> | undefined) {
  if (named === undefined || issue.fields === undefined) return issue
  const fields = Object.entries(issue.fields).map(([id, value]) => [named.get(id) ?? id, value])
  return { ...issue, fields: Object.fromEntries(fields) as Record<string, unknown> }
}

const parts = {
  transitions: async (client: JiraClient, key: string) =>
    (await client.transitions(key)).map(({ id, name, to }) => ({ id, name, to: to?.name ?? '' })),
  watchers: async (client: JiraClient, key: string) =>
    (await client.watchers(key)).watchers.map(({ displayName }) => displayName),
  worklog: async (client: JiraClient, key: string) =>
    (await client.worklogs(key)).map(({ author, timeSpent, started }) => ({
      author: author?.displayName ?? '',
      timeSpent,
      started,
    })),
  attachments: (client: JiraClient, key: string) => client.attachments(key),
}

async function partsOf(client: JiraClient, key: string, wanted: readonly string[]) {
  const found: Record<string, unknown> = {}
  for (const [name, read] of Object.entries(parts))
    if (wanted.includes(name)) found[name] = await read(client, key)
  return Object.keys(found).length === 0 ? {} : { included: found }
}

export const issueTools = [
  jiraTool({
    name: 'jira_search',
    title: 'Search issues',
    description: 'Issues that match a JQL query. On Jira Cloud new issues appear after a delay.',
    toolset: 'issues',
    effect: 'read',
    scope: 'own',
    ...shapes.search,
    async run(client, args, { allowed }) {
      // Both hold: what the caller asks for, and what the caller may ask for.
      const jql = within(within(args.jql, namesOf(args.projects_filter)), allowed)
      const { issues, ...page } = await client.search(jql, {
        fields: namesOf(args.fields) ?? defaultIssueFields,
        limit: args.limit,
        startAt: args.start_at,
        expand: args.expand,
        ...withoutAbsent({ pageToken: args.page_token }),
      })
      const present = { commentLimit: 0, descriptionLength: listedDescriptionLength }
      const shown = issues.filter(({ key }) => allowed?.includes(projectOf(key)) ?? true)
      const named = args.use_display_names ? await namesOfFields(client) : undefined
      const listed = shown.map((issue) => withNames(presentIssue(issue, present), named))
      return { issues: listed, ...page }
    },
  }),
  jiraTool({
    name: 'jira_get_issue',
    title: 'Read an issue',
    description: 'One issue with its newest comments.',
    toolset: 'issues',
    effect: 'read',
    scope: ({ issue_key: key }) => [projectOf(key)],
    ...shapes.getIssue,
    async run(client, args, { requireAllowed }) {
      const { comment_limit: commentLimit } = args
      const fields = namesOf(args.fields) ?? defaultIssueFields
      const issue = await client.getIssue(args.issue_key, {
        fields: commentLimit > 0 ? [...fields, 'comment'] : fields,
        updateHistory: args.update_history,
        expand: args.expand,
        properties: namesOf(args.properties),
      })
      // An old key leads to where the issue was moved.
      requireAllowed(projectOf(issue.key))
      const named = args.use_display_names ? await namesOfFields(client) : undefined
      const shown = withNames(presentIssue(issue, { commentLimit }), named)
      return { ...shown, ...(await partsOf(client, issue.key, namesOf(args.include) ?? [])) }
    },
  }),
  jiraTool({
    name: 'jira_create_issue',
    title: 'Create an issue',
    description:
      'Creates one issue. It carries a mark that nobody sees, by which it is found again when an ' +
      'answer is lost; when that fails too, look for the issue before calling again.',
    toolset: 'issues',
    effect: 'write',
    scope: ({ project_key: key }) => [key],
    ...shapes.createIssue,
    run: (client, args, { signal }) =>
      createMarked(client, {
        fields: fieldsOfNew(client, args, additionalFields(args.additional_fields)),
        projectKey: args.project_key,
        marker: args.marker,
        signal,
      }),
  }),
]
