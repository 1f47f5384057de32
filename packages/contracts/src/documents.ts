import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { problem } from './problem.ts'

/**
 * What the bytes of a document may be, by what they are and not by what they are called. Of pictures
 * no text is read.
 */
export const documentFormats = {
  pdf: { extensions: ['pdf'], mediaType: 'application/pdf' },
  docx: {
    extensions: ['docx'],
    mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  },
  xlsx: {
    extensions: ['xlsx'],
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  },
  pptx: {
    extensions: ['pptx'],
    mediaType: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  },
  csv: { extensions: ['csv', 'tsv'], mediaType: 'text/csv' },
  markdown: { extensions: ['md', 'markdown'], mediaType: 'text/markdown' },
  html: { extensions: ['html', 'htm'], mediaType: 'text/html' },
  text: { extensions: ['txt', 'log', 'text'], mediaType: 'text/plain' },
  email: { extensions: ['eml'], mediaType: 'message/rfc822' },
  png: { extensions: ['png'], mediaType: 'image/png' },
  jpeg: { extensions: ['jpg', 'jpeg'], mediaType: 'image/jpeg' },
  gif: { extensions: ['gif'], mediaType: 'image/gif' },
  webp: { extensions: ['webp'], mediaType: 'image/webp' },
} as const satisfies Record<string, { extensions: readonly string[]; mediaType: string }>

export type DocumentFormat = keyof typeof documentFormats
export const documentFormat = z.enum(
  Object.keys(documentFormats) as [DocumentFormat, ...DocumentFormat[]],
)

/** `no-text`: a scan or a picture; it is kept and shown, but cannot be found by its words. */
export const documentState = z.enum([
  'queued',
  'processing',
  'ready',
  'no-text',
  'failed',
  'cancelled',
])
export type DocumentState = z.output<typeof documentState>

const unseen = /[\p{Cc}\u202A-\u202E\u2066-\u2069]|[/\\]/u

/**
 * Kept as it came, composed or not. Neither a path nor characters that turn the rest of a name round:
 * `invoice‮fdp.exe` reads as a PDF.
 */
export const documentName = z
  .string()
  .min(1)
  .refine((name) => name.trim() !== '' && !unseen.test(name) && name.isWellFormed(), {
    message: 'a name without slashes and hidden characters',
  })
  .refine((name) => utf8Length(name) <= limits.documentNameBytesMax, {
    message: 'a shorter name',
  })

function utf8Length(text: string): number {
  let length = 0
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}

const tag = z.string().trim().min(1).max(limits.documentTagLengthMax)
const tags = z
  .array(tag)
  .max(limits.documentTagsMax)
  .transform((all) => [...new Set(all)])

export const document = z.object({
  id: z.uuid(),
  name: z.string(),
  format: documentFormat,
  sizeBytes: z.int(),
  version: z.int(),
  tags: z.array(z.string()),
  state: documentState,
  /** Why its text is not there. */
  problem: problem.optional(),
  progress: z.object({ done: z.int(), total: z.int() }).optional(),
  /** `he`, `en` and the like; absent where there are too few words to tell. */
  language: z.string().optional(),
  pages: z.int().optional(),
  /** Who brought the present version. */
  createdBy: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  deletedAt: z.iso.datetime().optional(),
})
export type Document = z.output<typeof document>

export const documentVersion = z.object({
  version: z.int(),
  name: z.string(),
  format: documentFormat,
  sizeBytes: z.int(),
  createdBy: z.string().optional(),
  createdAt: z.iso.datetime(),
})
export type DocumentVersion = z.output<typeof documentVersion>

export const upload = z.object({
  id: z.uuid(),
  name: z.string(),
  sizeBytes: z.int(),
  /** How many bytes have arrived; the next ones are sent from here. */
  offset: z.int(),
})
export type Upload = z.output<typeof upload>

/** What came of bytes that were sent: more are waited for, or there is a document. */
export const uploadOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), upload }),
  z.object({
    kind: z.literal('stored'),
    document,
    /** Other documents of the project with the same bytes; nothing was stored or read again. */
    sameAs: z.array(z.object({ id: z.uuid(), name: z.string() })),
  }),
])
export type UploadOutcome = z.output<typeof uploadOutcome>

export const passage = z.object({
  projectId: z.uuid(),
  documentId: z.uuid(),
  name: z.string(),
  text: z.string(),
  headings: z.array(z.string()),
  page: z.int().optional(),
  /** Place in the document, from 0. */
  ordinal: z.int(),
  /** Higher is nearer; comparable within one answer only. */
  score: z.number(),
})
export type Passage = z.output<typeof passage>

const projectParams = z.object({ projectId: z.uuid() })
const documentParams = z.object({ projectId: z.uuid(), documentId: z.uuid() })
const uploadParams = z.object({ projectId: z.uuid(), uploadId: z.uuid() })
const ofProject = ['session.required', 'project.not-found'] as const
const ofDocument = [...ofProject, 'document.not-found'] as const
const changing = ['project.not-allowed', 'project.archived'] as const
const reply = z.object({ document })

export const listDocuments = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/documents',
  summary: 'Documents of a project, the last changed first; with `trash`, those in the trash.',
  access: 'member',
  params: projectParams,
  query: z.object({
    name: z.string().trim().max(200).optional(),
    state: documentState.optional(),
    format: documentFormat.optional(),
    tag: tag.optional(),
    trash: z.stringbool().default(false),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  }),
  reply: z.object({
    documents: z.array(document),
    /** Of all that match. */
    total: z.int(),
    /** Of the project, to choose from. */
    tags: z.array(z.string()),
    /** Whether the person may add and change. */
    mayChange: z.boolean(),
  }),
  errors: ofProject,
})

export const getDocument = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/documents/:documentId',
  summary: 'One document with its versions, newest first.',
  access: 'member',
  params: documentParams,
  reply: z.object({ document, versions: z.array(documentVersion), mayChange: z.boolean() }),
  errors: ofDocument,
})

export const getDocumentText = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/documents/:documentId/text',
  summary: 'The text that was read of a document, in its order.',
  access: 'member',
  params: documentParams,
  query: z.object({
    from: z.coerce.number().int().min(0).max(10_000_000).default(0),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  reply: z.object({
    chunks: z.array(passage.pick({ text: true, headings: true, page: true, ordinal: true })),
    total: z.int(),
  }),
  errors: ofDocument,
})

export const changeDocument = defineEndpoint({
  method: 'PATCH',
  path: '/projects/:projectId/documents/:documentId',
  summary: 'Changes the name or the tags.',
  access: 'member',
  params: documentParams,
  body: z.strictObject({ name: documentName.optional(), tags: tags.optional() }),
  reply,
  errors: [...ofDocument, ...changing, 'request.invalid'],
})

export const deleteDocument = defineEndpoint({
  method: 'DELETE',
  path: '/projects/:projectId/documents/:documentId',
  summary: 'Puts a document into the trash, from which it can be restored for 30 days.',
  access: 'member',
  params: documentParams,
  reply,
  errors: [...ofDocument, ...changing],
})

export const restoreDocument = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/documents/:documentId/restore',
  summary: 'Takes a document out of the trash.',
  access: 'member',
  params: documentParams,
  reply,
  errors: [...ofDocument, ...changing],
})

export const readDocumentAgain = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/documents/:documentId/read',
  summary: 'Reads the text of a document again: one that failed or was cancelled.',
  access: 'member',
  params: documentParams,
  reply,
  errors: [...ofDocument, ...changing, 'document.not-open'],
})

export const stopReadingDocument = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/documents/:documentId/stop',
  summary: 'Stops the reading of a document, or takes it out of the queue.',
  access: 'member',
  params: documentParams,
  reply,
  errors: [...ofDocument, ...changing, 'document.not-open'],
})

export const searchDocuments = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/passages',
  summary: 'Passages of the documents of a project that answer a question, the nearest first.',
  access: 'member',
  params: projectParams,
  query: z.object({
    question: z.string().trim().min(1).max(1_000),
    limit: z.coerce.number().int().min(1).max(50).default(10),
  }),
  reply: z.object({ passages: z.array(passage) }),
  errors: [...ofProject, 'request.invalid'],
})

const refusedContent = [
  'document.too-large',
  'document.empty',
  'document.type-not-allowed',
  'document.type-mismatch',
  'document.protected',
  'document.damaged',
  'document.unpacks-too-large',
  'storage.unavailable',
  'storage.full',
] as const

export const beginUpload = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/uploads',
  summary:
    'Announces a file. Its bytes follow by PATCH on the upload as `application/offset+octet-stream`, in any number of pieces, each with its place in `Upload-Offset`.',
  access: 'member',
  status: 201,
  params: projectParams,
  body: z.strictObject({
    name: documentName,
    /** What is too large for us is refused by its own code. */
    sizeBytes: z.int().min(0).max(limits.fileBytesMax),
    /** The document of which this is the next version. */
    documentId: z.uuid().optional(),
  }),
  reply: z.object({ upload }),
  errors: [
    ...ofDocument,
    ...changing,
    'request.invalid',
    'document.too-large',
    'document.empty',
    'document.type-not-allowed',
    'storage.full',
    'upload.too-many',
  ],
})

export const getUpload = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/uploads/:uploadId',
  summary: 'How far an upload has come, or the document that it became.',
  access: 'member',
  params: uploadParams,
  reply: z.object({ outcome: uploadOutcome }),
  errors: [...ofProject, 'upload.not-found'],
})

export const finishUpload = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/uploads/:uploadId/finish',
  summary: 'Stores what has arrived whole. Asked again, it answers with the same document.',
  access: 'member',
  params: uploadParams,
  reply: z.object({ outcome: uploadOutcome }),
  errors: [...ofProject, ...changing, 'upload.not-found', 'upload.not-whole', ...refusedContent],
})

export const cancelUpload = defineEndpoint({
  method: 'DELETE',
  path: '/projects/:projectId/uploads/:uploadId',
  summary: 'Gives up an upload and what has arrived of it.',
  access: 'member',
  params: uploadParams,
  reply: z.object({}),
  errors: [...ofProject, 'upload.not-found'],
})

/** The path below `/api` of the bytes of a document, as an attachment or, with `inline`, to be shown. */
export function contentPath(
  { projectId, documentId }: { readonly projectId: string; readonly documentId: string },
  query: { readonly version?: number; readonly inline?: boolean } = {},
): string {
  const search = [
    ...(query.version === undefined ? [] : [`version=${query.version}`]),
    ...(query.inline === true ? ['inline=true'] : []),
  ]
  const path = `/projects/${projectId}/documents/${documentId}/content`
  return search.length === 0 ? path : `${path}?${search.join('&')}`
}
