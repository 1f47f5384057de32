import { randomUUID } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type {
  ConnectionType,
  EventOutcome,
  MonitoringEvent,
  SeriesGauge,
} from '@studioops/contracts/monitoring'
import type { DatabaseWatch } from '../db/database-watch.ts'
import { currentContext, type WorkContext } from '../log/log.ts'
import { createErrorGroups } from './error-groups.ts'
import { createEventRing } from './event-ring.ts'
import { createMetrics, otherLabel } from './metrics.ts'
import { createSampler, type SamplingRates, usualRates } from './sampling.ts'
import { createSeries } from './series.ts'

export type EndedRequest = {
  readonly method: string
  /** As it was registered, such as `/api/stories/:storyId`. */
  readonly url: string
  readonly status: number
  readonly durationMs: number
  /** Code of the refusal or failure. */
  readonly code: string | undefined
  readonly work: Pick<WorkContext, 'correlationId' | 'traceId'>
}

export type EndedQuery = {
  /** Such as `SELECT`, and the first table. */
  readonly operation: string
  readonly table: string
  readonly durationMs: number
  /** SQLSTATE or the code of the driver, where it failed. */
  readonly code: string | undefined
}

export type EndedCall = {
  readonly system: string
  readonly host: string
  readonly method: string
  readonly durationMs: number
  readonly status: number | undefined
  readonly failure: string | undefined
}

export type EndedJob = {
  readonly kind: string
  readonly outcome: 'done' | 'again' | 'dead' | 'cancelled'
  readonly attempt: number
  readonly durationMs: number
  readonly code: string | undefined
}

export type EndedAttempt = {
  readonly provider: ConnectionType
  readonly model: string
  readonly outcome: 'complete' | 'failed' | 'stopped'
  readonly code: string | undefined
  readonly durationMs: number
  readonly ttftMs: number | undefined
  readonly tokensIn: number
  readonly tokensOut: number
}

export type Happening = {
  readonly type: ConnectionType
  readonly name: string
  readonly operation: string
  readonly outcome?: EventOutcome
  readonly durationMs?: number
  readonly code?: string | undefined
  readonly isImportant?: boolean
  readonly facts?: MonitoringEvent['facts']
  /** Of what another context began. */
  readonly work?: Pick<WorkContext, 'correlationId' | 'traceId'> | undefined
}

export type TelemetryOptions = {
  readonly version: string
  /** Of this installation on this machine. */
  readonly nodeId: string
  /** False: counters only, neither events nor points (MON-6). Default true. */
  readonly isWatched?: boolean
  /** Also what the process itself tells; true in one place of a process only. Default false. */
  readonly hasProcess?: boolean
  readonly rates?: SamplingRates
  readonly random?: () => number
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly eventsMax?: number
}

/** Systems of the outside that have a type of their own; the rest is http. */
const typesOfSystems: Readonly<Record<string, ConnectionType>> = {
  jira: 'jira',
  confluence: 'confluence',
  trello: 'trello',
  'object-store': 'storage',
  mcp: 'mcp',
}

const standardMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Everything that the process tells of its work: metrics, the newest events, points in time and
 * groups of errors. Counting takes everything, events are sampled after it (D-14). Nothing here
 * waits, fails or keeps more than a fixed amount.
 */
export function createTelemetry(options: TelemetryOptions) {
  const { version, nodeId, isWatched = true, hasProcess = false, now = Date.now } = options
  const metrics = createMetrics({ version, hasProcess })
  const ring = createEventRing(options.eventsMax ?? 10_000)
  const series = createSeries(() => now() / 1_000)
  const groups = createErrorGroups()
  const weightOf = createSampler(options.rates ?? usualRates, options.random)
  const node = nodeId.slice(0, 8)
  const listeners = new Set<(event: MonitoringEvent) => void>()
  const gauges = new Map<SeriesGauge, () => number>()
  const counts = { streams: 0 }
  let loop: ReturnType<typeof monitorEventLoopDelay> | undefined
  let cpu = process.cpuUsage()
  let cpuAt = performance.now()

  // oxlint-disable-next-line complexity -- defaults and absent members, no decisions
  function happened(happening: Happening): void {
    const { type, operation, outcome = 'ok', durationMs = 0, isImportant = false } = happening
    const weight = isImportant ? 1 : weightOf({ type, operation, outcome, durationMs })
    if (weight === 0) return
    metrics.events(type, outcome).inc(weight)
    if (!isWatched) return
    const { name, code, facts = noFacts, work = currentContext() } = happening
    const event = ring.write({
      at: now(),
      node,
      type,
      name,
      operation,
      outcome,
      durationMs: Math.round(durationMs * 10) / 10,
      weight,
      isImportant,
      facts,
      ...(code && { code }),
      ...(work && { requestId: work.correlationId, traceId: work.traceId }),
    })
    for (const hear of listeners) hear(event)
  }

  /** Once a second: what is a state rather than an event. */
  function look(): void {
    const at = performance.now()
    const used = process.cpuUsage(cpu)
    const { heapUsed, rss } = process.memoryUsage()
    series.gauge('cpuRatio', (used.user + used.system) / 1_000 / Math.max(1, at - cpuAt))
    series.gauge('heapBytes', heapUsed)
    series.gauge('rssBytes', rss)
    series.gauge('streams', counts.streams)
    if (loop !== undefined) {
      // It counts from the timer's own 10 ms.
      series.gauge('loopMs', Math.max(0, loop.percentile(99) / 1e6 - loopResolutionMs))
      loop.reset()
    }
    for (const [name, value] of gauges) series.gauge(name, value())
    metrics.streams().set(counts.streams)
    cpu = process.cpuUsage()
    cpuAt = at
  }

  function queryEnded({ operation, table, durationMs, code }: EndedQuery): void {
    metrics.querySeconds('postgresql', operation, code ?? '').observe(durationMs / 1_000)
    metrics.queries(operation, table).inc()
    if (!isWatched) return
    series.add('queries')
    if (code !== undefined) series.add('queryErrors')
    const outcome = code === undefined ? 'ok' : 'error'
    happened({ type: 'db', name: table, operation, outcome, durationMs, code })
  }

  const databaseWatch: DatabaseWatch = {
    answered: ({ operation, table }, durationMs, code) =>
      queryEnded({ operation, table, durationMs, code }),
    connected: (waitMs) => metrics.poolWaitSeconds('all').observe(waitMs / 1_000),
    notConnected: (error) => {
      metrics.poolTimeouts('all').inc()
      failed(error, { code: 'database.unavailable' })
    },
  }

  function failed(
    error: unknown,
    told: { readonly code: string; readonly route?: string | undefined },
  ): void {
    const requestId = currentContext()?.correlationId
    groups.note({ ...told, error, at: now(), requestId })
  }

  return {
    metrics,
    databaseWatch,
    queryEnded,
    /** An error that nobody meant, or that ended a request or a job. */
    failed,
    events: ring,
    series,
    groups,
    node,
    isWatched,
    /** Of this process; who comes back to another one begins anew. */
    bootId: randomUUID(),
    happened,

    /** A value that is looked at once a second. */
    gauge: (name: SeriesGauge, value: () => number) => void gauges.set(name, value),

    /** Hears each event that is kept, in the turn in which it happened: it must not work. */
    hear(listener: (event: MonitoringEvent) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    // oxlint-disable-next-line complexity -- one counter a branch
    requestEnded(request: EndedRequest): void {
      const { method, url, status, durationMs, code = '', work } = request
      const known = standardMethods.has(method) ? method : otherLabel
      const isLong = isStream(url)
      metrics.requests(url, String(status), code).inc()
      if (!isLong) metrics.requestSeconds(known, url).observe(durationMs / 1_000)
      if (url === signInUrl && method === 'POST')
        metrics.logins(status < 400 ? 'ok' : 'refused').inc()
      if (!isWatched) return
      const outcome = outcomeOfStatus(status)
      series.add('requests')
      if (outcome !== 'ok') series.add(outcome === 'error' ? 'errors' : 'refusals')
      if (!isLong) series.time(durationMs)
      happened({
        type: typeOfRoute(url, method),
        name: url,
        operation: method,
        outcome,
        durationMs: isLong ? 0 : durationMs,
        code,
        facts: factsOfStatus(status),
        work,
      })
    },

    callEnded(call: EndedCall): void {
      const { system, host, method, durationMs, status = 0, failure } = call
      const isFailed = failure !== undefined || status >= 500
      const error = failure ?? (status >= 400 ? String(status) : '')
      metrics.callSeconds(host, method, error).observe(durationMs / 1_000)
      if (!isWatched) return
      series.add('calls')
      if (isFailed) series.add('callErrors')
      happened({
        type: system === 'model' ? providerOf(host) : (typesOfSystems[system] ?? 'http'),
        name: host,
        operation: method,
        outcome: isFailed ? 'error' : outcomeOfStatus(status),
        durationMs,
        code: error,
      })
    },

    jobEnded({ kind, outcome, attempt, durationMs, code }: EndedJob): void {
      metrics.jobs(kind, outcome).inc()
      metrics.jobSeconds(kind).observe(durationMs / 1_000)
      if (!isWatched) return
      series.add('jobs')
      const isFailed = outcome === 'dead' || outcome === 'again'
      if (isFailed) series.add('jobErrors')
      const told = outcome === 'cancelled' ? 'cancelled' : 'ok'
      happened({
        type: 'queue',
        name: kind,
        operation: 'run',
        outcome: isFailed ? 'error' : told,
        durationMs,
        code,
        facts: { attempt },
      })
    },

    attemptEnded(attempt: EndedAttempt): void {
      const { provider, model, outcome, code = '', durationMs, ttftMs } = attempt
      const labels = ['chat', provider, model] as const
      metrics.modelSeconds(...labels, code).observe(durationMs / 1_000)
      if (ttftMs !== undefined) metrics.modelFirstSeconds(...labels).observe(ttftMs / 1_000)
      metrics.modelTokens(...labels, 'input').observe(attempt.tokensIn)
      metrics.modelTokens(...labels, 'output').observe(attempt.tokensOut)
      if (!isWatched) return
      series.add('answers')
      series.add('tokensIn', attempt.tokensIn)
      series.add('tokensOut', attempt.tokensOut)
      if (outcome === 'failed') series.add('answerErrors')
      happened({
        type: provider,
        name: model,
        operation: 'chat',
        outcome: outcomesOfAttempts[outcome],
        durationMs,
        ...(code === '' ? {} : { code }),
        facts: {
          tokens_in: attempt.tokensIn,
          tokens_out: attempt.tokensOut,
          ...(ttftMs === undefined ? {} : { ttft_ms: Math.round(ttftMs) }),
        },
      })
    },

    /** A reader of a running answer has come. @returns to be called when it goes */
    streamBegan(): () => void {
      counts.streams += 1
      let isOpen = true
      return () => {
        if (isOpen) counts.streams -= 1
        isOpen = false
      }
    },

    /** Begins to look once a second. */
    start(): Disposable {
      if (isWatched) {
        loop = monitorEventLoopDelay({ resolution: loopResolutionMs })
        loop.enable()
      }
      const looking = setInterval(look, 1_000).unref()
      return {
        [Symbol.dispose]() {
          clearInterval(looking)
          loop?.disable()
          metrics[Symbol.dispose]()
        },
      }
    },
  }
}

export type Telemetry = ReturnType<typeof createTelemetry>

const noFacts = {}
const loopResolutionMs = 10
const signInUrl = '/api/session'

const outcomesOfAttempts = { complete: 'ok', failed: 'error', stopped: 'cancelled' } as const

function outcomeOfStatus(status: number): EventOutcome {
  if (status >= 500) return 'error'
  return status >= 400 ? 'refused' : 'ok'
}

/** One object a status: most requests are alike. */
const factsByStatus = new Map<number, MonitoringEvent['facts']>()

function factsOfStatus(status: number): MonitoringEvent['facts'] {
  const known = factsByStatus.get(status)
  if (known !== undefined) return known
  const made = { status }
  factsByStatus.set(status, made)
  return made
}

/** Their time is how long somebody listened. */
function isStream(url: string): boolean {
  return (
    url.endsWith('/events') || url.endsWith('/events/next') || url.endsWith('/chat/completions')
  )
}

const authUrl =
  /^\/api\/(?:session|account|accounts|registrations|password-resets|invitations)(?:\/|$)/
const configUrl = /^\/api\/(?:admin|workspace|connections)(?:\/|$)/
const typesOfRoutes = new Map<string, ConnectionType>()

function typeOfRoute(url: string, method: string): ConnectionType {
  if (method === 'GET') return 'http'
  const known = typesOfRoutes.get(url)
  if (known !== undefined) return known
  const changed = configUrl.test(url) ? 'config' : 'http'
  const type = authUrl.test(url) ? 'auth' : changed
  typesOfRoutes.set(url, type)
  return type
}

const providers = [
  [/moonshot|kimi/i, 'kimi'],
  [/bigmodel|z\.ai|glm/i, 'glm'],
  [/openai\.com|^gpt-|^o\d/i, 'openai'],
] as const satisfies readonly (readonly [RegExp, ConnectionType])[]

/** Of a host or of a model's name; whoever is not known by either is `custom`. */
export function providerOf(...names: readonly string[]): ConnectionType {
  const found = providers.find(([form]) => names.some((name) => form.test(name)))
  return found?.[1] ?? 'custom'
}
