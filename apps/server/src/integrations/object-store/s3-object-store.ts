import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { parseXml, type XmlElement } from '@rgrove/parse-xml'
import type { OpenedAnswer, OpenRequest } from '../../platform/outbound/exchange.ts'
import type { Outbound, OutboundAnswer } from '../../platform/outbound/outbound.ts'
import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import {
  ObjectStoreError,
  type ObjectStore,
  type ObjectStoreFailure,
  type StagedFile,
  type StoredObject,
} from './object-store.ts'
import { signedHeaders } from './sign-s3-request.ts'
import type { ObjectStoreSettings } from './try-object-store.ts'

type Sizes = {
  /** What is larger goes in parts of this size; S3 takes 5 MB at least, and 10,000 parts at most. */
  readonly partBytes: number
}

/** One request needs memory for one part. */
const usual: Sizes = { partBytes: 8 * 1_024 * 1_024 }

const deadlineMs = 10_000
const deadlinePerMegabyteMs = 1_000
const silenceMs = 30_000

/** The id of a project and a hash. */
const ownKey = /^[0-9a-f-]{36}\/[0-9a-f]{64}$/

type Asked = {
  readonly method: string
  readonly url: string
  readonly body?: string | Uint8Array
  /** Statuses that are an answer and no failure. */
  readonly expected?: readonly number[]
}

/** Objects of one bucket of any S3-compatible store: path style, signed, read back after writing. */
export function createS3ObjectStore(
  outbound: Outbound,
  settings: ObjectStoreSettings,
  { partBytes }: Sizes = usual,
): ObjectStore {
  const bucketUrl = `${settings.endpoint.replace(/\/+$/, '')}/${encodeURIComponent(settings.bucket)}`
  const urlOf = (key: string) => `${bucketUrl}/${key}`

  const signed = async (asked: Asked): Promise<OpenRequest> => ({
    url: asked.url,
    method: asked.method,
    headers: await signedHeaders(settings, asked),
    ...(asked.body === undefined ? {} : { body: asked.body }),
    system: 'object-store',
    ...settings.tls,
  })

  /** Keys are made of hashes: whatever is done twice is the same as once. */
  async function send(asked: Asked): Promise<OutboundAnswer> {
    const megabytes = (asked.body?.length ?? 0) / 1_048_576
    const request = {
      ...(await signed(asked)),
      idempotent: true,
      deadlineMs: Math.round(deadlineMs + megabytes * deadlinePerMegabyteMs),
    }
    const answer = await outbound.send(request).catch(toStoreError)
    requireDone(answer.status, answer.body, asked.expected)
    return answer
  }

  /** @returns its bytes; a store that falls silent is left */
  async function openObject(key: string): Promise<AsyncIterable<Uint8Array>> {
    const silence = new AbortController()
    const timer = setTimeout(() => silence.abort(), silenceMs)
    const request = await signed({ method: 'GET', url: urlOf(key) })
    try {
      const answer = await outbound.open({ ...request, signal: silence.signal })
      if (answer.status === 200) return readAll(answer, timer)
      answer.close()
      requireDone(answer.status, '')
      throw new ObjectStoreError('away', `status ${answer.status}`)
    } catch (error) {
      clearTimeout(timer)
      return toStoreError(error)
    }
  }

  async function put(key: string, file: StagedFile): Promise<void> {
    if (file.sizeBytes <= partBytes) {
      const body = await readPart(file, 0, file.sizeBytes)
      await send({ method: 'PUT', url: urlOf(key), body })
    } else await putInParts(key, file)
    await verify(key, file)
  }

  async function putInParts(key: string, file: StagedFile): Promise<void> {
    const begun = await send({ method: 'POST', url: `${urlOf(key)}?uploads=` })
    const uploadId = textOf(parseXml(begun.body).root, 'UploadId')
    const upload = `uploadId=${encodeURIComponent(uploadId ?? '')}`
    try {
      const parts: string[] = []
      for (let start = 0; start < file.sizeBytes; start += partBytes) {
        const number = parts.length + 1
        const body = await readPart(file, start, Math.min(partBytes, file.sizeBytes - start))
        const url = `${urlOf(key)}?partNumber=${number}&${upload}`
        const { headers } = await send({ method: 'PUT', url, body })
        const etag = (headers['etag'] ?? '').replaceAll('"', '&quot;')
        parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`)
      }
      const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`
      const ended = await send({ method: 'POST', url: `${urlOf(key)}?${upload}`, body })
      // A store that fails while it joins the parts says so under status 200.
      if (!ended.body.includes('CompleteMultipartUploadResult'))
        throw new ObjectStoreError('away', 'the parts were not joined')
    } catch (error) {
      // Parts that stay cost money and no list of objects shows them.
      await send({ method: 'DELETE', url: `${urlOf(key)}?${upload}`, expected: [404] }).catch(
        () => undefined,
      )
      throw error
    }
  }

  /** An ETag is no hash of the content everywhere, and a store may keep other bytes and say 200. */
  async function verify(key: string, { sizeBytes, sha256 }: StagedFile): Promise<void> {
    const hash = createHash('sha256')
    let length = 0
    for await (const chunk of await openObject(key)) {
      hash.update(chunk)
      length += chunk.length
    }
    if (length === sizeBytes && hash.digest('hex') === sha256) return
    await send({ method: 'DELETE', url: urlOf(key), expected: [404] })
    throw new ObjectStoreError('damaged', `${length} bytes came back, ${sizeBytes} were sent`)
  }

  async function* list(prefix: string): AsyncGenerator<StoredObject> {
    let token: string | undefined = ''
    while (token !== undefined) {
      const from: string = token === '' ? '' : `&continuation-token=${encodeURIComponent(token)}`
      const query = `list-type=2&prefix=${encodeURIComponent(prefix)}${from}`
      const { body } = await send({ method: 'GET', url: `${bucketUrl}?${query}` })
      const { root } = parseXml(body)
      for (const entry of childrenOf(root, 'Contents'))
        yield { key: textOf(entry, 'Key') ?? '', sizeBytes: Number(textOf(entry, 'Size')) }
      token = textOf(root, 'NextContinuationToken')
    }
  }

  /** Only of keys like ours: others may use the bucket as well. */
  async function removeTorn(before: Date): Promise<number> {
    const { body } = await send({ method: 'GET', url: `${bucketUrl}?uploads=` })
    const torn = childrenOf(parseXml(body).root, 'Upload').flatMap((upload) => {
      const [key = '', id = ''] = [textOf(upload, 'Key'), textOf(upload, 'UploadId')]
      const isOld = new Date(textOf(upload, 'Initiated') ?? '') < before
      return isOld && ownKey.test(key) ? [`${urlOf(key)}?uploadId=${encodeURIComponent(id)}`] : []
    })
    for (const url of torn) await send({ method: 'DELETE', url, expected: [404] })
    return torn.length
  }

  return {
    kind: 's3',
    put,
    read: openObject,
    remove: async (key) =>
      void (await send({ method: 'DELETE', url: urlOf(key), expected: [404] })),
    list,
    removeTorn,
    check: async () => void (await send({ method: 'HEAD', url: bucketUrl })),
  }
}

async function readPart({ path }: StagedFile, start: number, length: number): Promise<Uint8Array> {
  const handle = await open(path)
  try {
    const part = new Uint8Array(length)
    const { bytesRead } = await handle.read(part, 0, length, start)
    if (bytesRead !== length) throw new ObjectStoreError('damaged', 'fewer bytes are staged')
    return part
  } finally {
    await handle.close()
  }
}

async function* readAll(
  { body }: OpenedAnswer,
  silence: NodeJS.Timeout,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      silence.refresh()
      yield chunk
    }
  } catch (error) {
    toStoreError(error)
  } finally {
    clearTimeout(silence)
  }
}

function toStoreError(error: unknown): never {
  if (error instanceof OutboundError) throw new ObjectStoreError('away', error.message, error)
  throw error
}

const failureOfCode: Readonly<Record<string, ObjectStoreFailure>> = {
  NoSuchKey: 'missing',
  QuotaExceeded: 'full',
  BadDigest: 'damaged',
  XAmzContentSHA256Mismatch: 'damaged',
}

function requireDone(status: number, body: string, expected: readonly number[] = []): void {
  if ((status >= 200 && status < 300) || expected.includes(status)) return
  const code = /<Code>(\w{1,60})<\/Code>/.exec(body)?.[1] ?? ''
  const ofStatus = status === 404 && code === '' ? 'missing' : 'away'
  throw new ObjectStoreError(failureOfCode[code] ?? ofStatus, `status ${status} ${code}`.trim())
}

function childrenOf(parent: XmlElement | null, name: string): XmlElement[] {
  return (parent?.children ?? []).filter(
    (child): child is XmlElement =>
      child.type === 'element' && 'name' in child && child.name === name,
  )
}

function textOf(parent: XmlElement | null, name: string): string | undefined {
  return childrenOf(parent, name)[0]?.text
}
