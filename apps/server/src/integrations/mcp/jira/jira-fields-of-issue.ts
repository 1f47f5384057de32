import type { JiraClient } from '../../jira/jira-client.ts'
import { toJiraText } from '../../jira/jira-description.ts'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { namesOf } from '../csv-argument.ts'
import { badArgument } from '../tool-refusal.ts'
import { objectOf } from './jira-arguments.ts'

type NewIssue = {
  readonly project_key: string
  readonly summary: string
  readonly issue_type: string
  readonly assignee?: string | undefined
  readonly description?: string | undefined
  readonly components?: string | undefined
}

/** Fields of the arguments first; additional ones may not turn the issue into another one. */
const ownFields = ['project', 'issuetype', 'summary', 'description'] as const

/** @throws ToolRefusal */
export function additionalFields(json: string | undefined): Record<string, unknown> {
  const argument = 'additional_fields'
  const fields = objectOf(argument, json)
  const doubled = ownFields.filter((name) => name in fields)
  if (doubled.length === 0) return fields
  throw badArgument(argument, `${doubled.join(', ')} have arguments of their own`)
}

/** What Jira gets of the arguments of a create; texts are Markdown. */
export function fieldsOfNew(
  client: JiraClient,
  issue: NewIssue,
  additional: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { issue_type: type, description, assignee } = issue
  return {
    ...additional,
    project: { key: issue.project_key },
    issuetype: /^\d+$/.test(type) ? { id: type } : { name: type },
    summary: issue.summary.replaceAll(/\s+/g, ' ').trim(),
    ...withoutAbsent({
      description: description === undefined ? undefined : toJiraText(description, client.flavour),
      assignee: assignee === undefined ? undefined : personField(client, assignee),
      components: namesOf(issue.components)?.map((name) => ({ name })),
    }),
  }
}

/** Fields of a change: a description in Markdown, and people by their name or id, are put in Jira's form. */
export function fieldsOfChange(
  client: JiraClient,
  fields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, changed(client, name, value)]),
  )
}

function changed(client: JiraClient, name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (name === 'description' || name === 'environment') return toJiraText(value, client.flavour)
  return name === 'assignee' || name === 'reporter' ? personField(client, value) : value
}

function personField({ flavour }: JiraClient, id: string) {
  return flavour === 'cloud' ? { id } : { name: id }
}
