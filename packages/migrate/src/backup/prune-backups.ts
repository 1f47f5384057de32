import { readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { unfinishedMark } from './open-backup.ts'
import { listBackups } from './verify-backup.ts'

export type PruneOptions = {
  readonly directory: string
  /** The newest so many always stay. */
  readonly keep: number
  /** Younger ones stay, too; default 0. */
  readonly keepForMs?: number
  /** Locations that something still needs, as `backup_location` of migrations that may be undone. */
  readonly needed?: readonly string[]
  /** Removes nothing and gives what would be removed. */
  readonly isDryRun?: boolean
  /** Default: the machine's clock. */
  readonly now?: () => number
}

/** An unfinished backup that nobody has touched for so long belongs to a process that is gone. */
const abandonedAfterMs = 86_400_000

/** Removes old backups and what is left of interrupted ones. Gives the locations that it removed. */
export async function pruneBackups(options: PruneOptions): Promise<string[]> {
  const { directory, keep, keepForMs = 0, needed = [], isDryRun = false, now = Date.now } = options
  const kept = new Set(needed.map((location) => resolve(location)))
  const backups = await listBackups(directory)
  const old = backups
    .slice(keep)
    .filter(({ manifest }) => now() - Date.parse(manifest.takenAt) >= keepForMs)
    .filter(({ location }) => !kept.has(resolve(location)))
    .map(({ location }) => location)
  const removed = [...old, ...(await abandonedIn(directory, now()))]
  if (isDryRun) return removed
  for (const location of removed) await rm(location, { recursive: true, force: true })
  return removed
}

async function abandonedIn(directory: string, now: number): Promise<string[]> {
  const names = await readdir(directory).catch(() => [])
  const found: string[] = []
  for (const name of names) {
    if (!name.includes(unfinishedMark)) continue
    const location = join(directory, name)
    const touched = await stat(location).catch(() => undefined)
    if (touched !== undefined && now - touched.mtimeMs > abandonedAfterMs) found.push(location)
  }
  return found
}
