import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../platform/secret/secret.ts'

/**
 * What Trello puts into `X-Trello-Webhook`: base64 of HMAC-SHA1 with the secret of the application
 * over the raw body and, right behind it, the callback URL exactly as it was registered
 * ([webhooks](https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/)).
 */
export function signWebhook(secret: Secret, body: Uint8Array, callbackUrl: string): string {
  return createHmac('sha1', secret.reveal()).update(body).update(callbackUrl).digest('base64')
}

type Signed = {
  /** The bytes as they came. */
  readonly body: Uint8Array
  readonly callbackUrl: string
  readonly signature: string | undefined
}

/** Whether a call really comes from Trello; takes the same time wherever a signature differs. */
export function isSignedByTrello(
  secret: Secret,
  { body, callbackUrl, signature }: Signed,
): boolean {
  const wanted = Buffer.from(signWebhook(secret, body, callbackUrl), 'base64')
  const given = Buffer.from(signature ?? '', 'base64')
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}
