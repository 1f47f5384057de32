import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { operation } from './operations.ts'
import { problem } from './problem.ts'
import { resetReason, run } from './runs.ts'

/** What an answer may cite by its number: `[1]`. All of it is text of somebody, never an instruction. */
export const chatSource = z.object({
  number: z.int().min(1),
  kind: z.enum(['document', 'page', 'card', 'board', 'issue', 'purchase', 'tool']),
  title: z.string(),
  /** Where in it, such as a page of a document or a column of a board. */
  place: z.string().optional(),
  /** The words that the answer may stand on. */
  passage: z.string(),
  /** Where it stands outside of the product. */
  url: z.string().optional(),
  /** Of `document`: the project it lies in. */
  projectId: z.uuid().optional(),
  documentId: z.uuid().optional(),
})
export type ChatSource = z.output<typeof chatSource>

const contextPart = z.object({
  kind: z.enum(['instructions', 'question', 'history', 'passages', 'purchases', 'items', 'tools']),
  /** By our own estimate; no provider counts alike. */
  tokens: z.int(),
  /** How many pieces went in, and how many had no room. */
  included: z.int(),
  leftOut: z.int(),
})

/** What went into the question to the model, and what had no room (AI-3). */
export const chatContext = z.object({
  tokensMax: z.int(),
  parts: z.array(contextPart),
})
export type ChatContext = z.output<typeof chatContext>

export const chatCallState = z.enum([
  'running',
  'done',
  'failed',
  'blocked',
  'waiting',
  'approved',
  'rejected',
])

/** A tool that an answer called, or a write that it proposes and a person decides (D-25, SEC-14). */
export const chatCall = z.object({
  id: z.uuid(),
  server: z.string(),
  serverName: z.string(),
  tool: z.string(),
  title: z.string(),
  effect: z.enum(['read', 'write']),
  /** Exactly what was sent, or would be. */
  arguments: z.record(z.string(), z.unknown()),
  state: chatCallState,
  /** What came of it: text of somebody else. */
  result: z.string().optional(),
  problem: problem.optional(),
  /** Why a person said no. */
  reason: z.string().optional(),
  ms: z.int().optional(),
  /** Of a write: what an approval approves. */
  payloadHash: z.string().optional(),
  /** Of a write: it was proposed by a model that had read text of others. */
  isTainted: z.boolean(),
  /** Of an approved write. */
  operation: operation.optional(),
})
export type ChatCall = z.output<typeof chatCall>

export const chatMessage = z.object({
  id: z.uuid(),
  parentId: z.uuid().optional(),
  role: z.enum(['user', 'assistant']),
  /** Markdown. */
  text: z.string(),
  state: z.enum(['writing', 'complete', 'offline', 'stopped', 'partial', 'failed']),
  /** True where no model wrote this (D-9). */
  fallback: z.boolean(),
  model: z.string().optional(),
  sources: z.array(chatSource),
  context: chatContext.optional(),
  calls: z.array(chatCall),
  /** Beginnings that broke off, each with why. */
  discarded: z.array(
    z.object({
      text: z.string(),
      reason: z.union([resetReason, z.literal('replaced')]),
      model: z.string().optional(),
    }),
  ),
  usage: z.object({ inputTokens: z.int(), outputTokens: z.int() }).optional(),
  /** Why no model answered. */
  problem: problem.optional(),
  /** Of what is being written, or waits with a question. */
  run: run.optional(),
  createdAt: z.iso.datetime(),
})
export type ChatMessage = z.output<typeof chatMessage>

const summary = z.object({
  id: z.uuid(),
  /** Empty until the first question. */
  title: z.string(),
  projectId: z.uuid().optional(),
  isPinned: z.boolean(),
  isArchived: z.boolean(),
  /** Readable by the members of its project. */
  isShared: z.boolean(),
  /** Whether the reader may write in it: it is theirs. */
  isOwn: z.boolean(),
  /** Of a chat of somebody else. */
  ownerName: z.string().optional(),
  updatedAt: z.iso.datetime(),
})
export type ChatSummary = z.output<typeof summary>

export const chat = summary.extend({
  usesTools: z.boolean(),
  draft: z.string(),
  /** The whole tree; siblings in the order in which they were made. */
  messages: z.array(chatMessage),
  /** The last message of the chosen path. */
  headId: z.uuid().optional(),
})
export type Chat = z.output<typeof chat>

const chatParams = z.object({ chatId: z.uuid() })
const messageParams = chatParams.extend({ messageId: z.uuid() })
const callParams = chatParams.extend({ callId: z.uuid() })
const title = z
  .string()
  .trim()
  .min(1)
  .max(4 * limits.chatTitleGraphemes)
const text = z
  .string()
  .max(4 * limits.chatMessageGraphemes)
  .refine((value) => value.trim() !== '')

export const listChats = defineEndpoint({
  method: 'GET',
  path: '/chats',
  summary: 'Chats of the person, or of a project with what others share there; newest first.',
  access: 'member',
  query: z.object({
    projectId: z.uuid().optional(),
    archived: z.stringbool().default(false),
    /** Every word has to be in the title or in a message. */
    search: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(100),
  }),
  reply: z.object({ chats: z.array(summary) }),
  errors: ['session.required', 'request.invalid'],
})

export const createChat = defineEndpoint({
  method: 'POST',
  path: '/chats',
  summary: 'Begins a chat: personal, or of a project and private until it is shared (D-6).',
  access: 'member',
  status: 201,
  body: z.object({ projectId: z.uuid().optional() }),
  reply: z.object({ chat }),
  errors: ['session.required', 'request.invalid', 'idempotency.mismatch'],
})

export const getChat = defineEndpoint({
  method: 'GET',
  path: '/chats/:chatId',
  summary: 'A chat with all its branches.',
  access: 'member',
  params: chatParams,
  reply: z.object({ chat }),
  errors: ['session.required', 'chat.not-found'],
})

export const updateChat = defineEndpoint({
  method: 'PATCH',
  path: '/chats/:chatId',
  summary: 'Renames, pins, archives or shares a chat, keeps a draft, or chooses another branch.',
  access: 'member',
  params: chatParams,
  body: z.object({
    title: title.optional(),
    isPinned: z.boolean().optional(),
    isArchived: z.boolean().optional(),
    isShared: z.boolean().optional(),
    usesTools: z.boolean().optional(),
    draft: z
      .string()
      .max(4 * limits.chatMessageGraphemes)
      .optional(),
    /** The last message of the branch to show. */
    headId: z.uuid().optional(),
  }),
  reply: z.object({ chat }),
  errors: [
    'session.required',
    'request.invalid',
    'chat.not-found',
    'chat.not-owner',
    'chat.no-project',
    'chat.no-such-message',
  ],
})

export const deleteChat = defineEndpoint({
  method: 'DELETE',
  path: '/chats/:chatId',
  summary: 'Deletes a chat; for 30 days it can be taken back.',
  access: 'member',
  params: chatParams,
  reply: z.object({}),
  errors: ['session.required', 'chat.not-found', 'chat.not-owner'],
})

export const restoreChat = defineEndpoint({
  method: 'POST',
  path: '/chats/:chatId/restore',
  summary: 'Takes a deletion back.',
  access: 'member',
  params: chatParams,
  reply: z.object({ chat }),
  errors: ['session.required', 'chat.not-found'],
})

export const askChat = defineEndpoint({
  method: 'POST',
  path: '/chats/:chatId/messages',
  summary: 'Asks; the answer is written by the server whatever becomes of the page.',
  access: 'member',
  status: 202,
  params: chatParams,
  body: z.object({
    text,
    /** The answer it goes on from; absent at the beginning. The parent of an edited question makes a branch. */
    parentId: z.uuid().optional(),
  }),
  reply: z.object({ chat, run }),
  errors: [
    'session.required',
    'request.invalid',
    'chat.not-found',
    'chat.not-owner',
    'chat.no-such-message',
    'chat.busy',
    'idempotency.mismatch',
  ],
})

export const regenerateMessage = defineEndpoint({
  method: 'POST',
  path: '/chats/:chatId/messages/:messageId/regenerate',
  summary: 'Answers a question once more; the answer before stays as another branch.',
  access: 'member',
  status: 202,
  params: messageParams,
  body: z.object({}),
  reply: z.object({ chat, run }),
  errors: [
    'session.required',
    'chat.not-found',
    'chat.not-owner',
    'chat.no-such-message',
    'chat.busy',
    'idempotency.mismatch',
  ],
})

export const exportChat = defineEndpoint({
  method: 'GET',
  path: '/chats/:chatId/export',
  summary: 'The chosen path as Markdown, or the whole tree as JSON.',
  access: 'member',
  params: chatParams,
  query: z.object({ format: z.enum(['markdown', 'json']) }),
  reply: z.object({ fileName: z.string(), mediaType: z.string(), text: z.string() }),
  errors: ['session.required', 'request.invalid', 'chat.not-found'],
})

export const approveCall = defineEndpoint({
  method: 'POST',
  path: '/chats/:chatId/calls/:callId/approve',
  summary: 'Approves a write exactly as it was shown; it goes through the outbox, once (D-25).',
  access: 'member',
  params: callParams,
  body: z.object({ payloadHash: z.string().max(100) }),
  reply: z.object({ chat }),
  errors: [
    'session.required',
    'request.invalid',
    'chat.not-found',
    'chat.not-owner',
    'chat.call-not-waiting',
    'chat.payload-changed',
    'tools.not-accepted',
    'tools.no-such-server',
    'idempotency.mismatch',
  ],
})

export const editCall = defineEndpoint({
  method: 'PATCH',
  path: '/chats/:chatId/calls/:callId',
  summary: 'Corrects a write that waits; what it is now needs an approval of its own.',
  access: 'member',
  params: callParams,
  body: z.object({ arguments: z.record(z.string().max(200), z.unknown()) }),
  reply: z.object({ chat }),
  errors: [
    'session.required',
    'request.invalid',
    'chat.not-found',
    'chat.not-owner',
    'chat.call-not-waiting',
  ],
})

export const rejectCall = defineEndpoint({
  method: 'POST',
  path: '/chats/:chatId/calls/:callId/reject',
  summary: 'Refuses a write; the model reads the reason with the next question.',
  access: 'member',
  params: callParams,
  body: z.object({ reason: z.string().trim().max(1_000).default('') }),
  reply: z.object({ chat }),
  errors: [
    'session.required',
    'request.invalid',
    'chat.not-found',
    'chat.not-owner',
    'chat.call-not-waiting',
  ],
})
