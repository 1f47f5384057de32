import type { PGlite, PGliteOptions } from '@electric-sql/pglite'
import { loadExtensions } from './pglite-extensions.ts'
import { readNotice, type Notice } from './server-error.ts'
import type { ShadowSession } from './session.ts'

/**
 * Opens a PostgreSQL inside this process, in memory. The library is loaded only here, because it
 * costs more than everything else of a start that has nothing to do.
 *
 * @param image what `dump` gave; absent: an empty database
 * @throws when the image is no database
 */
export async function openPglite(
  extensions: readonly string[],
  image?: Uint8Array,
): Promise<ShadowSession> {
  const { PGlite: create } = await import('@electric-sql/pglite')
  const options: PGliteOptions = {
    extensions: await loadExtensions(extensions),
    ...(image !== undefined && { loadDataDir: new Blob([image as Uint8Array<ArrayBuffer>]) }),
  }
  const database = await create.create(options)
  return sessionOf(database)
}

function sessionOf(database: PGlite): ShadowSession {
  return {
    kind: 'pglite',
    async query(text, values) {
      const { rows } = await database.query<Record<string, unknown>>(text, values && [...values])
      return { rows }
    },
    async run(text) {
      const notices: Notice[] = []
      await database.exec(text, { onNotice: (notice) => notices.push(readNotice(notice)) })
      return notices
    },
    async dump() {
      const file = await database.dumpDataDir('none')
      return new Uint8Array(await file.arrayBuffer())
    },
    async close() {
      if (!database.closed) await database.close()
    },
  }
}
