import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { type DegradationLevel, systemStatus } from './health.ts'

/** What a connection is to; every event of the room is about one of them (MON-4). */
export const connectionTypes = [
  'http',
  'db',
  'storage',
  'websocket',
  'openai',
  'kimi',
  'glm',
  'custom',
  'trello',
  'jira',
  'confluence',
  'mcp',
  'queue',
  'auth',
  'config',
  'cache',
  'health',
] as const
export const connectionType = z.enum(connectionTypes)
export type ConnectionType = z.output<typeof connectionType>

export const eventOutcomes = ['ok', 'refused', 'error', 'cancelled', 'fallback'] as const
export const eventOutcome = z.enum(eventOutcomes)
export type EventOutcome = z.output<typeof eventOutcome>

/** One finished operation on a connection. Facts are numbers and closed words, never contents. */
export const monitoringEvent = z.object({
  /** Counts up in one process; with `node` it is unique. */
  cursor: z.int(),
  /** Milliseconds since 1970, UTC, of its end. */
  at: z.number(),
  node: z.string(),
  type: connectionType,
  /** What it was with: a route, a table, a host, a model, a kind of job. */
  name: z.string(),
  operation: z.string(),
  outcome: eventOutcome,
  durationMs: z.number(),
  /** How many operations it stands for (D-14). */
  weight: z.int(),
  /** Changes of levels and dependencies. */
  isImportant: z.boolean(),
  code: z.string().optional(),
  requestId: z.string().optional(),
  traceId: z.string().optional(),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type MonitoringEvent = z.output<typeof monitoringEvent>

/** Sums within a step of time. */
export const seriesSums = [
  'requests',
  'errors',
  'refusals',
  'calls',
  'callErrors',
  'queries',
  'queryErrors',
  'jobs',
  'jobErrors',
  'answers',
  'answerErrors',
  'tokensIn',
  'tokensOut',
  'costUsd',
] as const
export type SeriesSum = (typeof seriesSums)[number]

/** The highest value within a step of time. */
export const seriesGauges = [
  'loopMs',
  'cpuRatio',
  'heapBytes',
  'rssBytes',
  'queued',
  'oldestJobSeconds',
  'streams',
  'sockets',
  'dbUsed',
  'dbWaiting',
  'level',
] as const
export type SeriesGauge = (typeof seriesGauges)[number]

/** Of the time until the answer of requests, milliseconds; 0 where there were none. */
export const seriesPercentiles = ['p50Ms', 'p95Ms', 'p99Ms'] as const
export type SeriesPercentile = (typeof seriesPercentiles)[number]

export const seriesColumns = [...seriesSums, ...seriesGauges, ...seriesPercentiles] as const
export type SeriesColumn = (typeof seriesColumns)[number]

/** Values in the order of `seriesColumns`; `at` is the beginning of the step, seconds since 1970. */
export const seriesPoint = z.object({
  at: z.int(),
  values: z.array(z.number()).length(seriesColumns.length),
})
export type SeriesPoint = z.output<typeof seriesPoint>

export const seriesSteps = [1, 10, 60] as const
export type SeriesStep = (typeof seriesSteps)[number]

/** Errors that are one: the code, and the first place of ours in the stack. */
export const errorGroup = z.object({
  fingerprint: z.string(),
  code: z.string(),
  place: z.string(),
  /** Name of the error, never its message. */
  name: z.string(),
  count: z.int(),
  firstAt: z.number(),
  lastAt: z.number(),
  /** Where it happened last. */
  route: z.string().optional(),
  requestId: z.string().optional(),
})
export type ErrorGroup = z.output<typeof errorGroup>

/** How one dependency stood at the newest looks, the oldest first. */
export const heartbeat = z.object({
  at: z.number(),
  condition: z.enum(['pending', 'up', 'slow', 'down']),
  latencyMs: z.number(),
})
export type Heartbeat = z.output<typeof heartbeat>

export const heartbeatsOf = z.object({
  kind: z.string(),
  name: z.string(),
  beats: z.array(heartbeat),
})
export type HeartbeatsOf = z.output<typeof heartbeatsOf>

/** Everything that the room shows when it is entered. */
export const monitoringSnapshot = z.object({
  status: systemStatus,
  heartbeats: z.array(heartbeatsOf),
  errorGroups: z.array(errorGroup),
  /** The newest, the oldest of them first. */
  events: z.array(monitoringEvent),
  /** A point a second of the last 15 minutes. */
  series: z.array(seriesPoint),
})
export type MonitoringSnapshot = z.output<typeof monitoringSnapshot>

/** What comes over the socket of the room. */
export const monitoringMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    /** Of the process: another one begins to count anew. */
    bootId: z.string(),
    cursor: z.int(),
    serverTime: z.number(),
    pingMs: z.int(),
    /** Whether what was missed follows; otherwise a snapshot. */
    isReplayed: z.boolean(),
  }),
  monitoringSnapshot.extend({ type: z.literal('snapshot'), cursor: z.int() }),
  z.object({
    type: z.literal('delta'),
    cursor: z.int(),
    events: z.array(monitoringEvent),
    /** Of more than a batch holds, only the newest are sent. */
    skipped: z.int(),
    series: z.array(seriesPoint),
    status: systemStatus.optional(),
    heartbeats: z.array(heartbeatsOf).optional(),
    errorGroups: z.array(errorGroup).optional(),
  }),
])
export type MonitoringMessage = z.output<typeof monitoringMessage>

/** Below the main port and on the realtime port (D-16, MON-1). */
export const monitoringSocketPath = '/monitoring'

const limitOfEvents = z.coerce.number().int().min(1).max(1_000).default(200)

/** What is shown and exported; each part narrows further. */
export const eventFilter = z.object({
  type: connectionType.optional(),
  outcome: eventOutcome.optional(),
  requestId: z.string().max(128).optional(),
  important: z.stringbool().optional(),
  /** Case does not matter; in names, operations, codes and ids. */
  text: z.string().max(200).optional(),
  /** Milliseconds since 1970, and before 2100. */
  /** Milliseconds since 1970, and before 2100. */
  from: z.coerce.number().min(0).max(4_102_444_800_000).optional(),
  to: z.coerce.number().min(0).max(4_102_444_800_000).optional(),
})
export type EventFilter = z.output<typeof eventFilter>

export const getMonitoring = defineEndpoint({
  method: 'GET',
  path: '/admin/monitoring',
  summary: 'How everything stands: level, dependencies, the newest events and a point a second.',
  access: 'admin',
  reply: monitoringSnapshot,
  errors: ['session.required', 'session.not-allowed'],
})

export const getMonitoringSeries = defineEndpoint({
  method: 'GET',
  path: '/admin/monitoring/series',
  summary: 'Points in steps of 1 s for 15 minutes, 10 s for 6 hours, or 60 s for a day.',
  access: 'admin',
  query: z.object({
    step: z.coerce.number().pipe(z.union([z.literal(1), z.literal(10), z.literal(60)])),
  }),
  reply: z.object({ columns: z.array(z.string()), points: z.array(seriesPoint) }),
  errors: ['session.required', 'session.not-allowed'],
})

export const listMonitoringEvents = defineEndpoint({
  method: 'GET',
  path: '/admin/monitoring/events',
  summary: 'Events that were kept, of all processes, the newest first.',
  access: 'admin',
  query: eventFilter.extend({ limit: limitOfEvents }),
  reply: z.object({ events: z.array(monitoringEvent) }),
  errors: ['session.required', 'session.not-allowed', 'request.invalid'],
})

/** How the level is called in what machines read. */
export const levelNumbers = {
  NORMAL: 0,
  DEGRADED: 1,
  CRITICAL: 2,
  OFFLINE: 3,
} as const satisfies Record<DegradationLevel, number>

/** Whether an event is among those of a filter. */
export function passes(event: MonitoringEvent, filter: EventFilter): boolean {
  return tests.every((test) => test(event, filter))
}

type Test = (event: MonitoringEvent, filter: EventFilter) => boolean

const tests: readonly Test[] = [
  ({ type }, filter) => filter.type === undefined || filter.type === type,
  ({ outcome }, filter) => filter.outcome === undefined || filter.outcome === outcome,
  ({ requestId }, filter) => filter.requestId === undefined || filter.requestId === requestId,
  ({ isImportant }, filter) => filter.important !== true || isImportant,
  ({ at }, { from = -Infinity, to = Infinity }) => at >= from && at <= to,
  (event, { text = '' }) => text === '' || wordsOf(event).includes(text.toLowerCase()),
]

function wordsOf({ name, operation, code = '', requestId = '', traceId = '' }: MonitoringEvent) {
  return `${name}\n${operation}\n${code}\n${requestId}\n${traceId}`.toLowerCase()
}
