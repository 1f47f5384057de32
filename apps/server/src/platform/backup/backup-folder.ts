import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors/app-error.ts'
import { withoutAbsent } from '../values/without-absent.ts'
import { draftSuffix, syncDirectory, writeDurably } from '../instance/durable-file.ts'

/** What is told of an archive without opening it. */
export const backupFacts = z.object({
  id: z.uuid(),
  createdAt: z.iso.datetime(),
  product: z.string(),
  cause: z.enum(['command', 'schedule', 'button']),
  isSealed: z.boolean(),
  bytes: z.int(),
  /** Of the file, lower-case hexadecimal. */
  sha256: z.string(),
  tables: z.int(),
  rows: z.int(),
  files: z.int(),
  /** Objects of the store that the rows name and the store did not have; they are not in it. */
  missing: z.array(z.string()),
  keys: z.array(z.string()),
})
export type BackupFacts = z.output<typeof backupFacts>

/** What the last look at an archive found; kept beside it. */
export const backupLook = z.object({
  kind: z.enum(['verify', 'rehearse']),
  at: z.iso.datetime(),
  /** Of the catalogue; absent where all is well. */
  code: z.string().optional(),
  facts: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  changes: z.array(z.object({ table: z.string(), now: z.int(), then: z.int() })),
})
export type BackupLook = z.output<typeof backupLook>

/** `facts` is absent where the file beside the archive is. */
export type KeptBackup = {
  readonly file: string
  readonly bytes: number
  readonly facts?: BackupFacts
  readonly look?: BackupLook
}

const plainSuffix = '.tar.zst'
const sealedSuffix = '.tar.zst.sealed'
const namePattern = /^studioops-\d{8}T\d{6}Z-[0-9a-f]{8}\.tar\.zst(?:\.sealed)?$/
const factsSuffix = '.json'
const lookSuffix = '.look.json'

/** Sorts by time; the id keeps two of one second apart. */
export function archiveName(
  { id, createdAt }: { id: string; createdAt: string },
  isSealed: boolean,
) {
  const time = createdAt.replace(/\.\d+|[-:]/g, '')
  return `studioops-${time}-${id.slice(0, 8)}${isSealed ? sealedSuffix : plainSuffix}`
}

export async function openFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await removeOldDrafts(directory)
}

/** One that grows has been written to a moment ago. */
const quietMs = 15 * 60_000

async function removeOldDrafts(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith(draftSuffix)) continue
    const path = join(directory, name)
    const found = await stat(path).catch(() => undefined)
    if (found !== undefined && Date.now() - found.mtimeMs > quietMs) await rm(path, { force: true })
  }
}

/** Before the archive gets its name: whoever sees the archive sees its facts. */
export async function writeFacts(directory: string, file: string, facts: BackupFacts) {
  const text = `${JSON.stringify(facts, undefined, 2)}\n`
  await writeDurably(join(directory, `${file}${factsSuffix}`), text, 0o600)
}

/** Whole archives only, the newest first; none where there is no such folder. */
export async function listBackups(directory: string): Promise<KeptBackup[]> {
  const names = await readdir(directory).catch(() => [])
  const kept: KeptBackup[] = []
  for (const file of names
    .filter((name) => namePattern.test(name))
    .toSorted()
    .toReversed()) {
    const found = await stat(join(directory, file)).catch(() => undefined)
    if (found === undefined) continue
    const facts = await readBeside(directory, `${file}${factsSuffix}`, backupFacts)
    const look = await readBeside(directory, `${file}${lookSuffix}`, backupLook)
    kept.push({ file, bytes: found.size, ...withoutAbsent({ facts, look }) })
  }
  return kept
}

export async function writeLook(directory: string, file: string, look: BackupLook) {
  const text = `${JSON.stringify(look, undefined, 2)}\n`
  await writeDurably(join(directory, `${file}${lookSuffix}`), text, 0o600)
}

async function readBeside<T>(
  directory: string,
  name: string,
  shape: z.ZodType<T>,
): Promise<T | undefined> {
  try {
    return shape.parse(JSON.parse(await readFile(join(directory, name), 'utf8')))
  } catch {
    return undefined
  }
}

/**
 * Where an archive of this folder lies. A name with a path in it is none of this folder.
 *
 * @throws AppError `backup.not-found`
 */
export async function findBackup(directory: string, file: string): Promise<string> {
  const path = join(directory, file)
  const isThere =
    namePattern.test(file) &&
    (await stat(path).then(
      (found) => found.isFile(),
      () => false,
    ))
  if (!isThere) throw new AppError('backup.not-found', { facts: { file } })
  return path
}

/** Removes all but the newest. The facts go last, so that no archive is left without. @returns names */
export async function keepNewest(directory: string, count: number): Promise<string[]> {
  const old = (await listBackups(directory)).slice(Math.max(1, count))
  for (const { file } of old) {
    await rm(join(directory, file), { force: true })
    await rm(join(directory, `${file}${lookSuffix}`), { force: true })
    await rm(join(directory, `${file}${factsSuffix}`), { force: true })
  }
  if (old.length > 0) await syncDirectory(directory)
  return old.map(({ file }) => file)
}
