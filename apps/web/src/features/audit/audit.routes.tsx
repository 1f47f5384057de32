import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AppRoute } from '../../lib/routes.ts'

export const auditRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/admin/audit',
      component: lazyRouteComponent(() => import('./audit-page.tsx'), 'AuditPage'),
    }),
  ] as const
