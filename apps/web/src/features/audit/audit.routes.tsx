import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AdminRoute } from '../../lib/routes.ts'

export const auditRoutes = (parent: AdminRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/admin/audit',
      component: lazyRouteComponent(() => import('./audit-page.tsx'), 'AuditPage'),
    }),
  ] as const
