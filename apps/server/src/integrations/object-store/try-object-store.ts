import { randomBytes, randomUUID } from 'node:crypto'
import type { ErrorCode } from '@studioops/contracts/errors'
import type { Outbound, OutboundAnswer } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { isPage } from '../../platform/outbound/read-answer.ts'
import type { Secret } from '../../platform/secret/secret.ts'
import { ConnectionRefusal, requireAnswered } from '../reach/connection-failure.ts'
import { type TestOutcome, trySteps } from '../reach/try-steps.ts'
import { signedHeaders } from './sign-s3-request.ts'

export type ObjectStoreSettings = {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  readonly tls?: TlsChoice | undefined
}

const system = 'S3'
const deadlineMs = 8_000
const probeBytes = 64

/**
 * Tries an S3-compatible bucket: finds it, puts a probe object, reads it back and deletes it. Path
 * style, SigV4 in the header (`external-apis.md` 10).
 */
export async function tryObjectStore(
  outbound: Outbound,
  settings: ObjectStoreSettings,
): Promise<TestOutcome> {
  const { bucket, tls } = settings
  const baseUrl = settings.endpoint.replace(/\/+$/, '')
  const bucketUrl = `${baseUrl}/${encodeURIComponent(bucket)}`
  const objectUrl = `${bucketUrl}/studioops-probe-${randomUUID()}`
  const bytes = randomBytes(probeBytes).toString('hex')
  const send = async (method: string, url: string, body?: string): Promise<OutboundAnswer> => {
    const answer = await outbound.send({
      url,
      method,
      headers: await signedHeaders(settings, { method, url, body }),
      ...(body === undefined ? {} : { body }),
      // The name of the object is new, so that a repetition changes nothing.
      idempotent: true,
      retriesMax: 0,
      deadlineMs,
      isProbe: true,
      system: 'object-store',
      ...tls,
    })
    requireStored(answer, bucket)
    return answer
  }

  const steps = await trySteps({ outbound, baseUrl, tls, system }, [
    { step: 'sign-in', run: async () => void (await send('HEAD', bucketUrl)) },
    {
      step: 'permission',
      run: async () => {
        await send('PUT', objectUrl, bytes)
        const { body } = await send('GET', objectUrl)
        await send('DELETE', objectUrl)
        if (body !== bytes) throw new ConnectionRefusal('object-store.other-bytes', { system })
      },
    },
  ])
  return { steps, evidence: bucket }
}

const codeOfS3 = {
  NoSuchBucket: 'object-store.no-bucket',
  InvalidAccessKeyId: 'object-store.bad-key',
  SignatureDoesNotMatch: 'object-store.bad-key',
  RequestTimeTooSkewed: 'object-store.clock',
  PermanentRedirect: 'object-store.other-region',
  AuthorizationHeaderMalformed: 'object-store.other-region',
  AccessDenied: 'connection.forbidden',
} as const

/** Refusals are XML; those of HEAD have no body, so that only the status is left. */
function requireStored(answer: OutboundAnswer, bucket: string): void {
  const facts = { system, host: answer.host, bucket }
  const code = storedCode(answer)
  if (code !== undefined) throw new ConnectionRefusal(code, facts)
  requireAnswered(answer, system)
}

function storedCode(answer: OutboundAnswer): ErrorCode | undefined {
  const { status, body } = answer
  if (status >= 200 && status < 300) return isPage(answer) ? 'connection.login-page' : undefined
  const [, name = ''] = /<Code>(\w+)<\/Code>/.exec(body) ?? []
  const known = Object.entries(codeOfS3).find(([one]) => one === name)?.[1]
  return known ?? codeOfStatus[status]
}

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'object-store.bad-key',
  403: 'object-store.bad-key',
  404: 'object-store.no-bucket',
}
