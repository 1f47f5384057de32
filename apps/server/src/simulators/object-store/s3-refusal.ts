import { bytesAnswer, escapeHtml, type Answer } from '../exchange.ts'

/** What the store says no with, and the status of it (the list of AWS). */
const statusOf = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  BadDigest: 400,
  BucketNotEmpty: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IncompleteBody: 400,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  MalformedXML: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NotImplemented: 501,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  XAmzContentSHA256Mismatch: 400,
} as const

export type S3Code = keyof typeof statusOf

/** Thrown by what works on a request. */
export class S3Refusal extends Error {
  override readonly name = 'S3Refusal'
  readonly code: S3Code

  constructor(code: S3Code) {
    super(code)
    this.code = code
  }
}

export function refusalAnswer(code: S3Code, resource: string): Answer {
  const root = `<Error><Code>${code}</Code><Message>${code}</Message><Resource>${escapeHtml(resource)}</Resource><RequestId>0</RequestId></Error>`
  return { ...xmlAnswer(root), status: statusOf[code] }
}

export function xmlAnswer(root: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return bytesAnswer('application/xml', `<?xml version="1.0" encoding="UTF-8"?>\n${root}`, headers)
}
