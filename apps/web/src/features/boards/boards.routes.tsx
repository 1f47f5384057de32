import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import type { AppRoute } from '../../lib/routes.ts'

/** The card that is open, so that it can be linked and Back closes it. */
const boardSearch = z.object({ card: z.catch(z.optional(z.string()), undefined) })

export const boardRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/boards',
      component: lazyRouteComponent(() => import('./boards-page.tsx'), 'BoardsPage'),
    }),
    createRoute({
      getParentRoute: () => parent,
      path: '/boards/$boardId',
      validateSearch: boardSearch,
      component: lazyRouteComponent(() => import('./board-page.routes.tsx'), 'BoardRoute'),
    }),
  ] as const
