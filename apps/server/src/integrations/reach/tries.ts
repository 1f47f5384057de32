import type { PersonalSystem } from '@studioops/contracts/connections'
import type { Outbound } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { tryConfluence } from '../confluence/try-confluence.ts'
import type { JiraFlavour } from '../jira/jira-credential.ts'
import { tryJira } from '../jira/jira-people.ts'
import type { ModelMemory } from '../llm/model-connection.ts'
import { testModel } from '../llm/test-model.ts'
import { tryTrello } from '../trello/try-trello.ts'
import { type TestOutcome, tryAddressFirst } from './try-steps.ts'

/** Settings of any system; each takes what it needs of them. */
type Settings = {
  readonly baseUrl: string
  readonly flavour?: JiraFlavour | undefined
  readonly loginEmail?: string | undefined
  readonly model?: string | undefined
  readonly token?: Secret | undefined
  readonly key?: Secret | undefined
  readonly tls: TlsChoice
}

type Dependencies = {
  readonly outbound: Outbound
  readonly memory: ModelMemory
  /** Brings the guard of the way out up to date. */
  readonly before: () => Promise<void>
}

const none = new Secret('')

/** One way of trying for each system that a person can be connected to. */
export function createTries({
  outbound,
  memory,
  before,
}: Dependencies): Readonly<Record<PersonalSystem, (settings: Settings) => Promise<TestOutcome>>> {
  return {
    async jira({ baseUrl, flavour = 'dc', loginEmail, token = none, tls }) {
      await before()
      const address = { outbound, baseUrl, tls, system: 'Jira' }
      const access = { baseUrl, flavour, loginEmail, token, tls }
      return tryAddressFirst(address, ['sign-in', 'permission', 'identity'], () =>
        tryJira(outbound, access),
      )
    },

    async confluence({ baseUrl, flavour = 'dc', loginEmail, token = none, tls }) {
      // Often the same server as Jira, whose address is allowed by its list.
      await before()
      return tryConfluence(outbound, { baseUrl, flavour, loginEmail, token, tls })
    },

    trello: ({ baseUrl, key = none, token = none, tls }) =>
      tryTrello(outbound, { baseUrl, key, token, tls }),

    model({ baseUrl, model = '', key, tls }) {
      const address = { outbound, baseUrl, tls, system: 'Model' }
      return tryAddressFirst(address, ['sign-in', 'answer'], () =>
        testModel({ outbound, memory, baseUrl, model, apiKey: key, tls }),
      )
    },
  }
}
