import type { HealthReport, SystemStatus } from '@studioops/contracts/health'
import type { Database } from '../../platform/db/database.ts'
import { diskFreeRatioOf, explainFullDisk } from '../../platform/health/disk.ts'
import {
  type Check,
  createHealthWatch,
  type HealthListener,
} from '../../platform/health/health-watch.ts'
import type { Log } from '../../platform/log/log.ts'
import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import type { Outbound, OutboundCall } from '../../platform/outbound/outbound.ts'
import { type Place, placeOf, sampleOf, sampleOfLook } from './health.evidence.ts'
import * as store from './health.store.ts'

type Dependencies = {
  readonly database: Database
  readonly outbound: Outbound
  readonly log: Log
  readonly dataDirectory: string
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Of other features: what they need from their surroundings. */
  readonly checks: readonly Check[]
  readonly clock?: () => Date
  readonly hear?: HealthListener
}

export type HealthService = ReturnType<typeof createHealthService>

const workerSilentMs = 30_000

/** How the product and what it depends on stand; each process sees it for itself. */
export function createHealthService(dependencies: Dependencies) {
  const { database, outbound, log, dataDirectory, intervalMs, timeoutMs } = dependencies
  const watch = createHealthWatch({
    intervalMs,
    timeoutMs,
    log,
    ...(dependencies.clock === undefined ? {} : { clock: dependencies.clock }),
    ...(dependencies.hear === undefined ? {} : { hear: dependencies.hear }),
    checks: [
      { kind: 'database', run: () => database.ping().then(() => undefined) },
      { kind: 'disk', run: () => explainFullDisk(dataDirectory) },
      { kind: 'worker', run: explainSilence },
      ...dependencies.checks,
    ],
    diskFreeRatio: () => diskFreeRatioOf(dataDirectory),
  })
  /** Base URLs, as they were at the last look. */
  const shared = new Map<string, Place>()

  /** Without the database nobody can say. */
  async function explainSilence(): Promise<string | undefined> {
    const isSilent = await database
      .asMaintenance((db) => store.isNobodyWorking(db, workerSilentMs))
      .catch(() => false)
    return isSilent ? 'jobs are due and nobody works' : undefined
  }

  async function look({ url }: Place) {
    const began = performance.now()
    const deadlineMs = timeoutMs
    const request = { url, deadlineMs, retriesMax: 0, isProbe: true, limitBytes: 100_000 }
    const outcome = await outbound.send(request).catch((error: unknown) => {
      if (error instanceof OutboundError) return error
      throw error
    })
    return sampleOfLook({ outcome, deadlineMs, durationMs: performance.now() - began })
  }

  function sharedPlaceOf({ system, url }: OutboundCall): Place | undefined {
    if (system !== 'model') return undefined
    return [...shared].find(([baseUrl]) => url.startsWith(`${baseUrl}/`))?.[1]
  }

  async function findSharedModels(): Promise<void> {
    const rows = await database.asMaintenance(store.listSharedModels)
    shared.clear()
    for (const { name, base_url: baseUrl } of rows) {
      if (baseUrl === null) continue
      const base = baseUrl.replace(/\/+$/, '')
      shared.set(base, { kind: 'model', name, url: `${base}/models` })
    }
    const places = [...shared.values()]
    watch.keep(
      'model',
      places.map((place) => ({ ...place, probe: () => look(place) })),
    )
  }

  return {
    status: watch.status,
    heartbeats: watch.heartbeats,
    results: watch.results,
    firstResults: watch.firstResults,
    findSharedModels,

    /** Takes what a call of somebody told as evidence. */
    hear(call: OutboundCall): void {
      const place = placeOf(call) ?? sharedPlaceOf(call)
      const sample = sampleOf(call)
      if (place === undefined || sample === undefined) return
      watch.heard(place, { sample, latencyMs: call.durationMs, probe: () => look(place) })
    },

    start(): Disposable {
      const find = () =>
        findSharedModels().catch((error: unknown) => log.warn({ err: error }, 'models not known'))
      void find()
      const finding = setInterval(() => void find(), intervalMs).unref()
      const watching = watch.start()
      return {
        [Symbol.dispose]() {
          clearInterval(finding)
          watching[Symbol.dispose]()
        },
      }
    },
  }
}

const statusOfLevel = {
  NORMAL: 'pass',
  DEGRADED: 'warn',
  CRITICAL: 'fail',
  OFFLINE: 'fail',
} as const

const statusOfCondition = { pending: 'pass', up: 'pass', slow: 'warn', down: 'fail' } as const

/** In the words of `application/health+json`. */
export function reportOf(status: SystemStatus, version: string): HealthReport {
  const checks = Object.groupBy(
    status.dependencies.map(({ kind, name, condition, checkedAt, latencyMs }) => ({
      kind,
      entry: {
        componentType: kind === 'database' ? ('datastore' as const) : ('component' as const),
        ...(name === '' ? {} : { componentId: name }),
        ...(latencyMs === undefined
          ? {}
          : { observedValue: latencyMs, observedUnit: 'ms' as const }),
        status: statusOfCondition[condition],
        time: checkedAt,
      },
    })),
    ({ kind }) => `${kind}:responseTime`,
  )
  return {
    ...summaryOf(status),
    version: '1',
    releaseId: version,
    serviceId: 'studioops',
    level: status.level,
    since: status.since,
    reasons: status.reasons,
    checks: Object.fromEntries(
      Object.entries(checks).map(([key, found]) => [key, (found ?? []).map(({ entry }) => entry)]),
    ),
  }
}

/** What strangers get. */
export function summaryOf({ level }: Pick<SystemStatus, 'level'>): HealthReport {
  return { status: statusOfLevel[level] }
}
