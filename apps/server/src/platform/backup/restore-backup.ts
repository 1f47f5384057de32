import { AppError } from '../errors/app-error.ts'
import type { ConnectionTarget } from '../db/database.ts'
import { copyIn, copyOut } from '../db/rows/copy.ts'
import {
  dropDatabase,
  dropLeftovers,
  exchange,
  lookAt,
  makeScratch,
  onDatabase,
  type Occupant,
} from '../db/rows/databases.ts'
import { noteRestoredObjects } from '../db/rows/restored-objects.ts'
import {
  copyInText,
  copyOutText,
  openForFilling,
  openOwner,
  type OwnerClient,
  placeSequences,
  readSchemaRows,
  settledTexts,
  type TableShape,
} from '../db/rows/schema-rows.ts'
import type { Secret } from '../secret/secret.ts'
import { type ArchiveHeader, createMeter, type PartLine } from './archive.ts'
import type { FilePlace } from './files.ts'
import { unpack, type Unpacked } from './unpack.ts'

export type RestoreTarget = {
  /** The owner of the tables; the database exists. */
  readonly target: ConnectionTarget
  readonly places: readonly FilePlace[]
  /** Ids of all migrations of this product. */
  readonly migrations: readonly string[]
  /** Makes the schema as these migrations leave it; all of them where none are named. */
  readonly migrate: (target: ConnectionTarget, ids?: readonly string[]) => Promise<void>
}

export type RestoreOptions = {
  readonly path: string
  readonly passphrase?: Secret | undefined
  /** Nothing outside a scratch database is changed. */
  readonly isRehearsal: boolean
  /** Also into an installation that is another one. */
  readonly isForced?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((step: RestoreStep) => void) | undefined
}

export type RestoreStep = 'verifying' | 'filling' | 'comparing' | 'upgrading' | 'exchanging'

export type Restored = {
  readonly archive: Unpacked
  /** How many rows there are now, and how many the archive has, where these differ. */
  readonly changes: readonly {
    readonly table: string
    readonly now: number
    readonly then: number
  }[]
  /** Where the database was not empty: its name now. */
  readonly keptDatabase?: string
}

/**
 * Reads the archive twice: to prove it, and to unpack it. The rows are put into a database of their
 * own, compared with what was written byte by byte, brought to the schema of this product, and only
 * then put into the place of the database that was there, which is kept.
 *
 * May be killed and run again: until the exchange nothing but new files has changed.
 *
 * @throws AppError `backup.*`
 */
export async function restoreBackup(
  into: RestoreTarget,
  options: RestoreOptions,
): Promise<Restored> {
  const { path, passphrase, isRehearsal, onProgress } = options
  onProgress?.('verifying')
  const occupant = await lookAt(into.target)
  const begin = async (header: ArchiveHeader) => {
    requireKnown(header, into.migrations)
    if (!isRehearsal) requireRoom(header, occupant, options)
    return {}
  }
  const archive = await unpack({ path, passphrase, begin, signal: options.signal })
  await dropLeftovers(into.target)
  const scratch = await makeScratch(into.target)
  if (scratch === undefined && (isRehearsal || !occupant.isEmpty))
    throw new AppError('backup.no-room')
  const filling = { into, options, header: archive.header }
  if (scratch === undefined)
    return { archive, changes: changesOf(occupant, await fill(into.target, filling)) }
  try {
    const result = { archive, changes: changesOf(occupant, await fill(scratch, filling)) }
    if (isRehearsal) return result
    onProgress?.('exchanging')
    return { ...result, ...(await putInPlace(into.target, scratch, occupant)) }
  } finally {
    // After the exchange there is none of this name.
    await dropDatabase(into.target, scratch)
  }
}

async function putInPlace(
  target: ConnectionTarget,
  scratch: ConnectionTarget,
  { isEmpty }: Occupant,
): Promise<Pick<Restored, 'keptDatabase'>> {
  const keptDatabase = await exchange(target, scratch, new Date())
  if (!isEmpty) return { keptDatabase }
  await dropDatabase(target, onDatabase(target, keptDatabase))
  return {}
}

function requireKnown({ migrations, product }: ArchiveHeader, known: readonly string[]): void {
  const unknown = migrations.filter((id) => !known.includes(id))
  if (unknown.length > 0)
    throw new AppError('backup.newer-schema', {
      facts: { version: product, migrations: unknown.join(', ') },
    })
}

function requireRoom(
  { installationId }: ArchiveHeader,
  occupant: Occupant,
  { isForced }: RestoreOptions,
): void {
  if (occupant.sessions > 0) throw new AppError('backup.in-use')
  const isForeign = occupant.hasPeople && occupant.installationId !== installationId
  if (isForeign && isForced !== true) throw new AppError('backup.foreign')
}

function changesOf({ rows: now }: Occupant, then: ReadonlyMap<string, number>) {
  const tables = [...new Set([...Object.keys(now), ...then.keys()])].toSorted()
  return tables
    .map((table) => ({ table, now: now[table] ?? 0, then: then.get(table) ?? 0 }))
    .filter((change) => change.now !== change.then)
}

type Filling = {
  readonly into: RestoreTarget
  readonly options: RestoreOptions
  readonly header: ArchiveHeader
}

/** @returns rows of each table */
async function fill(
  target: ConnectionTarget,
  filling: Filling,
): Promise<ReadonlyMap<string, number>> {
  const { into, options, header } = filling
  const { path, passphrase, signal, onProgress } = options
  onProgress?.('filling')
  const isAll = header.migrations.length === into.migrations.length
  await into.migrate(target, isAll ? undefined : header.migrations)
  await using session = await openOwner(target)
  const { client } = session
  const lines: PartLine[] = []
  const objects: string[] = []
  const begin = async () => ({
    ...(await receiveTables(client, { header, lines, onProgress })),
    file: receiveFiles(into.places, { isRehearsal: options.isRehearsal, objects }),
  })
  await unpack({ path, passphrase, begin, signal })
  if (!isAll) {
    onProgress?.('upgrading')
    await into.migrate(target)
  }
  await noteRestoredObjects(client, objects)
  return new Map(lines.map((line) => [nameOf(line), line.rows ?? 0]))
}

type Receiving = {
  readonly header: ArchiveHeader
  readonly lines: PartLine[]
  readonly onProgress: RestoreOptions['onProgress']
}

/** Everything in one transaction, which commits when the database gives back what it was given. */
async function receiveTables(client: OwnerClient, { header, lines, onProgress }: Receiving) {
  const { tables } = await readSchemaRows(client)
  const here = new Map(tables.map((table) => [table.name, table]))
  const shapes = new Map(header.tables.map((table) => [table.name, table]))
  await client.query('begin')
  await client.query(settledTexts)
  const closeAgain = await openForFilling(client, tables)
  const shapeOf = (name: string): TableShape => {
    const shape = shapes.get(name)
    if (shape === undefined || !here.has(name))
      throw new AppError('backup.unequal', { facts: { table: name } })
    return shape
  }
  return {
    async table(name: string) {
      const copy = await copyIn(client, copyInText(shapeOf(name)))
      return {
        write: copy.write,
        async end(line: PartLine) {
          await copy.end()
          lines.push(line)
        },
      }
    },
    async tablesEnded() {
      onProgress?.('comparing')
      for (const line of lines) await compare(client, shapeOf(nameOf(line)), line)
      await placeSequences(client, header.sequences)
      await closeAgain()
      await client.query('commit')
    },
  }
}

const nameOf = ({ name }: PartLine) => name.slice('tables/'.length)

/** A table that was filled at one go is read in the same order. */
async function compare(client: OwnerClient, table: TableShape, line: PartLine): Promise<void> {
  const meter = createMeter()
  for await (const chunk of copyOut(client, copyOutText(table))) meter.takeRows(chunk)
  if (meter.lineOfRows(line.name).sha256 !== line.sha256)
    throw new AppError('backup.unequal', { facts: { table: table.name } })
}

type ReceivingFiles = { readonly isRehearsal: boolean; readonly objects: string[] }

function receiveFiles(places: readonly FilePlace[], { isRehearsal, objects }: ReceivingFiles) {
  return async (
    name: string,
    { key, size, body }: { key: string; size: number; body: AsyncIterable<Buffer> },
  ): Promise<void> => {
    // One that this product does not have any more is left out.
    const place = places.find((one) => one.name === name)
    if (place === undefined || isRehearsal) return
    await place.write(key, size, body)
    if (name === 'objects') objects.push(key)
  }
}
