import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { PublicRoute } from '../../lib/routes.ts'

export const installationRoutes = (parent: PublicRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/welcome',
      component: lazyRouteComponent(() => import('./welcome-page.tsx'), 'WelcomePage'),
    }),
  ] as const
