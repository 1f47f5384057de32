import type { RunEvent } from '@studioops/contracts/runs'
import type { Database, Db } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'
import type { Log } from '../../platform/log/log.ts'
import * as store from './runs.store.ts'
import type { StoredEvent } from './runs.store.ts'

/** Somebody else writes this run now; what this writer still had was refused. */
export class StaleWriter extends Error {
  override readonly name = 'StaleWriter'
}

/** The one writer of a run. */
export type RunWriter = {
  readonly epoch: number
  /**
   * Queues an event; it reaches readers after its commit, within `commitEveryMs`. The first words
   * after anything else do not wait that long.
   */
  append(event: RunEvent): void
  /** Resolves when everything appended is stored. @throws StaleWriter */
  flush(): Promise<void>
  /**
   * Stores an event and a change of its run together, after everything that was appended.
   *
   * @param change returns false when the run is somebody else's now
   * @throws StaleWriter; the driver's error, and then neither is stored
   */
  conclude(event: RunEvent, change: (db: Db) => Promise<boolean>): Promise<void>
}

/**
 * The stored log of generations (reliability.md 8). All streams of the process share one commit,
 * at once when the line is quiet and every `commitEveryMs` when it is not; an event is delivered
 * only after its commit, so what a reader has seen is always stored.
 */
export type RunEventLog = {
  createWriter(place: { runId: string; epoch: number; next: number }): RunWriter
  /** Tells the readers of this process what somebody stored. */
  publish(events: readonly StoredEvent[]): void
  /** Stored events after `after`, then those that come, up to the end of the run. */
  follow(reader: Reader): AsyncGenerator<readonly StoredEvent[]>
  [Symbol.asyncDispose](): Promise<void>
}

type Reader = {
  readonly userId: string
  readonly runId: string
  readonly after: number
  readonly signal: AbortSignal
}

type Dependencies = {
  readonly database: Database
  readonly log: Log
  readonly commitEveryMs?: number
  /** The net below the notifications: other processes write too. */
  readonly pollEveryMs?: number
}

/** A token may end in the middle of a character whose other half comes with the next one. */
const halfCharacter = /[\ud800-\udbff]$/

/** What a reader sees at once and what it is given back later are the same. */
function asStored(event: RunEvent): RunEvent {
  // Nearly every event is a token, and nearly no token has what a column cannot keep.
  if (event.type === 'assistant_token' && isKept(event.text)) return event
  return JSON.parse(toJsonb(event)) as RunEvent
}

const isKept = (text: string) => text.isWellFormed() && !text.includes('\0')

type Pending = { -readonly [K in keyof StoredEvent]: StoredEvent[K] }

export function createRunEventLog(dependencies: Dependencies): RunEventLog {
  const { database, log, commitEveryMs = 50, pollEveryMs = 1_000 } = dependencies
  const readers = new Map<string, Set<(events: readonly StoredEvent[]) => void>>()
  const stale = new Set<string>()
  let waiting: Pending[] = []
  let timer: NodeJS.Timeout | undefined
  let committing: Promise<void> | undefined
  let committedAt = 0
  let batchNumber = 0
  let isUrgent = false
  let closed = false

  const writerKey = ({ runId, epoch }: { runId: string; epoch: number }) => `${runId} ${epoch}`

  function publish(events: readonly StoredEvent[]): void {
    for (const [runId, own] of Map.groupBy(events, (event) => event.runId))
      for (const hear of readers.get(runId) ?? []) hear(own)
  }

  async function commit(): Promise<void> {
    const batch = waiting
    waiting = []
    batchNumber += 1
    isUrgent = false
    try {
      const refused = await database.asMaintenance((db) => store.insertEvents(db, batch))
      for (const event of batch) if (refused.has(event.runId)) stale.add(writerKey(event))
      publish(batch.filter((event) => !refused.has(event.runId)))
    } catch (error) {
      // Nothing was delivered, so nothing is lost: the same events go with the next commit.
      log.warn({ err: error, events: batch.length }, 'run events not stored, trying again')
      waiting = [...batch, ...waiting]
      await new Promise((resolve) => setTimeout(resolve, 500).unref())
    }
    committedAt = performance.now()
    committing = undefined
    if (waiting.length > 0 && !closed) schedule()
  }

  /** Never two at once: readers rely on it that events come in order and without a gap. */
  function commitNow(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    committing ??= commit()
    return committing
  }

  function schedule(): void {
    if (committing !== undefined || (timer !== undefined && !isUrgent)) return
    const waitMs = isUrgent ? 0 : commitEveryMs - (performance.now() - committedAt)
    if (waitMs <= 0) void commitNow()
    else timer = setTimeout(() => void commitNow(), waitMs)
  }

  async function drain(): Promise<void> {
    while (committing !== undefined || waiting.length > 0) await commitNow()
  }

  return {
    publish,
    createWriter({ runId, epoch, next }) {
      let seq = next
      let half = ''
      let last: { readonly pending: Pending; readonly batch: number } | undefined
      let speaks = false

      function add(event: RunEvent): void {
        const isWords = event.type === 'assistant_token'
        if (isWords && !speaks) isUrgent = true
        speaks = isWords
        const own = last?.batch === batchNumber ? last.pending : undefined
        if (event.type === 'assistant_token' && own?.event.type === 'assistant_token') {
          own.event = { ...event, text: own.event.text + event.text }
          return
        }
        const pending = { runId, epoch, seq, event }
        waiting.push(pending)
        last = { pending, batch: batchNumber }
        seq += 1
        schedule()
      }

      async function flush(): Promise<void> {
        const own = () => waiting.some((pending) => pending.runId === runId)
        while (committing !== undefined || own()) await commitNow()
        if (stale.delete(writerKey({ runId, epoch }))) throw new StaleWriter(runId)
      }

      return {
        epoch,
        flush,
        async conclude(event, change) {
          if (half !== '') add(asStored({ type: 'assistant_token', text: half }))
          half = ''
          await flush()
          const stored = { runId, epoch, seq, event: asStored(event) }
          await database.asMaintenance(async (db) => {
            const refused = (await change(db)) ? await store.insertEvents(db, [stored]) : undefined
            if (refused?.size !== 0) throw new StaleWriter(runId)
          })
          seq += 1
          publish([stored])
        },
        append(event) {
          const text = half + (event.type === 'assistant_token' ? event.text : '')
          half = event.type === 'assistant_token' ? (halfCharacter.exec(text)?.[0] ?? '') : ''
          const whole = text.slice(0, text.length - half.length)
          if (whole !== '') add(asStored({ type: 'assistant_token', text: whole }))
          if (event.type !== 'assistant_token') add(asStored(event))
        },
      }
    },
    async *follow({ userId, runId, after, signal }) {
      const inbox = createInbox(signal)
      const own = readers.get(runId) ?? new Set()
      readers.set(runId, own.add(inbox.hear))
      try {
        let last = after
        let mustRead = true
        while (!signal.aborted) {
          const rest: store.Remaining = mustRead
            ? await database.asUser(userId, (db) => store.readOn(db, runId, last))
            : { events: inbox.take(last), isOpen: true }
          const { events, isOpen } = rest
          if (events.length > 0) yield events
          last = lastSeq(events, last)
          if (isOver(events) || (!isOpen && events.length === 0)) return
          mustRead = events.length >= store.readAtOnce || (await inbox.wait(last, pollEveryMs))
        }
      } finally {
        own.delete(inbox.hear)
        if (own.size === 0) readers.delete(runId)
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true
      if (waiting.length > 0 || committing !== undefined)
        await Promise.race([drain(), new Promise((resolve) => setTimeout(resolve, 3_000).unref())])
      clearTimeout(timer)
    },
  }
}

function lastSeq(events: readonly StoredEvent[], before: number): number {
  return events.at(-1)?.seq ?? before
}

function isOver(events: readonly StoredEvent[]): boolean {
  return events.at(-1)?.event.type === 'done'
}

/** What a reader has been told and not yet passed on. */
function createInbox(signal: AbortSignal) {
  let heard: StoredEvent[] = []
  let wake: () => void = () => undefined
  signal.addEventListener('abort', () => wake(), { once: true })
  return {
    hear(events: readonly StoredEvent[]) {
      heard.push(...events)
      wake()
    },
    /** The events that follow `last`, without a gap. */
    take(last: number): StoredEvent[] {
      const fresh = heard.filter((event) => event.seq > last)
      heard = []
      return fresh.filter((event, index) => event.seq === last + 1 + index)
    },
    /** @returns true when the table must be asked: nothing came for a while, or what came has a gap */
    async wait(last: number, pollEveryMs: number): Promise<boolean> {
      // What the table has told in the meantime is no news.
      heard = heard.filter((event) => event.seq > last)
      if (heard.length === 0 && !signal.aborted)
        await new Promise<void>((resolve) => {
          const poll = setTimeout(resolve, pollEveryMs)
          wake = () => {
            clearTimeout(poll)
            resolve()
          }
        })
      const next = heard.find((event) => event.seq > last)
      return next === undefined || next.seq !== last + 1
    },
  }
}
