import { Readable } from 'node:stream'
import * as api from '@studioops/contracts/documents'
import type { Language } from '@studioops/contracts/installation'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../platform/errors/app-error.ts'
import { fileNameOf } from '../../platform/http/attachment.ts'
import type { Authenticator } from '../../platform/http/principal.ts'
import { admit, type Router } from '../../platform/http/route.ts'
import { languageOf } from '../../platform/http/server.ts'
import type { Content, DocumentService } from './documents.service.ts'
import type { Outcome, Uploads } from './documents.uploads.ts'

type Dependencies = {
  readonly router: Router
  readonly http: FastifyInstance
  readonly authenticator: Authenticator
  readonly documents: DocumentService
  readonly uploads: Uploads
}

export function registerDocumentRoutes({
  router,
  http,
  authenticator,
  documents,
  uploads,
}: Dependencies): void {
  type Viewer = { readonly userId: string; readonly projectId: string; readonly language: Language }

  async function present(outcome: Outcome, viewer: Viewer): Promise<api.UploadOutcome> {
    if (outcome.kind === 'open') return outcome
    return documents.showStored({ ...viewer, documentId: outcome.documentId })
  }

  router.serve(api.listDocuments, ({ params, query, principal, language }) =>
    documents.list({ userId: principal.userId, ...params, ...query, language }),
  )

  router.serve(api.getDocument, ({ params, principal, language }) =>
    documents.show({ userId: principal.userId, ...params, language }),
  )

  router.serve(api.getDocumentText, ({ params, query, principal, language }) =>
    documents.text({ userId: principal.userId, ...params, ...query, language }),
  )

  router.serve(api.searchDocuments, async ({ params, query, principal }) => ({
    passages: await documents.search({ userId: principal.userId, ...params, ...query }),
  }))

  router.serve(api.changeDocument, async ({ params, body, principal, language }) => ({
    document: await documents.change({ userId: principal.userId, ...params, ...body, language }),
  }))

  for (const [endpoint, deed] of [
    [api.deleteDocument, documents.moveToTrash],
    [api.restoreDocument, documents.restore],
    [api.readDocumentAgain, documents.readAgain],
    [api.stopReadingDocument, documents.stopReading],
  ] as const)
    router.serve(endpoint, async ({ params, principal, language }) => ({
      document: await deed({ userId: principal.userId, ...params, language }),
    }))

  router.serve(api.beginUpload, async ({ params, body, principal }) => ({
    upload: await uploads.begin({ userId: principal.userId, ...params, ...body }),
  }))

  router.serve(api.getUpload, async ({ params, principal, language }) => {
    const asked = { userId: principal.userId, ...params, language }
    return { outcome: await present(await uploads.show(asked), asked) }
  })

  router.serve(api.finishUpload, async ({ params, principal, language }) => {
    const asked = { userId: principal.userId, ...params, language }
    return { outcome: await present(await uploads.finish(asked), asked) }
  })

  router.serve(api.cancelUpload, async ({ params, principal }) => {
    await uploads.cancel({ userId: principal.userId, ...params })
    return {}
  })

  http.get('/api/projects/:projectId/documents/:documentId/content', async (request, reply) => {
    const principal = await admit({ method: 'GET', access: 'member' }, { request, authenticator })
    if (principal === undefined) throw new AppError('session.required')
    const place = documentPlace.safeParse(request.params)
    const query = contentQuery.safeParse(request.query)
    if (!place.success || !query.success) throw new AppError('document.not-found')
    const { version, inline } = query.data
    const asked = { userId: principal.userId, ...place.data }
    const content = await documents.content(version === undefined ? asked : { ...asked, version })
    return sendContent(reply, content, inline)
  })

  // Bytes go to the disk as they come; other routes do not take them.
  void http.register(async (scope) => {
    scope.addContentTypeParser(bytesType, (_request, payload, done) => done(null, payload))
    scope.patch('/api/projects/:projectId/uploads/:uploadId', async (request, reply) => {
      const asking = { request, authenticator }
      const principal = await admit({ method: 'PATCH', access: 'member' }, asking)
      if (principal === undefined) throw new AppError('session.required')
      const place = uploadPlace.safeParse(request.params)
      if (!place.success) throw new AppError('upload.not-found')
      const asked = { userId: principal.userId, ...place.data }
      const outcome = await uploads.receive({ ...asked, ...requireBytes(request) })
      return reply.send(await present(outcome, { ...asked, language: languageOf(request) }))
    })
  })
}

const bytesType = 'application/offset+octet-stream'
const documentPlace = z.object({ projectId: z.uuid(), documentId: z.uuid() })
const uploadPlace = z.object({ projectId: z.uuid(), uploadId: z.uuid() })
const contentQuery = z.object({
  version: z.coerce.number().int().min(1).max(1_000_000).optional(),
  inline: z.stringbool().default(false),
})
const offsetHeader = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)

/** @throws AppError `request.unsupported-type`, `request.unreadable` */
function requireBytes({ headers, body }: FastifyRequest) {
  if (!(body instanceof Readable)) throw new AppError('request.unsupported-type')
  const offset = offsetHeader.safeParse(headers['upload-offset'])
  if (!offset.success) throw new AppError('request.unreadable')
  return { offset: offset.data, bytes: body }
}

/** What a browser shows by itself without carrying out anything of it. */
const shown: readonly string[] = ['pdf', 'png', 'jpeg', 'gif', 'webp']

/** An attachment, or shown in a box without rights; never a page of ours (ASVS 3.2.1, 5.4.1). */
function sendContent(reply: FastifyReply, content: Content, inline: boolean): FastifyReply {
  const { name, format, sizeBytes, bytes } = content
  const isShown = inline && shown.includes(format)
  const type = isShown ? api.documentFormats[format].mediaType : 'application/octet-stream'
  return reply
    .headers({
      'content-type': type,
      'content-length': sizeBytes,
      'content-disposition': `${isShown ? 'inline' : 'attachment'}; ${fileNameOf(name)}`,
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'self'",
      // The page shows a PDF beside its text; the browser's own reader carries out nothing of it.
      ...(isShown ? { 'x-frame-options': 'SAMEORIGIN' } : {}),
      'cache-control': 'private, no-store',
    })
    .send(Readable.from(bytes))
}
