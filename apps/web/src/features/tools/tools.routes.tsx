import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { AppRoute } from '../../lib/routes.ts'

export const toolRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/connections/tools',
      component: lazyRouteComponent(() => import('./tools-page.tsx'), 'ToolsPage'),
    }),
  ] as const
