import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AppRoute } from '../../lib/routes.ts'

export const modelRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/models',
      component: lazyRouteComponent(() => import('./models-page.tsx'), 'ModelsPage'),
    }),
  ] as const
