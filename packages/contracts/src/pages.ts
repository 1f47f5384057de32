import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { operation } from './operations.ts'

/** Pages of the person's Confluence: found, and written from a story. */

const pageId = z.string().regex(/^\d{1,40}$/)
const spaceKey = z.string().trim().min(1).max(255)

export const foundPage = z.object({
  pageId,
  title: z.string(),
  spaceKey: z.string(),
  spaceName: z.string(),
  excerpt: z.string(),
  url: z.string(),
})
export type FoundPage = z.output<typeof foundPage>

const storyParams = z.object({ storyId: z.uuid() })
const away = [
  'connection.not-set',
  'connection.refused',
  'connection.timeout',
  'connection.bad-token',
  'connection.forbidden',
] as const

export const searchPages = defineEndpoint({
  method: 'GET',
  path: '/confluence/pages',
  summary: 'Pages of the own Confluence that hold these words; new ones appear after a delay.',
  access: 'member',
  query: z.object({ query: z.string().trim().min(1).max(200) }),
  reply: z.object({ pages: z.array(foundPage) }),
  errors: ['session.required', 'request.invalid', ...away],
})

export const listSpaces = defineEndpoint({
  method: 'GET',
  path: '/confluence/spaces',
  summary: 'Spaces that the own Confluence shows, at most 100.',
  access: 'member',
  reply: z.object({ spaces: z.array(z.object({ key: z.string(), name: z.string() })) }),
  errors: ['session.required', ...away],
})

export const listHeadings = defineEndpoint({
  method: 'GET',
  path: '/confluence/pages/:pageId/headings',
  summary: 'The headings of a page, in its order: where a story can be put.',
  access: 'member',
  params: z.object({ pageId }),
  reply: z.object({
    headings: z.array(z.object({ text: z.string(), level: z.int() })),
    version: z.int(),
  }),
  errors: ['session.required', 'request.invalid', 'confluence.not-found', ...away],
})

export const publicationTarget = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('new-page'),
    spaceKey,
    title: z.string().trim().min(1).max(limits.pageTitleCharacters),
  }),
  z.object({
    kind: z.literal('section'),
    pageId,
    heading: z.string().min(1).max(500),
    how: z.enum(['append', 'replace']),
  }),
])
export type PublicationTarget = z.output<typeof publicationTarget>

/** Exactly what Confluence will get (D-25). */
export const publicationPreview = z.object({
  payloadHash: z.string(),
  title: z.string(),
  spaceKey: z.string(),
  /** Where the page is, if it is there already. */
  url: z.string().optional(),
  /** The version that is changed; another one is refused. */
  basedOn: z.int().optional(),
  /** The new text as Markdown: what the page renders. */
  content: z.string(),
  /** Storage format that leaves the page; empty where nothing does. */
  removed: z.string(),
  /** Storage format that comes. */
  added: z.string(),
  address: z.string(),
})
export type PublicationPreview = z.output<typeof publicationPreview>

const publishErrors = [
  'session.required',
  'request.invalid',
  'story.not-found',
  'story.not-ready',
  'confluence.not-found',
  'confluence.title-taken',
  'confluence.heading-missing',
  ...away,
] as const

export const previewPublication = defineEndpoint({
  method: 'POST',
  path: '/stories/:storyId/publication/preview',
  summary: 'What publishing a story would write in Confluence. Nothing is written.',
  access: 'member',
  params: storyParams,
  body: z.object({ target: publicationTarget }),
  reply: z.object({ preview: publicationPreview }),
  errors: [...publishErrors],
})

export const publishStory = defineEndpoint({
  method: 'POST',
  path: '/stories/:storyId/publication',
  summary: 'Writes exactly what was shown into Confluence, once.',
  access: 'member',
  status: 202,
  params: storyParams,
  body: z.object({ target: publicationTarget, payloadHash: z.string().min(1).max(100) }),
  reply: z.object({ operation }),
  errors: [...publishErrors, 'story.payload-changed'],
})

export const listPublications = defineEndpoint({
  method: 'GET',
  path: '/stories/:storyId/publications',
  summary: 'The ways of a story into Confluence, newest first.',
  access: 'member',
  params: storyParams,
  reply: z.object({ operations: z.array(operation) }),
  errors: ['session.required', 'story.not-found'],
})
