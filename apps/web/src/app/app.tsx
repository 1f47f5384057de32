import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import type { i18n } from 'i18next'
import { RouterProvider as AriaRouterProvider } from 'react-aria-components'
import type { ApiClient } from '../lib/api-client.ts'
import { ApiContext } from '../lib/api-context.tsx'
import { LanguageProvider } from '../lib/i18n/language-provider.tsx'
import { type Reachability, ReachabilityContext } from '../lib/reachability.ts'
import { type StepUp, StepUpContext } from '../lib/step-up.ts'
import { ToastProvider } from '../ui/toast.tsx'
import type { AppRouter } from './router.tsx'

export type AppParts = {
  readonly api: ApiClient
  readonly queries: QueryClient
  readonly router: AppRouter
  readonly i18n: i18n
  readonly reachability: Reachability
  readonly stepUp: StepUp
}

export function App({ api, queries, router, i18n, reachability, stepUp }: AppParts) {
  return (
    <ApiContext value={api}>
      <ReachabilityContext value={reachability}>
        <QueryClientProvider client={queries}>
          <LanguageProvider i18n={i18n}>
            <AriaRouterProvider navigate={(href) => void router.navigate({ href })}>
              <ToastProvider>
                <StepUpContext value={stepUp}>
                  <RouterProvider router={router} />
                </StepUpContext>
              </ToastProvider>
            </AriaRouterProvider>
          </LanguageProvider>
        </QueryClientProvider>
      </ReachabilityContext>
    </ApiContext>
  )
}
