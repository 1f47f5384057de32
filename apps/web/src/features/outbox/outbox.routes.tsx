import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AppRoute } from '../../lib/routes.ts'

export const outboxRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/outbox',
      component: lazyRouteComponent(() => import('./outbox-page.tsx'), 'OutboxPage'),
    }),
  ] as const
