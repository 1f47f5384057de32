import type { Session } from '@studioops/contracts/accounts'
import type { RouterHistory } from '@tanstack/react-router'
import { createApiClient } from '../lib/api-client.ts'
import { createI18n } from '../lib/i18n/i18n.ts'
import { languageOfPage, languageTraits } from '../lib/i18n/language.ts'
import { problemOf } from '../lib/problem.ts'
import { createReachability } from '../lib/reachability.ts'
import { sessionKey } from '../lib/session.queries.ts'
import { createStepUp } from '../lib/step-up.ts'
import { App } from './app.tsx'
import { createQueryClient } from './query-client.ts'
import { createAppRouter } from './router.tsx'
import { signInSearch } from './sign-in-search.ts'

type Surroundings = {
  readonly send: typeof fetch
  /** Where the address stands; the browser's own where absent. */
  readonly history?: RouterHistory
}

const ofTheBrowser: Surroundings = { send: (input, init) => fetch(input, init) }

/** Builds everything that the page is made of; the first render waits for the texts. */
export async function createApp({ send, history }: Surroundings = ofTheBrowser) {
  const reachability = createReachability()
  const stepUp = createStepUp()
  const api = createApiClient(reachability.watch(send), { stepUp: stepUp.ask })
  const i18n = await createI18n(languageTraits[languageOfPage()].texts)
  const queries = createQueryClient({
    onSessionOver: (error) => {
      const { session } = queries.getQueryData<{ session?: Session }>(sessionKey) ?? {}
      const isPastEnd = session !== undefined && Date.parse(session.idleEndsAt) <= api.serverNow()
      const isIdle = isPastEnd || problemOf(error)?.code === 'session.expired'
      const search = signInSearch(router.state.location.href, isIdle ? 'idle' : undefined)
      if (search === undefined) return
      queries.setQueryData(sessionKey, {})
      void router.navigate({ to: '/sign-in', search, replace: true })
    },
  })
  const router = createAppRouter({ api, queries }, history)
  const parts = { api, queries, router, i18n, reachability, stepUp }
  return <App {...parts} />
}
