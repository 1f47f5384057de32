import { createHash, hash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isMigration, manifestName } from '../text/manifest.ts'

/** What is known about the files of a directory that were read once, byte for byte. */
export type Seen = {
  /** `chainHash` of the manifest that spoke of exactly these files. */
  readonly chain: string
  /** Of the names, inodes, sizes and times of all of them; see `lookAt`. */
  readonly digest: string
}

/** How the files of a directory lie there now. */
export type Look = {
  readonly digest: string
  /** When the latest of them was written, made or renamed, as its file system says; nanoseconds. */
  readonly latestNs: bigint
}

/**
 * A file whose inode was changed so shortly before it was looked at could have been changed once more
 * without its times telling: file systems count in steps of up to two seconds.
 */
const marginNs = 3_000_000_000n

const portion = 100

/** Device, inode, size, and both times. */
const numbersOfFile = 5

/**
 * Looks at every migration and at the manifest without reading them. Whoever edits a file changes its
 * `ctime`, which nobody can set, also where size and date stay what they were.
 *
 * @throws the error of `node:fs`
 */
export async function lookAt(directory: string): Promise<Look> {
  // The server, which is being asked, has a turn first, and then in between.
  await setImmediate()
  const names = readdirSync(directory).filter((name) => isMigration(name) || name === manifestName)
  const numbers = new BigUint64Array(names.length * numbersOfFile)
  let latestNs = 0n
  for (const [index, name] of names.entries()) {
    if (index % portion === 0) await setImmediate()
    const { dev, ino, size, ctimeNs, mtimeNs } = statSync(`${directory}/${name}`, { bigint: true })
    const at = index * numbersOfFile
    numbers[at] = dev
    numbers[at + 1] = ino
    numbers[at + 2] = size
    numbers[at + 3] = ctimeNs
    numbers[at + 4] = mtimeNs
    if (ctimeNs > latestNs) latestNs = ctimeNs
    if (mtimeNs > latestNs) latestNs = mtimeNs
  }
  const digest = createHash('sha256').update(names.join('\0')).update(numbers).digest('hex')
  return { digest, latestNs }
}

/** Where it is remembered. */
export const seenFile = (cache: string, directory: string) =>
  join(cache, `files-${hash('sha256', resolve(directory)).slice(0, 16)}.json`)

/**
 * What an earlier start has seen.
 *
 * @returns undefined where nothing is known, or where it may be too young to be believed
 */
export function readSeen(cache: string, directory: string, look: Look): Seen | undefined {
  try {
    const file = seenFile(cache, directory)
    const seen = JSON.parse(readFileSync(file, 'utf8')) as Partial<Seen>
    const { mtimeNs } = statSync(file, { bigint: true })
    const { chain, digest } = seen
    const isOld = look.latestNs + marginNs < mtimeNs
    if (!isOld || typeof chain !== 'string' || digest !== look.digest) return undefined
    return { chain, digest }
  } catch {
    return undefined
  }
}

/** Remembers it for the next start, if that can believe it. What cannot be written is read again. */
export function writeSeen(cache: string, directory: string, seen: Seen): void {
  const file = seenFile(cache, directory)
  const draft = `${file}.${process.pid}.draft`
  try {
    mkdirSync(cache, { recursive: true })
    writeFileSync(draft, JSON.stringify(seen))
    renameSync(draft, file)
  } catch {
    // It is only a short cut.
  }
}
