import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { clusterVersion, majorVersion } from './cluster.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { type EmbeddedPglite, openPglite } from './embedded-pglite.ts'
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.ts'

export type EmbeddedDatabase =
  | EmbeddedPostgres
  /** For evaluation only. `reason` says why, and what to do, in a sentence or two. */
  | (EmbeddedPglite & { readonly reason: string })

type Starts = { readonly startPostgres: typeof startEmbeddedPostgres }

/**
 * The database in a directory of ours: a real PostgreSQL, or PGlite where none can run. A directory
 * is never given to the other kind, because its data would seem to be gone.
 *
 * @throws EmbeddedPostgresError
 */
export async function openEmbeddedDatabase(
  options: EmbeddedPostgresOptions,
  { startPostgres }: Starts = { startPostgres: startEmbeddedPostgres },
): Promise<EmbeddedDatabase> {
  const { directory } = options
  const pglite = join(directory, 'pglite')
  const postgresData = join(directory, `pg${majorVersion}`)
  const hasPostgres = (await clusterVersion({ data: postgresData })) !== undefined
  if (!hasPostgres && (await stat(pglite).catch(() => undefined)) !== undefined) {
    return openForEvaluation(
      pglite,
      `${pglite} holds a database for evaluation. Move it away to begin anew with PostgreSQL.`,
    )
  }
  try {
    return await startPostgres(options)
  } catch (error) {
    const none = error instanceof EmbeddedPostgresError && error.reason === 'no-binary'
    if (!none || hasPostgres) throw error
    return openForEvaluation(pglite, error.message)
  }
}

async function openForEvaluation(directory: string, reason: string): Promise<EmbeddedDatabase> {
  return { ...(await openPglite({ directory })), reason }
}
