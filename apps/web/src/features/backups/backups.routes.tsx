import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AdminRoute } from '../../lib/routes.ts'

export const backupRoutes = (parent: AdminRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/admin/backups',
      component: lazyRouteComponent(() => import('./backups-page.tsx'), 'BackupsPage'),
    }),
  ] as const
