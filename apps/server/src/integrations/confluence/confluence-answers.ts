import { z } from 'zod'

/** What we read of Confluence's answers, and nothing more (`external-apis.md` 3). */

const text = z.string().catch('')
const optional = z.string().min(1).optional().catch(undefined)
/** Ids are numbers here and texts there. */
const id = z.union([z.string().min(1), z.number()]).transform(String)
const optionalId = id.optional().catch(undefined)

export const links = z
  .object({ webui: optional, next: optional, download: optional })
  .catch({ webui: undefined, next: undefined, download: undefined })

export const nothing = z.unknown()

export const userAnswer = z.object({
  type: text,
  username: optional,
  accountId: optional,
  email: optional,
  displayName: optional,
  publicName: optional,
})

const versionOne = z.object({
  number: z.number(),
  when: text,
  message: optional,
  minorEdit: z.boolean().catch(false),
  by: userAnswer.optional().catch(undefined),
})
const versionOrFirst = versionOne.catch({
  number: 1,
  when: '',
  message: undefined,
  minorEdit: false,
  by: undefined,
})

const statusOne = z.enum(['current', 'trashed', 'draft', 'archived', 'historical']).catch('current')

/** The text; empty where it was not asked for. */
const storage = z
  .object({ storage: z.object({ value: z.string() }) })
  .transform((body) => body.storage.value)
  .catch('')

/** Of Data Center and of v1: a page, a comment or an attachment, by what was expanded. */
export const contentAnswer = z.object({
  id,
  type: text,
  status: statusOne,
  title: text,
  space: z.object({ key: z.string(), name: text }).optional().catch(undefined),
  history: z
    .object({ createdBy: userAnswer.optional().catch(undefined), createdDate: text })
    .optional()
    .catch(undefined),
  version: versionOrFirst,
  ancestors: z.array(z.object({ id, title: text, type: text })).catch([]),
  body: storage,
  metadata: z.object({ mediaType: optional, comment: optional }).optional().catch(undefined),
  container: z.object({ id }).optional().catch(undefined),
  /** Of comments and attachments. */
  extensions: z
    .object({
      location: optional,
      mediaType: z.string().catch('application/octet-stream'),
      fileSize: z.number().catch(0),
      inlineProperties: z.object({ originalSelection: optional }).optional().catch(undefined),
      resolution: z.object({ status: optional }).optional().catch(undefined),
    })
    .catch({
      location: undefined,
      mediaType: 'application/octet-stream',
      fileSize: 0,
      inlineProperties: undefined,
      resolution: undefined,
    }),
  _links: links,
})
export type ContentAnswer = z.output<typeof contentAnswer>

/** A list of Data Center or v1. */
export function listOf<T>(item: z.ZodType<T>) {
  return z.object({ results: z.array(item), _links: links })
}

export const versionList = listOf(versionOne)

export const spaceOne = z.object({
  id,
  key: z.string().min(1),
  name: text,
  homepage: z.object({ id }).optional().catch(undefined),
  _links: links,
})

/** `GET /rest/api/search`, of both flavours. */
export const searchHitOne = z.object({
  title: text,
  excerpt: text,
  url: optional,
  lastModified: optional,
  content: z
    .object({
      id,
      type: text,
      title: text,
      space: z.object({ key: z.string(), name: text }).optional().catch(undefined),
      _links: links,
    })
    .optional()
    .catch(undefined),
  resultGlobalContainer: z
    .object({ title: text, displayUrl: text })
    .catch({ title: '', displayUrl: '' }),
  user: userAnswer.optional().catch(undefined),
})
export type SearchHitAnswer = z.output<typeof searchHitOne>

export const labelOne = z.object({ name: z.string() })

export const propertyAnswer = z.object({
  id: optionalId,
  key: text,
  value: z.unknown(),
  version: z.object({ number: z.number() }).optional().catch(undefined),
})
export type PropertyAnswer = z.output<typeof propertyAnswer>

const restricted = z
  .object({
    user: z
      .object({ results: z.array(userAnswer) })
      .optional()
      .catch(undefined),
    group: z
      .object({ results: z.array(z.object({ name: text })) })
      .optional()
      .catch(undefined),
  })
  .catch({ user: undefined, group: undefined })

const restrictionOne = z.object({ restrictions: restricted })
export const restrictionsAnswer = z.object({
  read: restrictionOne.optional().catch(undefined),
  update: restrictionOne.optional().catch(undefined),
})
export type RestrictionsAnswer = z.output<typeof restrictionsAnswer>

export const templateOne = z.object({
  templateId: id,
  name: text,
  description: text,
  body: storage,
})

/** Cloud v2. */
const v2Version = z.object({
  number: z.number(),
  createdAt: text,
  message: optional,
  minorEdit: z.boolean().catch(false),
  authorId: optional,
})
const v2VersionOrFirst = v2Version.catch({
  number: 1,
  createdAt: '',
  message: undefined,
  minorEdit: false,
  authorId: undefined,
})

export const v2Page = z.object({
  id,
  status: statusOne,
  title: text,
  spaceId: optionalId,
  parentId: optionalId,
  parentType: optional,
  authorId: optional,
  version: v2VersionOrFirst,
  body: storage,
  _links: links,
})
export type V2Page = z.output<typeof v2Page>

export const v2VersionList = listOf(v2Version)

export const v2Space = z.object({
  id,
  key: z.string().min(1),
  name: text,
  homepageId: optionalId,
  _links: links,
})

export const v2Ancestor = z.object({ id })

export const v2Comment = z.object({
  id,
  pageId: optionalId,
  parentCommentId: optionalId,
  version: v2VersionOrFirst,
  body: storage,
  resolutionStatus: optional,
  properties: z.object({ inlineOriginalSelection: optional }).optional().catch(undefined),
  _links: links,
})
export type V2Comment = z.output<typeof v2Comment>

export const v2Attachment = z.object({
  id,
  pageId: optionalId,
  title: text,
  mediaType: text,
  fileSize: z.number().catch(0),
  comment: optional,
  version: v2VersionOrFirst,
  downloadLink: optional,
  _links: links,
})
export type V2Attachment = z.output<typeof v2Attachment>

export const v2Permission = z.object({
  id,
  principal: z.object({ type: text, id: text }),
  operation: z.object({ key: text, targetType: text }),
})

export const viewsAnswer = z.object({ count: z.number() })
export const permissionAnswer = z.object({ hasPermission: z.boolean() })
