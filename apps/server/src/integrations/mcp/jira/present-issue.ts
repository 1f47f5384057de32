import { defaultIssueFields, type JiraIssue } from '../../jira/jira-client.ts'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { parseAdf, parseWiki, renderMarkdown } from '../../markup/markup.ts'
import type { IssueResult } from './jira-tool-shapes.ts'

type Options = {
  /** Newest comments that are shown; 0 for none. */
  readonly commentLimit: number
  /** In a list, descriptions are cut here. */
  readonly descriptionLength?: number
}

const known: ReadonlySet<string> = new Set([...defaultIssueFields, 'comment'])

/** An issue of either flavour in one shape, trimmed to what a model needs. */
export function presentIssue(
  { id, key, url, fields, properties }: JiraIssue,
  { commentLimit, descriptionLength = 32_767 }: Options,
): IssueResult {
  const further = Object.entries(fields).filter(
    ([name, value]) => !known.has(name) && value !== null && value !== undefined,
  )
  const { labels } = fields
  return {
    id,
    key,
    url,
    summary: stringOf(fields['summary']) ?? '',
    description: shortened(markdownOf(fields['description']), descriptionLength),
    labels: Array.isArray(labels) ? labels.map(String) : [],
    ...withoutAbsent({
      status: nameOf(fields['status']),
      issueType: nameOf(fields['issuetype']),
      priority: nameOf(fields['priority']),
      assignee: nameOf(fields['assignee']),
      reporter: nameOf(fields['reporter']),
      created: stringOf(fields['created']),
      updated: stringOf(fields['updated']),
      comments: commentLimit > 0 ? commentsOf(fields['comment'], commentLimit) : undefined,
      fields: further.length > 0 ? Object.fromEntries(further) : undefined,
      properties,
    }),
  }
}

/** A text of either flavour, wiki markup or a document, as Markdown. */
export function markdownOf(value: unknown): string {
  return renderMarkdown(typeof value === 'string' ? parseWiki(value) : parseAdf(value))
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function nameOf(value: unknown): string | undefined {
  const { displayName, name } = membersOf(value)
  return stringOf(displayName) ?? stringOf(name)
}

function commentsOf(value: unknown, limit: number): IssueResult['comments'] {
  const { comments } = membersOf(value)
  if (!Array.isArray(comments)) return undefined
  return comments.slice(-limit).map((comment) => {
    const { author, created, body } = membersOf(comment)
    return {
      author: nameOf(author) ?? '',
      created: stringOf(created) ?? '',
      body: markdownOf(body),
    }
  })
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).trimEnd()}…`
}
