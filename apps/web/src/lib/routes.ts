import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute } from '@tanstack/react-router'
import type { ApiClient } from './api-client.ts'

export type RouterContext = { readonly api: ApiClient; readonly queries: QueryClient }

/** Everything hangs below these two; the app gives them their frames, the features their children. */
export const rootRoute = createRootRouteWithContext<RouterContext>()()

/** Parent of every page that only a signed-in person sees. */
export const memberRoute = createRoute({ getParentRoute: () => rootRoute, id: 'member' })

export type AppRoute = typeof memberRoute
export type PublicRoute = typeof rootRoute
