import { LRUCache } from 'lru-cache'
import type { Outbound } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { createTrelloClient, type TrelloClient } from './trello-client.ts'
import { hashOf } from './trello-credential.ts'
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

export type OpenedTrello = TrelloClient & {
  /** Whose token this is; asked once, because Trello allows few questions about people. */
  myId(): Promise<string>
}

/** Opens Trello with a person's own key and token. */
export function createTrelloOpener({ outbound, limits, access }: Dependencies) {
  const ids = new LRUCache<string, string>({ max: 2_000 })
  return async (userId: string): Promise<OpenedTrello> => {
    const { baseUrl, key = none, token = none, tls } = await access(userId)
    const credential = { key, token }
    const client = createTrelloClient({ outbound, limits, baseUrl, credential, ...tls })
    const whose = `${client.host} ${hashOf(token)}`
    return {
      ...client,
      async myId() {
        const known = ids.get(whose)
        if (known !== undefined) return known
        const { id } = await client.me()
        ids.set(whose, id)
        return id
      },
    }
  }
}

export type OpenTrello = ReturnType<typeof createTrelloOpener>
