import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { bytesAnswer, emptyAnswer, readBody, type Answer } from '../exchange.ts'
import { createFaultControl, sharedFaults } from '../fault-control.ts'
import { createHandler, type Asked } from '../handler.ts'
import type { Simulator } from '../simulator.ts'

export type ObjectStoreSimulatorOptions = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  readonly buckets: readonly string[]
  /** Milliseconds since 1970. */
  readonly clock?: () => number
  readonly seed?: number
}

export type ObjectStoreSimulator = Simulator & {
  /** Keys of what is kept, with the bucket before. */
  keys(): readonly string[]
}

const skewMs = 15 * 60_000

/** An S3-compatible store in memory: path style, SigV4 in the header, objects of one request. */
export function createObjectStoreSimulator(
  options: ObjectStoreSimulatorOptions,
): ObjectStoreSimulator {
  const { buckets, clock = Date.now, seed = 1 } = options
  const faults = createFaultControl({ seed, known: sharedFaults })
  const objects = new Map<string, Buffer>()
  let requests: Record<string, number> = {}

  const keep: Readonly<Record<string, (key: string, body: Buffer) => Answer>> = {
    PUT(key, body) {
      objects.set(key, body)
      const etag = createHash('md5').update(body).digest('hex')
      return emptyAnswer(200, { etag: `"${etag}"` })
    },
    GET(key) {
      const found = objects.get(key)
      return found === undefined
        ? refusal(404, 'NoSuchKey')
        : bytesAnswer('application/octet-stream', found)
    },
    DELETE(key) {
      objects.delete(key)
      return emptyAnswer(204)
    },
  }

  const answer = async ({ request, method, url }: Asked): Promise<Answer> => {
    const body = (await readBody(request)) ?? Buffer.alloc(0)
    const refused = checkSignature(request, url, { ...options, now: clock() })
    if (refused !== undefined) return withoutBody(method, refused)
    const [, bucket = '', ...key] = url.pathname.split('/')
    if (!buckets.includes(bucket)) return withoutBody(method, refusal(404, 'NoSuchBucket'))
    if (key.join('/') === '') return emptyAnswer(method === 'HEAD' ? 200 : 405)
    return keep[method]?.(`${bucket}/${key.join('/')}`, body) ?? refusal(405, 'MethodNotAllowed')
  }

  return {
    ...createHandler({
      faults,
      count(method) {
        requests[method] = (requests[method] ?? 0) + 1
      },
      answer,
      errorBody: (_status, message) => ({ message }),
    }),
    faults,
    counters: () => ({ requests: { ...requests } }),
    snapshot: () => null,
    restore() {
      objects.clear()
      requests = {}
    },
    onChange: () => () => undefined,
    keys: () => [...objects.keys()],
  }
}

type Expected = ObjectStoreSimulatorOptions & { readonly now: number }

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/

/** Signature Version 4 in the Authorization header, computed anew from what arrived. */
function checkSignature(request: IncomingMessage, url: URL, expected: Expected) {
  const { accessKeyId, region, now } = expected
  const parts = form.exec(request.headers.authorization ?? '')
  if (parts === null) return refusal(403, 'AccessDenied')
  const [, keyId, day = '', scopeRegion, signed = '', signature = ''] = parts
  if (keyId !== accessKeyId) return refusal(403, 'InvalidAccessKeyId')
  if (scopeRegion !== region) return refusal(400, 'AuthorizationHeaderMalformed')
  const time = headerOf(request, 'x-amz-date')
  if (Math.abs(now - timeOf(time)) > skewMs) return refusal(403, 'RequestTimeTooSkewed')
  const canonical = canonicalRequest(request, url, signed)
  const wanted = signatureOf(expected, { day, time, canonical })
  const isRight = timingSafeEqual(wanted, Buffer.from(signature, 'hex'))
  return isRight ? undefined : refusal(403, 'SignatureDoesNotMatch')
}

function headerOf(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '').trim()
}

function canonicalRequest(request: IncomingMessage, url: URL, signed: string): string {
  return [
    request.method ?? 'GET',
    mountedPath(request, url),
    url.searchParams.toString(),
    ...signed.split(';').map((name) => `${name}:${headerOf(request, name)}`),
    '',
    signed,
    headerOf(request, 'x-amz-content-sha256'),
  ].join('\n')
}

function signatureOf(
  { secretAccessKey, region }: Expected,
  { day, time, canonical }: { day: string; time: string; canonical: string },
): Buffer {
  const scope = `${day}/${region}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer>(
    hmac,
    Buffer.from(`AWS4${secretAccessKey}`),
  )
  return hmac(key, toSign)
}

/** Clients sign the whole path, also what stands before the mount point. */
function mountedPath(request: IncomingMessage, url: URL): string {
  return new URL(request.url ?? url.pathname, 'http://simulator').pathname
}

function timeOf(stamp: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function refusal(status: number, code: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message><RequestId>0</RequestId></Error>`
  return { ...bytesAnswer('application/xml', body), status }
}

/** Errors of HEAD have no body. */
function withoutBody(method: string, answer: Answer): Answer {
  return method === 'HEAD' ? emptyAnswer(answer.status) : answer
}
