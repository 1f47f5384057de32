import { randomUUID } from 'node:crypto'
import type { Language } from '@studioops/contracts/installation'
import type * as api from '@studioops/contracts/stories'
import { jiraExtras } from '@studioops/contracts/stories'
import { storyContent } from '@studioops/contracts/story-content'
import {
  brokenStoryRules,
  checkStory,
  defaultRules,
  type RuleSubject,
  type StoryFormat,
} from '@studioops/contracts/story-rules'
import type { Problem } from '@studioops/contracts/problem'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { toProblem } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { AccountService } from '../accounts/index.ts'
import type { ConnectionService } from '../connections/index.ts'
import type { OutboxService } from '../outbox/index.ts'
import type { RunService } from '../runs/index.ts'
import { problemOf } from '../../integrations/jira/jira-create-form.ts'
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
  targetOf,
  type IssuePayload,
  type Note,
  storyMarkdown,
  titleOf,
  toPayload,
} from './stories.payload.ts'
import { findStoryIds } from './stories.search.store.ts'
import * as store from './stories.store.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly accounts: Pick<AccountService, 'jiraConnection'>
  readonly connections: Pick<ConnectionService, 'requireOpen'>
  readonly outbox: Pick<OutboxService, 'plan' | 'ofCause' | 'newMarker' | 'present'>
  readonly runs: Pick<RunService, 'create' | 'begin' | 'newest'>
  readonly desk: JiraDesk
  /** Tells the outbox worker that there is something to do. */
  readonly wakeOutbox: () => void
}

/** Who asks for which story, and in which language problems are told. */
type Asked = { readonly userId: string; readonly storyId: string; readonly language: Language }

type Whole = {
  readonly story: store.StoryRow
  readonly versions: readonly store.VersionRow[]
  readonly operation: Awaited<ReturnType<OutboxService['ofCause']>>
  readonly run: Awaited<ReturnType<RunService['newest']>>
}

type Built = {
  readonly payload: IssuePayload
  readonly notes: Note[]
  readonly payloadHash: string
  readonly screen: CreateScreen | undefined
  readonly asked: readonly AskedField[]
}

const openRunStates: readonly string[] = ['running', 'waiting', 'interrupted']
const endedOperations: readonly string[] = ['refused', 'cancelled']

export type StoryService = ReturnType<typeof createStoryService>

/** The story creator: from a requirement to one issue in Jira. */
export function createStoryService(dependencies: Dependencies) {
  const { database, audit, accounts, connections, outbox, runs, desk, wakeOutbox } = dependencies

  async function readWhole(db: Db, storyId: string): Promise<Whole> {
    const story = await store.findStory(db, storyId)
    if (story === undefined) throw new AppError('story.not-found')
    return {
      story,
      versions: await store.listVersions(db, storyId),
      operation: await outbox.ofCause(db, `story:${storyId}`),
      run: await runs.newest(db, storyId),
    }
  }

  /** The story, held until the end of the transaction and not yet on its way to Jira. */
  async function lockDraft(db: Db, storyId: string): Promise<Whole> {
    await store.lockStory(db, storyId)
    const whole = await readWhole(db, storyId)
    requireDraft(whole.operation)
    return whole
  }

  function requireQuiet({ run }: Whole): void {
    if (run !== undefined && openRunStates.includes(run.state)) throw new AppError('story.busy')
  }

  /** What Jira would get of the newest version. @throws AppError when the project is not chosen yet */
  async function build(userId: string, { story, versions }: Whole): Promise<Built | undefined> {
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
    const { payload, notes } = toPayload({
      content: storyContent.parse(newest.content),
      language: story.language as Language,
      projectKey,
      issueType,
      marker: story.marker,
      screen,
      filled: filledFields(asked, flavour),
    })
    return { payload, notes, screen, asked, payloadHash: hashOf(payload, baseUrl) }
  }

  async function preview(userId: string, whole: Whole): Promise<api.PayloadPreview | undefined> {
    const built = await build(userId, whole)
    if (built === undefined) return undefined
    const { payload, notes, payloadHash, screen, asked } = built
    const { baseUrl, flavour, displayName } = await accounts.jiraConnection(userId)
    const { labels = [], ...fields } = payload.additionalFields
    return {
      payloadHash,
      notes,
      isCreated: true,
      children: [],
      joins: [],
      projectKey: payload.projectKey,
      issueType: payload.issueType,
      summary: payload.summary,
      description: payload.description,
      ...desk.render(payload.description, flavour),
      fields: Object.entries(fields).map(([id, value]) => ({
        name: nameOfField(id, { screen, asked }),
        value: shownValue(
          value,
          asked.find(({ field }) => field.id === id),
        ),
      })),
      asked: asked.map(presentAsked),
      labels: labels as string[],
      account: displayName,
      jiraUrl: baseUrl,
    }
  }

  async function show({ userId, storyId, language }: Asked): Promise<api.Story> {
    const whole = await database.asUser(userId, (db) => readWhole(db, storyId))
    return present(whole, language)
  }

  async function present(whole: Whole, language: Language): Promise<api.Story> {
    const { story, versions, operation, run } = whole
    const format = story.format as StoryFormat
    return {
      ...summaryOf(lineOf(whole)),
      ...withoutAbsent({
        issueType: story.issue_type,
        run,
        operation: operation && outbox.present(operation, language),
      }),
      requirement: story.requirement,
      prompt: story.prompt,
      extras: jiraExtras.parse(story.extras),
      rules: [...defaultRules],
      checks: newestChecks(whole),
      issues: [],
      format,
      language: story.language as Language,
      createdAt: story.created_at.toISOString(),
      versions: versions.map((version) => presentVersion(version, story)),
      ...(isApproved(whole) ? {} : await tryPreview(whole, language)),
    }
  }

  /** A preview that cannot be made is told beside the story; the story itself is always shown. */
  async function tryPreview(
    whole: Whole,
    language: Language,
  ): Promise<{ preview?: api.PayloadPreview; previewProblem?: Problem }> {
    try {
      const made = await preview(whole.story.user_id, whole)
      return made === undefined ? {} : { preview: made }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const correlationId = currentContext()?.correlationId ?? ''
      return { previewProblem: toProblem(error, { correlationId, language }) }
    }
  }

  return {
    show,

    async list(userId: string, limit: number): Promise<api.StorySummary[]> {
      const lines = await database.readAsUser(userId, (db) => store.listStories(db, { limit }))
      return lines.map(summaryOf)
    },

    /** Those of the newest 500 that hold every word of the text. */
    async search(userId: string, text: string, limit: number): Promise<api.StorySummary[]> {
      const words = text.split(/\s+/).filter((word) => word !== '')
      return database.asUser(userId, async (db) => {
        const ids = new Set(await findStoryIds(db, { words: words.slice(0, 20), limit }))
        const lines = await store.listStories(db, { limit: 500 })
        return lines.filter(({ id }) => ids.has(id)).map(summaryOf)
      })
    },

    /** @throws AppError `feature.closed` */
    async create({ userId, language }: Omit<Asked, 'storyId'>, input: store.StoryInput) {
      await connections.requireOpen(userId)
      const id = randomUUID()
      const marker = outbox.newMarker()
      await database.asUser(userId, (db) => store.insertStory(db, { ...input, id, userId, marker }))
      return show({ userId, storyId: id, language })
    },

    /** @throws AppError `story.not-found`, `story.already-approved` */
    async update(asked: Asked, change: store.StoryChange): Promise<api.Story> {
      await database.asUser(asked.userId, async (db) => {
        await lockDraft(db, asked.storyId)
        await store.updateStory(db, asked.storyId, change)
      })
      return show(asked)
    },

    /** @throws AppError `story.not-found`, `story.already-approved` */
    async remove({ userId, storyId }: Asked): Promise<void> {
      await database.asUser(userId, async (db) => {
        await lockDraft(db, storyId)
        await store.deleteStory(db, storyId)
      })
    },

    /** @throws AppError `story.not-found`, `story.already-approved` */
    async fillFields(
      asked: Asked,
      values: Readonly<Record<string, readonly string[]>>,
    ): Promise<api.Story> {
      await database.asUser(asked.userId, async (db) => {
        await lockDraft(db, asked.storyId)
        await store.fillJiraFields(db, asked.storyId, values)
      })
      return show(asked)
    },

    /** Begins a run. @throws AppError `story.not-found`, `story.busy`, `story.no-requirement`, … */
    async write({ userId, storyId }: Asked, instruction: string | undefined) {
      await connections.requireOpen(userId)
      const created = await database.asUser(userId, async (db) => {
        const story = await store.lockStory(db, storyId)
        if (story === undefined) throw new AppError('story.not-found')
        requireDraft(await outbox.ofCause(db, `story:${storyId}`))
        if (story.requirement.trim() === '') throw new AppError('story.no-requirement')
        const input = instruction === undefined ? {} : { instruction }
        return runs.create(db, { userId, subject: { kind: 'story', storyId }, input })
      })
      runs.begin(created)
      return created.run
    },

    /** @throws AppError `story.not-found`, `story.version-changed`, `story.busy`, … */
    async edit(asked: Asked, change: { basedOn: number; content: unknown }): Promise<api.Story> {
      const { userId, storyId } = asked
      const content = storyContent.parse(change.content)
      await database.asUser(userId, async (db) => {
        const whole = await lockDraft(db, storyId)
        requireQuiet(whole)
        if ((whole.versions.at(-1)?.number ?? 0) !== change.basedOn)
          throw new AppError('story.version-changed')
        await store.insertVersion(db, { storyId, userId, source: 'edit', content })
      })
      return show(asked)
    },

    /**
     * Puts exactly what was shown into the outbox. The second approval of a story finds the first.
     *
     * @throws AppError `story.not-ready`, `story.offline-draft`, `story.payload-changed`, …
     */
    async approve(
      asked: Asked,
      shown: { version: number; payloadHash: string },
    ): Promise<api.Story> {
      const { userId, storyId } = asked
      await connections.requireOpen(userId)
      // Outside of the transaction: it may ask Jira for its fields.
      const whole = await database.asUser(userId, (db) => readWhole(db, storyId))
      if (!isApproved(whole)) {
        const built = await build(userId, whole)
        const { baseUrl } = await accounts.jiraConnection(userId)
        await database.asUser(userId, async (db) => {
          await store.lockStory(db, storyId)
          const now = await readWhole(db, storyId)
          if (isApproved(now)) return
          requireApprovable(now, { shown, built })
          if (built === undefined) return
          const { payload, payloadHash } = built
          await outbox.plan(db, {
            id: randomUUID(),
            userId,
            cause: `story:${storyId}`,
            storyId,
            kind: 'jira.issue.create',
            title: payload.summary,
            target: targetOf(payload, baseUrl),
            payload,
            payloadHash,
            marker: now.story.marker,
          })
          const { projectKey, issueType } = payload
          const place = { userId, jiraUrl: baseUrl, projectKey, issueType }
          for (const { field, values } of built.asked)
            await store.rememberField(db, place, { fieldId: field.id, chosen: values })
          const facts = { payload_hash: payloadHash, project: payload.projectKey }
          const target = `story:${storyId}`
          await audit.record(
            { actorId: userId, action: 'story.approve', target, outcome: 'done', facts },
            db,
          )
        })
        wakeOutbox()
      }
      return show(asked)
    },

    /** The newest version as words, for a page. @throws AppError `story.not-found`, `story.not-ready` */
    async describe(userId: string, storyId: string) {
      const { story, versions } = await database.asUser(userId, (db) => readWhole(db, storyId))
      const newest = versions.at(-1)
      if (newest === undefined) throw new AppError('story.not-ready', { facts: { rules: '' } })
      const content = contentOf(newest)
      const language = story.language as Language
      const markdown = storyMarkdown(content, language)
      return { title: content.summary, language, markdown, marker: story.marker }
    },

    projects: (userId: string, language: Language) => desk.projects(userId, language),
    issueTypes: (asked: { userId: string; projectKey: string; language: Language }) =>
      desk.issueTypes(asked),
  }

  function requireApprovable(
    whole: Whole,
    { shown, built }: { shown: { version: number; payloadHash: string }; built: Built | undefined },
  ): void {
    requireQuiet(whole)
    const newest = whole.versions.at(-1)
    if (newest === undefined) throw new AppError('story.not-ready', { facts: { rules: '' } })
    if (newest.number !== shown.version) throw new AppError('story.payload-changed')
    if (newest.source === 'offline') throw new AppError('story.offline-draft')
    const broken = brokenStoryRules(subjectOf(whole.story, newest))
    if (built === undefined || broken.length > 0) {
      const rules = built === undefined ? 'project, issue type' : broken.join(', ')
      throw new AppError('story.not-ready', { facts: { rules } })
    }
    const missing = built.asked.filter(
      ({ field, values }) => problemOf(field, values) !== undefined,
    )
    if (missing.length > 0)
      throw new AppError('story.fields-missing', {
        facts: { fields: missing.map(({ field }) => field.name).join(', ') },
      })
    if (built.payloadHash !== shown.payloadHash) throw new AppError('story.payload-changed')
  }
}

function nameOfField(id: string, { screen, asked }: Pick<Built, 'screen' | 'asked'>): string {
  return (
    asked.find(({ field }) => field.id === id)?.field.name ??
    screen?.fields.find((field) => field.id === id)?.name ??
    id
  )
}

/** What was chosen by its name, everything else as it is sent. */
function shownValue(value: unknown, asked: AskedField | undefined): string {
  if (asked === undefined) return typeof value === 'string' ? value : JSON.stringify(value)
  const all = asked.field.options?.flatMap((option) => [option, ...(option.children ?? [])])
  return asked.values.map((one) => all?.find(({ id }) => id === one)?.label ?? one).join(', ')
}

function requireDraft(operation: Whole['operation']): void {
  if (isApproved({ operation })) throw new AppError('story.already-approved')
}

/** A story whose write was refused or cancelled is a draft again. */
function isApproved({ operation }: Pick<Whole, 'operation'>): boolean {
  return operation !== undefined && !endedOperations.includes(operation.row.state)
}

/** The same line that the list is made of. */
function lineOf({ story, versions, operation, run }: Whole): store.StoryLine {
  const newest = versions.at(-1)
  return {
    id: story.id,
    requirement: story.requirement,
    project_key: story.project_key,
    updated_at: story.updated_at,
    summary: newest === undefined ? null : contentOf(newest).summary,
    operation_state: operation?.row.state ?? null,
    external_key: operation?.row.external_key ?? null,
    external_url: operation?.row.external_url ?? null,
    is_writing: run !== undefined && openRunStates.includes(run.state),
  }
}

function contentOf(version: store.VersionRow | undefined) {
  return storyContent.parse(version?.content)
}

function subjectOf(story: store.StoryRow, version: store.VersionRow): RuleSubject {
  return {
    story: contentOf(version),
    // Both columns have check constraints that list exactly these.
    format: story.format as StoryFormat,
    language: story.language as Language,
    projectKey: story.project_key ?? undefined,
  }
}

function newestChecks({ story, versions }: Whole) {
  const newest = versions.at(-1)
  return newest === undefined ? [] : checkStory(subjectOf(story, newest))
}

function presentVersion(version: store.VersionRow, story: store.StoryRow): api.StoryVersion {
  const content = contentOf(version)
  return withoutAbsent({
    number: version.number,
    // The column's check constraint lists exactly these.
    source: version.source as api.StoryVersion['source'],
    instruction: version.instruction,
    model: version.model,
    content,
    brokenRules: brokenStoryRules(subjectOf(story, version)),
    edits: { fields: [], criteria: [], removed: [], scenarios: [] },
    keptEdits: [],
    createdAt: version.created_at.toISOString(),
  })
}

function summaryOf(line: store.StoryLine): api.StorySummary {
  return withoutAbsent({
    id: line.id,
    state: stateOf(line),
    title: titleOf(line.summary ?? line.requirement),
    projectKey: line.project_key,
    issueKey: line.external_key,
    issueUrl: line.external_url,
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
