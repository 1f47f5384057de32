import type { MonitoringEvent } from '@studioops/contracts/monitoring'
import type { Database } from '../../platform/db/database.ts'
import type { Log } from '../../platform/log/log.ts'
import { isSlow } from '../../platform/telemetry/sampling.ts'
import type { Telemetry } from '../../platform/telemetry/telemetry.ts'
import * as store from './monitoring.store.ts'

type Dependencies = {
  readonly database: Database
  readonly telemetry: Pick<Telemetry, 'hear' | 'metrics'>
  readonly log: Log
  readonly everyMs?: number
}

/** What waits while the database is away; beyond it the oldest are lost, and counted. */
const waitingMax = 5_000

/**
 * Whether an event is worth keeping beyond the memory of the process. What reads and goes well is
 * told by the points; one id must find everything else of a flow.
 */
export function isKept(event: MonitoringEvent): boolean {
  const { type, outcome, operation, isImportant } = event
  if (isImportant || outcome !== 'ok' || isSlow(event)) return true
  if (type === 'db' || type === 'cache' || type === 'websocket') return false
  return !(type === 'http' && operation === 'GET') && !(type === 'storage' && operation === 'read')
}

/** Stores events a second later, many in one statement; a request never waits for it. */
export function createEventWriter({ database, telemetry, log, everyMs = 1_000 }: Dependencies) {
  let waiting: MonitoringEvent[] = []
  let writing: Promise<void> | undefined
  let lost = 0

  function hear(event: MonitoringEvent): void {
    if (!isKept(event)) return
    waiting.push(event)
    if (waiting.length <= waitingMax) return
    waiting = waiting.slice(waitingMax / 10)
    lost += waitingMax / 10
    telemetry.metrics.eventsDropped().inc(waitingMax / 10)
  }

  async function write(): Promise<void> {
    const batch = waiting
    if (batch.length === 0) return
    waiting = []
    try {
      await database.writeAsMaintenance((db) => store.insertEvents(db, batch))
    } catch (error) {
      waiting = [...batch, ...waiting].slice(-waitingMax)
      log.debug({ err: error, events: batch.length }, 'events not stored yet')
    }
  }

  const flush = async () => {
    await writing
    writing = write()
    await writing
  }

  return {
    /** Resolves when what was heard so far is stored, or could not be. */
    flush,
    /** Events that could not wait any longer. */
    lost: () => lost,
    start(): AsyncDisposable {
      const stop = telemetry.hear(hear)
      const timer = setInterval(() => void flush(), everyMs).unref()
      return {
        async [Symbol.asyncDispose]() {
          stop()
          clearInterval(timer)
          await flush()
        },
      }
    },
  }
}

export type EventWriter = ReturnType<typeof createEventWriter>
