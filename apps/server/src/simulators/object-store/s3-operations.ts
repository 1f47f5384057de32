import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, emptyAnswer, escapeHtml } from '../exchange.ts'
import {
  type Bucket,
  type createS3Objects,
  listPage,
  type StoredObject,
  type Upload,
} from './s3-objects.ts'
import type { Payload } from './s3-payload.ts'
import { S3Refusal, xmlAnswer } from './s3-refusal.ts'

export type Store = ReturnType<typeof createS3Objects>

/** One request whose signature and payload were right. */
export type S3Request = {
  readonly store: Store
  readonly bucketName: string
  readonly bucket: Bucket
  /** Empty for what is about the bucket. */
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly payload: Payload
}

type Operation = (request: S3Request) => Answer | Promise<Answer>

const space = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
const mostKeys = 1_000

function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeHtml(String(text))}</${name}>`
}

function result(root: string, inner: readonly string[], headers = {}): Answer {
  return xmlAnswer(`<${root} ${space}>${inner.join('')}</${root}>`, headers)
}

/** What comes back with an object as it was sent with it. */
function keptHeaders(headers: S3Request['headers']): StoredObject['headers'] {
  const kept = ['content-type', 'content-disposition', 'cache-control', 'content-language']
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => (kept.includes(name) || name.startsWith('x-amz-meta-')) && value !== '',
    ),
  )
}

function objectIn({ bucket, key }: S3Request): StoredObject {
  const found = bucket.objects.get(key)
  if (found === undefined) throw new S3Refusal('NoSuchKey')
  return found
}

function headersOf(object: StoredObject): Record<string, string> {
  const { etag, modifiedAt, headers } = object
  return {
    'content-type': 'binary/octet-stream',
    ...headers,
    etag,
    'last-modified': modifiedAt.toUTCString(),
    'accept-ranges': 'bytes',
  }
}

/** @returns undefined where the whole object is asked for */
function rangeIn(range: string, length: number) {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? []
  if (from === '' && to === '') return undefined
  const last = length - 1
  const [start, end] =
    from === ''
      ? [Math.max(0, length - Number(to)), last]
      : [Number(from), Math.min(Number(to || last), last)]
  if (start > end) throw new S3Refusal('InvalidRange')
  return { start, end }
}

/** Of HEAD too: the server leaves the body out. */
const getObject: Operation = (request) => {
  const { headers, query } = request
  const object = objectIn(request)
  if (headers['if-none-match'] === object.etag) return emptyAnswer(304, { etag: object.etag })
  if (![undefined, '', '*', object.etag].includes(headers['if-match']))
    throw new S3Refusal('PreconditionFailed')
  const { bytes } = object
  const asked = { ...headersOf(object), ...askedHeaders(query) }
  const range = rangeIn(headers['range'] ?? '', bytes.length)
  if (range === undefined)
    return { status: 200, body: bytes, headers: { ...asked, ...checksumHeader(object, headers) } }
  const { start, end } = range
  return {
    status: 206,
    body: bytes.subarray(start, end + 1),
    headers: { ...asked, 'content-range': `bytes ${start}-${end}/${bytes.length}` },
  }
}

/** Of a whole object, for whoever asks: that of a part would not match. */
function checksumHeader({ checksum }: StoredObject, headers: S3Request['headers']) {
  const isAsked = headers['x-amz-checksum-mode'] === 'ENABLED'
  return isAsked && checksum !== undefined ? { [checksum.header]: checksum.value } : {}
}

/** `response-content-disposition` and its kin. */
function askedHeaders(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...query].flatMap(([name, value]) =>
      name.startsWith('response-') ? [[name.slice('response-'.length), value]] : [],
    ),
  )
}

const putObject: Operation = ({ store, bucket, key, headers, payload }) => {
  if (headers['if-none-match'] === '*' && bucket.objects.has(key))
    throw new S3Refusal('PreconditionFailed')
  const { etag, checksum } = store.put(bucket, key, { ...payload, headers: keptHeaders(headers) })
  return emptyAnswer(200, { etag, ...(checksum && { [checksum.header]: checksum.value }) })
}

const copyObject: Operation = ({ store, bucket, key, headers }) => {
  const source = decodeURIComponent(headers['x-amz-copy-source'] ?? '').replace(/^\//, '')
  const [name = '', ...rest] = source.split('/')
  const from = store.buckets.get(name)
  if (from === undefined) throw new S3Refusal('NoSuchBucket')
  const object = from.objects.get(rest.join('/'))
  if (object === undefined) throw new S3Refusal('NoSuchKey')
  const replaces = headers['x-amz-metadata-directive'] === 'REPLACE'
  const copy = store.put(bucket, key, {
    ...object,
    headers: replaces ? keptHeaders(headers) : object.headers,
  })
  return result('CopyObjectResult', [
    element('LastModified', copy.modifiedAt.toISOString()),
    element('ETag', copy.etag),
  ])
}

const deleteObject: Operation = ({ bucket, key }) => {
  bucket.objects.delete(key)
  return emptyAnswer(204)
}

const deleteObjects: Operation = ({ bucket, headers, payload }) => {
  if ((headers['content-md5'] ?? '') === '' && payload.checksum === undefined)
    throw new S3Refusal('InvalidRequest')
  const text = payload.bytes.toString('utf8')
  const keys = [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => unescapeXml(key))
  if (keys.length === 0 || keys.length > mostKeys) throw new S3Refusal('MalformedXML')
  for (const key of keys) bucket.objects.delete(key)
  const isQuiet = /<Quiet>true<\/Quiet>/.test(text)
  const deleted = keys.map((key) => `<Deleted>${element('Key', key)}</Deleted>`)
  return result('DeleteResult', isQuiet ? [] : deleted)
}

const xmlSigns: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
}

function unescapeXml(text: string): string {
  return text.replaceAll(/&(#x?)?(\w+);/g, (whole, mark: string | undefined, name: string) => {
    if (mark === undefined) return xmlSigns[name] ?? whole
    return String.fromCodePoint(Number.parseInt(name, mark === '#' ? 10 : 16))
  })
}

const listObjects: Operation = ({ bucketName, bucket, query }) => {
  const of = (name: string) => query.get(name) ?? ''
  const most = Math.min(Number(of('max-keys') || mostKeys), mostKeys)
  const isEncoded = of('encoding-type') === 'url'
  const shown = (text: string) =>
    isEncoded ? encodeURIComponent(text).replaceAll('%2F', '/') : text
  const token = of('continuation-token')
  const { entries, prefixes, next } = listPage(bucket, {
    prefix: of('prefix'),
    delimiter: of('delimiter'),
    after: token === '' ? of('start-after') : Buffer.from(token, 'base64url').toString(),
    most,
  })
  return result('ListBucketResult', [
    element('Name', bucketName),
    element('Prefix', shown(of('prefix'))),
    ...(of('delimiter') === '' ? [] : [element('Delimiter', shown(of('delimiter')))]),
    element('MaxKeys', most),
    element('KeyCount', entries.length + prefixes.length),
    element('IsTruncated', next !== undefined),
    ...(isEncoded ? [element('EncodingType', 'url')] : []),
    ...(token === '' ? [] : [element('ContinuationToken', token)]),
    ...(next === undefined
      ? []
      : [element('NextContinuationToken', Buffer.from(next).toString('base64url'))]),
    ...entries.map(([key, { etag, modifiedAt, bytes }]) =>
      [
        '<Contents>',
        element('Key', shown(key)),
        element('LastModified', modifiedAt.toISOString()),
        element('ETag', etag),
        element('Size', bytes.length),
        element('StorageClass', 'STANDARD'),
        '</Contents>',
      ].join(''),
    ),
    ...prefixes.map((name) => `<CommonPrefixes>${element('Prefix', shown(name))}</CommonPrefixes>`),
  ])
}

function uploadIn({ store, bucket, key, query }: S3Request): Upload {
  return store.uploadOf(bucket, key, query.get('uploadId') ?? '')
}

const createUpload: Operation = ({ store, bucketName, bucket, key, headers }) => {
  const { id } = store.startUpload(bucket, key, keptHeaders(headers))
  return result('InitiateMultipartUploadResult', [
    element('Bucket', bucketName),
    element('Key', key),
    element('UploadId', id),
  ])
}

const uploadPart: Operation = (request) => {
  const { store, query, payload } = request
  const number = Number(query.get('partNumber'))
  const { etag } = store.putPart(uploadIn(request), number, payload.bytes)
  const { checksum } = payload
  return emptyAnswer(200, { etag, ...(checksum && { [checksum.header]: checksum.value }) })
}

/** Refusals come late, as a body of 200, once the store has said that it is at work. */
const completeUpload: Operation = async (request) => {
  const { store, bucketName, bucket, key, payload, headers } = request
  const upload = uploadIn(request)
  if (headers['if-none-match'] === '*' && bucket.objects.has(key))
    throw new S3Refusal('PreconditionFailed')
  const named = [...payload.bytes.toString('utf8').matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(
    ([, part = '']) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
      etag: unescapeXml(/<ETag>([^<]+)</.exec(part)?.[1] ?? ''),
    }),
  )
  await sleep(0)
  const { etag } = store.complete(bucket, upload, named)
  return result('CompleteMultipartUploadResult', [
    element('Location', `/${bucketName}/${key}`),
    element('Bucket', bucketName),
    element('Key', key),
    element('ETag', etag),
  ])
}

const abortUpload: Operation = (request) => {
  request.bucket.uploads.delete(uploadIn(request).id)
  return emptyAnswer(204)
}

const listParts: Operation = (request) => {
  const { bucketName, key } = request
  const { id, parts } = uploadIn(request)
  return result('ListPartsResult', [
    element('Bucket', bucketName),
    element('Key', key),
    element('UploadId', id),
    element('MaxParts', mostKeys),
    element('IsTruncated', false),
    ...[...parts.values()]
      .toSorted((a, b) => a.number - b.number)
      .map(({ number, etag, at, bytes }) =>
        [
          '<Part>',
          element('PartNumber', number),
          element('LastModified', at.toISOString()),
          element('ETag', etag),
          element('Size', bytes.length),
          '</Part>',
        ].join(''),
      ),
  ])
}

const listUploads: Operation = ({ bucketName, bucket, query }) => {
  const prefix = query.get('prefix') ?? ''
  const uploads = [...bucket.uploads.values()].filter(({ key }) => key.startsWith(prefix))
  return result('ListMultipartUploadsResult', [
    element('Bucket', bucketName),
    element('Prefix', prefix),
    element('MaxUploads', mostKeys),
    element('IsTruncated', false),
    ...uploads.map(({ key, id, startedAt }) =>
      [
        '<Upload>',
        element('Key', key),
        element('UploadId', id),
        element('Initiated', startedAt.toISOString()),
        '</Upload>',
      ].join(''),
    ),
  ])
}

const bucketLocation: Operation = () => result('LocationConstraint', [])

/** By method, whether a key is named, and the words of the query that make it another operation. */
const operations: readonly {
  readonly name: string
  readonly method: string
  readonly ofKey: boolean
  readonly query?: string
  readonly header?: string
  readonly run: Operation
}[] = [
  { name: 'HeadBucket', method: 'HEAD', ofKey: false, run: () => emptyAnswer(200) },
  {
    name: 'GetBucketLocation',
    method: 'GET',
    ofKey: false,
    query: 'location',
    run: bucketLocation,
  },
  { name: 'ListMultipartUploads', method: 'GET', ofKey: false, query: 'uploads', run: listUploads },
  { name: 'ListObjectsV2', method: 'GET', ofKey: false, query: 'list-type', run: listObjects },
  { name: 'DeleteObjects', method: 'POST', ofKey: false, query: 'delete', run: deleteObjects },
  { name: 'HeadObject', method: 'HEAD', ofKey: true, run: getObject },
  { name: 'ListParts', method: 'GET', ofKey: true, query: 'uploadId', run: listParts },
  { name: 'GetObject', method: 'GET', ofKey: true, run: getObject },
  { name: 'UploadPart', method: 'PUT', ofKey: true, query: 'uploadId', run: uploadPart },
  { name: 'CopyObject', method: 'PUT', ofKey: true, header: 'x-amz-copy-source', run: copyObject },
  { name: 'PutObject', method: 'PUT', ofKey: true, run: putObject },
  {
    name: 'CreateMultipartUpload',
    method: 'POST',
    ofKey: true,
    query: 'uploads',
    run: createUpload,
  },
  {
    name: 'CompleteMultipartUpload',
    method: 'POST',
    ofKey: true,
    query: 'uploadId',
    run: completeUpload,
  },
  {
    name: 'AbortMultipartUpload',
    method: 'DELETE',
    ofKey: true,
    query: 'uploadId',
    run: abortUpload,
  },
  { name: 'DeleteObject', method: 'DELETE', ofKey: true, run: deleteObject },
]

// What changes the meaning of a request and is not simulated is refused rather than overlooked.
const notSimulated = [
  'acl',
  'tagging',
  'versioning',
  'versions',
  'policy',
  'lifecycle',
  'cors',
  'retention',
  'legal-hold',
  'attributes',
  'torrent',
  'select',
  'restore',
  'website',
  'versionId',
]

export function operationFor(
  method: string,
  { key, query, headers }: Pick<S3Request, 'key' | 'query' | 'headers'>,
) {
  if (notSimulated.some((word) => query.has(word))) return undefined
  return operations.find(
    (one) =>
      one.method === method &&
      one.ofKey === (key !== '') &&
      (one.query === undefined || query.has(one.query)) &&
      (one.header === undefined || headers[one.header] !== undefined),
  )
}
