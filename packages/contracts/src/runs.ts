import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { problem } from './problem.ts'

/** How a generation stands. The first three go on; the others are final. */
export const runState = z.enum([
  'running',
  'waiting',
  'interrupted',
  'complete',
  'offline',
  'stopped',
  'partial',
  'failed',
])
export type RunState = z.output<typeof runState>

/** Why everything since the last `provider` event is void. */
export const resetReason = z.enum(['broke-off', 'stalled', 'invalid', 'restarted'])

/**
 * What the server says while a model writes (STR-2). Each stored event has the id `<epoch>.<seq>`:
 * `seq` is dense over the run, `epoch` grows with each writer of it. A client that comes back with
 * `Last-Event-ID` gets everything after that id.
 */
export const runEvent = z.discriminatedUnion('type', [
  /** An attempt begins; `round` counts the automatic repairs. */
  z.object({
    type: z.literal('provider'),
    model: z.string(),
    attempt: z.int(),
    round: z.int(),
  }),
  /** What is done at the moment: which tools may be used, what is read, a split (its words are not told). */
  z.object({
    type: z.literal('status'),
    phase: z.enum(['planning', 'reading', 'writing', 'splitting']),
  }),
  /** A tool was called, or a write was proposed; told again with each change of its state. */
  z.object({
    type: z.literal('tool'),
    callId: z.uuid(),
    server: z.string(),
    tool: z.string(),
    title: z.string(),
    state: z.enum(['running', 'done', 'failed', 'blocked', 'waiting']),
    ms: z.int().optional(),
  }),
  /** The model reasons and has said nothing yet. */
  z.object({ type: z.literal('thinking') }),
  z.object({ type: z.literal('assistant_token'), text: z.string() }),
  /** Drop what came since the last `provider` event, visibly. */
  z.object({
    type: z.literal('reset'),
    reason: resetReason,
    discarded: z.int(),
    /** Of a story whose answer broke rules: which, and of a split also 'split.coverage'. */
    rules: z.array(z.string()).optional(),
  }),
  /** The model asks; the run waits for the answer (AI-6). */
  z.object({
    type: z.literal('clarify'),
    requestId: z.string(),
    question: z.string(),
    options: z.array(z.string()),
  }),
  z.object({ type: z.literal('clarified'), requestId: z.string(), answer: z.string() }),
  /** The run goes on without a model: what follows is the labelled offline answer (D-9). */
  z.object({ type: z.literal('error'), problem }),
  z.object({
    type: z.literal('done'),
    state: z.enum(['complete', 'offline', 'stopped', 'partial', 'failed']),
    /** Number of the story version that the run made; absent where it made none. */
    version: z.int().optional(),
    /** True where no model wrote this (D-9). */
    fallback: z.boolean(),
    usage: z.object({ inputTokens: z.int(), outputTokens: z.int() }).optional(),
  }),
])
export type RunEvent = z.output<typeof runEvent>

/** `<epoch>.<seq>` */
export const runEventId = z.string().regex(/^\d{1,9}\.\d{1,9}$/)

/** A stored event with its id. */
export const streamedEvent = z.object({ id: runEventId, event: runEvent })
export type StreamedEvent = z.output<typeof streamedEvent>

export const run = z.object({
  id: z.uuid(),
  state: runState,
  startedAt: z.iso.datetime(),
  /** The question that the run waits with. */
  question: z
    .object({ requestId: z.string(), question: z.string(), options: z.array(z.string()) })
    .optional(),
})
export type Run = z.output<typeof run>

const runParams = z.object({ runId: z.uuid() })

/** Served as `text/event-stream`, not through the JSON client; here for the path and the API page. */
export const runEventsPath = (runId: string) => `/api/runs/${runId}/events`

export const stopRun = defineEndpoint({
  method: 'POST',
  path: '/runs/:runId/stop',
  summary: 'Stops a generation: the request to the model is cut. Stopping twice is harmless.',
  access: 'member',
  params: runParams,
  reply: z.object({ run }),
  errors: ['session.required', 'run.not-found'],
})

const answerBody = z.object({
  requestId: z.string().max(100),
  answer: z.string().trim().min(1).max(2_000),
})

export const answerRun = defineEndpoint({
  method: 'POST',
  path: '/runs/:runId/answer',
  summary: 'Answers the question of a `clarify` event; the generation goes on.',
  access: 'member',
  params: runParams,
  body: answerBody,
  reply: z.object({ run }),
  errors: ['session.required', 'request.invalid', 'run.not-found', 'run.not-waiting'],
})

/** The same events for links on which a stream does not pass (STR-5): one request for each lot. */
export const pollRun = defineEndpoint({
  method: 'GET',
  path: '/runs/:runId/events/next',
  summary:
    'The events after `after`, as soon as there are any; none after 20 seconds without one. For links on which streams do not pass.',
  access: 'member',
  params: runParams,
  query: z.object({ after: runEventId.optional() }),
  reply: z.object({
    events: z.array(streamedEvent),
    /** Nothing more will come. */
    isOver: z.boolean(),
  }),
  errors: ['session.required', 'request.invalid', 'run.not-found'],
})

/** Where sockets are opened: `new WebSocket(url, [socketProtocol, ticketPrefix + ticket])`. */
export const socketPath = '/chat'
export const socketProtocol = 'studioops.v1'
export const ticketPrefix = 'ticket.'

export const createSocketTicket = defineEndpoint({
  method: 'POST',
  path: '/streams/tickets',
  summary:
    'Makes a ticket that opens one WebSocket, once, within 30 seconds, for this sign-in; sent as a subprotocol, so that it stands in no address.',
  access: 'viewer',
  status: 201,
  reply: z.object({ ticket: z.string(), expiresAt: z.iso.datetime() }),
  repliesSecret: true,
  errors: ['session.required'],
})

/** Tells the answer to a message from others, where the sender wants that. */
const ask = z.string().max(100).optional()

/** What a client says on a socket (STR-1). */
export const socketRequest = z.discriminatedUnion('type', [
  /** Tell the events after `after`, then those that come; asking again begins anew there. */
  z.strictObject({
    type: z.literal('subscribe'),
    runId: z.uuid(),
    after: runEventId.optional(),
    ask,
  }),
  z.strictObject({ type: z.literal('unsubscribe'), runId: z.uuid(), ask }),
  z.strictObject({ type: z.literal('stop'), runId: z.uuid(), ask }),
  z.strictObject({ type: z.literal('answer'), runId: z.uuid(), ...answerBody.shape, ask }),
])
export type SocketRequest = z.output<typeof socketRequest>

/** What the server says on a socket. */
export const socketReply = z.discriminatedUnion('type', [
  z.object({ type: z.literal('events'), runId: z.uuid(), events: z.array(streamedEvent) }),
  /** The run has said its last word; nothing more comes for this subscription. */
  z.object({ type: z.literal('over'), runId: z.uuid() }),
  z.object({ type: z.literal('run'), run, ask }),
  z.object({ type: z.literal('refused'), runId: z.uuid().optional(), problem, ask }),
  /** Every 15 seconds, and at once after the opening. */
  z.object({ type: z.literal('heartbeat') }),
])
export type SocketReply = z.output<typeof socketReply>
