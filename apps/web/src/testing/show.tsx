import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router'
import { cleanup, configure, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach } from 'vitest'
import { createQueryClient } from '../app/query-client.ts'
import { type ApiClient, createApiClient } from '../lib/api-client.ts'
import { ApiContext } from '../lib/api-context.tsx'
import { createI18n } from '../lib/i18n/i18n.ts'
import { LanguageProvider } from '../lib/i18n/language-provider.tsx'
import { languageTraits, type UiLanguage } from '../lib/i18n/language.ts'
import { ToastProvider } from '../ui/toast.tsx'
import { type Answers, fakeServer, type SentRequest } from './fake-server.ts'

export type { Answers, SentRequest } from './fake-server.ts'

afterEach(() => {
  cleanup()
  localStorage.clear()
})

// Parts of a page are loaded when they are needed, and a busy machine takes its time with that.
configure({ asyncUtilTimeout: 5_000 })
// jsdom has no layout, so there is nothing to scroll.
window.scrollTo = () => {}

export type Shown = {
  readonly api: ApiClient
  readonly queries: QueryClient
  /** Every request that the page has sent, oldest first. */
  readonly requests: readonly SentRequest[]
  /** Where the page has gone. */
  readonly path: () => string
}

/**
 * Draws a component with the real client, query cache, router and texts; only `fetch` is faked.
 * Any address is accepted, so that links and redirects can be followed with `path()`.
 */
export async function show(
  element: ReactNode,
  {
    answers = {},
    language = 'en',
    path = '/',
  }: { readonly answers?: Answers; readonly language?: UiLanguage; readonly path?: string } = {},
): Promise<Shown> {
  document.documentElement.lang = language
  document.documentElement.dir = languageTraits[language].dir
  const { send, requests } = fakeServer(answers)
  const api = createApiClient(send)
  const queries = createQueryClient({ onSessionOver: () => {}, retries: 0 })
  const rootRoute = createRootRoute()
  const anywhere = createRoute({
    getParentRoute: () => rootRoute,
    path: '$',
    component: () => element,
  })
  const home = createRoute({ getParentRoute: () => rootRoute, path: '/', component: () => element })
  const router = createRouter({
    routeTree: rootRoute.addChildren([home, anywhere]),
    history: createMemoryHistory({ initialEntries: [path] }),
  })
  const i18n = await createI18n(languageTraits[language].texts)
  await router.load()
  render(
    <ApiContext value={api}>
      <QueryClientProvider client={queries}>
        <LanguageProvider i18n={i18n}>
          <ToastProvider>
            <RouterProvider router={router as never} />
          </ToastProvider>
        </LanguageProvider>
      </QueryClientProvider>
    </ApiContext>,
  )
  return { api, queries, requests, path: () => router.state.location.href }
}
