import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { crc32 } from 'node:zlib'
import { S3Refusal } from './s3-refusal.ts'
import { headerOf, hmac, sha256, type Signed } from './s3-signature.ts'

const digests: Readonly<Record<string, (bytes: Buffer) => string>> = {
  crc32: (bytes) => base64OfWord(crc32(bytes)),
  crc32c: (bytes) => base64OfWord(crc32c(bytes)),
  sha1: (bytes) => createHash('sha1').update(bytes).digest('base64'),
  sha256: (bytes) => createHash('sha256').update(bytes).digest('base64'),
}

/** The bytes that were meant, and the checksum that came with them, such as `x-amz-checksum-crc32`. */
export type Payload = {
  readonly bytes: Buffer
  readonly checksum?: { readonly header: string; readonly value: string }
}

/**
 * Undoes the three ways in which bodies travel (plain, signed chunks, chunks with a trailer) and
 * compares everything that was promised of the bytes.
 *
 * @throws S3Refusal
 */
export function readPayload(request: IncomingMessage, body: Buffer, signed: Signed): Payload {
  const isChunked = signed.payloadHash.startsWith('STREAMING-')
  const { bytes, trailer } = isChunked ? unchunk(body, signed) : { bytes: body, trailer: {} }
  if (!isChunked) requireHash(signed.payloadHash, bytes)
  const length = headerOf(request, 'x-amz-decoded-content-length')
  if (isChunked && Number(length) !== bytes.length) throw new S3Refusal('IncompleteBody')
  requireMd5(headerOf(request, 'content-md5'), bytes)
  const checksum = checksumOf({ ...request.headers, ...trailer }, bytes)
  return { bytes, ...(checksum && { checksum }) }
}

function requireHash(payloadHash: string, bytes: Buffer): void {
  if (payloadHash === 'UNSIGNED-PAYLOAD') return
  if (payloadHash !== sha256(bytes)) throw new S3Refusal('XAmzContentSHA256Mismatch')
}

function requireMd5(md5: string, bytes: Buffer): void {
  if (md5 === '') return
  if (md5 !== createHash('md5').update(bytes).digest('base64')) throw new S3Refusal('BadDigest')
}

function checksumOf(headers: Readonly<Record<string, unknown>>, bytes: Buffer) {
  const prefix = 'x-amz-checksum-'
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(prefix) || typeof value !== 'string') continue
    const name = header.slice(prefix.length)
    if (name === 'algorithm' || name === 'mode' || name === 'type') continue
    const digest = digests[name]
    if (digest === undefined) throw new S3Refusal('NotImplemented')
    if (digest(bytes) !== value) throw new S3Refusal('BadDigest')
    return { header, value }
  }
  return undefined
}

type Unchunked = { readonly bytes: Buffer; readonly trailer: Readonly<Record<string, string>> }

/** `aws-chunked`: a hexadecimal length, perhaps a signature, the bytes; then a trailer of headers. */
function unchunk(body: Buffer, signed: Signed): Unchunked {
  const pieces: Buffer[] = []
  let previous = signed.streaming?.seed ?? ''
  let at = 0
  for (;;) {
    const end = body.indexOf('\r\n', at)
    const head = /^([0-9a-f]+)(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(
      body.toString('latin1', at, end),
    )
    if (end === -1 || head === null) throw new S3Refusal('IncompleteBody')
    const length = Number.parseInt(head[1] ?? '', 16)
    const piece = body.subarray(end + 2, end + 2 + length)
    if (piece.length < length) throw new S3Refusal('IncompleteBody')
    previous = requireChunkSignature(signed, { piece, previous, given: head[2] })
    at = end + 2 + length
    if (length === 0) return { bytes: Buffer.concat(pieces), trailer: trailerIn(body, at) }
    pieces.push(piece)
    at += 2
  }
}

type Chunk = {
  readonly piece: Buffer
  readonly previous: string
  readonly given: string | undefined
}

/** Each chunk is signed with the signature before it, so that none can be left out or moved. */
function requireChunkSignature({ streaming }: Signed, { piece, previous, given }: Chunk): string {
  if (streaming === undefined) return ''
  const { key, scope, time } = streaming
  const wanted = hmac(
    key,
    ['AWS4-HMAC-SHA256-PAYLOAD', time, scope, previous, sha256(''), sha256(piece)].join('\n'),
  ).toString('hex')
  if (given !== wanted) throw new S3Refusal('SignatureDoesNotMatch')
  return wanted
}

function trailerIn(body: Buffer, from: number): Record<string, string> {
  const lines = body.toString('latin1', from).split('\r\n')
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name = '', value = ''] = /^([^:]+):(.*)$/.exec(line) ?? []
      return name === '' ? [] : [[name.toLowerCase(), value.trim()]]
    }),
  )
}

function base64OfWord(word: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(word >>> 0)
  return bytes.toString('base64')
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, index) => {
  let word = index
  for (let bit = 0; bit < 8; bit += 1) word = word & 1 ? (word >>> 1) ^ 0x82f63b78 : word >>> 1
  return word
})

function crc32c(bytes: Buffer): number {
  let word = 0xffffffff
  for (const byte of bytes) word = (word >>> 8) ^ (castagnoli[(word ^ byte) & 0xff] ?? 0)
  return (word ^ 0xffffffff) >>> 0
}
