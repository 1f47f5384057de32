import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import type { AppRoute, ProjectRoute } from '../../lib/routes.ts'
import type { OverviewParts } from './project-overview.tsx'

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
    createRoute({
      getParentRoute: () => parent,
      path: '/projects/trash',
      component: lazyRouteComponent(() => import('./trash-page.tsx'), 'TrashPage'),
    }),
  ] as const

/** Pages of a project that are its own; `parts` is what the overview shows of other features. */
export const projectTabRoutes = (parent: ProjectRoute, parts: OverviewParts) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/',
      context: () => parts,
      component: lazyRouteComponent(() => import('./project-frame.routes.tsx'), 'OverviewRoute'),
    }),
    createRoute({
      getParentRoute: () => parent,
      path: '/settings',
      component: lazyRouteComponent(() => import('./project-frame.routes.tsx'), 'SettingsRoute'),
    }),
  ] as const
