import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEvent } from '@studioops/contracts/runs'
import { type Database, isDatabaseUnavailable } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'
import { apart } from '../../platform/db/transaction-driver.ts'
import type { Log } from '../../platform/log/log.ts'
import * as store from './runs.store.ts'
import type { RunChange, StoredEvent } from './runs.store.ts'

/** Somebody else writes this run now; what this writer still had was refused. */
export class StaleWriter extends Error {
  override readonly name = 'StaleWriter'
}

/** The one writer of a run. */
export type RunWriter = {
  readonly epoch: number
  /**
   * Queues an event; it reaches readers after its commit, which begins within `commitEveryMs` of
   * the last one. The first words after anything else do not wait that long.
   */
  append(event: RunEvent): void
  /** Resolves when everything appended is stored. @throws StaleWriter */
  flush(): Promise<void>
  /**
   * Stores an event and a change of its run together, with everything that was appended before.
   *
   * @throws StaleWriter; the driver's error, and then it may be tried again
   */
  conclude(event: RunEvent, change: RunChange): Promise<void>
}

/**
 * The stored log of generations (reliability.md 8). All streams of the process share one commit,
 * at once when the line is quiet and every `commitEveryMs` when it is not, or a little later where
 * storing and delivering take much of our time; an event is delivered only after its commit, so what
 * a reader has seen is always stored.
 */
export type RunEventLog = {
  /** `<node>/<process>`: who writes what is written here. */
  readonly writer: string
  createWriter(place: WriterPlace): RunWriter
  /** Tells the readers of this process, and those of others, what was stored. */
  publish(events: readonly StoredEvent[]): void
  /** Whether other processes have readers too, who are told what is stored here. */
  shareWith(others: number): void
  /** Another process says that it stored events of these runs. */
  hearOf(runIds: readonly string[]): void
  /**
   * Tells a reader the stored events after `after`, then those that come, until the run is over or
   * the reader leaves.
   *
   * @returns false when this person has no such run; then nothing was told
   */
  follow(reader: Reader): Promise<boolean>
  [Symbol.asyncDispose](): Promise<void>
}

export type WriterPlace = {
  readonly runId: string
  readonly epoch: number
  readonly next: number
  /** Is called when a later writer has taken the run over: what is still written is lost. */
  readonly onReplaced?: () => void
}

export type Reader = {
  readonly userId: string
  readonly runId: string
  readonly after: number
  readonly signal: AbortSignal
  /** The run is there: what follows is told by `hear`. */
  begin?(): void
  /**
   * Is called in the turn in which events were stored. While what it returns is pending it hears
   * nothing, and nothing is kept for it: the table has it.
   */
  hear(events: readonly StoredEvent[]): Promise<void> | undefined
}

type Dependencies = {
  readonly database: Database
  readonly log: Log
  /** Of this installation on this machine; the same after a restart. */
  readonly nodeId?: string
  readonly commitEveryMs?: number
  /** The net below the notifications: other processes write too. */
  readonly pollEveryMs?: number
}

/**
 * A commit costs something for each run that spoke in it, and its reader a write: where many speak the
 * same words go in fewer and larger pieces, and where so many do, this much later.
 */
const manyRuns = 500
const laterMax = 2

/** How long the first words of an answer wait for those of others, ms; longer where many speak. */
const togetherMs = 5
const togetherCrowdedMs = 25

/** A token may end in the middle of a character whose other half comes with the next one. */
function endsInHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff
}

/** What a reader sees at once and what it is given back later are the same. */
function asStored(event: RunEvent): RunEvent {
  // Nearly every event is a token, and nearly no token has what a column cannot keep.
  if (event.type === 'assistant_token' && isKept(event.text)) return event
  return JSON.parse(toJsonb(event)) as RunEvent
}

const isKept = (text: string) => text.isWellFormed() && !text.includes('\0')

type Pending = Omit<StoredEvent, 'event' | 'json'> & {
  /** Grows, while it is words, until its commit begins and it is written out. */
  event: RunEvent
  json?: string
  readonly onReplaced?: (() => void) | undefined
}

const readAgainMs = 250

/** So many ids fit into one notification, which holds 8,000 bytes. */
const idsAtOnce = 200

export function createRunEventLog(dependencies: Dependencies): RunEventLog {
  const { database, log, commitEveryMs = 50, pollEveryMs = 1_000 } = dependencies
  const writer = `${dependencies.nodeId ?? randomUUID()}/${randomUUID()}`
  const readers = new Map<string, Set<Inbox>>()
  const heardOf = new Set<string>()
  let reading: Promise<void> | undefined
  let isShared = false
  const stale = new Set<string>()
  let waiting: Pending[] = []
  let timer: { readonly at: number; readonly clock: NodeJS.Timeout } | undefined
  let committing: Promise<void> | undefined
  /** The last commit, and the last one of everything, by `performance.now()`. */
  let begunAt = 0
  let wholeAt = 0
  /** How much of `manyRuns` had something to store lately. */
  let crowd = 0
  /** Runs whose first words wait. */
  let urgent = new Set<string>()
  let closed = false

  function deliver(events: readonly StoredEvent[]): readonly string[] {
    const byRun = Map.groupBy(events, (event) => event.runId)
    for (const [runId, own] of byRun) for (const inbox of readers.get(runId) ?? []) inbox.take(own)
    return isShared ? [...byRun.keys()] : []
  }

  function publish(events: readonly StoredEvent[]): void {
    const runIds = deliver(events)
    for (let from = 0; from < runIds.length; from += idsAtOnce)
      void announce(runIds.slice(from, from + idsAtOnce))
  }

  /** Nobody waits for it: who does not hear of it asks the table a second later. */
  async function announce(runIds: readonly string[]): Promise<void> {
    try {
      await database.writeAsMaintenance((db) =>
        store.notifyRuns(db, { writer, what: 'events', runIds }),
      )
    } catch (error) {
      log.warn({ err: error }, 'other nodes not told of run events')
    }
  }

  /** One statement for all readers of what others write; never two at once. */
  async function readHeardOf(): Promise<void> {
    const places = new Map<string, number>()
    for (const runId of heardOf) {
      const place = placeOf(readers.get(runId))
      if (place !== undefined) places.set(runId, place)
    }
    heardOf.clear()
    try {
      if (places.size > 0) await readFrom(places)
    } catch (error) {
      log.warn({ err: error }, 'run events of another node not read, readers ask later')
    }
    reading = undefined
    if (heardOf.size > 0 && !closed) reading = readHeardOf()
  }

  async function readFrom(places: ReadonlyMap<string, number>): Promise<void> {
    const later = await database.writeAsMaintenance((db) => store.readLater(db, places))
    const told = new Set(later.map(({ runId }) => runId))
    deliver(later)
    const silent = [...places.keys()].filter((runId) => !told.has(runId))
    if (silent.length === 0) return
    const open = await database.writeAsMaintenance((db) => store.keepOpen(db, silent))
    // What is over or gone has no more to tell; each reader finds out for itself which it is.
    for (const runId of silent)
      if (!open.has(runId)) for (const inbox of readers.get(runId) ?? []) inbox.askTable()
  }

  /** The net below the notifications, for all who have heard nothing for a while. */
  function askForQuiet(): void {
    for (const [runId, own] of readers)
      for (const inbox of own) if (inbox.isQuiet()) heardOf.add(runId)
    if (heardOf.size > 0 && !closed) reading ??= readHeardOf()
  }

  const poll = setInterval(askForQuiet, pollEveryMs / 2).unref()

  async function commit(isWhole: boolean): Promise<void> {
    begunAt = performance.now()
    const batch = isWhole ? takeAll() : takeUrgent()
    urgent = new Set()
    try {
      for (const pending of batch) pending.json ??= toJsonb(pending.event)
      const refused = await database.writeAsMaintenance((db) => store.insertEvents(db, batch))
      publish(refused.size === 0 ? batch : withoutRefused(batch, refused))
    } catch (error) {
      // Nothing was delivered, so nothing is lost: the same events go with the next commit.
      log.warn({ err: error, events: batch.length }, 'run events not stored, trying again')
      waiting = [...batch, ...waiting]
      await new Promise((resolve) => setTimeout(resolve, 500).unref())
    }
    committing = undefined
    if (waiting.length > 0 && !closed) schedule()
  }

  function takeAll(): Pending[] {
    const batch = waiting
    waiting = []
    wholeAt = begunAt
    // One that was small between large ones does not change the pace.
    crowd = Math.max(Math.min(batch.length / manyRuns, 1), crowd * 0.9)
    return batch
  }

  function takeUrgent(): Pending[] {
    const batch = waiting.filter(({ runId }) => urgent.has(runId))
    waiting = waiting.filter(({ runId }) => !urgent.has(runId))
    return batch
  }

  function withoutRefused(batch: readonly Pending[], refused: ReadonlySet<string>): Pending[] {
    return batch.filter((event) => {
      const key = store.writerKey(event)
      if (!refused.has(key)) return true
      stale.add(key)
      event.onReplaced?.()
      return false
    })
  }

  /** Never two at once: readers rely on it that events come in order and without a gap. */
  function commitNow(isWhole = true): Promise<void> {
    clearTimeout(timer?.clock)
    timer = undefined
    committing ??= apart(() => commit(isWhole))
    return committing
  }

  function schedule(): void {
    if (committing !== undefined || (timer !== undefined && urgent.size === 0)) return
    const wholeNextAt = wholeAt + commitEveryMs * (1 + (laterMax - 1) * crowd)
    const waitsMs = togetherMs + (togetherCrowdedMs - togetherMs) * crowd
    const at = urgent.size === 0 ? wholeNextAt : Math.min(begunAt + waitsMs, wholeNextAt)
    if (timer !== undefined && timer.at <= at) return
    clearTimeout(timer?.clock)
    const isWhole = at === wholeNextAt
    const waitMs = at - performance.now()
    if (waitMs <= 0) void commitNow(isWhole)
    else timer = { at, clock: setTimeout(() => void commitNow(isWhole), waitMs) }
  }

  async function drain(): Promise<void> {
    while (committing !== undefined || waiting.length > 0) await commitNow()
  }

  function readOn({ userId, runId }: Reader, inbox: Inbox): Promise<store.Remaining | undefined> {
    inbox.forget()
    return database.readAsUser(userId, (db) => store.readOn(db, runId, inbox.last()))
  }

  async function passAll(reader: Reader, inbox: Inbox): Promise<boolean> {
    let rest = await readOn(reader, inbox)
    if (rest === undefined) return false
    reader.begin?.()
    while (rest !== undefined && !reader.signal.aborted) {
      if ((await passOn(rest, inbox)) === 'over') break
      rest = await readOnOnceThere(reader, inbox)
    }
    return true
  }

  /** Who has begun to read does not lose its place because the database is away for a moment. */
  async function readOnOnceThere(reader: Reader, inbox: Inbox) {
    for (;;) {
      try {
        return await readOn(reader, inbox)
      } catch (error) {
        if (!isDatabaseUnavailable(error)) throw error
        await sleep(readAgainMs, undefined, { signal: reader.signal }).catch(() => undefined)
        if (reader.signal.aborted) return undefined
      }
    }
  }

  return {
    writer,
    publish,
    shareWith(others) {
      isShared = others > 0
    },
    hearOf(runIds) {
      for (const runId of runIds) if (readers.has(runId)) heardOf.add(runId)
      if (heardOf.size > 0) reading ??= readHeardOf()
    },
    createWriter({ runId, epoch, next, onReplaced }) {
      let seq = next
      let half = ''
      let last: Pending | undefined
      let speaks = false

      function add(event: RunEvent): void {
        const isWords = event.type === 'assistant_token'
        if (isWords && !speaks) urgent.add(runId)
        speaks = isWords
        if (isWords && last?.event.type === 'assistant_token' && last.json === undefined) {
          last.event = { type: 'assistant_token', text: last.event.text + event.text }
          return
        }
        last = { runId, epoch, seq, event, onReplaced }
        waiting.push(last)
        seq += 1
        schedule()
      }

      async function flush(): Promise<void> {
        const own = () => waiting.some((pending) => pending.runId === runId)
        while (committing !== undefined || own()) await commitNow()
        if (stale.delete(store.writerKey({ runId, epoch }))) throw new StaleWriter(runId)
      }

      return {
        epoch,
        flush,
        async conclude(event, change) {
          if (half !== '') add(asStored({ type: 'assistant_token', text: half }))
          half = ''
          while (committing !== undefined) await committing
          if (stale.delete(store.writerKey({ runId, epoch }))) throw new StaleWriter(runId)
          const isOwn = (pending: Pending) => pending.runId === runId && pending.epoch === epoch
          const own = waiting.filter(isOwn)
          waiting = waiting.filter((pending) => !isOwn(pending))
          last = undefined
          const events = [...own, { runId, epoch, seq, event: asStored(event) }]
          const isStored = await database
            .writeAsMaintenance((db) => store.concludeRun(db, { runId, epoch, change }, events))
            .catch((error: unknown) => {
              waiting = [...own, ...waiting]
              throw error
            })
          if (!isStored) throw new StaleWriter(runId)
          seq += 1
          publish(events)
        },
        append(event) {
          if (event.type === 'assistant_token' && half === '' && !endsInHalf(event.text)) {
            if (event.text !== '') add(asStored(event))
            return
          }
          const text = half + (event.type === 'assistant_token' ? event.text : '')
          half = event.type === 'assistant_token' && endsInHalf(text) ? text.slice(-1) : ''
          const whole = text.slice(0, text.length - half.length)
          if (whole !== '') add(asStored({ type: 'assistant_token', text: whole }))
          if (event.type !== 'assistant_token') add(asStored(event))
        },
      }
    },
    async follow(reader) {
      const { runId } = reader
      const inbox = createInbox(reader)
      const own = readers.get(runId) ?? new Set()
      readers.set(runId, own.add(inbox))
      try {
        return await passAll(reader, inbox)
      } finally {
        inbox.close()
        own.delete(inbox)
        if (own.size === 0) readers.delete(runId)
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true
      if (waiting.length > 0 || committing !== undefined)
        await Promise.race([drain(), new Promise((resolve) => setTimeout(resolve, 3_000).unref())])
      clearTimeout(timer?.clock)
      clearInterval(poll)
    },
  }
}

/** From where on the readers of a run have to be told. Who does not listen reads on by itself. */
function placeOf(inboxes: ReadonlySet<Inbox> | undefined): number | undefined {
  const all = [...(inboxes ?? [])]
  const listening = all.filter((inbox) => inbox.isListening())
  if (listening.length > 0) return Math.min(...listening.map((inbox) => inbox.last()))
  return all.length === 0 ? undefined : Math.max(...all.map((inbox) => inbox.last()))
}

/** @returns the `seq` of an id `<epoch>.<seq>`; -1, before everything, for what is none */
export function seqOf(id: unknown): number {
  const seq = typeof id === 'string' ? /^\d+\.(\d{1,9})$/.exec(id)?.[1] : undefined
  return seq === undefined ? -1 : Number(seq)
}

/** @returns what to do when these, and all that came while nothing was missing, have been told */
async function passOn(rest: store.Remaining, inbox: Inbox): Promise<Reason> {
  if (rest.events.length > 0) await inbox.pass(rest.events)
  if (isEnd(rest)) return 'over'
  return rest.events.length >= store.readAtOnce ? 'read' : inbox.listen()
}

function isEnd({ events, isOpen }: store.Remaining): boolean {
  return isOver(events) || (!isOpen && events.length === 0)
}

function isOver(events: readonly StoredEvent[]): boolean {
  return events.at(-1)?.event.type === 'done'
}

type Reason = 'over' | 'read'
type Inbox = ReturnType<typeof createInbox>

/** What a reader is told goes straight on to it while it listens, and is kept while the table is read. */
function createInbox({ after, signal, hear }: Reader) {
  let last = after
  let heard: StoredEvent[] = []
  /** Ends the listening; absent while nobody listens. */
  let listening: ((reason: Reason) => void) | undefined
  let isBusy = false
  let hasMissed = false
  /** Nothing was heard since the question was asked last. */
  let isQuiet = false

  function wake(reason: Reason): void {
    listening?.(reason)
    listening = undefined
  }

  const onAbort = () => wake('over')
  signal.addEventListener('abort', onAbort, { once: true })

  /** @returns what to wait for before the next ones, where there is something */
  function pass(events: readonly StoredEvent[]): Promise<void> | undefined {
    last = events.at(-1)?.seq ?? last
    const ready = hear(events)
    return ready === undefined ? undefined : waitFor(ready)
  }

  async function waitFor(ready: Promise<void>): Promise<void> {
    isBusy = true
    await ready
    isBusy = false
    if (hasMissed) wake('read')
  }

  /** In order, without a gap and without what the table has told already. */
  function tell(events: readonly StoredEvent[]): void {
    const fresh = events[0]?.seq === last + 1 ? events : events.filter(({ seq }) => seq > last)
    if (fresh.length === 0) return
    if (fresh[0]?.seq !== last + 1) {
      wake('read')
      return
    }
    isQuiet = false
    void pass(fresh)
    if (isOver(fresh)) wake('over')
  }

  return {
    pass,
    last: () => last,
    isListening: () => listening !== undefined && !isBusy,
    isQuiet(): boolean {
      const wasQuiet = isQuiet
      isQuiet = true
      return wasQuiet && listening !== undefined && !isBusy
    },
    askTable: () => wake('read'),
    /** From now on the table is read: it has all that was told before. */
    forget(): void {
      heard = []
      hasMissed = false
    },
    take(events: readonly StoredEvent[]): void {
      if (isBusy) hasMissed = true
      else if (listening === undefined) heard.push(...events)
      else tell(events)
    },
    /** @returns `read` when the table must be asked: what came has a gap, or it says that it is over */
    async listen(): Promise<Reason> {
      const { promise, resolve } = Promise.withResolvers<Reason>()
      listening = resolve
      isQuiet = false
      const before = heard
      heard = []
      if (signal.aborted) wake('over')
      else if (hasMissed) wake('read')
      else tell(before)
      return promise
    },
    close(): void {
      signal.removeEventListener('abort', onAbort)
    },
  }
}
