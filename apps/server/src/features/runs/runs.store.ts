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
  /** The event as it is stored, where it was written out a moment ago. */
  readonly json?: string
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
  /** Who writes its events: see `RunWriters`. */
  readonly writer: string
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
export async function insertRun(
  db: Db,
  { id, userId, subject, input, writer }: NewRun,
): Promise<RunRow> {
  return db
    .insertInto('runs')
    .values({
      id,
      user_id: userId,
      ...columnsOfSubject(subject),
      state: 'running',
      epoch: 1,
      input: toJsonb(input),
      writer,
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

/** Says that a process lives, and forgets those that have been gone for a day. @returns how many others live */
export async function sayAlive(db: Db, writer: string, goneAfterMs: number): Promise<number> {
  const {
    rows: [row],
  } = await sql<{ others: number }>`
    with own as (
      insert into run_writers (id) values (${writer})
      on conflict (id) do update set seen_at = now()
    ), old as (
      delete from run_writers where seen_at < now() - interval '1 day' and id <> ${writer}
    )
    select count(*)::int as others from run_writers
    where id <> ${writer} and seen_at > now() - make_interval(secs => ${goneAfterMs / 1_000})
  `.execute(db)
  return row?.others ?? 0
}

/** A process that ends on purpose, or that ran before in the place of this one, writes nothing more. */
export async function forgetWriters(db: Db, ids: { like: string; but?: string }): Promise<void> {
  await db
    .deleteFrom('run_writers')
    .where('id', 'like', ids.like)
    .where('id', '!=', ids.but ?? '')
    .execute()
}

/**
 * Runs on which nobody works: their writer has not been seen for a while. Nobody but a process that
 * takes them over may ask this.
 *
 * @param own what of the asker itself counts as left behind, too; undefined: nothing
 */
export async function findAbandonedRuns(
  db: Db,
  { goneAfterMs, own }: { readonly goneAfterMs: number; readonly own: string | undefined },
) {
  return db
    .selectFrom('runs')
    .select(['id', 'epoch', 'started_at'])
    .where('state', 'in', workStates)
    .where(({ not, exists, or, eb, selectFrom }) =>
      or([
        eb('writer', '=', own ?? ''),
        not(
          exists(
            selectFrom('run_writers')
              .select('run_writers.id')
              .whereRef('run_writers.id', '=', 'runs.writer')
              .where(
                'seen_at',
                '>',
                sql<Date>`now() - make_interval(secs => ${goneAfterMs / 1_000})`,
              ),
          ),
        ),
      ]),
    )
    .orderBy('started_at')
    .execute()
}

/** Runs that somebody should work on, and all that are not over: `waiting` ones wait for a person. */
export const workStates = ['running', 'interrupted'] as const
export const openStates = ['running', 'waiting', 'interrupted'] as const

/** Which run is taken over by whom; `epoch`: only while nobody else has taken it over since. */
export type Takeover = {
  readonly runId: string
  readonly writer: string
  readonly from?: readonly string[]
  readonly epoch?: number | undefined
}

/**
 * Makes the caller the one writer of a run. Whatever an earlier writer still wants to add is refused.
 *
 * @returns the new epoch, the next free `seq`, and what the run was asked for; undefined when the
 *   run is in none of these states, or was taken over by somebody else meanwhile
 */
export async function takeOver(db: Db, { runId, writer, from = workStates, epoch }: Takeover) {
  const row = await db
    .updateTable('runs')
    .set({ epoch: sql`epoch + 1`, state: 'running', writer })
    .where('id', '=', runId)
    .where('state', 'in', from)
    .$if(epoch !== undefined, (query) => query.where('epoch', '=', epoch ?? 0))
    .returning(['epoch', 'user_id', 'story_id', 'chat_id', 'message_id', 'input', 'clarifications'])
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { next } = await db
    .selectFrom('run_events')
    .select(sql<number>`coalesce(max(seq) + 1, 0)`.as('next'))
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow()
  return { ...row, next }
}

/** Whether a run is worked on and nobody has taken it over from the writer of this epoch. */
export async function isWrittenIn(
  db: Db,
  { runId, epoch }: { readonly runId: string; readonly epoch: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('runs')
    .select('id')
    .where('id', '=', runId)
    .where('epoch', '=', epoch)
    .where('state', 'in', workStates)
    .executeTakeFirst()
  return row !== undefined
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

/** What processes tell each other about runs. */
export type RunNotice = {
  readonly writer: string
  readonly what: 'events' | 'stop'
  readonly runIds: readonly string[]
}

export const runsChannel = 'runs'

export async function notifyRuns(db: Db, { writer, what, runIds }: RunNotice): Promise<void> {
  const payload = [writer, what, ...runIds].join(' ')
  await sql`select pg_notify(${runsChannel}, ${payload})`.execute(db)
}

/** @returns undefined for what is not such a notice */
export function readNotice(payload: string): RunNotice | undefined {
  const [writer = '', what, ...runIds] = payload.split(' ')
  return what === 'events' || what === 'stop' ? { writer, what, runIds } : undefined
}

const selectOpen = compileOnce((db, slot: SlotOf<{ runIds: readonly string[] }>) => ({
  compile: () =>
    sql<{ id: string }>`
    select id from runs where id = any(${slot('runIds')}::uuid[])
      and state in (${sql.join(openStates)})`.compile(db),
}))

/** Those of these runs to which events can still come. */
export async function keepOpen(db: Db, runIds: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set((await selectOpen(db, { runIds })).map(({ id }) => id))
}

type Places = {
  readonly runIds: readonly string[]
  readonly afters: readonly number[]
  readonly limit: number
}

const selectLater = compileOnce((db, slot: SlotOf<Places>) => ({
  compile: () =>
    sql<{ run_id: string; seq: number; epoch: number; data: RunEvent }>`
    select later.run_id, later.seq, later.epoch, later.data
    from unnest(${slot('runIds')}::uuid[], ${slot('afters')}::int[]) as place (run_id, after)
    cross join lateral (
      select run_id, seq, epoch, data from run_events
      where run_events.run_id = place.run_id and seq > place.after order by seq limit ${slot('limit')}::int
    ) later`.compile(db),
}))

/** Later events of many runs in one statement; of each run in order, and at most `readAtOnce`. */
export async function readLater(
  db: Db,
  places: ReadonlyMap<string, number>,
): Promise<StoredEvent[]> {
  const rows = await selectLater(db, {
    runIds: [...places.keys()],
    afters: [...places.values()],
    limit: readAtOnce,
  })
  // Only we write this column, and each event was checked when it was written.
  return rows.map(({ run_id: runId, seq, epoch, data: event }) => ({ runId, seq, epoch, event }))
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

/** Lists as PostgreSQL and JSON write them: the driver would look at every element of an array. */
type Columns = {
  readonly runIds: string
  readonly seqs: string
  readonly epochs: string
  readonly data: string
}

function columnsOf(events: readonly StoredEvent[]): Columns {
  return {
    runIds: `{${events.map(({ runId }) => runId).join()}}`,
    seqs: `{${events.map(({ seq }) => seq).join()}}`,
    epochs: `{${events.map(({ epoch }) => epoch).join()}}`,
    data: `[${events.map(jsonOf).join()}]`,
  }
}

const jsonOf = ({ json, event }: StoredEvent) => json ?? toJsonb(event)

// What is stored already was stored by an attempt whose answer was lost: only one writer has an epoch.
const addEvents = compileOnce((db, slot: SlotOf<Columns>) => ({
  compile: () =>
    sql<{ run_id: string; epoch: number }>`
    with added as materialized (
      select * from rows from (unnest(${slot('runIds')}::uuid[]), unnest(${slot('seqs')}::int[]),
        unnest(${slot('epochs')}::int[]), jsonb_array_elements(${slot('data')}::jsonb)
      ) as added (run_id, seq, epoch, data)
    ), own as materialized (
      select id, epoch from runs where (id, epoch) in (select run_id, epoch from added)
      -- Holds back a new writer until this is committed, so that it continues after these events.
      for share
    ), stored as (
      insert into run_events (run_id, seq, epoch, type, data)
      select run_id, seq, added.epoch, data ->> 'type', data
      from added join own on own.id = added.run_id and own.epoch = added.epoch
      on conflict (run_id, seq) do nothing
    )
    select distinct run_id, epoch from added
    where not exists (select from own where own.id = added.run_id and own.epoch = added.epoch)
    `.compile(db),
}))

/** Which writer of which run; `epoch` tells one from the next. */
export const writerKey = ({ runId, epoch }: Pick<StoredEvent, 'runId' | 'epoch'>) =>
  `${runId} ${epoch}`

/**
 * Adds events of many runs in one statement. Adding them again changes nothing.
 *
 * @returns the writers of which nothing was added, because a later one has taken over
 */
export async function insertEvents(
  db: Db,
  events: readonly StoredEvent[],
): Promise<ReadonlySet<string>> {
  const refused = await addEvents(db, columnsOf(events))
  return new Set(refused.map(({ run_id: runId, epoch }) => writerKey({ runId, epoch })))
}

/** How a run goes on: it is over, or it waits with a question. */
export type RunChange = {
  readonly state: string
  readonly version?: number | undefined
  readonly question?: unknown
}

type Conclusion = Pick<Columns, 'seqs' | 'data'> & {
  readonly runId: string
  readonly epoch: number
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
      select changed.id, added.seq, changed.epoch, added.data ->> 'type', added.data
      from changed, rows from (unnest(${slot('seqs')}::int[]),
        jsonb_array_elements(${slot('data')}::jsonb)) as added (seq, data)
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
  const { seqs, data } = columnsOf(events)
  const { state, version = null, question } = change
  const asked = question === undefined ? null : toJsonb(question)
  const place = { runId, epoch, state, version, question: asked }
  const concluded = await changeAndAdd(db, { ...place, seqs, data })
  return concluded.length > 0
}

/** Of whoever asks, now: a socket may be older than a change of it. */
export async function findOwnRole(db: Db): Promise<string | undefined> {
  const row = await db
    .selectFrom('users')
    .select('role')
    .where('id', '=', transactionUser)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  return row?.role
}

export type Answered = {
  readonly runId: string
  readonly requestId: string
  readonly clarification: unknown
  /** Who goes on with the run. */
  readonly writer: string
}

/** Adds an answer, once. @returns false when the run does not wait with this question */
export async function answerQuestion(
  db: Db,
  { runId, requestId, clarification, writer }: Answered,
): Promise<boolean> {
  const answered = await db
    .updateTable('runs')
    .set({
      state: 'interrupted',
      question: null,
      writer,
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
