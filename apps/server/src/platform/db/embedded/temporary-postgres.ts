import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts'
import { isRunning, ownerOf, readPostmasterFile } from './postmaster-file.ts'
import { majorVersion } from './cluster.ts'
import { type Settings } from './settings.ts'

const prefix = 'studioops-temporary-'

/**
 * A server for tests: nothing is synced to disk, and `stop` removes its directory. Removes what runs
 * that were killed have left behind.
 *
 * @throws EmbeddedPostgresError
 */
export async function startTemporaryPostgres(settings: Settings = {}): Promise<EmbeddedPostgres> {
  await removeLeftovers()
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
  const server = await startEmbeddedPostgres({ directory, fsync: false, settings })
  const stop = server.stop
  return Object.assign(server, {
    async stop() {
      await stop()
      await rm(directory, { recursive: true, force: true })
    },
  })
}

async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix) || (await isRunning(parseInt(name.slice(prefix.length))))) continue
    const directory = join(tmpdir(), name)
    const data = join(directory, `pg${majorVersion}`)
    const server = await readPostmasterFile(data)
    if (server !== undefined && (await ownerOf(server.pid, data)) === 'ours') {
      process.kill(server.pid, 'SIGQUIT')
    }
    await rm(directory, { recursive: true, force: true }).catch(() => {})
  }
}
