import type { Language } from '@studioops/contracts/installation'
import type { JiraExtras, KeptEdit, StoryEdits } from '@studioops/contracts/stories'
import type { StoryChild, StoryContent } from '@studioops/contracts/story-content'
import type { StoryFormat } from '@studioops/contracts/story-rules'
import { sql } from 'kysely'
import { compileOnce, type SlotOf } from '../../platform/db/compiled-query.ts'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

export type StoryInput = {
  readonly requirement: string
  readonly format: StoryFormat
  readonly language: Language
  readonly projectKey?: string | undefined
  readonly issueType?: string | undefined
  readonly prompt?: string | undefined
}

/** Where a story belongs and how it is laid out; null takes it away. */
export type StoryPlace = {
  readonly projectId?: string | null | undefined
  readonly template?: { readonly id: string; readonly version: number } | null | undefined
  readonly extras?: JiraExtras | undefined
}

type NewStory = StoryInput &
  StoryPlace & {
    readonly id: string
    readonly userId: string
    readonly marker: string
  }

export async function insertStory(db: Db, story: NewStory): Promise<void> {
  await db
    .insertInto('stories')
    .values({
      id: story.id,
      user_id: story.userId,
      marker: story.marker,
      requirement: story.requirement,
      format: story.format,
      language: story.language,
      project_key: story.projectKey ?? null,
      issue_type: story.issueType ?? null,
      prompt: story.prompt ?? 'default',
      project_id: story.projectId ?? null,
      template_id: story.template?.id ?? null,
      template_version: story.template?.version ?? null,
    })
    .execute()
}

export async function findStory(db: Db, id: string) {
  return db
    .selectFrom('stories')
    .selectAll()
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .executeTakeFirst()
}
export type StoryRow = NonNullable<Awaited<ReturnType<typeof findStory>>>

/** Holds the story until the end of the transaction, so that approval and change do not cross. */
export async function lockStory(db: Db, id: string): Promise<StoryRow | undefined> {
  return db
    .selectFrom('stories')
    .selectAll()
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .forUpdate()
    .executeTakeFirst()
}

/** One line a story, with what is needed to tell its state; newest first. */
export const listStories = compileOnce((db, slot: SlotOf<{ limit: number }>) =>
  db
    .selectFrom('stories')
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom('story_versions')
          .select([
            sql<string>`content ->> 'summary'`.as('summary'),
            sql<number | null>`case jsonb_typeof(children)
              when 'array' then jsonb_array_length(children) end`.as('children'),
          ])
          .whereRef('story_versions.story_id', '=', 'stories.id')
          .orderBy('number', 'desc')
          .limit(1)
          .as('newest'),
      (join) => join.onTrue(),
    )
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom('outside_operations')
          .leftJoinLateral(
            (steps) =>
              steps
                .selectFrom('outside_operations as step')
                .select(['step.external_key as key', 'step.external_url as url'])
                .whereRef('step.parent_id', '=', 'outside_operations.id')
                .where('step.kind', '=', 'jira.issue.create')
                .orderBy('step.step')
                .orderBy('step.id')
                .limit(1)
                .as('first'),
            (join) => join.onTrue(),
          )
          .select([
            'outside_operations.state as operation_state',
            sql<string | null>`coalesce(external_key, first.key)`.as('external_key'),
            sql<string | null>`coalesce(external_url, first.url)`.as('external_url'),
          ])
          .where('outside_operations.cause', '=', sql<string>`'story:' || stories.id`)
          .orderBy('outside_operations.created_at', 'desc')
          .limit(1)
          .as('operation'),
      (join) => join.onTrue(),
    )
    .select([
      'stories.id',
      'stories.requirement',
      'stories.project_key',
      'stories.project_id',
      'stories.updated_at',
      'newest.summary',
      'newest.children',
      'operation.operation_state',
      'operation.external_key',
      'operation.external_url',
      sql<boolean>`exists (select from runs where runs.story_id = stories.id
        and runs.state in ('running', 'waiting', 'interrupted'))`.as('is_writing'),
    ])
    .where('stories.user_id', '=', transactionUser)
    .orderBy('stories.updated_at', 'desc')
    .limit(slot('limit')),
)
export type StoryLine = Awaited<ReturnType<typeof listStories>>[number]

export type StoryChange = { readonly [K in keyof StoryInput]?: StoryInput[K] | undefined }

export async function updateStory(
  db: Db,
  id: string,
  change: StoryChange & StoryPlace,
): Promise<void> {
  const { projectId, template, extras } = change
  await db
    .updateTable('stories')
    // Undefined members are left as they are: Kysely does not write them.
    .set({
      requirement: change.requirement,
      format: change.format,
      language: change.language,
      project_key: change.projectKey,
      issue_type: change.issueType,
      prompt: change.prompt,
      project_id: projectId,
      ...(template === undefined
        ? {}
        : { template_id: template?.id ?? null, template_version: template?.version ?? null }),
      extras: extras && toJsonb(extras),
      updated_at: sql`now()`,
    })
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .execute()
}

export async function deleteStory(db: Db, id: string): Promise<void> {
  await db
    .deleteFrom('stories')
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .execute()
}

export async function listVersions(db: Db, storyId: string) {
  return db
    .selectFrom('story_versions')
    .select([
      'number',
      'source',
      'instruction',
      'model',
      'content',
      'children',
      'edits',
      'kept_edits',
      'restored_from',
      'created_at',
    ])
    .where('story_id', '=', storyId)
    .where('user_id', '=', transactionUser)
    .orderBy('number')
    .execute()
}

export async function findNewestVersion(db: Db, storyId: string) {
  return db
    .selectFrom('story_versions')
    .select(['content', 'children', 'edits'])
    .where('story_id', '=', storyId)
    .where('user_id', '=', transactionUser)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
}
export type VersionRow = Awaited<ReturnType<typeof listVersions>>[number]

export type NewVersion = {
  readonly storyId: string
  readonly userId: string
  readonly source: 'model' | 'edit' | 'offline' | 'restore'
  readonly instruction?: string | undefined
  readonly model?: string | undefined
  readonly content: StoryContent
  readonly children?: readonly StoryChild[] | undefined
  readonly edits?: StoryEdits | undefined
  readonly keptEdits?: readonly KeptEdit[] | undefined
  readonly restoredFrom?: number | undefined
  readonly runId?: string | undefined
}

/**
 * Adds the next version; the story must be locked. A run that is repeated after a crash gets the
 * number of the version that it made before.
 */
export async function insertVersion(db: Db, version: NewVersion): Promise<number> {
  if (version.runId !== undefined) {
    const before = await db
      .selectFrom('story_versions')
      .select('number')
      .where('run_id', '=', version.runId)
      .executeTakeFirst()
    if (before !== undefined) return before.number
  }
  const { number } = await db
    .insertInto('story_versions')
    .values((values) => ({
      story_id: version.storyId,
      user_id: version.userId,
      number: values
        .selectFrom('story_versions')
        .select(sql<number>`coalesce(max(number), 0) + 1`.as('next'))
        .where('story_id', '=', version.storyId),
      source: version.source,
      instruction: version.instruction ?? null,
      model: version.model ?? null,
      content: toJsonb(version.content),
      children: version.children === undefined ? null : toJsonb(version.children),
      edits: toJsonb(version.edits ?? {}),
      kept_edits: toJsonb(version.keptEdits ?? []),
      restored_from: version.restoredFrom ?? null,
      run_id: version.runId ?? null,
    }))
    .returning('number')
    .executeTakeFirstOrThrow()
  await db
    .updateTable('stories')
    .set({ updated_at: sql`now()` })
    .where('id', '=', version.storyId)
    .execute()
  return number
}

export type Remembered<T> = { readonly value: T; readonly fetchedAt: Date }

/** What Jira last said, for the times when it says nothing (D-10). */
export async function remember(
  db: Db,
  entry: { userId: string; kind: string; key: string; value: unknown },
): Promise<void> {
  const values = { value: toJsonb(entry.value), fetched_at: sql<Date>`now()` }
  await db
    .insertInto('jira_metadata')
    .values({ user_id: entry.userId, kind: entry.kind, key: entry.key, ...values })
    .onConflict((conflict) => conflict.columns(['user_id', 'kind', 'key']).doUpdateSet(values))
    .execute()
}

export async function recall<T>(
  db: Db,
  { kind, key }: { kind: string; key: string },
): Promise<Remembered<T> | undefined> {
  const row = await db
    .selectFrom('jira_metadata')
    .select(['value', 'fetched_at'])
    .where('kind', '=', kind)
    .where('user_id', '=', transactionUser)
    .where('key', '=', key)
    .executeTakeFirst()
  // Only `remember` writes this column, with the value of this kind.
  return row === undefined
    ? undefined
    : { value: row.value as unknown as T, fetchedAt: row.fetched_at }
}

export type FieldPlace = {
  readonly jiraUrl: string
  readonly projectKey: string
  readonly issueType: string
}

/** What is known of the fields of a project and type beyond what Jira tells (CON-11). */
export async function fieldMemory(db: Db, { jiraUrl, projectKey, issueType }: FieldPlace) {
  return db
    .selectFrom('jira_field_memory')
    .select(['field_id', 'rule', 'field', 'chosen'])
    .where('user_id', '=', transactionUser)
    .where('jira_url', '=', jiraUrl)
    .where('project_key', '=', projectKey)
    .where('issue_type', '=', issueType)
    .execute()
}
export type FieldMemory = Awaited<ReturnType<typeof fieldMemory>>[number]

type FieldLesson = {
  readonly fieldId: string
  readonly rule?: 'required' | 'not-on-screen'
  readonly field?: unknown
  readonly chosen?: readonly string[]
}

export async function rememberField(
  db: Db,
  { jiraUrl, projectKey, issueType, userId }: FieldPlace & { readonly userId: string },
  { fieldId, rule, field, chosen }: FieldLesson,
): Promise<void> {
  const values = {
    ...(rule === undefined ? {} : { rule }),
    ...(field === undefined ? {} : { field: toJsonb(field) }),
    ...(chosen === undefined ? {} : { chosen: toJsonb(chosen) }),
    updated_at: sql<Date>`now()`,
  }
  await db
    .insertInto('jira_field_memory')
    .values({
      user_id: userId,
      jira_url: jiraUrl,
      project_key: projectKey,
      issue_type: issueType,
      field_id: fieldId,
      ...values,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'jira_url', 'project_key', 'issue_type', 'field_id'])
        .doUpdateSet(values),
    )
    .execute()
}

export async function fillJiraFields(
  db: Db,
  id: string,
  values: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  await db
    .updateTable('stories')
    .set({ jira_fields: sql`jira_fields || ${toJsonb(values)}`, updated_at: sql`now()` })
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .execute()
}

/** An admin's word for one version; a new one takes the place of the last. */
export async function saveBypass(
  db: Db,
  bypass: {
    storyId: string
    userId: string
    version: number
    reason: string
    rules: readonly string[]
  },
): Promise<void> {
  const said = {
    version: bypass.version,
    reason: bypass.reason,
    rules: toJsonb(bypass.rules),
    at: sql<Date>`now()`,
  }
  await db
    .insertInto('story_bypasses')
    .values({ story_id: bypass.storyId, user_id: bypass.userId, ...said })
    .onConflict((conflict) => conflict.column('story_id').doUpdateSet(said))
    .execute()
}

export async function findBypass(db: Db, storyId: string) {
  return db
    .selectFrom('story_bypasses')
    .select(['version', 'reason', 'rules', 'at'])
    .where('story_id', '=', storyId)
    .where('user_id', '=', transactionUser)
    .executeTakeFirst()
}
export type BypassRow = NonNullable<Awaited<ReturnType<typeof findBypass>>>

export async function deleteBypass(db: Db, storyId: string): Promise<void> {
  await db
    .deleteFrom('story_bypasses')
    .where('story_id', '=', storyId)
    .where('user_id', '=', transactionUser)
    .execute()
}
