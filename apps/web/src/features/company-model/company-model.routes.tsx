import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AppRoute } from '../../lib/routes.ts'

export const companyModelRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/admin/company-model',
      component: lazyRouteComponent(() => import('./company-files-page.tsx'), 'CompanyFilesPage'),
    }),
  ] as const
