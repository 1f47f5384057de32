import { z } from 'zod'
import type { JsonValue } from '../json-value.ts'

const json: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>

const storedVersion = z.object({
  number: z.int(),
  /** Key of a person. */
  by: z.string(),
  /** Milliseconds since 1970. */
  when: z.number(),
  message: z.string(),
  minorEdit: z.boolean(),
  title: z.string(),
  storage: z.string(),
})

const restriction = z.object({ users: z.array(z.string()), groups: z.array(z.string()) })

const storedPage = z.object({
  id: z.string(),
  spaceKey: z.string(),
  status: z.enum(['current', 'trashed']),
  parentId: z.string().optional(),
  /** Among the children of its parent. */
  position: z.number(),
  labels: z.array(z.string()),
  properties: z.array(z.object({ id: z.string(), key: z.string(), value: json, version: z.int() })),
  /** Names of people; empty: everybody who sees the space. */
  restrictions: z.object({ read: restriction, update: restriction }),
  /** The newest is the last. */
  versions: z.array(storedVersion).min(1),
  views: z.int(),
})

const storedComment = z.object({
  id: z.string(),
  pageId: z.string(),
  parentId: z.string().optional(),
  location: z.enum(['footer', 'inline']),
  by: z.string(),
  when: z.number(),
  storage: z.string(),
  selection: z.string().optional(),
  isResolved: z.boolean(),
})

const storedAttachment = z.object({
  id: z.string(),
  pageId: z.string(),
  title: z.string(),
  mediaType: z.string(),
  comment: z.string(),
  by: z.string(),
  when: z.number(),
  version: z.int(),
  base64: z.string(),
})

const counts = z.record(z.string(), z.int())

export const confluenceState = z.object({
  kind: z.literal('confluence'),
  version: z.literal(2),
  revoked: z.array(z.string()),
  withoutSpaces: z.array(z.string()),
  lastId: z.int(),
  pages: z.array(storedPage),
  comments: z.array(storedComment),
  attachments: z.array(storedAttachment),
  /** How often something was really done. */
  effects: z.object({
    creates: z.int(),
    createsByTitle: counts,
    updates: z.int(),
    updatesByPage: counts,
    comments: z.int(),
    /** Pages by the value of a property that is a marker of ours. */
    pagesByMarker: counts,
  }),
})

/** What the first edition kept: who was refused, and no pages. */
export const firstState = z.object({
  kind: z.literal('confluence'),
  version: z.literal(1),
  revoked: z.array(z.string()),
  withoutSpaces: z.array(z.string()),
})

export type ConfluenceState = z.infer<typeof confluenceState>
export type StoredPage = z.infer<typeof storedPage>
export type StoredVersion = z.infer<typeof storedVersion>
export type StoredComment = z.infer<typeof storedComment>
export type StoredAttachment = z.infer<typeof storedAttachment>

export function emptyState(): ConfluenceState {
  return {
    kind: 'confluence',
    version: 2,
    revoked: [],
    withoutSpaces: [],
    lastId: 98_000,
    pages: [],
    comments: [],
    attachments: [],
    effects: {
      creates: 0,
      createsByTitle: {},
      updates: 0,
      updatesByPage: {},
      comments: 0,
      pagesByMarker: {},
    },
  }
}

export function nextId(state: ConfluenceState): string {
  state.lastId += 1
  return String(state.lastId)
}

export function increment(record: Record<string, number>, member: string): void {
  record[member] = (record[member] ?? 0) + 1
}

export function newest({ versions }: StoredPage): StoredVersion {
  const last = versions.at(-1)
  if (last === undefined) throw new Error('A page has at least one version.')
  return last
}
