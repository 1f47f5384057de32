import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'

/** A sentence and what to do about it, as the page says it. */
const sentences = z.object({ message: z.string(), remedy: z.string() })

/** Answer of `/readyz`: 200 when it can serve, else 503 with the reason. */
export const readiness = z.object({
  status: z.enum(['pass', 'fail']),
  reason: z.enum(['starting', 'migrating', 'migration-failed', 'database', 'stopping']).optional(),
  /** What a person should know, such as `migrating 3/7`. */
  note: z.string().optional(),
  /** While the database is upgraded, and where that stopped. */
  migration: z
    .object({
      /** Absent while the plan is made. */
      name: z.string().optional(),
      /** 1-based place among those of this upgrade; absent while the plan is made. */
      position: z.int().optional(),
      total: z.int().optional(),
      /** 1-based; the statement that runs, or that failed. */
      statement: z.int().optional(),
      statements: z.int().optional(),
      /** Whoever works or holds a lock, in words. */
      waitingFor: z.string().optional(),
      /** Where what it destroys or rewrites lies, read back and verified; of the newest that kept some. */
      backup: z.string().optional(),
    })
    .optional(),
  /** What keeps it from going on; only where somebody has to do something. */
  obstacles: z.array(z.object({ en: sentences, he: sentences })).optional(),
})
export type Readiness = z.output<typeof readiness>

/** One thing that the configuration names, and whether it was there at the last look (CFG-20). */
export const selfCheck = z.object({
  name: z.string(),
  state: z.enum(['passed', 'failed']),
  /** Since when it has been in this state, as far as this process knows. */
  since: z.iso.datetime(),
  checkedAt: z.iso.datetime(),
  durationMs: z.int(),
  reason: z.string().optional(),
})
export type SelfCheck = z.output<typeof selfCheck>

export const getSelfChecks = defineEndpoint({
  method: 'GET',
  path: '/admin/self-checks',
  summary: 'What the product found when it last looked at what its configuration names.',
  access: 'admin',
  reply: z.object({ checks: z.array(selfCheck) }),
  errors: ['session.required', 'session.not-allowed'],
})

/** How the whole product stands (D-21), from well to worst. */
export const degradationLevel = z.enum(['NORMAL', 'DEGRADED', 'CRITICAL', 'OFFLINE'])
export type DegradationLevel = z.output<typeof degradationLevel>

/** What something that we depend on is; of some there are several, told apart by their name. */
export const dependencyKind = z.enum([
  'database',
  'disk',
  'worker',
  'object-store',
  'company-model',
  'model',
  'jira',
  'confluence',
  'trello',
])
export type DependencyKind = z.output<typeof dependencyKind>

/** `pending`: not yet known. `slow`: it answers, too late. */
export const dependencyCondition = z.enum(['pending', 'up', 'slow', 'down'])
export type DependencyCondition = z.output<typeof dependencyCondition>

export const degradationReason = z.object({
  level: degradationLevel.exclude(['NORMAL']),
  code: z.enum([
    'database.down',
    'database.slow',
    'storage.down',
    'storage.slow',
    'models.all-down',
    'service.down',
    'service.slow',
    'worker.dead',
    'disk.full',
    'disk.low',
  ]),
  kind: dependencyKind,
  /** Host of a service, name of a model; empty where there is only one of the kind. */
  name: z.string(),
})
export type DegradationReason = z.output<typeof degradationReason>

export const dependencyStatus = z.object({
  kind: dependencyKind,
  name: z.string(),
  condition: dependencyCondition,
  /** Since when it has been in this condition, as far as this process knows. */
  since: z.iso.datetime(),
  checkedAt: z.iso.datetime(),
  /** Of the newest answer. */
  latencyMs: z.int().optional(),
})
export type DependencyStatus = z.output<typeof dependencyStatus>

export const systemStatus = z.object({
  level: degradationLevel,
  since: z.iso.datetime(),
  reasons: z.array(degradationReason),
  dependencies: z.array(dependencyStatus),
})
export type SystemStatus = z.output<typeof systemStatus>

export const getStatus = defineEndpoint({
  method: 'GET',
  path: '/status',
  summary: 'How the product and what it depends on stand at this moment.',
  access: 'viewer',
  reply: systemStatus,
  errors: ['session.required'],
})

const healthCheckEntry = z.object({
  componentId: z.string().optional(),
  componentType: z.enum(['component', 'datastore', 'system']),
  observedValue: z.number().optional(),
  observedUnit: z.enum(['ms', 'percent']).optional(),
  status: z.enum(['pass', 'warn', 'fail']),
  time: z.iso.datetime(),
})

/** Answer of `/health`: `application/health+json` (draft-inadarei-api-health-check-06). */
export const healthReport = z.object({
  status: z.enum(['pass', 'warn', 'fail']),
  version: z.literal('1').optional(),
  releaseId: z.string().optional(),
  serviceId: z.literal('studioops').optional(),
  level: degradationLevel.optional(),
  since: z.iso.datetime().optional(),
  reasons: z.array(degradationReason).optional(),
  checks: z.record(z.string(), z.array(healthCheckEntry)).optional(),
})
export type HealthReport = z.output<typeof healthReport>
