import type { RunEvent } from '@studioops/contracts/runs'
import { sql } from 'kysely'
import { compileOnce, type SlotOf } from '../../platform/db/compiled-query.ts'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

/** An event with its place in the run; `seq` is dense from 0. */
export type StoredEvent = {
  readonly runId: string
  readonly epoch: number
  readonly seq: number
  readonly event: RunEvent
}

/** What a run writes: one story, or one answer of a chat. */
export type RunSubject =
  | { readonly kind: 'story'; readonly storyId: string }
  | { readonly kind: 'chat'; readonly chatId: string; readonly messageId: string }

export type NewRun = {
  readonly id: string
  readonly userId: string
  readonly subject: RunSubject
  readonly input: unknown
}

type SubjectColumns = Pick<RunRow, 'story_id' | 'chat_id' | 'message_id'>

function columnsOfSubject(subject: RunSubject): SubjectColumns {
  return subject.kind === 'story'
    ? { story_id: subject.storyId, chat_id: null, message_id: null }
    : { story_id: null, chat_id: subject.chatId, message_id: subject.messageId }
}

export function subjectOf(row: SubjectColumns): RunSubject {
  if (row.story_id !== null) return { kind: 'story', storyId: row.story_id }
  if (row.chat_id === null || row.message_id === null)
    throw new Error('a run has neither a story nor a chat')
  return { kind: 'chat', chatId: row.chat_id, messageId: row.message_id }
}

/**
 * Adds a run whose first writer is the caller, with epoch 1.
 *
 * @throws the unique violation of `runs_one_at_a_time` or `runs_one_at_a_time_in_a_chat` when the
 *   story or the chat has an open run
 */
export async function insertRun(db: Db, { id, userId, subject, input }: NewRun): Promise<RunRow> {
  return db
    .insertInto('runs')
    .values({
      id,
      user_id: userId,
      ...columnsOfSubject(subject),
      state: 'running',
      epoch: 1,
      input: toJsonb(input),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function findRun(db: Db, runId: string) {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', runId)
    .where('user_id', '=', transactionUser)
    .executeTakeFirst()
}
export type RunRow = NonNullable<Awaited<ReturnType<typeof findRun>>>

export async function findNewestRun(db: Db, storyId: string) {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('story_id', '=', storyId)
    .where('user_id', '=', transactionUser)
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Oldest first, so that of several runs of a message the last one counts. */
export async function listRunsOfChat(db: Db, chatId: string) {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('chat_id', '=', chatId)
    .where('user_id', '=', transactionUser)
    .orderBy('started_at')
    .execute()
}

/** Runs whose writer is gone: nobody but a starting process may ask this. */
export async function findAbandonedRuns(db: Db) {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('state', 'in', workStates)
    .orderBy('started_at')
    .execute()
}

/** Runs that somebody should work on, and all that are not over: `waiting` ones wait for a person. */
export const workStates = ['running', 'interrupted'] as const
export const openStates = ['running', 'waiting', 'interrupted'] as const

/**
 * Makes the caller the one writer of a run. Whatever an earlier writer still wants to add is refused.
 *
 * @returns the new epoch, the next free `seq`, and what the run was asked for; undefined when the
 *   run is in none of these states
 */
export async function takeOver(db: Db, runId: string, from: readonly string[] = workStates) {
  const row = await db
    .updateTable('runs')
    .set({ epoch: sql`epoch + 1`, state: 'running' })
    .where('id', '=', runId)
    .where('state', 'in', from)
    .returning([
      'epoch',
      'user_id',
      'story_id',
      'chat_id',
      'message_id',
      'input',
      'clarifications',
    ])
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { next } = await db
    .selectFrom('run_events')
    .select(sql<number>`coalesce(max(seq) + 1, 0)`.as('next'))
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow()
  return { ...row, next }
}

/** Length of the text that the last attempt left behind, in UTF-16 units. */
export async function unfinishedTextLength(db: Db, runId: string): Promise<number> {
  const events = await readEvents(db, runId, -1)
  const attempt = events.findLastIndex(({ event }) => ['provider', 'reset'].includes(event.type))
  return events
    .slice(attempt + 1)
    .reduce((sum, { event }) => sum + (event.type === 'assistant_token' ? event.text.length : 0), 0)
}

export const readAtOnce = 1_000

/** What a reader still has to hear: stored events, and whether more can come. */
export type Remaining = { readonly events: readonly StoredEvent[]; readonly isOpen: boolean }

const selectRemaining = compileOnce((db, slot: SlotOf<{ runId: string; after: number }>) =>
  db
    .selectFrom('runs')
    .select((run) => [
      'state',
      // One statement sees the run and its events at one moment: what is over has its last event.
      sql<[number, number, RunEvent][]>`coalesce((select json_agg(
        json_build_array(seq, epoch, data) order by seq) from ${run
          .selectFrom('run_events')
          .select(['seq', 'epoch', 'data'])
          .where('run_id', '=', slot('runId'))
          .where('seq', '>', slot('after'))
          .orderBy('seq')
          .limit(readAtOnce)
          .as('later')}), '[]')`.as('events'),
    ])
    .where('id', '=', slot('runId'))
    .where('user_id', '=', transactionUser),
)

/** @returns undefined when this person has no such run */
export async function readOn(db: Db, runId: string, after: number): Promise<Remaining | undefined> {
  const [row] = await selectRemaining(db, { runId, after })
  if (row === undefined) return undefined
  return {
    // Only we write this column, and each event was checked when it was written.
    events: row.events.map(([seq, epoch, event]) => ({ runId, seq, epoch, event })),
    isOpen: openStates.some((state) => state === row.state),
  }
}

/** Events with a greater `seq`, in order; at most `readAtOnce`. */
export async function readEvents(db: Db, runId: string, after: number): Promise<StoredEvent[]> {
  const rows = await db
    .selectFrom('run_events')
    .select(['seq', 'epoch', 'data'])
    .where('run_id', '=', runId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(readAtOnce)
    .execute()
  return rows.map(({ seq, epoch, data }) => ({
    runId,
    seq,
    epoch,
    // Only we write this column, and each event was checked when it was written.
    event: data as unknown as RunEvent,
  }))
}

type Columns = {
  readonly runIds: readonly string[]
  readonly seqs: readonly number[]
  readonly epochs: readonly number[]
  readonly types: readonly string[]
  readonly data: readonly string[]
}

function columnsOf(events: readonly StoredEvent[]): Columns {
  return {
    runIds: events.map(({ runId }) => runId),
    seqs: events.map(({ seq }) => seq),
    epochs: events.map(({ epoch }) => epoch),
    types: events.map(({ event }) => event.type),
    data: events.map(({ event }) => toJsonb(event)),
  }
}

// What is stored already was stored by an attempt whose answer was lost: only one writer has an epoch.
const addEvents = compileOnce((db, slot: SlotOf<Columns>) => ({
  compile: () =>
    sql<{ id: string }>`
    with added as materialized (
      select * from unnest(${slot('runIds')}::uuid[], ${slot('seqs')}::int[],
        ${slot('epochs')}::int[], ${slot('types')}::text[], ${slot('data')}::jsonb[]
      ) as added (run_id, seq, epoch, type, data)
    ), own as materialized (
      select id, epoch from runs where (id, epoch) in (select run_id, epoch from added)
      -- Holds back a new writer until this is committed, so that it continues after these events.
      for share
    ), stored as (
      insert into run_events (run_id, seq, epoch, type, data)
      select added.* from added join own on own.id = added.run_id and own.epoch = added.epoch
      on conflict (run_id, seq) do nothing
    )
    select id from own`.compile(db),
}))

/**
 * Adds events of many runs in one statement. Adding them again changes nothing.
 *
 * @returns the runs of which nothing was added, because a later writer has taken over
 */
export async function insertEvents(
  db: Db,
  events: readonly StoredEvent[],
): Promise<ReadonlySet<string>> {
  const own = new Set((await addEvents(db, columnsOf(events))).map(({ id }) => id))
  return new Set(events.map(({ runId }) => runId).filter((runId) => !own.has(runId)))
}

/** How a run goes on: it is over, or it waits with a question. */
export type RunChange = {
  readonly state: string
  readonly version?: number | undefined
  readonly question?: unknown
}

type Conclusion = {
  readonly runId: string
  readonly epoch: number
  readonly seqs: readonly number[]
  readonly types: readonly string[]
  readonly data: readonly string[]
  readonly state: string
  readonly version: number | null
  readonly question: string | null
}

const changeAndAdd = compileOnce((db, slot: SlotOf<Conclusion>) => ({
  compile: () =>
    sql<{ id: string }>`
    with changed as (
      update runs set state = ${slot('state')}, version = ${slot('version')}::int,
        question = ${slot('question')}::jsonb,
        ended_at = case when ${slot('question')}::jsonb is null then now() end
      where id = ${slot('runId')}::uuid and epoch = ${slot('epoch')}::int
      returning id, epoch
    ), stored as (
      insert into run_events (run_id, seq, epoch, type, data)
      select changed.id, added.seq, changed.epoch, added.type, added.data
      from changed, unnest(${slot('seqs')}::int[], ${slot('types')}::text[],
        ${slot('data')}::jsonb[]) as added (seq, type, data)
      on conflict (run_id, seq) do nothing
    )
    select id from changed`.compile(db),
}))

/**
 * Changes a run and adds its events in one statement. Doing it again changes nothing.
 *
 * @returns false, and nothing is done, when a later writer has taken over
 */
export async function concludeRun(
  db: Db,
  { runId, epoch, change }: { runId: string; epoch: number; change: RunChange },
  events: readonly StoredEvent[],
): Promise<boolean> {
  const { seqs, types, data } = columnsOf(events)
  const { state, version = null, question } = change
  const asked = question === undefined ? null : toJsonb(question)
  const place = { runId, epoch, state, version, question: asked }
  const concluded = await changeAndAdd(db, { ...place, seqs, types, data })
  return concluded.length > 0
}

/** Adds an answer, once. @returns false when the run does not wait with this question */
export async function answerQuestion(
  db: Db,
  { runId, requestId, clarification }: { runId: string; requestId: string; clarification: unknown },
): Promise<boolean> {
  const answered = await db
    .updateTable('runs')
    .set({
      state: 'interrupted',
      question: null,
      clarifications: sql`clarifications || ${toJsonb([clarification])}::jsonb`,
    })
    .where('id', '=', runId)
    .where('user_id', '=', transactionUser)
    .where('state', '=', 'waiting')
    .where(sql<boolean>`question ->> 'requestId' = ${requestId}`)
    .executeTakeFirst()
  return answered.numUpdatedRows > 0n
}

const keptAfterEndMs = 7 * 24 * 3_600_000

/** What was streamed of runs that ended a week ago; how they ended stays. @returns how many went */
export async function deleteOldEvents(db: Db, now: Date): Promise<number> {
  const deleted = await db
    .deleteFrom('run_events')
    .where('type', '!=', 'done')
    .where('run_id', 'in', (query) =>
      query
        .selectFrom('runs')
        .select('id')
        .where('ended_at', '<', new Date(now.getTime() - keptAfterEndMs)),
    )
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
