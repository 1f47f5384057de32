import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { operation } from './operations.ts'
import { problem } from './problem.ts'

/** Trello's ids: 24 hex digits. */
const trelloId = z.string().regex(/^[0-9a-fA-F]{24}$/)

export const boardSummary = z.object({
  id: z.string(),
  name: z.string(),
  desc: z.string(),
  url: z.string(),
})
export type BoardSummary = z.output<typeof boardSummary>

export const boardLabel = z.object({
  id: z.string(),
  name: z.string(),
  /** Trello's name of a colour, such as `green` or `sky_dark`. */
  color: z.string().optional(),
})

export const boardMember = z.object({ id: z.string(), name: z.string() })

export const boardChecklist = z.object({
  id: z.string(),
  name: z.string(),
  items: z.array(z.object({ id: z.string(), name: z.string(), isDone: z.boolean() })),
})

export const boardCard = z.object({
  id: z.string(),
  listId: z.string(),
  name: z.string(),
  /** Markdown, without the line by which we find our own cards again. */
  desc: z.string(),
  pos: z.number(),
  due: z.iso.datetime().optional(),
  isDueDone: z.boolean(),
  memberIds: z.array(z.string()),
  labelIds: z.array(z.string()),
  checklists: z.array(boardChecklist),
  commentCount: z.int(),
  attachmentCount: z.int(),
  url: z.string(),
})
export type BoardCard = z.output<typeof boardCard>

export const board = boardSummary.extend({
  /** In their order. */
  lists: z.array(z.object({ id: z.string(), name: z.string() })),
  /** In the order of their places; archived ones are not there. */
  cards: z.array(boardCard),
  labels: z.array(boardLabel),
  members: z.array(boardMember),
})
export type Board = z.output<typeof board>

export const boardComment = z.object({
  id: z.string(),
  author: z.string(),
  text: z.string(),
  at: z.iso.datetime(),
})
export type BoardComment = z.output<typeof boardComment>

const cardName = z.string().trim().min(1).max(limits.cardNameLengthMax)
const cardText = z.string().max(limits.cardTextLengthMax)

/** What a person wants of a board. */
export const boardChange = z.discriminatedUnion('type', [
  z.object({ type: z.literal('add-card'), listId: trelloId, name: cardName, desc: cardText }),
  z.object({
    type: z.literal('edit-card'),
    cardId: trelloId,
    name: cardName,
    desc: cardText,
    /** Absent: none. */
    due: z.iso.datetime().optional(),
    isDueDone: z.boolean(),
  }),
  z.object({
    type: z.literal('move-card'),
    cardId: trelloId,
    listId: trelloId,
    /** Among the cards of the list, where Trello sorts by it. */
    pos: z.number().positive().max(1e12),
  }),
  z.object({ type: z.literal('archive-card'), cardId: trelloId }),
  z.object({
    type: z.literal('comment'),
    cardId: trelloId,
    text: z.string().trim().min(1).max(limits.cardTextLengthMax),
  }),
  z.object({
    type: z.literal('tick-item'),
    cardId: trelloId,
    itemId: trelloId,
    isDone: z.boolean(),
  }),
  z.object({ type: z.literal('add-checklist'), cardId: trelloId, name: cardName }),
  z.object({
    type: z.literal('add-item'),
    cardId: trelloId,
    checklistId: trelloId,
    name: cardName,
  }),
])
export type BoardChange = z.output<typeof boardChange>

/** Exactly what would be sent, and the hash that an approval names (D-25). */
export const boardDraft = z.object({
  id: z.uuid(),
  kind: z.string(),
  title: z.string(),
  payload: z.record(z.string(), z.unknown()),
  payloadHash: z.string(),
})
export type BoardDraft = z.output<typeof boardDraft>

const freshness = {
  /** When Trello said this. */
  asOf: z.iso.datetime(),
  /** Why it is not of this moment. */
  problem: problem.optional(),
}

export const boardView = z.object({
  board,
  ...freshness,
  /** Own changes that the board does not show yet, in their order. */
  pending: z.array(z.object({ change: boardChange, operation })),
})
export type BoardView = z.output<typeof boardView>

const params = z.object({ boardId: trelloId })
const reading = ['session.required', 'feature.closed', 'trello.unavailable'] as const
const one = [...reading, 'trello.not-found', 'trello.forbidden'] as const

export const listBoards = defineEndpoint({
  method: 'GET',
  path: '/boards',
  summary: 'Boards of the person in Trello, or the last known ones while Trello is away.',
  access: 'member',
  reply: z.object({ boards: z.array(boardSummary), ...freshness }),
  errors: reading,
})

export const readBoard = defineEndpoint({
  method: 'GET',
  path: '/boards/:boardId',
  summary: 'A board as Trello last told it, with own changes that are still under way.',
  access: 'member',
  params,
  reply: boardView,
  errors: one,
})

export const refreshBoard = defineEndpoint({
  method: 'POST',
  path: '/boards/:boardId/refresh',
  summary: 'Asks Trello for the board now.',
  access: 'member',
  params,
  reply: boardView,
  errors: one,
})

export const readComments = defineEndpoint({
  method: 'GET',
  path: '/boards/:boardId/cards/:cardId/comments',
  summary: 'Comments of a card, newest first.',
  access: 'member',
  params: params.extend({ cardId: trelloId }),
  reply: z.object({ comments: z.array(boardComment), ...freshness }),
  errors: one,
})

const wish = z.object({
  /** Made by the caller; the same one is approved. */
  id: z.uuid(),
  change: boardChange,
})

export const previewBoardChange = defineEndpoint({
  method: 'POST',
  path: '/boards/:boardId/preview',
  summary: 'Shows exactly what a change would send to Trello. Sends and keeps nothing.',
  access: 'member',
  params,
  body: wish,
  reply: z.object({ draft: boardDraft }),
  errors: [
    'session.required',
    'feature.closed',
    'request.invalid',
    'board.not-known',
    'board.gone',
  ],
})

export const approveBoardChange = defineEndpoint({
  method: 'POST',
  path: '/boards/:boardId/changes',
  summary: 'Puts a change that was shown into the outbox; it is carried out once.',
  access: 'member',
  params,
  body: wish.extend({ payloadHash: z.string().min(1).max(100) }),
  reply: z.object({ operation }),
  errors: [
    'session.required',
    'feature.closed',
    'request.invalid',
    'board.not-known',
    'board.gone',
    'operation.payload-changed',
  ],
})
