import {
  type EventFilter,
  eventOutcome,
  connectionType,
  levelNumbers,
  type MonitoringEvent,
  type MonitoringSnapshot,
  passes,
  type SeriesColumn,
  seriesColumns,
  type SeriesStep,
} from '@studioops/contracts/monitoring'
import type { Database } from '../../platform/db/database.ts'
import type { HealthListener } from '../../platform/health/health-watch.ts'
import { diskFreeRatioOf } from '../../platform/health/disk.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Telemetry } from '../../platform/telemetry/telemetry.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { HealthService } from '../health/index.ts'
import { createAlerts } from './monitoring.alerts.ts'
import type { AlertFacts } from './monitoring.alert-rules.ts'
import * as store from './monitoring.store.ts'
import { createEventWriter } from './monitoring.writer.ts'

type Dependencies = {
  readonly database: Database
  readonly telemetry: Telemetry
  readonly log: Log
  readonly health: Pick<HealthService, 'status' | 'heartbeats'>
  readonly dataDirectory: string
  readonly retentionDays: number
}

const eventsOfSnapshot = 500
const lookEveryMs = 5_000

export type MonitoringService = ReturnType<typeof createMonitoringService>

/** What the room shows, what is stored of it, and the gauges that somebody has to ask for. */
export function createMonitoringService(dependencies: Dependencies) {
  const { database, telemetry, log, health, dataDirectory, retentionDays } = dependencies
  const { metrics, series } = telemetry
  const writer = createEventWriter({ database, telemetry, log })
  const alerts = createAlerts({ telemetry, log })
  let backlog: store.Backlog | undefined
  let lostBefore = 0
  telemetry.gauge('queued', () => backlog?.queued ?? 0)
  telemetry.gauge('oldestJobSeconds', () => backlog?.oldest_seconds ?? 0)
  telemetry.gauge('level', () => levelNumbers[health.status().level])
  telemetry.gauge('dbUsed', () => sum(database.pools().map(({ used }) => used)))
  telemetry.gauge('dbWaiting', () => sum(database.pools().map(({ waiting }) => waiting)))

  async function look(): Promise<void> {
    showPools()
    showHealth()
    const diskFreeRatio = await diskFreeRatioOf(dataDirectory)
    metrics.diskFree('data').set(diskFreeRatio)
    // With the database away there is nothing to count; its own dependency says so.
    const found = await database.asMaintenance(store.findBacklog).catch(() => undefined)
    alerts.judge(factsOf(found, diskFreeRatio), Date.now())
    if (found === undefined) return
    const spent = Math.max(0, found.cost - (backlog?.cost ?? found.cost))
    backlog = found
    series.add('costUsd', spent)
    metrics.cost().inc(spent)
    metrics.jobsQueued().set(found.queued)
    metrics.jobOldestSeconds().set(found.oldest_seconds)
    metrics.unknownOperations().set(found.unknown_operations)
    metrics.backupAt().set(found.backup_at)
  }

  function factsOf(found: store.Backlog | undefined, diskFreeRatio: number): AlertFacts {
    const minute = series.points(1).slice(-60)
    const total = (column: SeriesColumn) =>
      sum(minute.map(({ values }) => values[seriesColumns.indexOf(column)] ?? 0))
    const [requests, lost] = [total('requests'), writer.lost()]
    const eventsLost = lost - lostBefore
    lostBefore = lost
    return {
      level: levelNumbers[health.status().level],
      requestsPerSecond: requests / Math.max(1, minute.length),
      errorRatio: total('errors') / Math.max(1, requests),
      p95Ms: series.points(60).at(-1)?.values[seriesColumns.indexOf('p95Ms')] ?? 0,
      oldestJobSeconds: found?.oldest_seconds,
      unknownOperations: found?.unknown_operations,
      diskFreeRatio,
      eventsLost,
    }
  }

  function showPools(): void {
    for (const { name, used, idle, waiting, max } of database.pools()) {
      metrics.poolConnections(name, 'used').set(used)
      metrics.poolConnections(name, 'idle').set(idle)
      metrics.poolWaiting(name).set(waiting)
      metrics.poolMax(name).set(max)
    }
  }

  function showHealth(): void {
    const { level, dependencies: all } = health.status()
    metrics.level().set(levelNumbers[level])
    for (const kind of new Set(all.map((one) => one.kind))) {
      const conditions = all.filter((one) => one.kind === kind).map(({ condition }) => condition)
      metrics.dependencyUp(kind).set(conditions.includes('down') ? 0 : 1)
      metrics.dependencySlow(kind).set(conditions.includes('slow') ? 1 : 0)
    }
  }

  return {
    status: health.status,
    heartbeats: health.heartbeats,
    errorGroups: telemetry.groups.list,

    snapshot: (): MonitoringSnapshot => ({
      status: health.status(),
      heartbeats: health.heartbeats(),
      errorGroups: telemetry.groups.list(),
      events: telemetry.events.after(0, eventsOfSnapshot),
      series: series.points(1),
    }),

    points: (step: SeriesStep) => series.points(step),

    /** Those of this process that are not stored yet among them; each once. */
    async list(
      userId: string,
      asked: EventFilter & { readonly limit: number },
    ): Promise<MonitoringEvent[]> {
      await writer.flush()
      const stored = (await database.readAsUser(userId, (db) => store.listEvents(db, asked))).map(
        eventOf,
      )
      // What is stored of this process stands in the ring as well.
      const keys = new Set(stored.map(keyOf))
      const live = telemetry.events
        .after(0)
        .filter((event) => passes(event, asked) && !keys.has(keyOf(event)))
      return [...stored, ...live].toSorted((one, other) => other.at - one.at).slice(0, asked.limit)
    },

    deleteOld: (db: Parameters<typeof store.deleteOldEvents>[0], now: Date) =>
      store.deleteOldEvents(db, now, retentionDays),

    flush: writer.flush,

    start(): AsyncDisposable {
      const looking = telemetry.start()
      const writing = telemetry.isWatched ? writer.start() : undefined
      const lookSafely = () =>
        look().catch((error: unknown) => log.warn({ err: error }, 'gauges not read'))
      void lookSafely()
      const timer = setInterval(() => void lookSafely(), lookEveryMs).unref()
      return {
        async [Symbol.asyncDispose]() {
          clearInterval(timer)
          looking[Symbol.dispose]()
          await writing?.[Symbol.asyncDispose]()
        },
      }
    },
  }
}

/** Changes of health, as important events. */
export function tellHealth({ happened }: Telemetry): HealthListener {
  return {
    level: ({ level, reasons }) =>
      happened({
        type: 'health',
        name: level,
        operation: 'level',
        outcome: level === 'NORMAL' ? 'ok' : 'error',
        isImportant: true,
        facts: { reasons: reasons.map(({ code }) => code).join(' ') },
      }),
    dependency: ({ kind, name }, condition, latencyMs) =>
      happened({
        type: 'health',
        name: name === '' ? kind : `${kind} ${name}`,
        operation: condition,
        outcome: outcomesOfConditions[condition],
        durationMs: latencyMs,
        isImportant: true,
      }),
  }
}

const outcomesOfConditions = { up: 'ok', pending: 'ok', slow: 'refused', down: 'error' } as const

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function keyOf({ node, at, type, name, operation, requestId }: MonitoringEvent): string {
  return `${node} ${at} ${type} ${name} ${operation} ${requestId ?? ''}`
}

function eventOf(row: store.EventRow): MonitoringEvent {
  return withoutAbsent({
    cursor: Number(row.id),
    at: row.at.getTime(),
    node: row.node,
    type: connectionType.catch('custom').parse(row.type),
    name: row.name,
    operation: row.operation,
    outcome: eventOutcome.catch('error').parse(row.outcome),
    durationMs: row.duration_ms,
    weight: row.weight,
    isImportant: row.is_important,
    code: row.code ?? undefined,
    requestId: row.request_id ?? undefined,
    traceId: row.trace_id ?? undefined,
    // Written by us alone, as numbers and words.
    facts: row.facts as MonitoringEvent['facts'],
  })
}
