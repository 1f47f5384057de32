import { createHash } from 'node:crypto'
import type { Language } from '@studioops/contracts/installation'
import {
  type IssuePreview,
  type JiraExtras,
  jiraExtras,
  type PayloadPreview,
} from '@studioops/contracts/stories'
import { approvalHash } from '../../platform/approval/approval-hash.ts'
import type { Database } from '../../platform/db/database.ts'
import type { AccountService } from '../accounts/index.ts'
import type { JiraDesk } from './stories.jira.ts'
import {
  askedFields,
  type AskedField,
  filledFields,
  presentAsked,
  screenAsLearned,
} from './stories.jira-fields.ts'
import {
  type CreateScreen,
  hashOf,
  type IssuePayload,
  type Note,
  targetOf,
  toPayload,
} from './stories.payload.ts'
import { type Step, stepsOfStory } from './stories.steps.ts'
import * as store from './stories.store.ts'
import { childrenOf, contentOf, stepsLeft, type Whole } from './stories.whole.ts'

type Dependencies = {
  readonly database: Database
  readonly accounts: Pick<AccountService, 'jiraConnection'>
  readonly desk: Pick<JiraDesk, 'createScreen' | 'render'>
}

type Issue = { readonly payload: IssuePayload; readonly notes: Note[] }

/** One step with what is approved of it. */
export type PlannedStep = Step & {
  readonly target: ReturnType<typeof targetOf>
  readonly payloadHash: string
  readonly marker: string
}

/** What an approval would send, whole. */
export type Built = {
  readonly whole: Issue
  /** False for a split into an epic. */
  readonly isCreated: boolean
  readonly children: readonly Issue[]
  /** In their order; one alone is no group. */
  readonly steps: readonly PlannedStep[]
  /** Of an approval that stopped half way: those that would go on, with the rows that they replace. */
  readonly left: readonly { readonly id: string; readonly step: PlannedStep }[]
  readonly payloadHash: string
  readonly screen: CreateScreen | undefined
  readonly asked: readonly AskedField[]
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** From that of the story, so that what is previewed and what is approved are the same bytes. */
function markerOf(marker: string, place: string): string {
  const bytes = createHash('sha256').update(`${marker} ${place}`).digest().subarray(0, 10)
  return `so-${Array.from(bytes, (byte) => base32[byte % 32]).join('')}`
}

/** What Jira would get of a story: the issues, and what joins them. */
export function createStoryBuild({ database, accounts, desk }: Dependencies) {
  /** @returns undefined while nothing is written, or project or type are not chosen */
  async function build(userId: string, whole: Whole): Promise<Built | undefined> {
    const { story, versions, template } = whole
    const newest = versions.at(-1)
    const { project_key: projectKey, issue_type: issueType } = story
    if (newest === undefined || projectKey === null || issueType === null) return undefined
    const place = { projectKey, issueType }
    const told = await desk.createScreen(userId, place)
    const { baseUrl, flavour } = await accounts.jiraConnection(userId)
    const memory = await database.asUser(userId, (db) =>
      store.fieldMemory(db, { ...place, jiraUrl: baseUrl }),
    )
    const screen = told && screenAsLearned(told, memory)
    const asked = askedFields(screen?.required ?? [], memory, story.jira_fields)
    const extras = jiraExtras.parse(story.extras)
    const parts = childrenOf(newest)
    const common = {
      ...place,
      // The column's check constraint lists exactly these.
      language: story.language as Language,
      screen,
      filled: filledFields(asked, flavour),
      extras,
      flavour,
      layout: story.format === 'custom' ? template : undefined,
    }
    const issue = toPayload({
      ...common,
      content: contentOf(newest),
      marker: story.marker,
      isSplit: parts.length > 0,
    })
    const children = parts.map(({ content }, index) =>
      toPayload({ ...common, content, marker: markerOf(story.marker, `child ${index}`) }),
    )
    return { screen, asked, ...planOf(whole, { issue, children, extras, baseUrl }) }
  }

  return {
    build,

    async preview(userId: string, whole: Whole): Promise<PayloadPreview | undefined> {
      const built = await build(userId, whole)
      if (built === undefined) return undefined
      const { baseUrl, flavour, displayName } = await accounts.jiraConnection(userId)
      const extras = jiraExtras.parse(whole.story.extras)
      const shownAs = (id: string, value: unknown) =>
        shownExtra(id, extras) ??
        shownValue(
          value,
          built.asked.find(({ field }) => field.id === id),
        )
      const present = (issue: Issue): IssuePreview => {
        const { labels = [], ...fields } = issue.payload.additionalFields
        return {
          issueType: issue.payload.issueType,
          summary: issue.payload.summary,
          description: issue.payload.description,
          ...desk.render(issue.payload.description, flavour),
          notes: issue.notes,
          fields: Object.entries(fields).map(([id, value]) => ({
            name: nameOfField(id, built),
            value: shownAs(id, value),
          })),
          labels: labels as string[],
        }
      }
      return {
        ...present(built.whole),
        payloadHash: built.payloadHash,
        projectKey: built.whole.payload.projectKey,
        isCreated: built.isCreated,
        children: built.children.map(present),
        joins: built.steps.flatMap(joinOf),
        asked: built.asked.map(presentAsked),
        ...(built.left.length === 0 ? {} : { left: built.left.map(({ step }) => step.title) }),
        account: displayName,
        jiraUrl: baseUrl,
      }
    },
  }
}

export type StoryBuild = ReturnType<typeof createStoryBuild>

type Parts = {
  readonly issue: Issue
  readonly children: readonly Issue[]
  readonly extras: JiraExtras
  readonly baseUrl: string
}

/** The issues in their order with what joins them, and what is approved of that. */
function planOf(
  whole: Whole,
  { issue, children, extras, baseUrl }: Parts,
): Omit<Built, 'screen' | 'asked'> {
  const { epicKey, links, splitUnder } = extras
  const isCreated = children.length === 0 || splitUnder === 'parent' || epicKey === undefined
  const target = targetOf(issue.payload, baseUrl)
  const { marker } = whole.story
  const steps = stepsOfStory({
    whole: isCreated ? issue.payload : undefined,
    children: children.map(({ payload }) => payload),
    epicKey,
    links,
  }).map((step, index): PlannedStep => ({
    ...step,
    target,
    payloadHash: approvalHash({ kind: step.kind, target, payload: step.payload }),
    marker: markerOfStep(marker, step, index - (isCreated ? 1 : 0)),
  }))
  const left = leftOf(whole, steps)
  const isOne = steps.length === 1 && left.length === 0
  const sent = left.length === 0 ? steps : left.map(({ step }) => step)
  const payloadHash = isOne ? hashOf(issue.payload, baseUrl) : groupHash(sent)
  return { whole: issue, isCreated, children, steps, left, payloadHash }
}

/** What an approval of several steps approves: each of them, in this order. */
export function groupHash(steps: readonly PlannedStep[]): string {
  const payload = steps.map(({ payloadHash }) => payloadHash)
  return approvalHash({ kind: 'group', target: {}, payload })
}

function markerOfStep(marker: string, { step, kind }: Step, index: number): string {
  if (kind !== 'jira.issue.create') return markerOf(marker, `join ${index}`)
  return step === 0 ? marker : markerOf(marker, `child ${index}`)
}

/** Steps were put into the outbox in this order, and only their contents can have changed since. */
function leftOf(whole: Whole, steps: readonly PlannedStep[]): Built['left'] {
  const rows = whole.operation?.steps ?? []
  if (rows.length !== steps.length) return []
  return stepsLeft(whole).flatMap(({ id }) => {
    const step = steps[rows.findIndex((row) => row.id === id)]
    return step === undefined ? [] : [{ id, step }]
  })
}

type Ref = { readonly key?: string; readonly step?: number; readonly index?: number }

function joinOf({ kind, payload }: PlannedStep): PayloadPreview['joins'] {
  if (kind === 'jira.issue.create') return []
  // Only `stepsOfStory` makes them, in these two shapes.
  const given = payload as { type?: string; inward?: Ref; outward?: Ref; issue?: Ref; epic?: Ref }
  const name = ({ key, step, index }: Ref = {}) =>
    key ?? (step === 1 ? `child.${index ?? 0}` : 'story')
  return kind === 'jira.epic.link'
    ? [{ kind: 'epic', type: 'Epic', from: name(given.issue), to: name(given.epic) }]
    : [
        {
          kind: 'link',
          type: given.type ?? '',
          from: name(given.inward),
          to: name(given.outward),
        },
      ]
}

function nameOfField(id: string, { screen, asked }: Pick<Built, 'screen' | 'asked'>): string {
  return (
    asked.find(({ field }) => field.id === id)?.field.name ??
    screen?.fields.find((field) => field.id === id)?.name ??
    id
  )
}

/** By the names that were chosen, whatever Jira is sent for them. */
function shownExtra(id: string, { assignee, components }: JiraExtras): string | undefined {
  if (id === 'assignee') return assignee?.name
  return id === 'components' ? components.join(', ') : undefined
}

/** What was chosen by its name, everything else as it is sent. */
function shownValue(value: unknown, asked: AskedField | undefined): string {
  if (asked === undefined) return typeof value === 'string' ? value : JSON.stringify(value)
  const all = asked.field.options?.flatMap((option) => [option, ...(option.children ?? [])])
  return asked.values.map((one) => all?.find(({ id }) => id === one)?.label ?? one).join(', ')
}
