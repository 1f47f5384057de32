import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AdminRoute } from '../../lib/routes.ts'

export const companyModelRoutes = (parent: AdminRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/admin/company-model',
      component: lazyRouteComponent(() => import('./company-files-page.tsx'), 'CompanyFilesPage'),
    }),
  ] as const
