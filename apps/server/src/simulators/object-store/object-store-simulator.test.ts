import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { AwsV4Signer } from 'aws4fetch'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pythonWith } from '../../testing/debian-python.ts'
import { s3RefereeOrSkip } from '../../testing/s3-referee.ts'
import { serveSimulators } from '../serve.ts'
import { createObjectStoreSimulator } from './object-store-simulator.ts'

const credential = {
  accessKeyId: 'AKIATESTTESTTESTTEST',
  secretAccessKey: 'test-secret-of-the-object-store',
  region: 'il-central-1',
}
let now = Date.now()
const serve = () =>
  serveSimulators({
    '/store': () =>
      createObjectStoreSimulator({ ...credential, buckets: ['studio-files'], clock: () => now }),
  })
let served: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  served = await serve()
})
beforeEach(() => {
  now = Date.now()
  store().restore(null)
})
afterAll(() => served.close())
const store = () => served.simulators['/store']

type Sent = { method?: string; headers?: Record<string, string>; body?: string; query?: string }

async function send(key: string, { method = 'GET', headers = {}, body, query = '' }: Sent = {}) {
  const signer = new AwsV4Signer({
    ...credential,
    method,
    url: `${served.origin}/store/studio-files${key}${query}`,
    service: 's3',
    headers,
    ...(body === undefined ? {} : { body }),
  })
  const signed = await signer.sign()
  const answer = await fetch(signed.url, {
    method,
    headers: signed.headers,
    ...(body === undefined ? {} : { body }),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    code: /<Code>(\w+)/.exec(text)?.[1],
  }
}

describe('the simulated object store [D-26]', () => {
  it('creates only, where it is asked to', async () => {
    const create = { method: 'PUT', body: 'one', headers: { 'if-none-match': '*' } }
    expect(await send('/a', create)).toMatchObject({ status: 200 })
    expect(await send('/a', { ...create, body: 'two' })).toMatchObject({
      status: 412,
      code: 'PreconditionFailed',
    })
    expect(await send('/a')).toMatchObject({ status: 200, text: 'one' })
    expect(store().counters()).toMatchObject({ puts: { a: 1 } })
  })

  it('takes chunks with a checksum behind them, as newer clients send', async () => {
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32('שלום עולם'))
    const text = 'שלום עולם'
    const length = Buffer.byteLength(text)
    const chunked = (checksum: string) => ({
      method: 'PUT',
      headers: {
        'content-encoding': 'aws-chunked',
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': String(length),
        'x-amz-trailer': 'x-amz-checksum-crc32',
      },
      body: `${length.toString(16)}\r\n${text}\r\n0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`,
    })
    expect((await send('/b', chunked('AAAAAA=='))).code).toBe('BadDigest')
    expect((await send('/b', chunked(sum.toString('base64')))).status).toBe(200)
    expect((await send('/b')).text).toBe(text)
  })

  it('compares what it got with every promise about it', async () => {
    const md5 = createHash('md5').update('other').digest('base64')
    const wrong = { method: 'PUT', body: 'bytes' }
    expect((await send('/c', { ...wrong, headers: { 'content-md5': md5 } })).code).toBe('BadDigest')
    const hash = { 'x-amz-content-sha256': createHash('sha256').update('other').digest('hex') }
    expect((await send('/c', { ...wrong, headers: hash })).code).toBe('XAmzContentSHA256Mismatch')
    expect(store().keys()).toEqual([])
  })

  it('refuses a clock that is wrong by more than a quarter of an hour', async () => {
    now = Date.now() + 16 * 60_000
    expect(await send('/d')).toMatchObject({ status: 403, code: 'RequestTimeTooSkewed' })
  })

  it('refuses what it does not simulate instead of doing something else', async () => {
    expect(await send('/e', { query: '?acl=' })).toMatchObject({
      status: 501,
      code: 'NotImplemented',
    })
    expect(await send('/e', { method: 'PATCH' })).toMatchObject({ status: 405 })
  })

  it('does the effect although its answer is lost', async () => {
    store().faults.set({ fault: { kind: 'effect-then-lost' }, times: 1 })
    await expect(send('/f', { method: 'PUT', body: 'kept' })).rejects.toThrow('fetch failed')
    expect((await send('/f')).text).toBe('kept')
  })
})

describe('the model of Amazon', () => {
  const part = 'p'.repeat(5 << 20)
  it('knows every header and every element that the store answers with [D-26]', async ({
    skip,
  }) => {
    const judge = s3RefereeOrSkip({ skip })
    const judged = async (operation: string, key: string, sent?: Sent) => {
      const { status, headers, text } = await send(key, sent)
      expect(status).toBeLessThan(300)
      const isXml = headers.get('content-type') === 'application/xml'
      const verdict = judge({ operation, headers, body: isXml ? text : '' })
      expect([operation, ...verdict.errors]).toEqual([operation])
      return { text, etag: headers.get('etag') ?? '' }
    }
    const meta = { 'x-amz-meta-project': '7', 'content-type': 'text/plain' }
    await judged('PutObject', '/docs/a', { method: 'PUT', body: 'a', headers: meta })
    await judged('GetObject', '/docs/a')
    await judged('GetObject', '/docs/a', { headers: { range: 'bytes=0-0' } })
    await judged('HeadObject', '/docs/a', { method: 'HEAD' })
    const from = { 'x-amz-copy-source': '/studio-files/docs/a' }
    await judged('CopyObject', '/b', { method: 'PUT', headers: from })
    await judged('HeadBucket', '', { method: 'HEAD' })
    await judged('GetBucketLocation', '', { query: '?location=' })
    await judged('ListObjectsV2', '', { query: '?list-type=2&delimiter=%2F&max-keys=1' })
    const started = await judged('CreateMultipartUpload', '/c', {
      method: 'POST',
      query: '?uploads=',
    })
    const id = /<UploadId>([^<]+)/.exec(started.text)?.[1] ?? ''
    const first = { method: 'PUT', query: `?partNumber=1&uploadId=${id}`, body: part }
    const { etag } = await judged('UploadPart', '/c', first)
    await judged('ListParts', '/c', { query: `?uploadId=${id}` })
    await judged('ListMultipartUploads', '', { query: '?uploads=' })
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`
    await judged('CompleteMultipartUpload', '/c', {
      method: 'POST',
      query: `?uploadId=${id}`,
      body,
    })
    const gone = '<Delete><Object><Key>c</Key></Object></Delete>'
    const md5 = createHash('md5').update(gone).digest('base64')
    const many = { method: 'POST', query: '?delete=', body: gone, headers: { 'content-md5': md5 } }
    await judged('DeleteObjects', '', many)
    await judged('DeleteObject', '/b', { method: 'DELETE' })
    expect(store().counters()).toMatchObject({ operations: { CopyObject: 1, UploadPart: 1 } })
  })
})

const python = pythonWith('boto3')

describe('boto3, a client that we did not write', () => {
  it('puts, reads, lists, copies, uploads in parts, presigns, and understands refusals [D-26]', async ({
    skip,
  }) => {
    if (python === undefined)
      return skip('python3 -c "import boto3" fails: install the Debian package python3-boto3')
    const { stdout } = await promisify(execFile)(python, [
      '-X',
      'utf8',
      join(import.meta.dirname, 'boto3_client.py'),
      `${served.origin}/store`,
      'studio-files',
      credential.region,
      credential.accessKeyId,
      credential.secretAccessKey,
    ])
    const name = 'docs/מסמך שלום (1).pdf'
    expect(JSON.parse(stdout)).toEqual({
      read: [true, 'application/pdf', { project: '7' }],
      head: 16_384,
      range: [true, 'bytes 10-19/16384'],
      badRange: [416, 'InvalidRange'],
      checksum: createHash('sha256').update('x').digest('base64'),
      wrongChecksum: [400, 'BadDigest'],
      parts: [true, '-3"'],
      listedParts: [
        [1, 5],
        [2, 3],
      ],
      tooSmall: [400, 'EntityTooSmall'],
      open: ['half'],
      'given up': [404, 'NoSuchUpload'],
      copy: { project: '7' },
      pages: [
        [['big', 'c'], []],
        [['copy'], ['docs/']],
      ],
      below: [name],
      presigned: true,
      forged: 403,
      missing: [404, 'NoSuchKey'],
      missingHead: [404, '404'],
      otherBucket: [404, '404'],
      wrongSecret: [403, 'SignatureDoesNotMatch'],
      tagging: [501, 'NotImplemented'],
      gone: [name, 'big', 'c & d'],
      left: ['copy'],
    })
    expect(store().openUploads()).toBe(0)
  })
})
