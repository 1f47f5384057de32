import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { problem } from './problem.ts'

/**
 * `retrying`: it failed and is tried again. `stuck`: its worker has not been heard of, and another
 * takes it over. `dead`: it was given up, and only a person tries it again.
 */
export const jobState = z.enum([
  'queued',
  'running',
  'retrying',
  'stuck',
  'done',
  'cancelled',
  'dead',
])
export type JobState = z.output<typeof jobState>

export const jobCause = z.enum(['button', 'schedule', 'change'])
export type JobCause = z.output<typeof jobCause>

export const job = z.object({
  id: z.uuid(),
  /** Such as `connections.check`. */
  kind: z.string(),
  state: jobState,
  cause: jobCause,
  /** How many jobs, of anybody, go first; 1,000 stands for more. */
  ahead: z.int().optional(),
  progress: z.object({ done: z.int(), total: z.int() }).optional(),
  isCancelling: z.boolean(),
  attempts: z.int(),
  attemptsMax: z.int(),
  /** Why the last attempt failed. */
  problem: problem.optional(),
  nextAttemptAt: z.iso.datetime().optional(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
})
export type Job = z.output<typeof job>

const params = z.object({ jobId: z.uuid() })
const reply = z.object({ job })

export const listJobs = defineEndpoint({
  method: 'GET',
  path: '/jobs',
  summary: 'The own background jobs, newest first.',
  access: 'member',
  query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(50) }),
  reply: z.object({ jobs: z.array(job) }),
  errors: ['session.required'],
})

export const cancelJob = defineEndpoint({
  method: 'POST',
  path: '/jobs/:jobId/cancel',
  summary: 'Takes a job out of the queue, or tells the one that runs to stop.',
  access: 'member',
  params,
  reply,
  errors: ['session.required', 'job.not-found', 'job.not-open'],
})

export const retryJob = defineEndpoint({
  method: 'POST',
  path: '/jobs/:jobId/retry',
  summary: 'Tries a job now: one that waits for its next attempt, was cancelled, or was given up.',
  access: 'member',
  params,
  reply,
  errors: ['session.required', 'job.not-found', 'job.not-open'],
})

export const getJobCounts = defineEndpoint({
  method: 'GET',
  path: '/admin/jobs',
  summary:
    'How many jobs of everybody wait, run or were given up, by kind; never whose or of what.',
  access: 'admin',
  reply: z.object({
    kinds: z.array(
      z.object({
        kind: z.string(),
        queued: z.int(),
        running: z.int(),
        dead: z.int(),
        /** Of what waits. */
        oldestAt: z.iso.datetime().optional(),
      }),
    ),
    dead: z.array(
      z.object({ kind: z.string(), problem, count: z.int(), lastAt: z.iso.datetime() }),
    ),
  }),
  errors: ['session.required', 'session.not-allowed'],
})
