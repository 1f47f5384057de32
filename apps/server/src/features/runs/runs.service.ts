import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Run, RunEvent } from '@studioops/contracts/runs'
import { type Database, type Db, isDatabaseUnavailable } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { type Log, newContext, runInContext } from '../../platform/log/log.ts'
import { type RunEventLog, type RunWriter, StaleWriter } from './runs.log.ts'
import * as store from './runs.store.ts'
import { type AbandonedRun, createTakeover } from './runs.takeover.ts'

export type Clarification = { readonly question: string; readonly answer: string }
export type Question = { readonly question: string; readonly options: readonly string[] }

type DoneEvent = Extract<RunEvent, { type: 'done' }>

/** How a generation ended, or the question that it needs answered to go on. */
export type Outcome =
  | { readonly kind: 'ended'; readonly done: Omit<DoneEvent, 'type'> }
  | { readonly kind: 'waiting'; readonly question: Question }

/** What a generation works with. It knows neither sockets nor the log below. */
export type RunContext = {
  readonly runId: string
  readonly userId: string
  readonly subject: store.RunSubject
  readonly input: unknown
  readonly clarifications: readonly Clarification[]
  /** Aborts when the person stops the run or the server ends. */
  readonly signal: AbortSignal
  emit(event: RunEvent): void
  /** Whether the person, rather than the server's end, has stopped it. */
  isStopped(): boolean
}

export type Generate = (run: RunContext) => Promise<Outcome>

export type RunService = ReturnType<typeof createRunService>

type Dependencies = {
  readonly database: Database
  readonly events: RunEventLog
  readonly log: Log
  readonly generate: Generate
  /** How often this process says that it lives; default 2 s. */
  readonly sayEveryMs?: number
  /** The first pause before what the database has broken off is begun again; default 500 ms. */
  readonly againMs?: number
}

type Active = {
  readonly controller: AbortController
  ended: Promise<void>
  stopped: boolean
}

type Announce = (writer: RunWriter) => Promise<void>

/** What the writer of a run begins with. */
type Place = NonNullable<Awaited<ReturnType<typeof store.takeOver>>>

/** A run that was made and not begun yet; its maker is its writer. */
export type CreatedRun = { readonly run: Run; readonly place: Place }

type Beginning = {
  readonly created?: Place
  readonly announce?: Announce
  /** Only while nobody has taken the run over since. */
  readonly epoch?: number
}

/** A run that was cut off is begun again when it is younger than this, or was not tried often. */
const resumeWithinMs = 10 * 60_000
const fewWriters = 5

const keepAgainMs = 500
/** So often a run is begun again in one process, each time after a pause twice as long. */
const repeatsMax = 5
/** How long the end of a stopped run is tried to be stored: the person waits for it. */
const keepStoppedMs = 5_000
/** How long the node that writes a run may take to end it before another one does. */
const stopElsewhereMs = 1_000

/** Generations are tasks of the server: tied to no socket, stopped only by a request to stop. */
export function createRunService(dependencies: Dependencies) {
  const { database, events, log, generate, sayEveryMs, againMs = 500 } = dependencies
  const { writer: self } = events
  const active = new Map<string, Active>()
  const takeover = createTakeover({
    database,
    log,
    writer: self,
    adopt,
    onOthers: events.shareWith,
    ...(sayEveryMs === undefined ? {} : { sayEveryMs }),
  })

  /** Works until the run ends or waits; whatever happens, a reader gets a final event. */
  async function work(runId: string, own: Active, { created, announce, epoch }: Beginning) {
    const { signal } = own.controller
    const takeOver = () =>
      database.asMaintenance((db) => store.takeOver(db, { runId, writer: self, epoch }))
    const place = created ?? (await untilKept(signal, takeOver))
    if (place === undefined) return
    const onReplaced = () => own.controller.abort(new Error('somebody else writes this run'))
    const writer = events.createWriter({ runId, epoch: place.epoch, next: place.next, onReplaced })
    const end = (outcome: Outcome) =>
      untilKept(own.stopped ? AbortSignal.timeout(keepStoppedMs) : signal, () =>
        conclude(writer, outcome),
      )
    try {
      await untilKept(signal, async () => announce?.(writer))
      const outcome = await generateWhole({ runId, own, place, writer })
      await end(outcome)
    } catch (error) {
      if (error instanceof StaleWriter) return
      // The server ends in the middle: the next one goes on with this run.
      if (signal.aborted && !own.stopped) return
      log.error({ err: error, run_id: runId }, 'generation failed')
      await end(endedAs(own.stopped ? 'stopped' : 'failed'))
    }
  }

  /** What our own database breaks off is begun again whole, as a later process would do it. */
  async function generateWhole(work: Work): Promise<Outcome> {
    const { runId, own, writer } = work
    const { signal } = own.controller
    for (let repeats = 0; ; repeats += 1) {
      const attempt = createAttempt(writer)
      try {
        return await generate(contextOf(work, attempt))
      } catch (error) {
        if (!isDatabaseUnavailable(error) || signal.aborted) throw error
        log.warn({ err: error, run_id: runId, repeats }, 'generation broken off by the database')
        if (repeats >= repeatsMax) return endedAs('partial')
      } finally {
        attempt.close()
      }
      await sleep(againMs * 2 ** repeats, undefined, { signal }).catch(() => undefined)
      await requireOwn(work)
      const discarded = attempt.said()
      if (discarded > 0) writer.append({ type: 'reset', reason: 'restarted', discarded })
    }
  }

  /** Waits for the database. @throws StaleWriter; whatever has stopped the run */
  async function requireOwn({ runId, own, writer }: Work): Promise<void> {
    const { signal } = own.controller
    signal.throwIfAborted()
    const { epoch } = writer
    const isOwn = await untilKept(signal, () =>
      database.asMaintenance((db) => store.isWrittenIn(db, { runId, epoch })),
    )
    if (!isOwn) throw new StaleWriter(runId)
    signal.throwIfAborted()
  }

  /** A run is not given up because the database is away for a moment. */
  async function untilKept<T>(signal: AbortSignal, keep: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await keep()
      } catch (error) {
        if (!isDatabaseUnavailable(error) || signal.aborted) throw error
        log.warn({ err: error }, 'state of a run not stored, trying again')
        await sleep(keepAgainMs, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  /** The last event and the state of the run change together, so that a reader never misses the end. */
  async function conclude(writer: RunWriter, outcome: Outcome) {
    if (outcome.kind === 'waiting') {
      const { question: text, options } = outcome.question
      const question = { requestId: randomUUID(), question: text, options: [...options] }
      await writer.conclude({ type: 'clarify', ...question }, { state: 'waiting', question })
      return
    }
    const { state, version } = outcome.done
    await writer.conclude({ type: 'done', ...outcome.done }, { state, version })
  }

  /** Ends a run on which nobody works here. Harmless for one that is over. */
  async function endUnattended(runId: string, state: 'stopped' | 'partial') {
    const ended = await database.asMaintenance(async (db) => {
      const place = await store.takeOver(db, { runId, writer: self, from: store.openStates })
      if (place === undefined) return []
      const { epoch, next: seq } = place
      const event = { type: 'done' as const, state, fallback: false }
      const done = [{ runId, epoch, seq, event }]
      await store.concludeRun(db, { runId, epoch, change: { state } }, done)
      return done
    })
    events.publish(ended)
  }

  function start(runId: string, beginning: Beginning = {}): void {
    const before = active.get(runId)
    const own: Active = {
      controller: new AbortController(),
      ended: Promise.resolve(),
      stopped: false,
    }
    active.set(runId, own)
    own.ended = runInContext(newContext(), async () => {
      await before?.ended
      await work(runId, own, beginning)
    })
      .catch((error: unknown) =>
        log.error({ err: error, run_id: runId }, 'run could not be worked on'),
      )
      .finally(() => {
        if (active.get(runId) === own) active.delete(runId)
      })
  }

  /** Cuts what this process does for a run. @returns false when it does nothing for it */
  async function cut(runId: string): Promise<boolean> {
    const own = active.get(runId)
    if (own === undefined) return false
    own.stopped = true
    own.controller.abort(new Error('stopped by the person'))
    await own.ended
    return true
  }

  /** Whoever writes it elsewhere cuts the request to the model, and says its last word itself. */
  async function stopElsewhere(userId: string, runId: string): Promise<void> {
    const notice = { writer: self, what: 'stop', runIds: [runId] } as const
    await database.writeAsMaintenance((db) => store.notifyRuns(db, notice))
    const until = performance.now() + stopElsewhereMs
    while (performance.now() < until && isOpen((await requireRun(userId, runId)).state))
      await sleep(20)
  }

  async function adopt({ id, epoch, started_at: startedAt }: AbandonedRun): Promise<void> {
    if (active.has(id)) return
    const isYoung = Date.now() - startedAt.getTime() < resumeWithinMs
    const goesOn = isYoung || epoch < fewWriters
    log.info({ run_id: id, resumed: goesOn }, 'run found unfinished')
    if (goesOn) start(id, { epoch, announce: (writer) => announceRestart(id, writer) })
    else await endUnattended(id, 'partial')
  }

  async function requireRun(userId: string, runId: string) {
    const row = await database.asUser(userId, (db) => store.findRun(db, runId))
    if (row === undefined) throw new AppError('run.not-found')
    return row
  }

  return {
    /** In the transaction of the caller; begin it after the commit. @throws AppError `story.busy`, `chat.busy` */
    async create(db: Db, run: Omit<store.NewRun, 'id' | 'writer'>): Promise<CreatedRun> {
      try {
        const row = await store.insertRun(db, { id: randomUUID(), writer: self, ...run })
        return { run: present(row), place: { ...row, next: 0 } }
      } catch (error) {
        const busy = busyCodes.get(constraintOf(error))
        throw busy === undefined ? error : new AppError(busy, { cause: error })
      }
    },

    begin: ({ run, place }: CreatedRun) => start(run.id, { created: place }),

    /** @throws AppError `run.not-found` */
    async show(userId: string, runId: string): Promise<Run> {
      return present(await requireRun(userId, runId))
    },

    async newest(db: Db, storyId: string): Promise<Run | undefined> {
      const row = await store.findNewestRun(db, storyId)
      return row === undefined ? undefined : present(row)
    },

    /** The newest run of each message of a chat that has one, by the id of the message. */
    async ofChat(db: Db, chatId: string): Promise<ReadonlyMap<string, Run>> {
      const rows = await store.listRunsOfChat(db, chatId)
      return new Map(rows.map((row) => [row.message_id ?? '', present(row)]))
    },

    /** The whole log of a run that is over, as far as it is still kept. @throws AppError `run.not-found` */
    async replay(userId: string, runId: string): Promise<readonly RunEvent[]> {
      await requireRun(userId, runId)
      const events: RunEvent[] = []
      for (let after = -1; ;) {
        const rest = await database.readAsUser(userId, (db) => store.readOn(db, runId, after))
        const last = rest?.events.at(-1)
        if (rest === undefined || last === undefined) return events
        events.push(...rest.events.map(({ event }) => event))
        after = last.seq
      }
    },

    /** Cuts the request to the model. Stopping what has ended is harmless. @throws AppError `run.not-found` */
    async stop(userId: string, runId: string): Promise<Run> {
      const row = await requireRun(userId, runId)
      if (!(await cut(runId)) && isOpen(row.state)) {
        const isElsewhere = row.state === 'running' && row.writer !== self
        if (isElsewhere) await stopElsewhere(userId, runId)
        await endUnattended(runId, 'stopped')
        // Somebody may have answered its question at the same moment.
        await cut(runId)
      }
      return present(await requireRun(userId, runId))
    },

    /** @throws AppError `run.not-found`, `run.not-waiting` */
    async answer(
      userId: string,
      { runId, requestId, answer }: { runId: string; requestId: string; answer: string },
    ): Promise<Run> {
      const row = await requireRun(userId, runId)
      const { question } = (row.question as unknown as { question: string }) ?? { question: '' }
      const clarification: Clarification = { question, answer }
      const accepted = await database.asUser(userId, (db) =>
        store.answerQuestion(db, { runId, requestId, clarification, writer: self }),
      )
      if (!accepted) throw new AppError('run.not-waiting')
      start(runId, {
        announce: async (writer) => writer.append({ type: 'clarified', requestId, answer }),
      })
      return present(await requireRun(userId, runId))
    },

    /**
     * Takes up what an earlier process left, and from then on what other nodes leave: it is begun
     * again with a `reset`; what is old and was tried often ends as it is, marked as partial.
     */
    recover: () => takeover.start(),

    /** Another node tells of a run; without a payload something may have been missed. */
    hear(payload?: string): void {
      const notice = payload === undefined ? undefined : store.readNotice(payload)
      if (notice === undefined || notice.writer === self) return
      if (notice.what === 'events') events.hearOf(notice.runIds)
      else for (const runId of notice.runIds) void cut(runId)
    },

    async [Symbol.asyncDispose]() {
      for (const { controller } of active.values()) controller.abort(new Error('server stops'))
      await Promise.all([...active.values()].map(({ ended }) => ended))
      await takeover.stop()
    },
  }

  async function announceRestart(runId: string, writer: RunWriter) {
    const discarded = await database.asMaintenance((db) => store.unfinishedTextLength(db, runId))
    if (discarded > 0) writer.append({ type: 'reset', reason: 'restarted', discarded })
  }
}

type Work = {
  readonly runId: string
  readonly own: Active
  readonly place: Place
  readonly writer: RunWriter
}

function contextOf({ runId, own, place }: Work, attempt: Attempt): RunContext {
  return {
    runId,
    userId: place.user_id,
    subject: store.subjectOf(place),
    input: place.input,
    clarifications: place.clarifications as unknown as Clarification[],
    signal: AbortSignal.any([own.controller.signal, attempt.signal]),
    emit: attempt.emit,
    isStopped: () => own.stopped,
  }
}

type Attempt = ReturnType<typeof createAttempt>

/** One generation of perhaps several; when it is over, nothing that is left of it is heard. */
function createAttempt(writer: RunWriter) {
  const over = new AbortController()
  let said = 0
  return {
    signal: over.signal,
    /** Length of what a reader has of it, in UTF-16 units. */
    said: () => said,
    emit(event: RunEvent): void {
      if (over.signal.aborted) return
      if (event.type === 'provider' || event.type === 'reset') said = 0
      if (event.type === 'assistant_token') said += event.text.length
      writer.append(event)
    },
    close: () => over.abort(new Error('this generation is over')),
  }
}

const endedAs = (state: 'stopped' | 'partial' | 'failed'): Outcome => ({
  kind: 'ended',
  done: { state, fallback: false },
})

const busyCodes: ReadonlyMap<unknown, 'story.busy' | 'chat.busy'> = new Map([
  ['runs_one_at_a_time', 'story.busy'],
  ['runs_one_at_a_time_in_a_chat', 'chat.busy'],
])

function constraintOf(error: unknown): unknown {
  return error instanceof Error && 'constraint' in error ? error.constraint : undefined
}

export function isOpen(state: string): boolean {
  return store.openStates.some((open) => open === state)
}

function present(row: store.RunRow): Run {
  const question = row.question as unknown as Run['question'] | null
  return {
    id: row.id,
    // The column's check constraint lists exactly these.
    state: row.state as Run['state'],
    startedAt: row.started_at.toISOString(),
    ...(question === null || question === undefined ? {} : { question }),
  }
}
