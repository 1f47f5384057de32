import type { Outbound } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { createTrelloClient, type TrelloClient } from './trello-client.ts'
import type { TrelloLimits } from './trello-limits.ts'

type Access = {
  readonly baseUrl: string
  readonly key?: Secret | undefined
  readonly token?: Secret | undefined
  readonly tls: TlsChoice
}

type Dependencies = {
  readonly outbound: Outbound
  readonly limits: TrelloLimits
  /** What is needed to act as this person. @throws AppError `connection.not-set`, `secret.locked` */
  readonly access: (userId: string) => Promise<Access>
}

const none = new Secret('')

/** Opens Trello with a person's own key and token. */
export function createTrelloOpener({ outbound, limits, access }: Dependencies) {
  return async (userId: string): Promise<TrelloClient> => {
    const { baseUrl, key = none, token = none, tls } = await access(userId)
    return createTrelloClient({ outbound, limits, baseUrl, credential: { key, token }, ...tls })
  }
}

export type OpenTrello = ReturnType<typeof createTrelloOpener>
