import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { problem } from './problem.ts'

/**
 * A write to the outside, from approval to proof. `planned`: waits its turn, or for the outside to
 * come back. `unknown`: it may have happened, we are looking. `needs-user`: we cannot tell. `partial`: of
 * several steps some are done, and the rest goes on only when a person says so.
 */
export const operationState = z.enum([
  'planned',
  'attempting',
  'done',
  'refused',
  'unknown',
  'needs-user',
  'cancelled',
  'partial',
])
export type OperationState = z.output<typeof operationState>

/** `tools`: a server of tools of somebody else. */
export const operationSystem = z.enum(['jira', 'confluence', 'trello', 'tools'])
export type OperationSystem = z.output<typeof operationSystem>

/** What a write leaves behind, for the words around it; an update leaves a `change`. */
export const operationThing = z.enum(['issue', 'page', 'card', 'comment', 'link', 'change'])
export type OperationThing = z.output<typeof operationThing>

const operationBase = z.object({
  id: z.uuid(),
  /** `<system>.<thing>.<verb>`, such as `jira.issue.create`; `group` holds steps together. */
  kind: z.string(),
  /** Absent for a group, whose steps may go to several. */
  system: operationSystem.optional(),
  thing: operationThing.optional(),
  state: operationState,
  /** What it makes, in words: the summary of the story. */
  title: z.string(),
  /** Where it is made: such as the key of the project and the address of Jira. */
  target: z.string(),
  /** A step that waits for earlier steps to be done. */
  waitsForSteps: z.boolean().optional(),
  /** How many of the same person's writes to the same system go first. */
  ahead: z.int().optional(),
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
export type OperationStep = z.output<typeof operationBase>

export const operation = operationBase.extend({
  /** In their order. A group is done when all of them are. */
  steps: z.array(operationBase).optional(),
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
  summary: 'Settles an unclear operation: what it makes exists under this key or address.',
  access: 'member',
  params,
  body: z.object({
    /** As it is typed or pasted: a key, or the whole address. */
    key: z.string().trim().min(1).max(500),
  }),
  reply,
  errors: [
    'session.required',
    'request.invalid',
    'operation.not-found',
    'operation.not-open',
    'operation.bad-key',
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

export const continueOperation = defineEndpoint({
  method: 'POST',
  path: '/operations/:operationId/continue',
  summary: 'Goes on with the steps that were refused or cancelled; what is done stays done.',
  access: 'member',
  params,
  reply,
  errors: ['session.required', 'operation.not-found', 'operation.not-open'],
})
