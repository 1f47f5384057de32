import type { Outbound } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { credentialOf } from '../atlassian/atlassian-credential.ts'
import { createConfluenceClient } from './confluence-client.ts'
import type { ConfluenceClient, ConfluenceFlavour } from './confluence-model.ts'

type Access = {
  readonly baseUrl: string
  readonly flavour?: ConfluenceFlavour | undefined
  readonly loginEmail?: string | undefined
  readonly token?: Secret | undefined
  readonly tls: TlsChoice
}

type Dependencies = {
  readonly outbound: Outbound
  /** What is needed to act as this person. @throws AppError `connection.not-set`, `secret.locked` */
  readonly access: (userId: string) => Promise<Access>
  /** Brings the guard of the way out up to date. */
  readonly before: () => Promise<void>
}

/** Opens a person's own Confluence. */
export function createConfluenceOpener({ outbound, access, before }: Dependencies) {
  return async (userId: string): Promise<ConfluenceClient> => {
    const {
      baseUrl,
      flavour = 'dc',
      loginEmail,
      token = new Secret(''),
      tls,
    } = await access(userId)
    await before()
    const credential = credentialOf({ flavour, token, loginEmail })
    return createConfluenceClient({ outbound, baseUrl, flavour, credential, ...tls })
  }
}
