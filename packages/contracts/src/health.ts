import { z } from 'zod'

/** Answer of `/readyz`: 200 when it can serve, else 503 with the reason. */
export const readiness = z.object({
  status: z.enum(['pass', 'fail']),
  reason: z.enum(['starting', 'migrating', 'database', 'stopping']).optional(),
  /** What a person should know, such as `migrating 3/7`. */
  note: z.string().optional(),
})
export type Readiness = z.output<typeof readiness>
