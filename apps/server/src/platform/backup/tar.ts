import { AppError } from '../errors/app-error.ts'

/** One file of an archive; its bytes are as many as it says. */
export type TarEntry = {
  readonly name: string
  readonly size: number
  readonly body: AsyncIterable<Buffer> | Iterable<Buffer>
}

/** Its bytes can be read once, before the next entry is asked for. */
export type ReadEntry = TarEntry & { readonly body: AsyncIterable<Buffer> }

const blockBytes = 512
const sizeMax = 8 ** 11 - 1
const fill = Buffer.alloc(blockBytes)

/**
 * Writes the POSIX.1-1988 (ustar) form, which every `tar` reads; a name of more than some 200 bytes in
 * the pax form of POSIX.1-2001. Of each entry no more than one of its chunks is in memory.
 *
 * @throws RangeError for a size or a body that does not fit
 */
export async function* writeTar(entries: AsyncIterable<TarEntry>): AsyncGenerator<Buffer> {
  for await (const { name, size, body } of entries) {
    yield* headersOf(name, size)
    let written = 0
    for await (const chunk of body) {
      written += chunk.length
      if (written > size) break
      yield chunk
    }
    if (written !== size) throw new RangeError(`${name} has not the ${size} bytes that it said`)
    yield fill.subarray(0, paddingOf(size))
  }
  yield Buffer.alloc(2 * blockBytes)
}

const paddingOf = (size: number) => (blockBytes - (size % blockBytes)) % blockBytes

function* headersOf(name: string, size: number): Generator<Buffer> {
  const parts = splitName(name)
  if (parts === undefined) {
    const record = Buffer.from(paxRecord('path', name))
    yield headerOf({ prefix: '', base: 'pax' }, { name, size: record.length, type: 'x' })
    yield record
    yield fill.subarray(0, paddingOf(record.length))
  }
  yield headerOf(parts ?? { prefix: '', base: 'long-name' }, { name, size, type: '0' })
}

/** Begins with its own length, the digits of it included (POSIX.1-2001, pax, "Extended Header"). */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  const digits = String(bytes + String(bytes).length).length
  return `${bytes + digits}${rest}`
}

type Naming = { readonly prefix: string; readonly base: string }
type Heading = { readonly name: string; readonly size: number; readonly type: '0' | 'x' }

function headerOf({ prefix, base }: Naming, { name, size, type }: Heading): Buffer {
  if (size > sizeMax) throw new RangeError(`${name} does not fit into a tar header`)
  const header = Buffer.alloc(blockBytes)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  header.write(base, 0, 100)
  header.write(prefix, 345, 155)
  header.write(octal(0o600, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(size, 11), 124)
  header.write(octal(0, 11), 136)
  header.write(type, 156)
  header.write('ustar\0' + '00', 257)
  header.write(`${octal(checksumOf(header), 6)} `, 148)
  return header
}

/**
 * A long name is divided at a slash: its last part has 100 bytes, what goes before it 155.
 *
 * @returns undefined where it does not fit
 */
function splitName(name: string): Naming | undefined {
  if (Buffer.byteLength(name) <= 100) return { prefix: '', base: name }
  for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
    const [prefix, base] = [name.slice(0, at), name.slice(at + 1)]
    if (Buffer.byteLength(base) <= 100 && Buffer.byteLength(prefix) <= 155) return { prefix, base }
  }
  return undefined
}

/** As if the field of the checksum were spaces. */
function checksumOf(header: Buffer): number {
  let sum = 8 * 32
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte
  return sum
}

/**
 * Reads what `writeTar` wrote. Each body has to be read, or is skipped, before the next entry comes.
 *
 * @throws AppError `backup.damaged` where it is cut off or no such file
 */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<ReadEntry> {
  const bytes = createByteReader(source)
  for (;;) {
    const header = await bytes.take(blockBytes)
    if (header.equals(fill)) break
    const { name, size } = parseHeader(header)
    const body = bytes.stream(size)
    yield { name, size, body }
    // oxlint-disable-next-line no-empty -- what nobody has read is skipped
    for await (const _ of body) {
    }
    await bytes.take(paddingOf(size))
  }
  await bytes.take(blockBytes)
  await bytes.end()
}

function parseHeader(header: Buffer): { name: string; size: number } {
  const text = (from: number, length: number) =>
    header.toString('utf8', from, from + length).replace(/\0.*$/s, '')
  const checksum = parseInt(text(148, 8), 8)
  if (checksum !== checksumOf(header)) throw damaged()
  const prefix = text(345, 155)
  const name = prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`
  return { name, size: parseInt(text(124, 12), 8) }
}

/** What says that an archive is not as it was written. */
export const damaged = (cause?: unknown) =>
  new AppError('backup.damaged', cause === undefined ? {} : { cause })

/** Reads exact lengths from chunks of any size. */
export function createByteReader(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)

  async function next(): Promise<Buffer | undefined> {
    if (rest.length > 0) {
      const chunk = rest
      rest = Buffer.alloc(0)
      return chunk
    }
    for (;;) {
      const { done, value } = await chunks.next()
      if (done === true) return undefined
      if (value.length > 0) return value
    }
  }

  async function* stream(length: number): AsyncGenerator<Buffer> {
    let left = length
    while (left > 0) {
      const chunk = await next()
      if (chunk === undefined) throw damaged()
      rest = chunk.subarray(left)
      left -= Math.min(left, chunk.length)
      yield rest.length > 0 ? chunk.subarray(0, chunk.length - rest.length) : chunk
    }
  }

  /** As many bytes as there are, at most `length`. */
  async function takeMost(length: number): Promise<Buffer> {
    const parts: Buffer[] = []
    let left = length
    while (left > 0) {
      const chunk = await next()
      if (chunk === undefined) break
      rest = chunk.subarray(left)
      parts.push(chunk.subarray(0, left))
      left -= Math.min(left, chunk.length)
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
  }

  return {
    stream,
    takeMost,
    async take(length: number): Promise<Buffer> {
      const taken = await takeMost(length)
      if (taken.length !== length) throw damaged()
      return taken
    },
    /** Up to and with the first `\n`, which may be `most` bytes away. */
    async line(most: number): Promise<Buffer> {
      let line: Buffer = Buffer.alloc(0)
      while (line.length < most) {
        const chunk = await next()
        if (chunk === undefined) throw damaged()
        const end = chunk.indexOf(0x0a)
        line = Buffer.concat([line, end < 0 ? chunk : chunk.subarray(0, end + 1)])
        if (end < 0) continue
        rest = chunk.subarray(end + 1)
        return line
      }
      throw damaged()
    },
    /** What is left, whole. */
    async *rest(): AsyncGenerator<Buffer> {
      for (let chunk = await next(); chunk !== undefined; chunk = await next()) yield chunk
    },
    async end(): Promise<void> {
      if ((await next()) !== undefined) throw damaged()
    },
  }
}

export type ByteReader = ReturnType<typeof createByteReader>
