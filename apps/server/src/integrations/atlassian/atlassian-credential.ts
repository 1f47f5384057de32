import { createHash } from 'node:crypto'
import { Secret } from '../../platform/secret/secret.ts'

export type AtlassianFlavour = 'dc' | 'cloud'

export type AtlassianCredential =
  /** A personal access token of Data Center. */
  | { readonly kind: 'pat'; readonly token: Secret }
  /** An e-mail address with an API token of Cloud. */
  | { readonly kind: 'basic'; readonly email: string; readonly token: Secret }

/** The header that carries the credential. */
export function authorization(credential: AtlassianCredential): Secret {
  const token = credential.token.reveal()
  if (credential.kind === 'pat') return new Secret(`Bearer ${token}`)
  const pair = Buffer.from(`${credential.email}:${token}`, 'utf8').toString('base64')
  return new Secret(`Basic ${pair}`)
}

/** Tells credentials apart without giving anything away about them. */
export function credentialKey({ token }: AtlassianCredential): string {
  return createHash('sha256').update(token.reveal()).digest('base64url').slice(0, 16)
}

/** Can it be put into a header at all? Copied tokens bring spaces, line ends and Hebrew with them. */
export function isSendable(token: string): boolean {
  return /^[\x21-\x7E]+$/.test(token)
}

/** Basic with e-mail and token on Cloud, Bearer on Data Center: each refuses the other's way. */
export function credentialOf({
  flavour,
  token,
  loginEmail,
}: {
  readonly flavour: AtlassianFlavour
  readonly token: Secret
  readonly loginEmail: string | undefined
}): AtlassianCredential {
  return flavour === 'cloud'
    ? { kind: 'basic', email: loginEmail ?? '', token }
    : { kind: 'pat', token }
}
