import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AdminRoute, AppRoute } from '../../lib/routes.ts'
import type { ConnectionParts } from './connections-page.tsx'

export const connectionRoutes = (parent: AppRoute, parts: ConnectionParts = {}) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/connections',
      context: () => parts,
      component: lazyRouteComponent(
        () => import('./connections-page.routes.tsx'),
        'ConnectionsRoute',
      ),
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
