import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import pg from 'pg'
import { superuser } from './cluster.ts'

export type EmbeddedPglite = {
  readonly kind: 'pglite'
  /**
   * One session for everybody: a query of the pool inside a transaction of the pool waits for itself,
   * until `connectionTimeoutMillis` ends it. Statement and lock time-outs do nothing here.
   */
  readonly pool: pg.Pool
  readonly version: string
  readonly stop: () => Promise<void>
}

const acquireTimeoutMs = 10_000
const tidyEveryMs = 600_000

/**
 * PostgreSQL inside this process, for a look at the product where no PostgreSQL runs. It never syncs
 * to disk, so a power cut may lose data (electric-sql/pglite#1107), and nothing guards its directory
 * against a second process (#1106): the caller holds the lock.
 */
export async function openPglite({
  directory,
}: {
  readonly directory: string
}): Promise<EmbeddedPglite> {
  const [{ PGlite }, { createPgConfig }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite/node-postgres'),
  ])
  const data = resolve(directory)
  const open = (dataDir: string) =>
    PGlite.create({
      dataDir,
      startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
    })
  if (!(await stat(join(data, 'PG_VERSION')).catch(() => undefined))) {
    // A kill in the last moments of the first start leaves a directory that never opens again.
    await initialiseBeside(data, async (draft) => {
      const first = await open(draft)
      await first.exec(`create role ${superuser} superuser login`)
      await first.close()
    })
  }
  const pglite = await open(data)
  const { connection, host, port, user, password, database } = createPgConfig(pglite)
  const address = { connection, host, port, user, password, database }
  const pool = new pg.Pool({
    ...address,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: acquireTimeoutMs,
  })
  pool.on('error', () => {})
  const { rows } = await pool.query<{ server_version: string }>('show server_version')
  const tidying = keepTidy(pool)
  let stopped: Promise<void> | undefined
  return {
    kind: 'pglite',
    pool,
    version: rows[0]?.server_version ?? '',
    stop() {
      stopped ??= (async () => {
        clearInterval(tidying)
        if (!pool.ending) await pool.end()
        await pglite.close()
      })()
      return stopped
    },
  }
}

/** It has neither autovacuum nor a background checkpointer. */
function keepTidy(pool: pg.Pool): NodeJS.Timeout {
  const tidy = async () => {
    await pool.query('vacuum analyze')
    await pool.query('checkpoint')
  }
  // What fails now is tried again ten minutes later.
  return setInterval(() => void tidy().catch(() => {}), tidyEveryMs).unref()
}

async function initialiseBeside(
  data: string,
  make: (draft: string) => Promise<void>,
): Promise<void> {
  const parent = dirname(data)
  const prefix = `${basename(data)}.init-`
  await mkdir(parent, { recursive: true, mode: 0o700 })
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true })
  }
  const draft = await mkdtemp(join(parent, prefix))
  await make(draft)
  await rename(draft, data)
}
