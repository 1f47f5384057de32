import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { problem } from './problem.ts'

/** What a story is written from besides its requirement: text of others, never an instruction. */

export const sourceKind = z.enum(['document', 'jira-issue', 'confluence-page', 'trello-card'])
export type SourceKind = z.output<typeof sourceKind>

export const storySource = z.object({
  kind: sourceKind,
  /** Id of the document or page, key of the issue, id of the card. */
  ref: z.string(),
  title: z.string(),
  /** Where it stands: project, space, board. */
  place: z.string(),
  url: z.string().optional(),
  /** When this copy was read. */
  asOf: z.iso.datetime(),
  /** By our own estimate, of what was read. */
  tokens: z.int(),
  /** How much of it the model is given at the moment: 0 to 1. */
  fits: z.number(),
  /** Only the beginning was read, or for a document what is nearest to the requirement. */
  isPart: z.boolean(),
  /** Why the copy is not of this moment (D-10). */
  stale: problem.optional(),
})
export type StorySource = z.output<typeof storySource>

const reply = z.object({
  sources: z.array(storySource),
  /** How much of everything a model is given, in tokens by our own estimate. */
  budget: z.object({ max: z.int(), requirement: z.int(), sources: z.int() }),
  /** Systems that the person has connected, and whose things can be added; documents take a project. */
  available: z.array(sourceKind),
})

const storyParams = z.object({ storyId: z.uuid() })

const ref = z.string().trim().min(1).max(100)

export const foundSource = storySource
  .pick({ kind: true, ref: true, title: true, place: true })
  .extend({
    /** Of a card: its board, which adding it takes. */
    boardId: z.string().optional(),
    /** What tells it from others: a state, words around those that were found. */
    detail: z.string().optional(),
  })
export type FoundSource = z.output<typeof foundSource>

export const findStorySources = defineEndpoint({
  method: 'GET',
  path: '/stories/:storyId/sources/found',
  summary: 'What the person may see of a system and could add, by the words typed so far.',
  access: 'member',
  params: storyParams,
  query: z.object({ kind: sourceKind, query: z.string().trim().max(200).default('') }),
  reply: z.object({ found: z.array(foundSource).max(limits.foundSourcesMax) }),
  errors: [
    'session.required',
    'request.invalid',
    'story.not-found',
    'connection.not-set',
    'connection.refused',
    'connection.timeout',
    'connection.bad-token',
    'connection.forbidden',
    'jira.unavailable',
    'trello.unavailable',
  ],
})

export const listStorySources = defineEndpoint({
  method: 'GET',
  path: '/stories/:storyId/sources',
  summary: 'What a story was given as context, as it was read, and how much of it fits.',
  access: 'member',
  params: storyParams,
  reply,
  errors: ['session.required', 'story.not-found'],
})

export const addStorySource = defineEndpoint({
  method: 'POST',
  path: '/stories/:storyId/sources',
  summary: 'Reads a document, issue, page or card and keeps it as context; again: reads it anew.',
  access: 'member',
  params: storyParams,
  body: z.discriminatedUnion('kind', [
    /** Of the project that the story belongs to. */
    z.object({ kind: z.literal('document'), ref: z.uuid() }),
    z.object({
      kind: z.literal('jira-issue'),
      ref: z
        .string()
        .trim()
        .toUpperCase()
        .regex(/^[A-Z][A-Z0-9_]+-\d{1,10}$/),
    }),
    z.object({ kind: z.literal('confluence-page'), ref: z.string().regex(/^\d{1,40}$/) }),
    z.object({ kind: z.literal('trello-card'), ref, boardId: ref }),
  ]),
  reply,
  errors: [
    'session.required',
    'request.invalid',
    'story.not-found',
    'story.source-not-found',
    'story.too-many-sources',
    'confluence.not-found',
    'connection.not-set',
    'connection.refused',
    'connection.timeout',
    'connection.bad-token',
    'connection.forbidden',
    'jira.unavailable',
    'trello.unavailable',
  ],
})

export const removeStorySource = defineEndpoint({
  method: 'DELETE',
  path: '/stories/:storyId/sources/:kind/:ref',
  summary: 'Takes it out of the context. Where it came from keeps it.',
  access: 'member',
  params: storyParams.extend({ kind: sourceKind, ref }),
  reply,
  errors: ['session.required', 'request.invalid', 'story.not-found'],
})
