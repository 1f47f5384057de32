import type { RunEvent } from '@studioops/contracts/runs'
import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

/** An event with its place in the run; `seq` is dense from 0. */
export type StoredEvent = {
  readonly runId: string
  readonly epoch: number
  readonly seq: number
  readonly event: RunEvent
}

export type NewRun = {
  readonly id: string
  readonly userId: string
  readonly storyId: string
  readonly input: unknown
}

/** @throws the unique violation of `runs_one_at_a_time` when the story has an open run */
export async function insertRun(db: Db, { id, userId, storyId, input }: NewRun): Promise<void> {
  await db
    .insertInto('runs')
    .values({
      id,
      user_id: userId,
      story_id: storyId,
      state: 'running',
      input: toJsonb(input),
    })
    .execute()
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
    .returning(['epoch', 'user_id', 'story_id', 'input', 'clarifications'])
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

export async function readOn(db: Db, runId: string, after: number): Promise<Remaining> {
  // In this order: a run that is over has its last event stored.
  const run = await findRun(db, runId)
  const events = run === undefined ? [] : await readEvents(db, runId, after)
  return { events, isOpen: openStates.some((state) => state === run?.state) }
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

/**
 * Adds events of many runs in one statement.
 *
 * @returns the runs of which nothing was added, because a later writer has taken over
 */
export async function insertEvents(
  db: Db,
  events: readonly StoredEvent[],
): Promise<ReadonlySet<string>> {
  const column = <T>(pick: (event: StoredEvent) => T) => sql.val(events.map(pick))
  const written = await sql<{ run_id: string }>`
    insert into run_events (run_id, seq, epoch, type, data)
    select added.run_id, added.seq, added.epoch, added.type, added.data
    from unnest(
      ${column((event) => event.runId)}::uuid[], ${column((event) => event.seq)}::int[],
      ${column((event) => event.epoch)}::int[], ${column((event) => event.event.type)}::text[],
      ${column((event) => toJsonb(event.event))}::jsonb[]
    ) as added (run_id, seq, epoch, type, data)
    join runs on runs.id = added.run_id and runs.epoch = added.epoch
    -- Holds back a new writer until this is committed, so that it continues after these events.
    for share of runs
    returning run_id`.execute(db)
  const accepted = new Set(written.rows.map((row) => row.run_id))
  return new Set(events.map((event) => event.runId).filter((runId) => !accepted.has(runId)))
}

type Ending = {
  readonly runId: string
  readonly epoch: number
  readonly state: string
  readonly version: number | undefined
}

/** @returns false when a later writer has taken over */
export async function endRun(db: Db, { runId, epoch, state, version }: Ending): Promise<boolean> {
  const ended = await db
    .updateTable('runs')
    .set({ state, version: version ?? null, question: null, ended_at: sql`now()` })
    .where('id', '=', runId)
    .where('epoch', '=', epoch)
    .executeTakeFirst()
  return ended.numUpdatedRows > 0n
}

export async function waitWith(
  db: Db,
  { runId, epoch, question }: { runId: string; epoch: number; question: unknown },
): Promise<boolean> {
  const waiting = await db
    .updateTable('runs')
    .set({ state: 'waiting', question: toJsonb(question) })
    .where('id', '=', runId)
    .where('epoch', '=', epoch)
    .executeTakeFirst()
  return waiting.numUpdatedRows > 0n
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
