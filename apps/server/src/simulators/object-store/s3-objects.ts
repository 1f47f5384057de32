import { createHash, randomUUID } from 'node:crypto'
import { S3Refusal } from './s3-refusal.ts'
import type { Payload } from './s3-payload.ts'

export type StoredObject = Payload & {
  readonly etag: string
  readonly modifiedAt: Date
  /** Headers that come back as they were sent: type, disposition, `x-amz-meta-*`. */
  readonly headers: Readonly<Record<string, string>>
}

type Part = {
  readonly number: number
  readonly bytes: Buffer
  readonly etag: string
  readonly at: Date
}

export type Upload = {
  readonly id: string
  readonly key: string
  readonly startedAt: Date
  readonly headers: StoredObject['headers']
  readonly parts: Map<number, Part>
}

export type Bucket = {
  readonly objects: Map<string, StoredObject>
  readonly uploads: Map<string, Upload>
}

type Put = Payload & Pick<StoredObject, 'headers'>

const smallestPartBytes = 5 * 1024 * 1024

/** What a store keeps, and its rules about it. Times are those of the clock that it is given. */
export function createS3Objects(bucketNames: readonly string[], now: () => Date) {
  const buckets = new Map(
    bucketNames.map((name): [string, Bucket] => [name, { objects: new Map(), uploads: new Map() }]),
  )
  const uploadOf = ({ uploads }: Bucket, key: string, id: string): Upload => {
    const upload = uploads.get(id)
    if (upload?.key !== key) throw new S3Refusal('NoSuchUpload')
    return upload
  }

  return {
    buckets,

    put({ objects }: Bucket, key: string, { bytes, checksum, headers }: Put): StoredObject {
      const etag = `"${md5(bytes)}"`
      const stored = { bytes, etag, modifiedAt: now(), headers, ...(checksum && { checksum }) }
      objects.set(key, stored)
      return stored
    },

    startUpload({ uploads }: Bucket, key: string, headers: StoredObject['headers']): Upload {
      const upload = { id: randomUUID(), key, startedAt: now(), headers, parts: new Map() }
      uploads.set(upload.id, upload)
      return upload
    },

    uploadOf,

    putPart(upload: Upload, number: number, bytes: Buffer): Part {
      if (!Number.isInteger(number) || number < 1 || number > 10_000)
        throw new S3Refusal('InvalidArgument')
      const part = { number, bytes, etag: `"${md5(bytes)}"`, at: now() }
      upload.parts.set(number, part)
      return part
    },

    /** @throws S3Refusal `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall` */
    complete(bucket: Bucket, upload: Upload, named: readonly NamedPart[]): StoredObject {
      const parts = named.map(({ number, etag }) => {
        const part = upload.parts.get(number)
        if (part === undefined || bare(part.etag) !== bare(etag)) throw new S3Refusal('InvalidPart')
        return part
      })
      requireOrder(parts)
      const bytes = Buffer.concat(parts.map((part) => part.bytes))
      const all = Buffer.concat(parts.map(({ etag }) => Buffer.from(bare(etag), 'hex')))
      const etag = `"${md5(all)}-${parts.length}"`
      const stored = { bytes, etag, modifiedAt: now(), headers: upload.headers }
      bucket.objects.set(upload.key, stored)
      bucket.uploads.delete(upload.id)
      return stored
    },
  }
}

export type NamedPart = { readonly number: number; readonly etag: string }

function requireOrder(parts: readonly Part[]): void {
  if (parts.length === 0) throw new S3Refusal('MalformedXML')
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1]
    if (next === undefined) return
    if (next.number <= part.number) throw new S3Refusal('InvalidPartOrder')
    if (part.bytes.length < smallestPartBytes) throw new S3Refusal('EntityTooSmall')
  }
}

function bare(etag: string): string {
  return etag.replaceAll('"', '')
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}

export type Listing = {
  readonly entries: readonly (readonly [key: string, object: StoredObject])[]
  readonly prefixes: readonly string[]
  /** Where the next page begins; absent: this is the last one. */
  readonly next?: string
}

type ListQuery = {
  readonly prefix: string
  readonly delimiter: string
  /** Names up to and including this one are left out. */
  readonly after: string
  readonly most: number
}

/** One page in the order of UTF-8 bytes; what a delimiter groups counts as one. */
export function listPage(
  { objects }: Bucket,
  { prefix, delimiter, after, most }: ListQuery,
): Listing {
  const entries: [string, StoredObject][] = []
  const prefixes: string[] = []
  let last = after
  const keys = [...objects].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  for (const [key, object] of keys) {
    if (!key.startsWith(prefix)) continue
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const name = cut === -1 ? key : key.slice(0, cut + delimiter.length)
    if (isUpTo(name, last)) continue
    if (entries.length + prefixes.length === most) return { entries, prefixes, next: last }
    if (cut === -1) entries.push([key, object])
    else prefixes.push(name)
    last = name
  }
  return { entries, prefixes }
}

function isUpTo(name: string, last: string): boolean {
  return last !== '' && Buffer.compare(Buffer.from(name), Buffer.from(last)) <= 0
}
