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
