import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { operation } from './operations.ts'

/** A story, or each part of a split, as cards on a board of Trello. */

const params = z.object({ storyId: z.uuid() })
const id = z.string().regex(/^[0-9a-fA-F]{24}$/)
const place = z.object({ boardId: id, listId: id })

const refusals = [
  'session.required',
  'request.invalid',
  'story.not-found',
  'story.not-ready',
  'feature.closed',
  'board.not-known',
  'board.gone',
] as const

export const previewCards = defineEndpoint({
  method: 'POST',
  path: '/stories/:storyId/cards/preview',
  summary: 'The cards that a story would make. Nothing is written.',
  access: 'member',
  params,
  body: place,
  reply: z.object({
    payloadHash: z.string(),
    board: z.string(),
    list: z.string(),
    cards: z.array(z.object({ name: z.string(), desc: z.string() })),
  }),
  errors: refusals,
})

export const makeCards = defineEndpoint({
  method: 'POST',
  path: '/stories/:storyId/cards',
  summary: 'Puts exactly the cards that were shown into the outbox, once.',
  access: 'member',
  status: 202,
  params,
  body: place.extend({ payloadHash: z.string().min(1).max(100) }),
  reply: z.object({ operation }),
  errors: [...refusals, 'story.payload-changed'],
})

export const listCardWrites = defineEndpoint({
  method: 'GET',
  path: '/stories/:storyId/cards',
  summary: 'The ways of a story onto boards, newest first.',
  access: 'member',
  params,
  reply: z.object({ operations: z.array(operation) }),
  errors: ['session.required', 'story.not-found'],
})
