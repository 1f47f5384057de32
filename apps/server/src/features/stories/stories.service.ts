import { randomUUID } from 'node:crypto'
import type { Language } from '@studioops/contracts/installation'
import * as api from '@studioops/contracts/stories'
import { storyChild, storyContent } from '@studioops/contracts/story-content'
import { blockingRules, checkStory, type EffectiveRule } from '@studioops/contracts/story-rules'
import { coverageOf } from '@studioops/contracts/story-split'
import { likeness } from '@studioops/contracts/story-wording'
import type { Problem } from '@studioops/contracts/problem'
import { z } from 'zod'
import { problemOf } from '../../integrations/jira/jira-create-form.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { toProblem } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { AccountService } from '../accounts/index.ts'
import type { ConnectionService } from '../connections/index.ts'
import type { OutboxService } from '../outbox/index.ts'
import type { ProjectAccess } from '../projects/index.ts'
import type { RunService } from '../runs/index.ts'
import { type Built, createStoryBuild } from './stories.build.ts'
import { editsOf, noEdits } from './stories.edits.ts'
import { exportStories } from './stories.export.ts'
import type { FoundIssue, JiraDesk } from './stories.jira.ts'
import { storyMarkdown } from './stories.payload.ts'
import type { StoryRulesDesk } from './stories.rules.ts'
import { findStoryIds } from './stories.search.store.ts'
import * as store from './stories.store.ts'
import type { StoryTemplates } from './stories.templates.ts'
import {
  checksOf,
  childrenOf,
  contentOf,
  editsIn,
  isApproved,
  issuesOf,
  isWriting,
  lineOf,
  presentVersion,
  stepsLeft,
  subjectOf,
  summaryOf,
  type Whole,
} from './stories.whole.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly accounts: Pick<AccountService, 'jiraConnection'>
  readonly connections: Pick<ConnectionService, 'requireOpen'>
  readonly outbox: Pick<
    OutboxService,
    'plan' | 'planGroup' | 'amend' | 'ofCause' | 'newMarker' | 'present'
  >
  readonly runs: Pick<RunService, 'create' | 'begin' | 'newest'>
  readonly desk: JiraDesk
  readonly rules: Pick<StoryRulesDesk, 'forStory'>
  readonly templates: Pick<StoryTemplates, 'ofStory' | 'newest'>
  readonly access: ProjectAccess
  /** Tells the outbox worker that there is something to do. */
  readonly wakeOutbox: () => void
}

/** Who asks for which story, and in which language problems are told. */
type Asked = { readonly userId: string; readonly storyId: string; readonly language: Language }

type Shown = { readonly version: number; readonly payloadHash: string }

/** What of a story may be set while it is a draft. */
type StoryPatch = Omit<store.StoryChange, 'projectId'> & {
  readonly projectId?: string | null | undefined
  readonly templateId?: string | null | undefined
  readonly extras?: api.JiraExtras | undefined
}

type Writing = {
  readonly instruction?: string | undefined
  readonly child?: number | undefined
  readonly keepEdits?: boolean
  readonly split?: boolean
}

export type StoryService = ReturnType<typeof createStoryService>

/** The story creator: from a requirement to issues in Jira. */
export function createStoryService(dependencies: Dependencies) {
  const { database, audit, accounts, connections, outbox, runs, desk, wakeOutbox } = dependencies
  const { rules, templates, access } = dependencies
  const { build, preview } = createStoryBuild({ database, accounts, desk })

  async function readWhole(db: Db, storyId: string): Promise<Whole> {
    const story = await store.findStory(db, storyId)
    if (story === undefined) throw new AppError('story.not-found')
    return {
      story,
      versions: await store.listVersions(db, storyId),
      operation: await outbox.ofCause(db, `story:${storyId}`),
      run: await runs.newest(db, storyId),
      rules: await rules.forStory(db, story.project_id ?? undefined),
      template: await templates.ofStory(db, story),
      bypass: await store.findBypass(db, storyId),
    }
  }

  /** The story, held until the end of the transaction and not yet on its way to Jira. */
  async function lockDraft(db: Db, storyId: string): Promise<Whole> {
    await store.lockStory(db, storyId)
    const whole = await readWhole(db, storyId)
    if (isApproved(whole)) throw new AppError('story.already-approved')
    return whole
  }

  /** The same; also one whose approval stopped half way, so that what is left can be mended. */
  async function lockOpen(db: Db, storyId: string): Promise<Whole> {
    await store.lockStory(db, storyId)
    const whole = await readWhole(db, storyId)
    if (isApproved(whole) && stepsLeft(whole).length === 0)
      throw new AppError('story.already-approved')
    return whole
  }

  function requireQuiet(whole: Whole): void {
    if (isWriting(whole)) throw new AppError('story.busy')
  }

  const likeOf = ({ story, versions }: Whole) => {
    const newest = versions.at(-1)
    return newest === undefined || story.project_key === null
      ? undefined
      : { projectKey: story.project_key, summary: contentOf(newest).summary }
  }

  /** What is known of Jira without asking it; undefined where nobody asked lately. */
  async function knownDuplicates(userId: string, whole: Whole, transaction?: Db) {
    const like = likeOf(whole)
    const found = like && (await desk.knownLike(userId, like, transaction))
    return found && like && nearest(found, like.summary)
  }

  async function show({ userId, storyId, language }: Asked): Promise<api.Story> {
    const whole = await database.asUser(userId, (db) => readWhole(db, storyId))
    return present(whole, language)
  }

  async function present(whole: Whole, language: Language): Promise<api.Story> {
    const { story, versions, operation, run, bypass, template } = whole
    const newest = versions.at(-1)
    const duplicates = await knownDuplicates(story.user_id, whole)
    const checks = checksOf(whole, duplicates)
    const children = newest === undefined ? [] : childrenOf(newest)
    return {
      ...summaryOf(lineOf(whole)),
      ...withoutAbsent({
        issueType: story.issue_type,
        templateId: story.template_id,
        template: template && { id: template.id, version: template.version, name: template.name },
        run,
        operation: operation && outbox.present(operation, language),
        brokenRules: newest === undefined ? undefined : blockingRules(checks),
        bypass: presentBypass(bypass, newest?.number),
        coverage:
          newest === undefined || children.length === 0
            ? undefined
            : coverage(
                contentOf(newest),
                children.map(({ content }) => content),
              ),
      }),
      requirement: story.requirement,
      // Both columns have check constraints that list exactly these.
      format: story.format as api.Story['format'],
      language: story.language as Language,
      prompt: story.prompt,
      extras: api.jiraExtras.parse(story.extras),
      createdAt: story.created_at.toISOString(),
      versions: versions.map((version) => presentVersion(whole, version)),
      rules: [...whole.rules],
      checks,
      issues: issuesOf(whole, { outbox, language }),
      ...(isApproved(whole) && stepsLeft(whole).length === 0
        ? {}
        : await tryPreview(whole, language)),
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
      return { previewProblem: explain(error, language) }
    }
  }

  /** Where a story belongs and how it is laid out, as far as the person may say so. */
  async function placeOf(
    db: Db,
    userId: string,
    { projectId, templateId }: Pick<StoryPatch, 'projectId' | 'templateId'>,
  ): Promise<store.StoryPlace> {
    if (typeof projectId === 'string') await access.require(db, projectId, 'viewer')
    if (templateId === undefined || templateId === null) return { projectId, template: templateId }
    const { id, version } = await templates.newest(db, userId, templateId)
    return { projectId, template: { id, version } }
  }

  async function approveOne(asked: Asked, shown: Shown): Promise<void> {
    const { userId, storyId } = asked
    await connections.requireOpen(userId)
    // Outside of the transaction: it may ask Jira for its fields.
    const whole = await database.asUser(userId, (db) => readWhole(db, storyId))
    const isMended = stepsLeft(whole).length > 0
    if (isApproved(whole) && !isMended) return
    const built = await build(userId, whole)
    const duplicates = await duplicatesFor(userId, whole)
    const { baseUrl } = await accounts.jiraConnection(userId)
    await database.asUser(userId, async (db) => {
      await store.lockStory(db, storyId)
      const now = await readWhole(db, storyId)
      if (isApproved(now) && stepsLeft(now).length === 0) return
      requireApprovable(now, { shown, built, duplicates })
      if (built === undefined) return
      if (isApproved(now)) {
        const steps = built.left.map(({ id, step }) => ({ ...step, id }))
        await outbox.amend(db, steps)
      } else await plan(db, { userId, storyId }, built)
      const { projectKey, issueType } = built.whole.payload
      const place = { userId, jiraUrl: baseUrl, projectKey, issueType }
      for (const { field, values } of built.asked)
        await store.rememberField(db, place, { fieldId: field.id, chosen: values })
      const target = `story:${storyId}`
      const facts = {
        payload_hash: built.payloadHash,
        project: projectKey,
        steps: built.steps.length,
      }
      await audit.record(
        { actorId: userId, action: 'story.approve', target, outcome: 'done', facts },
        db,
      )
    })
    wakeOutbox()
  }

  async function plan(
    db: Db,
    { userId, storyId }: { userId: string; storyId: string },
    { steps, whole }: Built,
  ): Promise<void> {
    const cause = `story:${storyId}`
    const [only, ...others] = steps
    if (only !== undefined && others.length === 0) {
      const { step: _, ...operation } = only
      await outbox.plan(db, { ...operation, id: randomUUID(), userId, cause, storyId })
      return
    }
    // Their order is that of their ids: what joins them names them by their place.
    const ids = steps.map(() => randomUUID()).toSorted()
    await outbox.planGroup(db, {
      id: randomUUID(),
      userId,
      cause,
      storyId,
      title: whole.payload.summary,
      steps: steps.map((step, index) => ({
        ...step,
        id: ids[index] ?? randomUUID(),
        userId,
        storyId,
      })),
    })
  }

  /** Asked anew where the rule blocks; Jira being away never keeps a story from being approved. */
  async function duplicatesFor(userId: string, whole: Whole) {
    const blocks = whole.rules.some(
      ({ rule, mode }) => rule === 'jira.duplicate' && mode === 'block',
    )
    const like = likeOf(whole)
    if (!blocks || like === undefined) return undefined
    try {
      return nearest(await desk.issuesLike(userId, like), like.summary)
    } catch (error) {
      if (error instanceof AppError) return undefined
      throw error
    }
  }

  return {
    show,

    async list(
      userId: string,
      limit: number,
      only: { state?: string | undefined; projectId?: string | undefined } = {},
    ): Promise<api.StorySummary[]> {
      const isNarrow = only.state !== undefined || only.projectId !== undefined
      const lines = await database.readAsUser(userId, (db) =>
        store.listStories(db, { limit: isNarrow ? 500 : limit }),
      )
      return lines
        .map(summaryOf)
        .filter(
          ({ state, projectId }) =>
            (only.state === undefined || state === only.state) &&
            (only.projectId === undefined || projectId === only.projectId),
        )
        .slice(0, limit)
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

    /** @throws AppError `feature.closed`, `project.not-found`, `story.template-not-found` */
    async create(
      { userId, language }: Omit<Asked, 'storyId'>,
      {
        projectId,
        templateId,
        ...input
      }: store.StoryInput & { projectId?: string | undefined; templateId?: string | undefined },
    ) {
      await connections.requireOpen(userId)
      const id = randomUUID()
      const marker = outbox.newMarker()
      await database.asUser(userId, async (db) => {
        const place = await placeOf(db, userId, { projectId, templateId })
        await store.insertStory(db, { ...input, ...place, id, userId, marker })
      })
      return show({ userId, storyId: id, language })
    },

    /** @throws AppError `story.not-found`, `story.already-approved`, `project.not-found` */
    async update(asked: Asked, { projectId, templateId, ...change }: StoryPatch) {
      const { userId, storyId } = asked
      await database.asUser(userId, async (db) => {
        await lockDraft(db, storyId)
        const place = await placeOf(db, userId, { projectId, templateId })
        await store.updateStory(db, storyId, { ...change, ...place })
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
        await lockOpen(db, asked.storyId)
        await store.fillJiraFields(db, asked.storyId, values)
      })
      return show(asked)
    },

    /** Begins a run. @throws AppError `story.not-found`, `story.busy`, `story.no-requirement`, … */
    async write({ userId, storyId }: Asked, wish: Writing | string | undefined) {
      await connections.requireOpen(userId)
      const input = typeof wish === 'string' ? { instruction: wish } : (wish ?? {})
      const created = await database.asUser(userId, async (db) => {
        const whole = await lockDraft(db, storyId)
        if (whole.story.requirement.trim() === '') throw new AppError('story.no-requirement')
        const newest = whole.versions.at(-1)
        const count = newest === undefined ? 0 : childrenOf(newest).length
        if (input.child !== undefined && (input.child >= count || input.instruction === undefined))
          throw new AppError('story.child-not-found')
        return runs.create(db, {
          userId,
          subject: { kind: 'story', storyId },
          input: withoutAbsent({ ...input }),
        })
      })
      runs.begin(created)
      return created.run
    },

    /** @throws AppError `story.not-found`, `story.version-changed`, `story.busy`, … */
    async edit(
      asked: Asked,
      change: { basedOn: number; content: unknown; children?: unknown },
    ): Promise<api.Story> {
      const { userId, storyId } = asked
      await database.asUser(userId, async (db) => {
        const whole = await lockOpen(db, storyId)
        requireQuiet(whole)
        const newest = whole.versions.at(-1)
        if ((newest?.number ?? 0) !== change.basedOn) throw new AppError('story.version-changed')
        const corrected = correctedBy(newest, change)
        const { length } = corrected.children ?? []
        // What joins the parts of an approval names them by their place.
        if (isApproved(whole) && length !== (newest === undefined ? 0 : childrenOf(newest).length))
          throw new AppError('story.already-approved')
        await store.insertVersion(db, { storyId, userId, source: 'edit', ...corrected })
      })
      return show(asked)
    },

    /** @throws AppError `story.version-not-found`, `story.version-changed`, `story.busy`, … */
    async restore(
      asked: Asked,
      { version, basedOn }: { version: number; basedOn: number },
    ): Promise<api.Story> {
      const { userId, storyId } = asked
      await database.asUser(userId, async (db) => {
        const whole = await lockDraft(db, storyId)
        requireQuiet(whole)
        if (whole.versions.at(-1)?.number !== basedOn) throw new AppError('story.version-changed')
        const earlier = whole.versions.find(({ number }) => number === version)
        if (earlier === undefined) throw new AppError('story.version-not-found')
        const children = childrenOf(earlier)
        await store.insertVersion(db, {
          storyId,
          userId,
          source: 'restore',
          content: contentOf(earlier),
          edits: editsIn(earlier),
          restoredFrom: version,
          ...(children.length === 0 ? {} : { children }),
        })
      })
      return show(asked)
    },

    /** By an admin, of one version. @throws AppError `story.nothing-to-bypass`, `story.version-changed` */
    async bypass(
      asked: Asked,
      { version, reason }: { version: number; reason: string },
    ): Promise<api.Story> {
      const { userId, storyId } = asked
      await database.asUser(userId, async (db) => {
        const whole = await lockDraft(db, storyId)
        requireQuiet(whole)
        if (whole.versions.at(-1)?.number !== version) throw new AppError('story.version-changed')
        const broken = blockingRules(checksOf(whole, await knownDuplicates(userId, whole, db)))
        if (broken.length === 0) throw new AppError('story.nothing-to-bypass')
        await store.saveBypass(db, { storyId, userId, version, reason, rules: broken })
        await recordBypass(db, asked, { version, rules: broken.join(' '), reason })
      })
      return show(asked)
    },

    /** @throws AppError `story.not-found`, `story.already-approved` */
    async withdrawBypass(asked: Asked): Promise<api.Story> {
      await database.asUser(asked.userId, async (db) => {
        await lockDraft(db, asked.storyId)
        await store.deleteBypass(db, asked.storyId)
      })
      return show(asked)
    },

    /** Asks Jira now; says why where it does not answer. @throws AppError `story.not-found` */
    async duplicates({ userId, storyId, language }: Asked) {
      const whole = await database.asUser(userId, (db) => readWhole(db, storyId))
      const like = likeOf(whole)
      if (like === undefined) return { duplicates: [] }
      try {
        const found = await desk.issuesLike(userId, like)
        const own = new Set(issuesOf(whole, { outbox, language }).map(({ key }) => key))
        const others = found.filter(({ key }) => !own.has(key))
        return {
          duplicates: nearest(others, like.summary),
          checkedAt: new Date().toISOString(),
        }
      } catch (error) {
        return { duplicates: [], problem: explain(error, language) }
      }
    },

    /**
     * Puts exactly what was shown into the outbox. The second approval of a story finds the first; of
     * one that stopped half way, it sends what is left.
     *
     * @throws AppError `story.not-ready`, `story.offline-draft`, `story.payload-changed`, …
     */
    async approve(asked: Asked, shown: Shown): Promise<api.Story> {
      await approveOne(asked, shown)
      return show(asked)
    },

    /** Each by itself: what is refused holds up no other. @throws AppError `feature.closed` */
    async approveAll(
      { userId, language }: Omit<Asked, 'storyId'>,
      wanted: readonly (Shown & { readonly storyId: string })[],
    ) {
      await connections.requireOpen(userId)
      const results = []
      for (const { storyId, ...shown } of wanted) {
        try {
          await approveOne({ userId, storyId, language }, shown)
          results.push({ storyId, isApproved: true })
        } catch (error) {
          results.push({ storyId, isApproved: false, problem: explain(error, language) })
        }
      }
      return results
    },

    /** What several drafts would send, or why they may not. @throws AppError `feature.closed` */
    async previewAll({ userId, language }: Omit<Asked, 'storyId'>, storyIds: readonly string[]) {
      await connections.requireOpen(userId)
      const previews = []
      for (const storyId of storyIds) {
        const whole = await database.asUser(userId, (db) =>
          readWhole(db, storyId).catch((error: unknown) => {
            if (error instanceof AppError) return error
            throw error
          }),
        )
        if (whole instanceof AppError) {
          const problem = explain(whole, language)
          previews.push({
            storyId,
            title: '',
            version: 0,
            brokenRules: [],
            isBypassed: false,
            problem,
          })
          continue
        }
        const { preview: made, previewProblem: problem } = await tryPreview(whole, language)
        const newest = whole.versions.at(-1)
        previews.push({
          storyId,
          title: summaryOf(lineOf(whole)).title,
          version: newest?.number ?? 0,
          brokenRules: blockingRules(checksOf(whole)),
          isBypassed: presentBypass(whole.bypass, newest?.number) !== undefined,
          ...withoutAbsent({ preview: made, problem }),
        })
      }
      return previews
    },

    /** As text, for where Jira is away for good. */
    async export(
      userId: string,
      {
        format,
        storyIds,
      }: { format: 'csv' | 'markdown'; storyIds?: readonly string[] | undefined },
    ) {
      const wholes = await database.asUser(userId, async (db) => {
        const lines = await store.listStories(db, { limit: 200 })
        const drafts = lines.filter((line) => summaryOf(line).state === 'draft').map(({ id }) => id)
        const found: Whole[] = []
        for (const id of storyIds ?? drafts)
          if ((await store.findStory(db, id)) !== undefined) found.push(await readWhole(db, id))
        return found
      })
      return exportStories(wholes, format)
    },

    /** The newest version as words, for a page. @throws AppError `story.not-found`, `story.not-ready` */
    async describe(userId: string, storyId: string) {
      const whole = await database.asUser(userId, (db) => readWhole(db, storyId))
      const { story, versions, operation } = whole
      const newest = versions.at(-1)
      if (newest === undefined) throw new AppError('story.not-ready', { facts: { rules: '' } })
      const content = contentOf(newest)
      const language = story.language as Language
      const children = childrenOf(newest).map((child) => child.content)
      const markdown = storyMarkdown(content, {
        language,
        layout: story.format === 'custom' ? whole.template : undefined,
        children,
        decision:
          operation === undefined || !isApproved(whole)
            ? undefined
            : {
                approvedAt: operation.row.created_at.toISOString(),
                version: newest.number,
                issues: issuesOf(whole, { outbox, language }),
              },
      })
      return { title: content.summary, language, markdown, marker: story.marker, content, children }
    },

    /** Whether a story and a version are ready for what leaves StudioOps. @throws AppError `story.not-ready` */
    async requireReady(userId: string, storyId: string): Promise<void> {
      const whole = await database.asUser(userId, (db) => readWhole(db, storyId))
      requireRules(whole, undefined)
    },

    /** A sample held to rules; for trying them. */
    check: (subject: Parameters<typeof checkStory>[0], with_: readonly EffectiveRule[]) =>
      checkStory(subject, with_),

    projects: (userId: string, language: Language) => desk.projects(userId, language),
    issueTypes: (asked: { userId: string; projectKey: string; language: Language }) =>
      desk.issueTypes(asked),
    assignees: desk.assignees,
    components: desk.components,
    linkTypes: desk.linkTypes,
    searchIssues: desk.searchIssues,
  }

  async function recordBypass(
    db: Db,
    { userId, storyId }: Asked,
    facts: { version: number; rules: string; reason: string },
  ): Promise<void> {
    const target = `story:${storyId}`
    await audit.record(
      { actorId: userId, action: 'rule.bypass', target, outcome: 'done', facts },
      db,
    )
  }

  function requireApprovable(whole: Whole, { shown, built, duplicates }: Approval): void {
    requireQuiet(whole)
    const newest = whole.versions.at(-1)
    if (newest === undefined) throw new AppError('story.not-ready', { facts: { rules: '' } })
    if (newest.number !== shown.version) throw new AppError('story.payload-changed')
    if (newest.source === 'offline') throw new AppError('story.offline-draft')
    if (built === undefined)
      throw new AppError('story.not-ready', { facts: { rules: 'project, issue type' } })
    requireRules(whole, duplicates)
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

type Correction = { readonly content: unknown; readonly children?: unknown }

/** A correction with what is by hand in it; children that are not named stay as they were. */
function correctedBy(
  newest: store.VersionRow | undefined,
  change: Correction,
): Pick<store.NewVersion, 'content' | 'children' | 'edits'> {
  const content = storyContent.parse(change.content)
  const before = newest === undefined ? [] : childrenOf(newest)
  const children =
    change.children === undefined ? before : z.array(storyChild).parse(change.children)
  const parts = children.length === 0 ? {} : { children }
  if (newest === undefined) return { content, edits: noEdits, ...parts }
  const known = editsIn(newest)
  const edits = editsOf({ before: contentOf(newest), after: content, known })
  const changed = children.flatMap((child, index) =>
    JSON.stringify(child) === JSON.stringify(before[index]) ? [] : [`children.${index}`],
  )
  const fields = [...new Set([...edits.fields, ...changed])]
  return { content, edits: { ...edits, fields }, ...parts }
}

type Duplicate = FoundIssue & { readonly likeness: number }

type Approval = {
  readonly shown: Shown
  readonly built: Built | undefined
  readonly duplicates: readonly Duplicate[] | undefined
}

/** Every rule that blocks, for the whole and each child; an admin may have let this version pass. */
function requireRules(whole: Whole, duplicates: readonly Duplicate[] | undefined): void {
  const newest = whole.versions.at(-1)
  if (newest === undefined) throw new AppError('story.not-ready', { facts: { rules: '' } })
  const broken = blockingRules(checkStory({ ...subjectOf(whole, newest), duplicates }, whole.rules))
  const isBypassed = presentBypass(whole.bypass, newest.number) !== undefined
  if (broken.length > 0 && !isBypassed)
    throw new AppError('story.not-ready', { facts: { rules: broken.join(', ') } })
}

/** From where on an issue is told as much alike. */
const alikeFrom = 0.6
const alikeMost = 5

/** Those whose summary shares most of its words with that of the story, in both directions. */
function nearest(found: readonly FoundIssue[], summary: string): Duplicate[] {
  return found
    .map((issue) => ({
      ...issue,
      likeness: Math.min(likeness(summary, issue.summary), likeness(issue.summary, summary)),
    }))
    .filter((issue) => issue.likeness >= alikeFrom)
    .toSorted((a, b) => b.likeness - a.likeness)
    .slice(0, alikeMost)
}

function coverage(...given: Parameters<typeof coverageOf>) {
  return coverageOf(...given).map((row) => ({ ...row, children: [...row.children] }))
}

const storedRules = api.storyVersion.shape.brokenRules.catch([])

function presentBypass(
  bypass: store.BypassRow | undefined,
  version: number | undefined,
): api.Story['bypass'] {
  if (bypass === undefined || bypass.version !== version) return undefined
  const { reason, rules, at } = bypass
  return { version, reason, rules: storedRules.parse(rules), at: at.toISOString() }
}

/** A refusal in words; a defect goes on up. */
function explain(error: unknown, language: Language): Problem {
  if (!(error instanceof AppError)) throw error
  const correlationId = currentContext()?.correlationId ?? ''
  return toProblem(error, { correlationId, language })
}
