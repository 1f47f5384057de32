import { createHash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors/app-error.ts'
import type { ConnectionTarget } from '../db/database.ts'
import { copyOut } from '../db/rows/copy.ts'
import { keysOf } from '../db/rows/keys-of-rows.ts'
import {
  copyOutText,
  holdShapes,
  openOwner,
  type OwnerClient,
  readMigrations,
  readSchemaRows,
  type SchemaRows,
  settledTexts,
} from '../db/rows/schema-rows.ts'
import { draftSuffix, syncDirectory } from '../instance/durable-file.ts'
import {
  archiveFormat,
  type ArchiveHeader,
  configurationName,
  createMeter,
  freshArchiveId,
  headerName,
  lineOf,
  manifestName,
  type PartLine,
  type Sealing,
  smallEntry,
  writeArchive,
} from './archive.ts'
import { archiveName, type BackupFacts, openFolder, writeFacts } from './backup-folder.ts'
import type { FilePlace } from './files.ts'
import type { TarEntry } from './tar.ts'

/** What is kept: the rows, and bytes beside them. */
export type BackupSource = {
  /** The owner of the tables. */
  readonly target: ConnectionTarget
  readonly product: string
  readonly places: readonly FilePlace[]
  /** By the names of the environment; never a secret. */
  readonly configuration: Readonly<Record<string, string>>
}

export type BackupOptions = {
  readonly directory: string
  readonly cause: BackupFacts['cause']
  readonly sealing?: Sealing | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?:
    | ((done: { readonly part: string; readonly bytes: number }) => void)
    | undefined
}

/** Bytes of a table go into files of this size, so that one of them has its length before it is written. */
const pieceBytes = 4 * 1024 * 1024

/**
 * Writes one archive: all rows as they were at one moment, whoever writes meanwhile, and what lies
 * beside them. It gets its name when it is whole and on the disk; what a kill leaves is a draft.
 *
 * @throws AppError `backup.not-owner`; errors of the database and the disk
 */
export async function createBackup(
  source: BackupSource,
  options: BackupOptions,
): Promise<BackupFacts & { readonly file: string }> {
  const { directory, sealing } = options
  await openFolder(directory)
  await using session = await openOwner(source.target)
  const { client } = session
  const { header, rows } = await beginSnapshot(client, source)
  const counts = { rows: 0, files: 0, missing: [] as string[] }
  const file = archiveName(header, sealing !== undefined)
  const draft = join(directory, `${file}${draftSuffix}`)
  try {
    const entries = partsOf({ client, header, rows, source, options, counts })
    const written = await writeWhole(draft, writeArchive(entries, { header, sealing }), options)
    const { id, createdAt, product, keys } = header
    const facts: BackupFacts = {
      id,
      createdAt,
      product,
      cause: options.cause,
      isSealed: sealing !== undefined,
      ...written,
      tables: rows.tables.length,
      ...counts,
      keys,
    }
    await writeFacts(directory, file, facts)
    await rename(draft, join(directory, file))
    await syncDirectory(directory)
    return { file, ...facts }
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

type Begun = { readonly header: ArchiveHeader; readonly rows: SchemaRows }

async function beginSnapshot(client: OwnerClient, { product }: BackupSource): Promise<Begun> {
  await client.query('begin isolation level repeatable read')
  await client.query(settledTexts)
  // Before the snapshot is taken by the first query that reads: nothing may alter a table after it.
  const { tables } = await readSchemaRows(client)
  await client.query('rollback')
  await client.query('begin isolation level repeatable read')
  await client.query(settledTexts)
  await holdShapes(client, tables)
  const rows = await readSchemaRows(client)
  const { rows: about } = await client.query<{ version: string; now: Date }>(
    `select current_setting('server_version') as version, clock_timestamp() as now`,
  )
  const migrations = await readMigrations(client)
  const [installationId, keys] = await keysOf(client).catch((cause: unknown) => {
    throw isForbidden(cause) ? new AppError('backup.not-owner', { cause }) : cause
  })
  const header: ArchiveHeader = {
    format: archiveFormat,
    id: freshArchiveId(),
    createdAt: (about[0]?.now ?? new Date()).toISOString(),
    product,
    installationId,
    postgres: about[0]?.version ?? '',
    migrations,
    keys,
    ...rows,
  }
  return { header, rows }
}

/** Row policies would hide rows, or the tables belong to somebody else. */
const isForbidden = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === '42501'

type Parts = {
  readonly client: OwnerClient
  readonly header: ArchiveHeader
  readonly rows: SchemaRows
  readonly source: BackupSource
  readonly options: BackupOptions
  readonly counts: { rows: number; files: number; readonly missing: string[] }
}

async function* partsOf(parts: Parts): AsyncGenerator<TarEntry> {
  const { client, header, rows, source, options, counts } = parts
  const lines: string[] = []
  const note = (line: PartLine) => {
    lines.push(lineOf(line))
    options.onProgress?.({ part: line.name, bytes: line.bytes })
    options.signal?.throwIfAborted()
  }
  for (const [name, value] of [
    [headerName, header],
    [configurationName, source.configuration],
  ] as const) {
    const bytes = Buffer.from(JSON.stringify(value, undefined, 1))
    const meter = createMeter()
    meter.take(bytes)
    note(meter.line(name))
    yield smallEntry(name, bytes)
  }
  for (const table of rows.tables) {
    const meter = createMeter()
    yield* pieces(`tables/${table.name}`, copyOut(client, copyOutText(table)), meter)
    const line = meter.lineOfRows(`tables/${table.name}`)
    counts.rows += line.rows ?? 0
    note(line)
  }
  // The rows are read; nobody has to wait for their shape any more. What follows is named by them.
  const listed = source.places.map((place) => filesOf(place, { counts, note }))
  for (const files of listed) yield* files
  await client.query('commit')
  yield smallEntry(manifestName, Buffer.from(lines.join('')))
}

/** At least one, so that an empty table is there, too. */
async function* pieces(
  name: string,
  bytes: AsyncIterable<Buffer>,
  meter: ReturnType<typeof createMeter>,
): AsyncGenerator<TarEntry> {
  let number = 0
  let waiting: Buffer[] = []
  let length = 0
  const piece = (): TarEntry => {
    const body = waiting
    const entry = { name: `${name}/${String(number).padStart(6, '0')}.copy`, size: length, body }
    number += 1
    waiting = []
    length = 0
    return entry
  }
  for await (const chunk of bytes) {
    meter.takeRows(chunk)
    waiting.push(chunk)
    length += chunk.length
    if (length >= pieceBytes) yield piece()
  }
  if (length > 0 || number === 0) yield piece()
}

type Noting = Pick<Parts, 'counts'> & { readonly note: (line: PartLine) => void }

async function* filesOf(place: FilePlace, { counts, note }: Noting): AsyncGenerator<TarEntry> {
  const miss = (key: string) => void counts.missing.push(`${place.name}/${key}`)
  for await (const { key, size, read } of place.list(miss)) {
    const name = `${place.name}/${key}`
    const meter = createMeter()
    yield { name, size, body: metered(read(), meter) }
    counts.files += 1
    note(meter.line(name))
  }
}

async function* metered(
  bytes: AsyncIterable<Buffer>,
  meter: ReturnType<typeof createMeter>,
): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    meter.take(chunk)
    yield chunk
  }
}

async function writeWhole(
  path: string,
  bytes: AsyncIterable<Buffer>,
  { signal }: BackupOptions,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let written = 0
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of bytes) {
      signal?.throwIfAborted()
      hash.update(chunk)
      written += chunk.length
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { bytes: written, sha256: hash.digest('hex') }
}
