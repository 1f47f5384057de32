import { createHash } from 'node:crypto'
import type { Language } from '@studioops/contracts/installation'
import type { TarEntry } from '../../platform/backup/tar.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { ChatService } from '../chats/index.ts'
import type { DocumentService } from '../documents/index.ts'
import type { PurchaseService } from '../purchases/index.ts'
import { projectAccess } from './projects.access.ts'
import type { ProjectService } from './projects.service.ts'

type Dependencies = {
  readonly database: Database
  readonly projects: Pick<ProjectService, 'show'>
  readonly documents: Pick<DocumentService, 'list' | 'content'>
  readonly chats: Pick<ChatService, 'list' | 'export'>
  readonly purchases: Pick<PurchaseService, 'exportAll'>
}

type Asked = { readonly userId: string; readonly projectId: string; readonly language: Language }

export type ProjectArchive = {
  /** Of the file, without a path. */
  readonly name: string
  /** To be read once, in order. Ends with `manifest.json`: length and SHA-256 of each. */
  readonly entries: AsyncGenerator<TarEntry>
}

const documentsAtOnce = 200
const chatsMax = 100_000
const everything = { search: '' }

/**
 * Everything of a project that the person may see, as files that open without us: documents in their
 * names, chats as Markdown and JSON, purchases as CSV, and what the project itself says (PRJ-8).
 */
export function createProjectExport(dependencies: Dependencies) {
  const { database, projects, documents, chats, purchases } = dependencies

  async function* documentEntries(asked: Asked, notes: Notes): AsyncGenerator<TarEntry> {
    for (let offset = 0; ; offset += documentsAtOnce) {
      const page = { trash: false, limit: documentsAtOnce, offset }
      const { documents: rows } = await documents.list({ ...asked, ...page })
      for (const { id: documentId, name } of rows) {
        const path = notes.pathOf('documents', name)
        const content = await documents
          .content({ ...asked, documentId })
          .catch((error: unknown) => {
            // One that the store has lost does not keep the others back; it is named in the manifest.
            if (!(error instanceof AppError)) throw error
            notes.missing.push({ name: path, code: error.code })
          })
        if (content !== undefined)
          yield notes.measured({
            name: path,
            size: content.sizeBytes,
            body: asBuffers(content.bytes),
          })
      }
      if (rows.length < documentsAtOnce) return
    }
  }

  async function* chatEntries(asked: Asked, notes: Notes): AsyncGenerator<TarEntry> {
    for (const isArchived of [false, true]) {
      const { userId, projectId } = asked
      const filter = { projectId, isArchived, search: '', limit: chatsMax }
      for (const { id: chatId } of await chats.list(userId, filter))
        for (const format of ['markdown', 'json'] as const) {
          const { fileName, text } = await chats.export({ ...asked, chatId }, format)
          yield notes.whole(notes.pathOf('chats', fileName), text)
        }
    }
  }

  async function* entries(asked: Asked): AsyncGenerator<TarEntry> {
    const { userId, projectId, language } = asked
    const notes = createNotes()
    const project = await projects.show({ userId, projectId })
    yield notes.whole('project.json', `${JSON.stringify(project, undefined, 2)}\n`)
    const { content } = await purchases.exportAll({ userId, projectId }, everything, language)
    yield notes.whole('purchases.csv', content)
    yield* chatEntries(asked, notes)
    yield* documentEntries(asked, notes)
    yield notes.manifest({ projectId, name: project.name })
  }

  return {
    /** @throws AppError `project.not-found` before the first byte */
    async open(asked: Asked): Promise<ProjectArchive> {
      const { userId, projectId } = asked
      const { name } = await database.readAsUser(userId, (db) =>
        projectAccess.require(db, projectId, 'viewer'),
      )
      const day = new Date().toISOString().slice(0, 10)
      const clean = name.replaceAll(/[\\/:*?"<>|\p{C}]/gu, ' ').trim()
      return { name: `${clean} ${day}.tar`, entries: entries(asked) }
    },
  }
}

export type ProjectExport = ReturnType<typeof createProjectExport>

type Line = { readonly name: string; readonly bytes: number; readonly sha256: string }

/** What goes by, and under which names. */
function createNotes() {
  const lines: Line[] = []
  const missing: { readonly name: string; readonly code: string }[] = []
  const taken = new Set<string>()
  const note = (name: string, bytes: number, sha256: string) => {
    lines.push({ name, bytes, sha256 })
  }

  function whole(name: string, text: string): TarEntry {
    const bytes = Buffer.from(text)
    note(name, bytes.length, createHash('sha256').update(bytes).digest('hex'))
    return { name, size: bytes.length, body: [bytes] }
  }

  async function* metered({ name, size, body }: TarEntry): AsyncGenerator<Buffer> {
    const hash = createHash('sha256')
    for await (const chunk of body) {
      hash.update(chunk)
      yield chunk
    }
    note(name, size, hash.digest('hex'))
  }

  return {
    missing,
    whole,
    measured: (entry: TarEntry): TarEntry => ({ ...entry, body: metered(entry) }),
    manifest: (project: { readonly projectId: string; readonly name: string }): TarEntry =>
      whole(
        'manifest.json',
        `${JSON.stringify({ ...project, exportedAt: new Date().toISOString(), files: lines, missing }, undefined, 2)}\n`,
      ),
    /** The second of a name gets a number, also where a disk takes both for one. */
    pathOf(folder: string, name: string): string {
      const dot = name.lastIndexOf('.')
      const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
      for (let number = 1; ; number += 1) {
        const path = `${folder}/${number === 1 ? name : `${stem} (${number})${ending}`}`
        const key = path.normalize('NFC').toLowerCase()
        if (taken.has(key)) continue
        taken.add(key)
        return path
      }
    },
  }
}

type Notes = ReturnType<typeof createNotes>

async function* asBuffers(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of bytes)
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
