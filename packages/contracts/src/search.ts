import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'

export const searchKind = z.enum([
  'project',
  'document',
  'passage',
  'chat',
  'purchase',
  'story',
  'board',
])
export type SearchKind = z.output<typeof searchKind>

export const searchHit = z.object({
  kind: searchKind,
  /** Of the thing itself; of a passage, of its document. */
  id: z.string(),
  title: z.string(),
  /** Of a passage: how it begins. */
  text: z.string().optional(),
  /** The project in which it is; absent for what is personal. */
  projectId: z.uuid().optional(),
  projectName: z.string().optional(),
})
export type SearchHit = z.output<typeof searchHit>

export const searchEverything = defineEndpoint({
  method: 'GET',
  path: '/search',
  summary:
    'Whatever the person may see that is called like that, or says it: at most five of each kind.',
  access: 'member',
  query: z.object({ q: z.string().trim().min(1).max(limits.searchLengthMax) }),
  reply: z.object({ hits: z.array(searchHit) }),
  errors: ['session.required', 'request.invalid'],
})
