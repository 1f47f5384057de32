import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router'
import type { ApiClient } from './api-client.ts'
import { installationQuery } from './installation.queries.ts'
import { sessionQuery } from './session.queries.ts'

export type RouterContext = { readonly api: ApiClient; readonly queries: QueryClient }

/** Everything hangs below these; the app gives them their frames, the features their children. */
export const rootRoute = createRootRouteWithContext<RouterContext>()()

/** Parent of the pages that a visitor may see. */
export const publicRoute = createRoute({ getParentRoute: () => rootRoute, id: 'public' })

/** Parent of every page that only a signed-in person sees. */
export const memberRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'member',
  beforeLoad: async ({ context: { api, queries }, location }): Promise<void> => {
    const [{ session }] = await Promise.all([
      queries.ensureQueryData(sessionQuery(api)),
      queries.ensureQueryData(installationQuery(api)),
    ])
    if (session === undefined)
      throw redirect({ to: '/sign-in', search: { next: location.href }, replace: true })
    if (session.mustSetUpSecondFactor && location.pathname !== '/profile')
      throw redirect({ to: '/profile', replace: true })
  },
})

/** Parent of the pages for those who run the workspace. */
export const adminRoute = createRoute({ getParentRoute: () => memberRoute, id: 'admin' })

/**
 * Parent of everything inside a project. Its frame shows name and tabs, and the page of a tab below
 * them. How a feature adds a tab: `documentRoutes(projectRoute)` with a child of path `/documents` in
 * `app/router.tsx`, and one line in `features/projects/project-tabs.ts` with its text beside the
 * others. The page asks `useProject(projectId)` of `lib/project.queries.ts` for the part of the
 * person, and shows no `h1`: that is the name of the project.
 */
export const projectRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/projects/$projectId',
})

export type PublicRoute = typeof publicRoute
export type AppRoute = typeof memberRoute
export type AdminRoute = typeof adminRoute
export type ProjectRoute = typeof projectRoute
