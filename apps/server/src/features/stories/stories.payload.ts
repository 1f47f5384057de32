import { shortenText } from '@studioops/contracts/limits'
import type { FormField } from '../../integrations/jira/jira-create-form.ts'
import type { PayloadPreview } from '@studioops/contracts/stories'
import type { StoryContent } from '@studioops/contracts/story-content'
import { stlcSections } from '@studioops/contracts/story-content'
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
}

const headings = {
  en: {
    story: 'Story',
    as: 'As',
    asA: 'As a',
    iWant: 'I want',
    soThat: 'so that',
    criteria: 'Acceptance Criteria',
    scenarios: 'Scenarios',
    given: 'Given',
    when: 'When',
    then: 'Then',
    stlc: 'STLC notes',
    scope: 'Test scope',
    data: 'Test data',
    environments: 'Environments',
    cases: 'Test cases',
    entryCriteria: 'Entry criteria',
    exitCriteria: 'Exit criteria',
    points: 'Story points',
  },
  he: {
    story: 'סיפור',
    as: 'בתור',
    asA: 'בתור',
    iWant: 'ברצוני',
    soThat: 'כדי ש',
    criteria: 'קריטריוני קבלה',
    scenarios: 'תרחישים',
    given: 'בהינתן',
    when: 'כאשר',
    then: 'אז',
    stlc: 'הערות STLC',
    scope: 'היקף הבדיקות',
    data: 'נתוני בדיקה',
    environments: 'סביבות',
    cases: 'מקרי בדיקה',
    entryCriteria: 'תנאי כניסה',
    exitCriteria: 'תנאי יציאה',
    points: 'נקודות סיפור',
  },
} as const

/** What the create screen has no field for goes to the end of the description, and is told. */
function placed({ content, language, marker, screen }: Draft) {
  const fields: Record<string, unknown> = {}
  const notes: Note[] = screen === undefined ? ['metadata-unknown'] : []
  let tail = ''
  if (screen?.epicNameField !== undefined) fields[screen.epicNameField] = content.summary
  if (screen?.storyPoints === undefined) {
    notes.push('points-in-description')
    tail += `\n\n**${headings[language].points}:** ${content.storyPoints}`
  } else fields[screen.storyPoints.id] = content.storyPoints
  if (screen?.hasLabels === true) fields['labels'] = [marker]
  else {
    if (screen !== undefined) notes.push('marker-in-description')
    tail += `\n\n\`${marker}\``
  }
  return { fields, notes, tail }
}

/** The issue that a draft becomes, and what the reader should know about it. */
export function toPayload(draft: Draft): { payload: IssuePayload; notes: Note[] } {
  const { content, screen, projectKey, issueType, filled, language } = draft
  const { fields, notes, tail } = placed(draft)
  const hasDescription = screen?.hasDescription ?? true
  return {
    payload: {
      projectKey,
      issueType,
      summary: content.summary,
      description: hasDescription ? describe(content, language) + tail : '',
      additionalFields: { ...filled, ...fields },
    },
    notes: hasDescription ? notes : [...notes, 'no-description'],
  }
}

/** Text of people must not become markup of ours: a line that begins like a heading or a list stays text. */
function plain(text: string): string {
  return text
    .trim()
    .replace(/([\\`*_{}[\]<>|~])/g, '\\$1')
    .replace(/^(\s*)([#>+-]|\d+[.)])(?=\s)/gm, '$1\\$2')
}

/** Models and people write "a customer" as often as "customer". */
const beginsWithArticle = (text: string) => /^(an?|the)\s/i.test(text.trim())

const listItem = (text: string) => `- ${plain(text).replaceAll('\n', '\n  ')}`

function describe(content: StoryContent, language: 'en' | 'he'): string {
  const words = headings[language]
  const { asA, iWant, soThat } = content.narrative
  const narrative = [
    `**${beginsWithArticle(asA) ? words.as : words.asA}** ${plain(asA)}`,
    `**${words.iWant}** ${plain(iWant)}`,
    `**${words.soThat}** ${plain(soThat)}`,
  ].join('  \n')
  const scenarios = content.scenarios.map((scenario) =>
    [
      `### ${plain(scenario.name).replaceAll('\n', ' ')}`,
      [
        `- **${words.given}** ${plain(scenario.given).replaceAll('\n', '\n  ')}`,
        `- **${words.when}** ${plain(scenario.when).replaceAll('\n', '\n  ')}`,
        `- **${words.then}** ${plain(scenario.then).replaceAll('\n', '\n  ')}`,
      ].join('\n'),
    ].join('\n\n'),
  )
  const notes = stlcSections.map((name) =>
    [`### ${words[name]}`, plain(content.stlcNotes[name])].join('\n\n'),
  )
  return [
    `## ${words.story}`,
    narrative,
    `## ${words.criteria}`,
    content.acceptanceCriteria.map(listItem).join('\n'),
    ...(scenarios.length === 0 ? [] : [`## ${words.scenarios}`, ...scenarios]),
    `## ${words.stlc}`,
    ...notes,
  ].join('\n\n')
}

/** A story as words, for a page: Markdown with everything that it says, headings from the second level. */
export function storyMarkdown(content: StoryContent, language: 'en' | 'he'): string {
  const points = `**${headings[language].points}:** ${content.storyPoints}`
  return `${describe(content, language)}\n\n${points}`
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
