import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { problem } from './problem.ts'

/**
 * A write to the outside, from approval to proof. `planned`: waits its turn, or for the outside to
 * come back. `unknown`: it may have happened, we are looking. `needs-user`: we cannot tell.
 */
export const operationState = z.enum([
  'planned',
  'attempting',
  'done',
  'refused',
  'unknown',
  'needs-user',
  'cancelled',
])
export type OperationState = z.output<typeof operationState>

export const operation = z.object({
  id: z.uuid(),
  kind: z.literal('jira.issue.create'),
  state: operationState,
  /** What it makes, in words: the summary of the story. */
  title: z.string(),
  /** Where it is made: the key of the project and the address of Jira. */
  target: z.string(),
  storyId: z.uuid().optional(),
  marker: z.string(),
  attempts: z.int(),
  /** Why it waits or was refused. */
  problem: problem.optional(),
  nextAttemptAt: z.iso.datetime().optional(),
  key: z.string().optional(),
  url: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})
export type Operation = z.output<typeof operation>

const params = z.object({ operationId: z.uuid() })
const reply = z.object({ operation })

export const listOperations = defineEndpoint({
  method: 'GET',
  path: '/operations',
  summary: 'The own outbox: writes that wait, are checked, or ended lately; newest first.',
  access: 'member',
  query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(50) }),
  reply: z.object({ operations: z.array(operation) }),
  errors: ['session.required'],
})

export const checkOperation = defineEndpoint({
  method: 'POST',
  path: '/operations/:operationId/check',
  summary: 'Tries, or looks for the outcome, now instead of later.',
  access: 'member',
  params,
  reply,
  errors: ['session.required', 'operation.not-found', 'operation.not-open'],
})

export const linkOperation = defineEndpoint({
  method: 'POST',
  path: '/operations/:operationId/link',
  summary: 'Settles an unclear operation: the issue exists under this key.',
  access: 'member',
  params,
  body: z.object({
    key: z
      .string()
      .trim()
      .regex(/^[A-Z][A-Z0-9_]+-\d+$/),
  }),
  reply,
  errors: [
    'session.required',
    'request.invalid',
    'operation.not-found',
    'operation.not-open',
    'operation.other-issue',
  ],
})

export const createAnyway = defineEndpoint({
  method: 'POST',
  path: '/operations/:operationId/create-anyway',
  summary: 'Settles an unclear operation: create it now, with a new marker. May make a second one.',
  access: 'member',
  params,
  reply,
  errors: ['session.required', 'operation.not-found', 'operation.not-open'],
})

export const cancelOperation = defineEndpoint({
  method: 'DELETE',
  path: '/operations/:operationId',
  summary: 'Takes a waiting operation out of the outbox. Only while nothing was sent.',
  access: 'member',
  params,
  reply,
  errors: ['session.required', 'operation.not-found', 'operation.not-open'],
})
