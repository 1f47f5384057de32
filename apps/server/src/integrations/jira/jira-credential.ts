import { createHash } from 'node:crypto'
import { Secret } from '../../platform/secret/secret.ts'

export type JiraFlavour = 'dc' | 'cloud'

export type JiraCredential =
  /** A personal access token of Data Center. */
  | { readonly kind: 'pat'; readonly token: Secret }
  /** An e-mail address with an API token of Cloud. */
  | { readonly kind: 'basic'; readonly email: string; readonly token: Secret }

/** The header that carries the credential. */
export function authorization(credential: JiraCredential): Secret {
  const token = credential.token.reveal()
  if (credential.kind === 'pat') return new Secret(`Bearer ${token}`)
  const pair = Buffer.from(`${credential.email}:${token}`, 'utf8').toString('base64')
  return new Secret(`Basic ${pair}`)
}

/** Tells credentials apart without giving anything away about them. */
export function credentialKey({ token }: JiraCredential): string {
  return createHash('sha256').update(token.reveal()).digest('base64url').slice(0, 16)
}

/** Can it be put into a header at all? Copied tokens bring spaces, line ends and Hebrew with them. */
export function isSendable(token: string): boolean {
  return /^[\x21-\x7E]+$/.test(token)
}
