import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AppRoute } from '../../lib/routes.ts'

export const accessTokenRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/profile/programs',
      component: lazyRouteComponent(() => import('./access-tokens-page.tsx'), 'AccessTokensPage'),
    }),
  ] as const
