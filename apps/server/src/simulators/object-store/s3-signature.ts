import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { S3Code } from './s3-refusal.ts'

export type S3Credential = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

type Question = {
  readonly request: IncomingMessage
  readonly credential: S3Credential
  /** Milliseconds since 1970. */
  readonly now: number
}

/** A request that was signed by whom it says; `streaming` is set where each chunk is signed too. */
export type Signed = {
  readonly payloadHash: string
  readonly streaming?: {
    readonly key: Buffer
    readonly scope: string
    readonly time: string
    readonly seed: string
  }
}

type Parts = {
  readonly keyId: string
  readonly day: string
  readonly region: string
  readonly time: string
  readonly signedHeaders: string
  readonly signature: string
  /** Seconds that a presigned address holds; absent for a header. */
  readonly validFor?: number
  readonly payloadHash: string
}

const skewMs = 15 * 60_000
const longestPresignedSeconds = 7 * 86_400

/** Signature Version 4, in the header or presigned in the query, computed anew from what arrived. */
export function readSignature(question: Question): Signed | S3Code {
  const { request, credential } = question
  const parts = partsOf(request)
  if (parts === undefined) return 'AccessDenied'
  if (parts.keyId !== credential.accessKeyId) return 'InvalidAccessKeyId'
  if (parts.region !== credential.region) return 'AuthorizationHeaderMalformed'
  const late = timeProblem(parts, question.now)
  if (late !== undefined) return late
  const scope = `${parts.day}/${parts.region}/s3/aws4_request`
  const key = signingKey(credential, parts.day)
  const canonical = canonicalRequest(request, parts)
  const toSign = ['AWS4-HMAC-SHA256', parts.time, scope, sha256(canonical)].join('\n')
  const wanted = hmac(key, toSign)
  if (!timingSafeEqual(wanted, Buffer.from(parts.signature, 'hex'))) return 'SignatureDoesNotMatch'
  const { payloadHash, time } = parts
  if (!payloadHash.startsWith('STREAMING-AWS4')) return { payloadHash }
  return { payloadHash, streaming: { key, scope, time, seed: parts.signature } }
}

function timeProblem({ time, validFor }: Parts, now: number): S3Code | undefined {
  const at = timeOf(time)
  if (validFor === undefined)
    return Math.abs(now - at) <= skewMs ? undefined : 'RequestTimeTooSkewed'
  const isValid = validFor > 0 && validFor <= longestPresignedSeconds
  return isValid && now >= at - skewMs && now <= at + validFor * 1_000 ? undefined : 'AccessDenied'
}

const headerForm =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
const scopeForm = /^([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request$/

function partsOf(request: IncomingMessage): Parts | undefined {
  const query = queryOf(request)
  return query.has('X-Amz-Signature') ? partsOfQuery(query) : partsOfHeader(request)
}

function partsOfHeader(request: IncomingMessage): Parts | undefined {
  const found = headerForm.exec(headerOf(request, 'authorization'))
  if (found === null) return undefined
  const [, keyId = '', day = '', region = '', signedHeaders = '', signature = ''] = found
  const time = headerOf(request, 'x-amz-date')
  const payloadHash = headerOf(request, 'x-amz-content-sha256')
  return { keyId, day, region, time, signedHeaders, signature, payloadHash }
}

function partsOfQuery(query: URLSearchParams): Parts | undefined {
  const of = (name: string) => query.get(name) ?? ''
  const [, keyId = '', day = '', region = ''] = scopeForm.exec(of('X-Amz-Credential')) ?? []
  const signature = of('X-Amz-Signature')
  if (keyId === '' || !/^[0-9a-f]{64}$/.test(signature)) return undefined
  return {
    keyId,
    day,
    region,
    time: of('X-Amz-Date'),
    signedHeaders: of('X-Amz-SignedHeaders'),
    signature,
    validFor: Number(of('X-Amz-Expires')),
    payloadHash: 'UNSIGNED-PAYLOAD',
  }
}

export function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? '/', 'http://simulator').searchParams
}

export function headerOf(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '').trim()
}

function canonicalRequest(request: IncomingMessage, { signedHeaders, payloadHash }: Parts): string {
  const [path = '/'] = (request.url ?? '/').split('?')
  return [
    request.method ?? 'GET',
    // Clients sign the path as they send it, with what stands before the mount point.
    path,
    canonicalQuery(queryOf(request)),
    ...signedHeaders
      .split(';')
      .map((name) => `${name}:${headerOf(request, name).replaceAll(/ +/g, ' ')}`),
    '',
    signedHeaders,
    payloadHash,
  ].join('\n')
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .toSorted()
    .join('&')
}

function uriEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function signingKey({ secretAccessKey, region }: S3Credential, day: string): Buffer {
  return [day, region, 's3', 'aws4_request'].reduce<Buffer>(
    hmac,
    Buffer.from(`AWS4${secretAccessKey}`),
  )
}

function timeOf(stamp: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

export function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
