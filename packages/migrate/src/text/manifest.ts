import { hash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checksumOf } from './checksum.ts'
import type { Parser } from './parser.ts'
import type { MigrationSource } from './source.ts'

export type ManifestEntry = {
  readonly id: string
  readonly checksum: string
  readonly rawSha256: string
  readonly sizeBytes: number
}

/** What a build knows about its migrations, so that a start with nothing to do reads no file. */
export type Manifest = {
  readonly version: 1
  /** `chainHash` of all entries. */
  readonly chain: string
  /** Sorted by id. */
  readonly migrations: readonly ManifestEntry[]
}

export const manifestName = 'migrations.manifest.json'

/** Whether a file of that name is a migration of the plain kind, and not its way back. */
export const isMigration = (name: string) => name.endsWith('.sql') && !name.endsWith('.down.sql')

/**
 * The hash of a set of migrations and of where they stand.
 *
 * @param entries without a status they are completed
 * @returns SHA-256 in hex of the lines `id:checksum:status`, sorted by bytes, joined by `\n`
 */
export function chainHash(
  entries: readonly (Pick<ManifestEntry, 'id' | 'checksum'> & { readonly status?: string })[],
): string {
  const lines = entries
    .toSorted((left, right) => compareBytes(left.id, right.id))
    .map(({ id, checksum, status = 'completed' }) => `${id}:${checksum}:${status}`)
  return hash('sha256', lines.join('\n'))
}

const hasPairs = /[\uD800-\uDFFF]/

/** Strings compare by code units, which is another order only beyond the first plane. */
function compareBytes(left: string, right: string): number {
  if (left === right) return 0
  if (hasPairs.test(left) || hasPairs.test(right))
    return Buffer.compare(Buffer.from(left), Buffer.from(right))
  return left < right ? -1 : 1
}

export function createManifest(sources: readonly MigrationSource[], parser: Parser): Manifest {
  const migrations = sources
    .map((source) => ({
      id: source.id,
      checksum: checksumOf(source, parser),
      rawSha256: source.rawSha256,
      sizeBytes: source.sizeBytes,
    }))
    .toSorted((left, right) => Buffer.compare(Buffer.from(left.id), Buffer.from(right.id)))
  return { version: 1, chain: chainHash(migrations), migrations }
}

/** Writes the manifest beside the files. */
export async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  await writeFile(join(directory, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`)
}

/**
 * Reads the manifest of a directory.
 *
 * @returns undefined where there is none, or where it is not whole: it is only a short cut
 */
export async function readManifest(directory: string): Promise<Manifest | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(join(directory, manifestName), 'utf8'))
    return isManifest(read) && chainHash(read.migrations) === read.chain ? read : undefined
  } catch {
    return undefined
  }
}

function isManifest(value: unknown): value is Manifest {
  const { version, chain, migrations } = (value ?? {}) as Partial<Manifest>
  return (
    version === 1 &&
    typeof chain === 'string' &&
    Array.isArray(migrations) &&
    migrations.every(
      (entry: Partial<ManifestEntry> | null) =>
        typeof entry?.id === 'string' && typeof entry.checksum === 'string',
    )
  )
}
