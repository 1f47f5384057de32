import type { Language } from '@studioops/contracts/installation'
import * as api from '@studioops/contracts/stories'
import { type StoryChild, storyChild, storyContent } from '@studioops/contracts/story-content'
import {
  blockingRules,
  checkStory,
  type EffectiveRule,
  type RuleResult,
  type RuleSubject,
  type StoryFormat,
} from '@studioops/contracts/story-rules'
import { z } from 'zod'
import type { TemplateText } from '@studioops/contracts/story-templates'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { OutboxService, WholeOperation } from '../outbox/index.ts'
import type { RunService } from '../runs/index.ts'
import { noEdits } from './stories.edits.ts'
import { titleOf } from './stories.payload.ts'
import type * as store from './stories.store.ts'

/** A story with everything that is needed to say how it stands. */
export type Whole = {
  readonly story: store.StoryRow
  readonly versions: readonly store.VersionRow[]
  readonly operation: Awaited<ReturnType<OutboxService['ofCause']>>
  readonly run: Awaited<ReturnType<RunService['newest']>>
  readonly rules: readonly EffectiveRule[]
  readonly template: (TemplateText & { readonly id: string; readonly version: number }) | undefined
  readonly bypass: store.BypassRow | undefined
}

const openRunStates: readonly string[] = ['running', 'waiting', 'interrupted']
const endedOperations: readonly string[] = ['refused', 'cancelled']

export const isWriting = ({ run }: Pick<Whole, 'run'>) =>
  run !== undefined && openRunStates.includes(run.state)

/** A story whose write was refused or cancelled is a draft again. */
export function isApproved({ operation }: Pick<Whole, 'operation'>): boolean {
  return operation !== undefined && !endedOperations.includes(operation.row.state)
}

/** Steps of an approval that stopped half way and go on only when a person says so. */
export function stepsLeft({ operation }: Pick<Whole, 'operation'>) {
  if (operation?.row.state !== 'partial') return []
  return (operation.steps ?? []).filter(({ state }) => endedOperations.includes(state))
}

export function contentOf(version: store.VersionRow | undefined) {
  return storyContent.parse(version?.content)
}

const storedChildren = z.array(storyChild)

export function childrenOf(version: store.VersionRow): StoryChild[] {
  return storedChildren.parse(version.children ?? [])
}

export function editsIn(version: store.VersionRow): api.StoryEdits {
  return api.storyEdits.catch(noEdits).parse(version.edits)
}

/** What the rules look at. */
export function subjectOf(
  { story, template }: Pick<Whole, 'story' | 'template'>,
  version: store.VersionRow,
): RuleSubject {
  // Both columns have check constraints that list exactly these.
  const format = story.format as StoryFormat
  return {
    story: contentOf(version),
    format,
    language: story.language as Language,
    projectKey: story.project_key ?? undefined,
    children: childrenOf(version).map(({ content }) => content),
    wantedSections:
      format === 'custom'
        ? (template?.sections.filter(({ isRequired }) => isRequired) ?? [])
        : undefined,
  }
}

export function checksOf(whole: Whole, duplicates?: RuleSubject['duplicates']): RuleResult[] {
  const newest = whole.versions.at(-1)
  if (newest === undefined) return []
  return checkStory({ ...subjectOf(whole, newest), duplicates }, whole.rules)
}

export function presentVersion(whole: Whole, version: store.VersionRow): api.StoryVersion {
  const children = childrenOf(version)
  return withoutAbsent({
    number: version.number,
    // The column's check constraint lists exactly these.
    source: version.source as api.StoryVersion['source'],
    instruction: version.instruction,
    model: version.model,
    content: contentOf(version),
    children: children.length === 0 ? undefined : children,
    brokenRules: blockingRules(checkStory(subjectOf(whole, version), whole.rules)),
    edits: editsIn(version),
    keptEdits: z.array(api.keptEdit).catch([]).parse(version.kept_edits),
    restoredFrom: version.restored_from,
    createdAt: version.created_at.toISOString(),
  })
}

/** The same line that the list is made of. */
export function lineOf(whole: Whole): store.StoryLine {
  const { story, operation } = whole
  return {
    id: story.id,
    requirement: story.requirement,
    project_key: story.project_key,
    project_id: story.project_id,
    updated_at: story.updated_at,
    ...lineOfVersion(whole.versions.at(-1)),
    ...lineOfIssue(operation),
    is_writing: isWriting(whole),
  }
}

function lineOfVersion(newest: store.VersionRow | undefined) {
  if (newest === undefined) return { summary: null, children: null }
  const { length } = childrenOf(newest)
  return { summary: contentOf(newest).summary, children: length === 0 ? null : length }
}

const creates = 'jira.issue.create'

function lineOfIssue(operation: Whole['operation']) {
  const first = operation && firstIssue(operation)
  return {
    operation_state: operation?.row.state ?? null,
    external_key: first?.external_key ?? null,
    external_url: first?.external_url ?? null,
  }
}

function firstIssue({ row, steps }: WholeOperation) {
  return row.system === null ? steps?.find(({ kind }) => kind === creates) : row
}

export function summaryOf(line: store.StoryLine): api.StorySummary {
  return withoutAbsent({
    id: line.id,
    state: stateOf(line),
    title: titleOf(line.summary ?? line.requirement),
    projectKey: line.project_key,
    projectId: line.project_id,
    issueKey: line.external_key,
    issueUrl: line.external_url,
    children: line.children,
    updatedAt: line.updated_at.toISOString(),
  })
}

function stateOf(line: store.StoryLine): api.StorySummary['state'] {
  const { operation_state: operation } = line
  if (operation === 'done') return 'created'
  if (operation !== null && !endedOperations.includes(operation)) return 'approved'
  if (line.is_writing) return 'writing'
  return line.summary === null ? 'new' : 'draft'
}

type Present = Pick<OutboxService, 'present'>

/** The issues of an approval in their order, each with where it stands (STY-17). */
export function issuesOf(
  { operation }: Pick<Whole, 'operation'>,
  { outbox, language }: { readonly outbox: Present; readonly language: Language },
): api.StoryIssue[] {
  if (operation === undefined) return []
  const shown = outbox.present(operation, language)
  const rows = operation.row.system === null ? (operation.steps ?? []) : [operation.row]
  const steps = shown.steps ?? [shown]
  const issues = rows.flatMap((row, index) => {
    const step = steps[index]
    return row.kind === creates && step !== undefined ? [{ row, step }] : []
  })
  let child = 0
  return issues.map(({ row, step }) =>
    withoutAbsent({
      child: row.step === 1 ? child++ : undefined,
      title: step.title,
      operationId: step.id,
      state: step.state,
      key: step.key,
      url: step.url,
      problem: step.problem,
    }),
  )
}
