import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import type { AppRoute, ProjectRoute } from '../../lib/routes.ts'

const listSearch = z.object({
  search: z.catch(z.optional(z.string()), undefined),
  archived: z.catch(z.optional(z.boolean()), undefined),
})

export const chatRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/chats',
      validateSearch: listSearch,
      component: lazyRouteComponent(() => import('./chats-pages.routes.tsx'), 'ChatsRoute'),
    }),
    createRoute({
      getParentRoute: () => parent,
      path: '/chats/$chatId',
      component: lazyRouteComponent(() => import('./chats-pages.routes.tsx'), 'ChatRoute'),
    }),
  ] as const

export const chatTabRoutes = (parent: ProjectRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/chats',
      validateSearch: listSearch,
      component: lazyRouteComponent(() => import('./chats-pages.routes.tsx'), 'ProjectChatsRoute'),
    }),
  ] as const
