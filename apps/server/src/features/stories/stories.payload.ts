import { shortenText } from '@studioops/contracts/limits'
import type { FormField } from '../../integrations/jira/jira-create-form.ts'
import type { JiraFlavour } from '@studioops/contracts/accounts'
import type { JiraExtras, PayloadPreview } from '@studioops/contracts/stories'
import type { StoryContent } from '@studioops/contracts/story-content'
import { headings, type Layout, layOut } from './stories.layout.ts'
import { approvalHash } from '../../platform/approval/approval-hash.ts'

/** What Jira's create screen of a project and issue type can take. */
export type CreateScreen = {
  readonly hasLabels: boolean
  readonly hasDescription: boolean
  readonly storyPoints: NamedField | undefined
  /** Epics of Data Center have a short name of their own. */
  readonly epicNameField?: string | undefined
  /** Everything on it. */
  readonly fields: readonly NamedField[]
  /** What a person has to fill in. */
  readonly required: readonly FormField[]
}

type NamedField = { readonly id: string; readonly name: string }

/** The arguments of the tool that creates the issue; kept with the approval, sent as it is. */
export type IssuePayload = {
  readonly projectKey: string
  readonly issueType: string
  readonly summary: string
  /** Markdown; the Jira server of ours renders it for the flavour of Jira. Empty: none is sent. */
  readonly description: string
  readonly additionalFields: Readonly<Record<string, unknown>>
  /** Of a sub-task: the issue that it belongs to, by its key or by the earlier step that makes it. */
  readonly parent?: IssueRef
}

/** An issue that is there, or that an earlier step of the same approval makes. */
export type IssueRef = { readonly key: string } | { readonly step: number; readonly index: number }

export type Note = PayloadPreview['notes'][number]

type Draft = {
  readonly content: StoryContent
  readonly language: 'en' | 'he'
  readonly projectKey: string
  readonly issueType: string
  readonly marker: string
  /** Undefined where Jira has never told: then only what every project has is used. */
  readonly screen: CreateScreen | undefined
  /** By field id: what the person filled in. */
  readonly filled?: Readonly<Record<string, unknown>>
  readonly extras?: Pick<JiraExtras, 'assignee' | 'labels' | 'components'>
  readonly flavour?: JiraFlavour
  readonly layout?: Layout | undefined
  /** True for a story that was split: its points are those of its children. */
  readonly isSplit?: boolean
}

const noExtras: NonNullable<Draft['extras']> = { labels: [], components: [] }

/** What the person wants the issue to carry, as far as the create screen takes it. */
function carried({ screen, extras = noExtras, flavour = 'dc' }: Draft) {
  const has = (wanted: string) => screen?.fields.some(({ id }) => id === wanted) === true
  const { assignee, components, labels } = extras
  const person = assignee && (flavour === 'cloud' ? { id: assignee.id } : { name: assignee.id })
  const wanted = {
    ...(person && { assignee: person }),
    ...(components.length > 0 && { components: components.map((name) => ({ name })) }),
  }
  const notes = (['assignee', 'components'] as const)
    .filter((name) => name in wanted && !has(name))
    .map((name): Note => `${name}-not-on-screen`)
  const hasNoLabels = labels.length > 0 && screen?.hasLabels !== true
  return {
    fields: Object.fromEntries(Object.entries(wanted).filter(([name]) => has(name))),
    notes: hasNoLabels ? [...notes, 'labels-not-on-screen' as const] : notes,
  }
}

/** What the create screen has no field for goes to the end of the description, and is told. */
function placed(draft: Draft) {
  const { content, language, marker, screen, extras = noExtras } = draft
  const told = carried(draft)
  const points = placedPoints(draft)
  const fields: Record<string, unknown> = { ...told.fields, ...points.fields }
  const notes: Note[] = [
    ...(screen === undefined ? (['metadata-unknown'] as const) : []),
    ...told.notes,
    ...points.notes,
  ]
  let tail = points.isInText ? `\n\n**${headings[language].points}:** ${content.storyPoints}` : ''
  if (screen?.epicNameField !== undefined) fields[screen.epicNameField] = content.summary
  if (screen?.hasLabels === true) fields['labels'] = [...extras.labels, marker]
  else {
    if (screen !== undefined) notes.push('marker-in-description')
    tail += `\n\n\`${marker}\``
  }
  return { fields, notes, tail }
}

/** The points of a whole stand in its children; twice they would count double. */
function placedPoints({ content, screen, isSplit }: Draft) {
  if (isSplit === true) return { fields: {}, notes: [], isInText: false }
  const { storyPoints: field } = screen ?? {}
  return field === undefined
    ? { fields: {}, notes: ['points-in-description' as const], isInText: true }
    : { fields: { [field.id]: content.storyPoints }, notes: [], isInText: false }
}

/** The issue that a draft becomes, and what the reader should know about it. */
export function toPayload(draft: Draft): { payload: IssuePayload; notes: Note[] } {
  const { content, screen, projectKey, issueType, filled, language, layout } = draft
  const { fields, notes, tail } = placed(draft)
  const hasDescription = screen?.hasDescription ?? true
  return {
    payload: {
      projectKey,
      issueType,
      summary: content.summary,
      description: hasDescription ? layOut(content, { language, layout }) + tail : '',
      additionalFields: { ...filled, ...fields },
    },
    notes: hasDescription ? notes : [...notes, 'no-description'],
  }
}

type Words = {
  readonly language: 'en' | 'he'
  readonly layout?: Layout | undefined
  readonly children?: readonly StoryContent[]
  /** Of a story that was approved: what was decided, and what came of it. */
  readonly decision?:
    | {
        readonly approvedAt: string
        readonly version: number
        readonly issues: readonly {
          readonly title: string
          readonly key?: string | undefined
          readonly url?: string | undefined
        }[]
      }
    | undefined
}

const pageWords = {
  en: { decision: 'Decision', approved: 'Approved', version: 'version', parts: 'Parts' },
  he: { decision: 'החלטה', approved: 'אושר', version: 'גרסה', parts: 'חלקים' },
} as const

/**
 * A story as words, for a page: Markdown with everything that it says, headings from the second
 * level. Of one that was approved it begins with the decision and the issues that came of it.
 */
export function storyMarkdown(
  content: StoryContent,
  { language, layout, children = [], decision }: Words,
): string {
  const { points } = headings[language]
  const words = pageWords[language]
  const issues = (decision?.issues ?? []).map(({ title, key, url }) =>
    key === undefined
      ? `- ${title}`
      : `- [${key}](<${url ?? ''}>) ${title.replaceAll(/([[\]\\])/g, '\\$1')}`,
  )
  const decided =
    decision === undefined
      ? []
      : [
          `## ${words.decision}`,
          `${words.approved} ${decision.approvedAt.slice(0, 16).replace('T', ' ')} UTC, ${words.version} ${decision.version}`,
          issues.join('\n'),
        ]
  const parts = children.flatMap((child) => [
    `## ${child.summary.replaceAll(/([\\`*_[\]<>])/g, '\\$1')}`,
    layOut(child, { language }).replaceAll(/^(#{2,5}) /gm, '#$1 '),
    `**${points}:** ${child.storyPoints}`,
  ])
  return [
    ...decided,
    layOut(content, { language, layout }),
    `**${points}:** ${content.storyPoints}`,
    ...parts,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** Where an issue is made, as the outbox keeps it. */
export function targetOf({ projectKey }: IssuePayload, jiraUrl: string) {
  return { project: projectKey, jiraUrl }
}

/** What an approval approves: this payload, for this Jira (D-25). */
export function hashOf(payload: IssuePayload, jiraUrl: string): string {
  return approvalHash({ kind: 'jira.issue.create', target: targetOf(payload, jiraUrl), payload })
}

/** The same issue under another marker, for a second try that somebody asked for. */
export function withMarker(payload: IssuePayload, from: string, to: string): IssuePayload {
  const { labels } = payload.additionalFields
  return {
    ...payload,
    description: payload.description.replaceAll(from, to),
    additionalFields: {
      ...payload.additionalFields,
      ...(Array.isArray(labels)
        ? { labels: labels.map((label: unknown) => (label === from ? to : label)) }
        : {}),
    },
  }
}

/** The beginning of a text as a title. */
export function titleOf(text: string): string {
  return shortenText(text.trim().split('\n')[0] ?? '', 100)
}
