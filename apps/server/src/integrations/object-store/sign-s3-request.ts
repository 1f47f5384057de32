import { createHash } from 'node:crypto'
import { AwsV4Signer } from 'aws4fetch'
import { Secret } from '../../platform/secret/secret.ts'

export type S3Access = {
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
}

type Unsigned = {
  readonly method: string
  readonly url: string
  readonly body?: string | Uint8Array | undefined
}

/**
 * SigV4 in the header, over the hash of the whole body. No checksum beside it: stores that do not
 * know those keep their framing as content (`stack.md` 7).
 */
export async function signedHeaders(
  { region, accessKeyId, secretAccessKey }: S3Access,
  { method, url, body }: Unsigned,
): Promise<Record<string, string | Secret>> {
  const signer = new AwsV4Signer({
    method,
    url,
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    region,
    service: 's3',
    headers: {
      'x-amz-content-sha256': createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
    },
  })
  const { headers } = await signer.sign()
  return Object.fromEntries(
    [...headers].map(([name, value]): [string, string | Secret] => [
      name,
      name === 'authorization' ? new Secret(value) : value,
    ]),
  )
}
