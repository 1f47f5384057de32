import { createHash } from 'node:crypto'

/** Changes whenever an older reader would misunderstand what is written. */
export const formatVersion = 1

/** A column as it was when its rows were kept. */
export type BackupColumn = {
  readonly name: string
  /** As SQL writes it, qualified where it is not PostgreSQL's own: `numeric(10,2)`, `app.mood[]`. */
  readonly type: string
}

/** One file of a backup: `<schema>.<table>.jsonl.gz`, one JSON object a line, keys are columns. */
export type BackupEntry = {
  /** All rows of a table (or those of `where`), or the rows of a query. */
  readonly kind: 'table' | 'rows'
  /** Qualified and quoted as SQL writes it; for rows of a query the name that was given to them. */
  readonly name: string
  /** Only in this file: values that the table computes by itself are left out. */
  readonly columns: readonly BackupColumn[]
  /** Columns of the primary key, or those that were named; empty where there is none. */
  readonly key: readonly string[]
  /** SQL condition of the rows; undefined for all of them. */
  readonly where?: string
  /** Inside the directory of the backup. */
  readonly file: string
  readonly rows: number
  /** Of the uncompressed content, in hex. */
  readonly sha256: string
  readonly sizeBytes: number
}

export type BackupSequence = {
  /** Qualified and quoted as SQL writes it. */
  readonly name: string
  /** 64-bit integer as text. */
  readonly lastValue: string
  readonly isCalled: boolean
  /** Column that owns it, as in `serial` and identity. */
  readonly owner?: { readonly table: string; readonly column: string }
}

/** A file with one fact of the catalog a line, see `catalog/fact.ts`. */
export type BackupCatalog = Pick<BackupEntry, 'file' | 'rows' | 'sha256' | 'sizeBytes'> & {
  /** Facts compare within one major version. */
  readonly major: number
}

/** `manifest.json`: what a backup holds; it is written last, so a backup without it is none. */
export type BackupManifest = {
  readonly formatVersion: typeof formatVersion
  readonly engineVersion: string
  readonly database: string
  /** As the server says it, such as `18.1`. */
  readonly serverVersion: string
  /** What the snapshot of the transaction saw, as `pg_current_snapshot()` writes it. */
  readonly snapshot: string
  /** When the transaction began; ISO 8601, UTC. */
  readonly takenAt: string
  /** Id of the migration that it was made for. */
  readonly migration?: string
  readonly entries: readonly BackupEntry[]
  /** Only in backups of everything: what the schema was, so that it can be made again. */
  readonly catalog?: BackupCatalog
  readonly sequences: readonly BackupSequence[]
  /** Whatever the maker wants to find again; only JSON. */
  readonly notes?: Readonly<Record<string, unknown>>
}

/** The text of `manifest.json`; its own hash stands in it. */
export function writeManifest(manifest: BackupManifest): string {
  const sha256 = hashOf(manifest)
  return `${JSON.stringify({ ...manifest, manifestSha256: sha256 }, undefined, 2)}\n`
}

export type ReadManifest =
  | { readonly kind: 'manifest'; readonly manifest: BackupManifest }
  | { readonly kind: 'unreadable'; readonly because: string }

/** Reads `manifest.json`; every byte of it counts. */
export function readManifest(text: string): ReadManifest {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { kind: 'unreadable', because: 'manifest.json is not JSON' }
  }
  if (typeof parsed !== 'object' || parsed === null || !('manifestSha256' in parsed))
    return { kind: 'unreadable', because: 'manifest.json has no hash of itself' }
  const { manifestSha256, ...rest } = parsed
  const manifest = rest as BackupManifest
  if (hashOf(manifest) !== manifestSha256)
    return { kind: 'unreadable', because: 'manifest.json is not what was written' }
  if (manifest.formatVersion !== formatVersion)
    return {
      kind: 'unreadable',
      because: 'manifest.json has a format that only newer versions read',
    }
  return { kind: 'manifest', manifest }
}

function hashOf(manifest: BackupManifest): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
}

const stemMaxLength = 100

/** A file name for a name of SQL that every file system takes and that no other name shares. */
export function fileNameFor(parts: readonly string[], taken: ReadonlySet<string>): string {
  const stem = parts.map(stemOf).join('.')
  for (let no = 1; ; no += 1) {
    const file = `${no === 1 ? stem : `${stem}~${no}`}.jsonl.gz`
    if (!taken.has(comparable(file))) return file
  }
}

/** Some file systems see no difference between upper and lower case, or between ways to write é. */
export function comparable(file: string): string {
  return file.normalize('NFC').toLowerCase()
}

function stemOf(part: string): string {
  const safe = part.replaceAll(/[^\p{L}\p{M}\p{N}_$ -]/gu, (char) =>
    [...Buffer.from(char)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  )
  if (Buffer.byteLength(safe) <= stemMaxLength) return safe
  const hash = createHash('sha256').update(part).digest('hex').slice(0, 16)
  return `${Buffer.from(safe).subarray(0, 60).toString('utf8').replaceAll('\uFFFD', '')}-${hash}`
}
