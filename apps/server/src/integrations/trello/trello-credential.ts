import { createHash } from 'node:crypto'
import { Secret } from '../../platform/secret/secret.ts'
import { isSendable } from '../atlassian/atlassian-credential.ts'

/** The API key of a Power-Up and a token that a person gave for it. */
export type TrelloCredential = { readonly key: Secret; readonly token: Secret }

/** The header that carries both; Trello's own documentation puts them into the URL, which ends in logs. */
export function authorization({ key, token }: TrelloCredential): Secret {
  return new Secret(`OAuth oauth_consumer_key="${key.reveal()}", oauth_token="${token.reveal()}"`)
}

/** Can it stand in quotes in a header? */
export function isQuotable(secret: Secret): boolean {
  return isSendable(secret.reveal()) && !secret.reveal().includes('"')
}

/** Tells secrets apart without giving anything away about them. */
export function hashOf(secret: Secret): string {
  return createHash('sha256').update(secret.reveal()).digest('base64url').slice(0, 16)
}
