import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AdminRoute } from '../../lib/routes.ts'

export const peopleRoutes = (parent: AdminRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/admin/people',
      component: lazyRouteComponent(() => import('./people-page.tsx'), 'PeoplePage'),
    }),
  ] as const
