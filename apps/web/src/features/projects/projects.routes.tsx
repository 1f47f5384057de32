import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import type { AppRoute, ProjectRoute } from '../../lib/routes.ts'

const listSearch = z.object({
  shown: z.catch(z.optional(z.enum(['archived', 'all'])), undefined),
  sort: z.catch(z.optional(z.enum(['name'])), undefined),
  search: z.catch(z.optional(z.string()), undefined),
})

export const projectRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/projects',
      validateSearch: listSearch,
      component: lazyRouteComponent(() => import('./projects-page.routes.tsx'), 'ProjectsRoute'),
    }),
  ] as const

export const projectTabRoutes = (parent: ProjectRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/',
      component: lazyRouteComponent(() => import('./project-frame.routes.tsx'), 'OverviewRoute'),
    }),
    createRoute({
      getParentRoute: () => parent,
      path: '/settings',
      component: lazyRouteComponent(() => import('./project-frame.routes.tsx'), 'SettingsRoute'),
    }),
  ] as const
