import { z } from 'zod'
import { defaultIssueFields, type JiraClient } from '../../jira/jira-client.ts'
import { toJiraText } from '../../jira/jira-description.ts'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { namesOf } from '../csv-argument.ts'
import { toolsOf } from '../tool.ts'
import { badArgument } from '../tool-refusal.ts'
import { projectOf, within } from './jira-arguments.ts'
import * as shapes from './jira-tool-shapes.ts'
import { presentIssue } from './present-issue.ts'

const jiraTool = toolsOf<JiraClient>()
const listedDescriptionLength = 1_000

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
        ...withoutAbsent({ pageToken: args.page_token }),
      })
      const present = { commentLimit: 0, descriptionLength: listedDescriptionLength }
      const shown = issues.filter(({ key }) => allowed?.includes(projectOf(key)) ?? true)
      return { issues: shown.map((issue) => presentIssue(issue, present)), ...page }
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
      return presentIssue(issue, { commentLimit })
    },
  }),
  jiraTool({
    name: 'jira_create_issue',
    title: 'Create an issue',
    description:
      'Creates one issue and adds nothing of its own. Not repeatable: when the answer is lost, ' +
      'look for the issue before calling again.',
    toolset: 'issues',
    effect: 'write',
    scope: ({ project_key: key }) => [key],
    ...shapes.createIssue,
    run: (client, args, { signal }) => client.createIssue(createPayload(client, args), { signal }),
  }),
]

type CreateArguments = z.output<typeof shapes.createIssue.input>

/** Fields of the arguments first; additional ones may not turn the issue into another one. */
const ownFields = ['project', 'issuetype', 'summary', 'description'] as const

function createPayload(client: JiraClient, args: CreateArguments): Record<string, unknown> {
  const { issue_type: type, description, assignee } = args
  const additional = additionalFields(args.additional_fields)
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

function additionalFields(json = '{}'): Record<string, unknown> {
  const argument = 'additional_fields'
  const fields = parseObject(json)
  if (fields === undefined)
    throw badArgument(argument, 'a JSON object is expected, such as {"labels": ["a"]}')
  const doubled = ownFields.filter((name) => name in fields)
  if (doubled.length === 0) return fields
  throw badArgument(argument, `${doubled.join(', ')} have arguments of their own`)
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(json))
  } catch {
    return undefined
  }
}
