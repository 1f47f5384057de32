import { createHash } from 'node:crypto'
import type { Secret } from '../secret/secret.ts'
import {
  type ArchiveHeader,
  configurationName,
  createMeter,
  lineOf,
  manifestName,
  openArchive,
  type PartLine,
  wholeOf,
} from './archive.ts'
import { damaged, type ReadEntry } from './tar.ts'

/** What is done with the parts of an archive, in their order. Nothing of it is proven before the end. */
export type Receiver = {
  /** Tables come first, each in one piece after the other. */
  table?(name: string): Promise<TableReceiver>
  /** After the last table. */
  tablesEnded?(): Promise<void>
  /** What it leaves of `body` is read nevertheless. */
  file?(
    place: string,
    file: { key: string; size: number; body: AsyncIterable<Buffer> },
  ): Promise<void>
}

export type TableReceiver = {
  write(chunk: Buffer): Promise<void>
  end(line: PartLine): Promise<void>
}

export type Unpacked = {
  readonly header: ArchiveHeader
  readonly isSealed: boolean
  readonly configuration: Readonly<Record<string, string>>
  readonly rows: number
  readonly files: number
}

type Unpacking = {
  readonly path: string
  readonly passphrase?: Secret | undefined
  /** Looks at the header before anything else is read. */
  readonly begin?: (header: ArchiveHeader) => Promise<Receiver>
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads a whole archive and compares each part with the manifest.
 *
 * @throws AppError `backup.damaged` where one byte is not as it was written, and those of `openArchive`
 */
export async function unpack({ path, passphrase, begin, signal }: Unpacking): Promise<Unpacked> {
  const { header, isSealed, entries, headerLine } = await openArchive(path, passphrase)
  const receiver = (await begin?.(header)) ?? {}
  const hash = createHash('sha256')
  const note = (line: PartLine) => void hash.update(lineOf(line))
  note(headerLine)
  const tables = createTables(header, receiver, note)
  const counts = { files: 0 }
  let configuration: Record<string, string> = {}
  let isWhole = false
  for await (const entry of entries) {
    signal?.throwIfAborted()
    if (isWhole) throw damaged()
    if (entry.name === configurationName) configuration = await readConfiguration(entry, note)
    else if (entry.name.startsWith('tables/')) await tables.take(entry)
    else {
      await tables.end()
      if (entry.name === manifestName) isWhole = await isManifest(entry, hash.digest('hex'))
      else note(await takeFile(entry, receiver, counts))
    }
  }
  if (!isWhole) throw damaged()
  return { header, isSealed, configuration, rows: tables.rows(), ...counts }
}

async function readConfiguration(entry: ReadEntry, note: (line: PartLine) => void) {
  const bytes = await wholeOf(entry)
  const meter = createMeter()
  meter.take(bytes)
  note(meter.line(configurationName))
  const value: unknown = JSON.parse(bytes.toString())
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, text]) => [name, String(text)]))
}

async function isManifest({ body }: ReadEntry, expected: string): Promise<true> {
  const hash = createHash('sha256')
  for await (const chunk of body) hash.update(chunk)
  if (hash.digest('hex') !== expected) throw damaged()
  return true
}

async function takeFile(
  { name, size, body }: ReadEntry,
  receiver: Receiver,
  counts: { files: number },
): Promise<PartLine> {
  const slash = name.indexOf('/')
  if (slash < 0) throw damaged()
  const meter = createMeter()
  const read = metered(body, meter)
  await receiver.file?.(name.slice(0, slash), { key: name.slice(slash + 1), size, body: read })
  // oxlint-disable-next-line no-empty -- what nobody wanted is hashed nevertheless
  for await (const _ of read) {
  }
  counts.files += 1
  return meter.line(name)
}

/** A generator that somebody stops reading would end; this one goes on where they stopped. */
function metered(
  bytes: AsyncIterable<Buffer>,
  meter: ReturnType<typeof createMeter>,
): AsyncIterable<Buffer> {
  const source = bytes[Symbol.asyncIterator]()
  const next = async (): Promise<IteratorResult<Buffer>> => {
    const result = await source.next()
    if (result.done !== true) meter.take(result.value)
    return result
  }
  return { [Symbol.asyncIterator]: () => ({ next }) }
}

type Current = {
  readonly name: string
  readonly meter: ReturnType<typeof createMeter>
  readonly receiver: TableReceiver | undefined
}

/** The tables of the header, each once, in its order, in numbered pieces. */
function createTables(header: ArchiveHeader, receiver: Receiver, note: (line: PartLine) => void) {
  const waiting = header.tables.map(({ name }) => name)
  let current: Current | undefined
  let rows = 0
  let hasEnded = false

  async function close(): Promise<void> {
    if (current === undefined) return
    const line = current.meter.lineOfRows(`tables/${current.name}`)
    rows += line.rows ?? 0
    note(line)
    await current.receiver?.end(line)
    current = undefined
  }

  return {
    rows: () => rows,
    async take({ name, body }: ReadEntry): Promise<void> {
      const table = name.split('/')[1] ?? ''
      if (table !== current?.name) {
        await close()
        if (waiting.shift() !== table) throw damaged()
        current = { name: table, meter: createMeter(), receiver: await receiver.table?.(table) }
      }
      for await (const chunk of body) {
        current.meter.takeRows(chunk)
        await current.receiver?.write(chunk)
      }
    },
    async end(): Promise<void> {
      if (hasEnded) return
      await close()
      if (waiting.length > 0) throw damaged()
      hasEnded = true
      await receiver.tablesEnded?.()
    },
  }
}
