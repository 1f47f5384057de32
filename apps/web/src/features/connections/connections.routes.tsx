import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AppRoute } from '../../lib/routes.ts'

export const connectionRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/connections',
      component: lazyRouteComponent(() => import('./connections-page.tsx'), 'ConnectionsPage'),
    }),
  ] as const
