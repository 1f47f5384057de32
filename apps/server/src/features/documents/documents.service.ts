import type { DocumentFormat, Document, Passage } from '@studioops/contracts/documents'
import type { Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import type { Jobs } from '../../platform/jobs/job-worker.ts'
import { currentContext } from '../../platform/log/log.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { Activity, ProjectAccess } from '../projects/index.ts'
import { readJob } from './documents.jobs.ts'
import type { Passages } from './documents.passages.ts'
import type { Shelf } from './documents.shelf.ts'
import * as store from './documents.store.ts'
import { listSame } from './documents.uploads.store.ts'

type Dependencies = {
  readonly database: Database
  readonly projects: Pick<ProjectAccess, 'require'>
  readonly jobs: Jobs
  readonly shelf: Shelf
  /** Notes in the project who did what, in the same transaction. */
  readonly addActivity: (db: Db, activity: Activity) => Promise<void>
  readonly passages: Passages
}

type Asked = { readonly userId: string; readonly projectId: string; readonly language: Language }
type AskedOne = Asked & { readonly documentId: string }

export type Content = {
  readonly name: string
  readonly format: DocumentFormat
  readonly sizeBytes: number
  readonly bytes: AsyncIterable<Uint8Array>
}

export type DocumentService = ReturnType<typeof createDocumentService>

/** What people do with the documents of a project that are there already. */
export function createDocumentService(dependencies: Dependencies) {
  const { database, projects, jobs, shelf, passages, addActivity } = dependencies
  /** @throws AppError `document.not-found` */
  async function requireRow(db: Db, { projectId, documentId }: AskedOne) {
    const row = await store.findDocument(db, projectId, documentId)
    if (row === undefined) throw new AppError('document.not-found')
    return row
  }

  async function show(db: Db, asked: AskedOne): Promise<Document> {
    const people = await store.listPeople(db, asked.projectId)
    return present(await requireRow(db, asked), people, asked.language)
  }

  /** Changes what is there for those who may, and shows it as it is then. */
  function change(
    asked: AskedOne,
    deed: (db: Db, row: store.DocumentRow) => Promise<void>,
    action?: 'document.change' | 'document.remove' | 'document.restore',
  ): Promise<Document> {
    return database.asUser(asked.userId, async (db) => {
      await projects.require(db, asked.projectId, 'editor')
      const row = await requireRow(db, asked)
      await deed(db, row)
      if (action !== undefined) await addActivity(db, { ...asked, action, subject: row.name })
      return show(db, asked)
    })
  }

  return {
    list: (asked: Asked & store.Filter) =>
      database.asUser(asked.userId, async (db) => {
        const { projectId, language } = asked
        const { role, isArchived } = await projects.require(db, projectId, 'viewer')
        const people = await store.listPeople(db, projectId)
        const rows = await store.listDocuments(db, projectId, asked)
        return {
          documents: rows.map((row) => present(row, people, language)),
          total: await store.countDocuments(db, projectId, asked),
          tags: await store.listTags(db, projectId),
          mayChange: role !== 'viewer' && !isArchived,
        }
      }),

    /** @throws AppError `document.not-found` */
    show: (asked: AskedOne) =>
      database.asUser(asked.userId, async (db) => {
        const { role, isArchived } = await projects.require(db, asked.projectId, 'viewer')
        const people = await store.listPeople(db, asked.projectId)
        const row = await requireRow(db, asked)
        const versions = await store.listVersions(db, asked.projectId, asked.documentId)
        return {
          document: present(row, people, asked.language),
          versions: versions.map((version) => presentVersion(version, people)),
          mayChange: role !== 'viewer' && !isArchived,
        }
      }),

    /** A document with those that hold the same bytes. @throws AppError `document.not-found` */
    showStored: (asked: AskedOne) =>
      database.asUser(asked.userId, async (db) => ({
        kind: 'stored' as const,
        document: await show(db, asked),
        sameAs: await listSame(db, asked),
      })),

    /** @throws AppError `document.not-found` */
    text: (asked: AskedOne & { readonly from: number; readonly limit: number }) =>
      database.asUser(asked.userId, async (db) => {
        const { projectId, from, limit } = asked
        await projects.require(db, projectId, 'viewer')
        const { file_id: fileId } = await requireRow(db, asked)
        const chunks = await store.listChunks(db, { projectId, fileId, from, limit })
        return {
          chunks: chunks.map(({ page, ...chunk }) =>
            withoutAbsent({ ...chunk, page: page ?? undefined }),
          ),
          total: await store.countChunks(db, projectId, fileId),
        }
      }),

    async search(
      asked: Omit<Asked, 'language'> & { question: string; limit: number },
    ): Promise<Passage[]> {
      await passages.prepare(asked.question)
      return database.asUser(asked.userId, async (db) => {
        await projects.require(db, asked.projectId, 'viewer')
        return passages.find(db, { ...asked, projectIds: [asked.projectId] })
      })
    },

    /** @throws AppError `document.not-found` */
    change: (
      asked: AskedOne & {
        readonly name?: string | undefined
        readonly tags?: string[] | undefined
      },
    ) => change(asked, (db, { id }) => store.changeDocument(db, id, asked), 'document.change'),

    /** @throws AppError `document.not-found` */
    moveToTrash: (asked: AskedOne) =>
      change(asked, (db, { id }) => store.moveToTrash(db, id), 'document.remove'),

    /** @throws AppError `document.not-found` */
    restore: (asked: AskedOne) =>
      change(asked, (db, { id }) => store.restore(db, id), 'document.restore'),

    /** @throws AppError `document.not-open` where it is being read, or was */
    readAgain: (asked: AskedOne) =>
      change(asked, async (db, { file_id: fileId, project_id: projectId }) => {
        const jobId = await jobs.enqueue(db, readJob({ projectId, fileId }, asked.userId))
        const from = ['failed', 'cancelled', 'no-text'] as const
        const isQueued = jobId !== undefined && (await store.queueFile(db, { fileId, jobId, from }))
        if (!isQueued) throw new AppError('document.not-open')
      }),

    /** @throws AppError `document.not-open` where nothing is being read */
    stopReading: (asked: AskedOne) =>
      change(asked, async (db, { file_id: fileId }) => {
        if (!(await store.stopFile(db, fileId))) throw new AppError('document.not-open')
      }),

    /** @throws AppError `document.not-found`, `storage.unavailable`, `storage.damaged` */
    async content(
      asked: Omit<AskedOne, 'language'> & { readonly version?: number },
    ): Promise<Content> {
      const { userId, projectId } = asked
      const file = await database.asUser(userId, async (db) => {
        await projects.require(db, projectId, 'viewer')
        return store.findContent(db, asked)
      })
      if (file === undefined) throw new AppError('document.not-found')
      const { bytes, cachePath } = await shelf.open(file)
      await database.asUser(userId, (db) => store.noteAccess(db, file.id, cachePath))
      const name = file.version === file.newest ? file.name : file.version_name
      return { name, format: file.format, sizeBytes: file.size_bytes, bytes }
    },
  }
}

function present(
  row: store.DocumentRow,
  people: ReadonlyMap<string, string>,
  language: Language,
): Document {
  const { progress_done: done, progress_total: total, error_code: code } = row
  return withoutAbsent({
    id: row.id,
    name: row.name,
    format: row.format,
    sizeBytes: row.size_bytes,
    version: row.version,
    tags: row.tags,
    state: row.state,
    problem: code === null ? undefined : problemOf({ ...row, error_code: code }, language),
    progress:
      row.state === 'processing' && done !== null && total !== null ? { done, total } : undefined,
    language: row.language ?? undefined,
    pages: row.pages ?? undefined,
    createdBy: people.get(row.created_by ?? ''),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    deletedAt: row.deleted_at?.toISOString(),
  })
}

function problemOf(
  {
    id,
    error_code: code,
    error_facts: facts,
  }: { id: string; error_code: string; error_facts: unknown },
  language: Language,
) {
  const correlationId = currentContext()?.correlationId ?? id
  return describeProblem(knownCode(code), (facts ?? {}) as Facts, { correlationId, language })
}

function presentVersion(row: store.VersionRow, people: ReadonlyMap<string, string>) {
  return withoutAbsent({
    version: row.version,
    name: row.name,
    format: row.format,
    sizeBytes: row.size_bytes,
    createdBy: people.get(row.created_by ?? ''),
    createdAt: row.created_at.toISOString(),
  })
}
