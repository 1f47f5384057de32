import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AdminRoute, AppRoute } from '../../lib/routes.ts'

export const connectionRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/connections',
      component: lazyRouteComponent(() => import('./connections-page.tsx'), 'ConnectionsPage'),
    }),
  ] as const

export const workspaceConnectionRoutes = (parent: AdminRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/admin/connections',
      component: lazyRouteComponent(() => import('./workspace-page.tsx'), 'WorkspacePage'),
    }),
  ] as const
