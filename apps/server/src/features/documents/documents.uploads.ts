import { randomUUID } from 'node:crypto'
import { documentFormats, type Upload } from '@studioops/contracts/documents'
import { limits } from '@studioops/contracts/limits'
import { recognizeFormat } from '../../integrations/extraction/recognize-format.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Jobs } from '../../platform/jobs/job-worker.ts'
import type { Activity, ProjectAccess } from '../projects/index.ts'
import { readJob } from './documents.jobs.ts'
import { keyOf, type Shelf } from './documents.shelf.ts'
import type { Staging } from './documents.staging.ts'
import * as store from './documents.uploads.store.ts'

type Dependencies = {
  readonly database: Database
  readonly projects: Pick<ProjectAccess, 'require'>
  readonly jobs: Jobs
  readonly staging: Staging
  readonly shelf: Shelf
  /** Notes in the project who did what, in the same transaction. */
  readonly addActivity: (db: Db, activity: Activity) => Promise<void>
}

type Asked = { readonly userId: string; readonly projectId: string; readonly uploadId: string }

/** What an upload has come to: some of its bytes are missing, or it is a document. */
export type Outcome =
  | { readonly kind: 'open'; readonly upload: Upload }
  | { readonly kind: 'stored'; readonly documentId: string }

/** So often a sweeper may come between the claim of a file and its end. */
const claimsMax = 5

/**
 * Uploads: announced, sent in pieces, and finished by one transaction in which the file, its document
 * and the job that reads it are there or are not.
 */
export function createUploads(dependencies: Dependencies) {
  const { database, projects, jobs, staging, shelf, addActivity } = dependencies
  const receiving = new Set<string>()
  const finishing = new Map<string, Promise<Outcome>>()

  /** @throws AppError `upload.not-found` */
  async function requireUpload({ userId, projectId, uploadId }: Asked) {
    return database.asUser(userId, async (db) => {
      await projects.require(db, projectId, 'editor')
      const upload = await store.findUpload(db, projectId, uploadId)
      if (upload === undefined) throw new AppError('upload.not-found')
      return upload
    })
  }

  async function openOutcome(upload: store.UploadRow): Promise<Outcome> {
    const { id, name, size_bytes: sizeBytes } = upload
    return { kind: 'open', upload: { id, name, sizeBytes, offset: await staging.lengthOf(id) } }
  }

  async function outcomeOf(asked: Asked): Promise<Outcome> {
    const documentId = await findOutcome(asked)
    if (documentId !== undefined) return { kind: 'stored', documentId }
    return openOutcome(await requireUpload(asked))
  }

  async function findOutcome({ userId, projectId, uploadId }: Asked) {
    return database.asUser(userId, async (db) => {
      await projects.require(db, projectId, 'viewer')
      return store.findOutcome(db, projectId, uploadId)
    })
  }

  /**
   * The row first, then the object, then the row's `stored_at` with the document and the job: whatever
   * a crash leaves is a row that nobody counts on, which the sweeper finds.
   */
  async function keep(asked: Asked, upload: store.UploadRow): Promise<Outcome> {
    const { userId, projectId } = asked
    const path = staging.pathOf(upload.id)
    const sizeBytes = upload.size_bytes
    const format = await recognizeFormat({ path, sizeBytes, name: upload.name })
    const sha256 = await staging.sha256Of(upload.id)
    for (let claim = 1; claim <= claimsMax; claim += 1) {
      const storedIn = await shelf.current()
      const key = keyOf({ project_id: projectId, file_hash: sha256, stored_in: storedIn })
      const file = { id: randomUUID(), projectId, sha256, sizeBytes, format, storedIn }
      const claimed = await database.asUser(userId, async (db) => {
        await projects.require(db, projectId, 'editor')
        await store.lockObject(db, key)
        return store.claimFile(db, file)
      })
      const isKnown = claimed.stored_at !== null
      if (!isKnown)
        await shelf.put(
          { project_id: projectId, file_hash: sha256, stored_in: storedIn },
          { path, sizeBytes, sha256 },
        )
      const documentId = await database.asUser(userId, (db) =>
        link(db, { userId, upload, fileId: claimed.id, isKnown }),
      )
      if (documentId === undefined) continue
      await staging.remove(upload.id)
      return { kind: 'stored', documentId }
    }
    throw new AppError('storage.unavailable', { retryAfterSeconds: 1 })
  }

  type Linking = {
    readonly userId: string
    readonly upload: store.UploadRow
    readonly fileId: string
    /** It was stored before, so that nothing was put. */
    readonly isKnown: boolean
  }

  /** @returns undefined where the file was swept since it was claimed */
  async function link(db: Db, { userId, upload, fileId, isKnown }: Linking) {
    await projects.require(db, upload.project_id, 'editor')
    const file = await store.lockFile(db, fileId)
    if (file === undefined || (file.stored_at === null && isKnown)) return undefined
    // Whoever is first has it read; the same bytes are read once, however often they come.
    if (file.stored_at === null) {
      const jobId = await jobs.enqueue(
        db,
        readJob({ projectId: upload.project_id, fileId }, userId),
      )
      await store.noteStored(db, fileId, jobId ?? randomUUID())
    }
    if (!(await store.deleteUpload(db, upload.id))) throw new AppError('upload.not-found')
    const { document_id: documentId } = upload
    const linked =
      documentId === null
        ? await store.insertDocument(db, { upload, fileId })
        : await store.addVersion(db, { upload, fileId, documentId })
    if (linked === undefined) throw new AppError('document.not-found')
    const action = documentId === null ? 'document.add' : 'document.change'
    const { project_id: projectId, name: subject } = upload
    await addActivity(db, { userId, projectId, action, subject })
    return linked
  }

  async function finish(asked: Asked): Promise<Outcome> {
    const documentId = await findOutcome(asked)
    if (documentId !== undefined) return { kind: 'stored', documentId }
    const upload = await requireUpload(asked)
    const offset = await staging.lengthOf(upload.id)
    const size = upload.size_bytes
    if (offset !== size) throw new AppError('upload.not-whole', { facts: { offset, size } })
    try {
      return await keep(asked, upload)
    } catch (error) {
      if (error instanceof AppError && isRefusedContent(error)) await forget(asked)
      throw error
    }
  }

  async function forget({ userId, uploadId }: Asked): Promise<boolean> {
    const isGone = await database.asUser(userId, (db) => store.deleteUpload(db, uploadId))
    if (isGone) await staging.remove(uploadId)
    return isGone
  }

  return {
    /** @throws AppError `document.*`, `upload.too-many`, `storage.full`, and those of the project */
    async begin(asked: Omit<Asked, 'uploadId'> & Announced): Promise<Upload> {
      const { userId, projectId, name, sizeBytes, documentId } = asked
      requireAcceptable(name, sizeBytes)
      await staging.requireRoom(sizeBytes)
      const id = randomUUID()
      await database.asUser(userId, async (db) => {
        await projects.require(db, projectId, 'editor')
        if (documentId !== undefined && !(await store.hasDocument(db, projectId, documentId)))
          throw new AppError('document.not-found')
        if ((await store.countUploads(db)) >= limits.uploadsMax)
          throw new AppError('upload.too-many', { retryAfterSeconds: 5 })
        await store.insertUpload(db, { id, projectId, userId, name, sizeBytes, documentId })
      })
      return { id, name, sizeBytes, offset: 0 }
    },

    /** @throws AppError `upload.not-found` */
    show: outcomeOf,

    /**
     * Takes bytes that belong behind those that have arrived.
     *
     * @throws AppError `upload.not-found`, `upload.other-offset`, `request.too-large`, `storage.full`
     */
    async receive(asked: Asked & Bytes): Promise<Outcome> {
      const { uploadId, offset, bytes } = asked
      const upload = await requireUpload(asked)
      const arrived = await staging.lengthOf(uploadId)
      // Two senders of one upload would write into each other.
      if (offset !== arrived || receiving.has(uploadId))
        throw new AppError('upload.other-offset', { facts: { offset: arrived } })
      receiving.add(uploadId)
      try {
        const bytesMax = Math.min(limits.uploadPartBytesMax, upload.size_bytes - offset)
        await staging.append({ id: uploadId, offset, bytes, bytesMax })
        return await openOutcome(upload)
      } finally {
        receiving.delete(uploadId)
      }
    },

    /** @throws AppError `upload.not-found`, `upload.not-whole`, `document.*`, `storage.*` */
    finish(asked: Asked): Promise<Outcome> {
      const known = finishing.get(asked.uploadId)
      if (known !== undefined) return known.then(() => finish(asked))
      const ended = finish(asked).finally(() => finishing.delete(asked.uploadId))
      finishing.set(asked.uploadId, ended)
      return ended
    },

    /** @throws AppError `upload.not-found` */
    async cancel(asked: Asked): Promise<void> {
      await requireUpload(asked)
      await forget(asked)
    },
  }
}

export type Uploads = ReturnType<typeof createUploads>

type Announced = {
  readonly name: string
  readonly sizeBytes: number
  readonly documentId?: string | undefined
}

type Bytes = { readonly offset: number; readonly bytes: AsyncIterable<Uint8Array> }

const extensions = new Set<string>(
  Object.values(documentFormats).flatMap(({ extensions: all }) => [...all]),
)

/** What can be refused before a byte is sent. */
function requireAcceptable(name: string, sizeBytes: number): void {
  if (sizeBytes === 0) throw new AppError('document.empty')
  if (sizeBytes > limits.documentBytesMax)
    throw new AppError('document.too-large', { facts: { limit: limits.documentBytesMax / 1e6 } })
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  if (!extensions.has(extension)) throw new AppError('document.type-not-allowed')
}

/** The file will not be better when it is sent again. */
function isRefusedContent({ code }: AppError): boolean {
  return code.startsWith('document.')
}
