import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Held until `release` or until the process ends, however it ends: the kernel lets go of it. */
export type DirectoryLock = { readonly release: () => Promise<void> }

const busy = 5
const lockFile = 'lock'

/**
 * Locks a directory against every other process, also those of other containers on this machine.
 *
 * @param path real and absolute
 * @returns `undefined` while another process holds it
 */
export async function tryLockDirectory(path: string): Promise<DirectoryLock | undefined> {
  const name = process.platform === 'linux' ? await takeName(path) : { release: async () => {} }
  if (name === undefined) return undefined
  try {
    const file = lockFileOf(path)
    if (file === undefined) {
      await name.release()
      return undefined
    }
    return {
      release: async () => {
        file.close()
        await name.release()
      },
    }
  } catch (error) {
    // Some network file systems have no locks; on Linux the name has to do there.
    if (process.platform === 'linux') return name
    throw error
  }
}

/**
 * Locks a name on this machine.
 *
 * @param directory where a file stands for it on systems other than Linux; made where it is missing
 * @returns `undefined` while another process holds it
 */
export async function tryLockName(
  name: string,
  directory: string,
): Promise<DirectoryLock | undefined> {
  if (process.platform === 'linux') return takeName(name)
  mkdirSync(directory, { recursive: true })
  return tryLockDirectory(directory)
}

/** An abstract socket: no file, one owner. It is not seen by containers with a network of their own. */
async function takeName(path: string): Promise<DirectoryLock | undefined> {
  const digest = createHash('sha256').update(path).digest('hex')
  const server = createServer((socket) => socket.destroy())
  const taken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(`\0studioops-${digest}`, () => resolve(true))
  })
  if (!taken) return undefined
  server.unref()
  return { release: () => new Promise((resolve) => server.close(() => resolve())) }
}

/**
 * A lock on a file, which Node offers only through SQLite. Nobody else in this process may open the
 * file: closing it again would give up the lock.
 */
function lockFileOf(path: string): DatabaseSync | undefined {
  const file = new DatabaseSync(join(path, lockFile))
  try {
    chmodSync(join(path, lockFile), 0o600)
    file.exec('pragma journal_mode = memory; pragma locking_mode = exclusive; begin exclusive')
    return file
  } catch (error) {
    file.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return undefined
    throw error
  }
}
