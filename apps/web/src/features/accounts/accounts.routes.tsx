import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import type { AppRoute, PublicRoute } from '../../lib/routes.ts'

const signInSearch = z.object({
  /** The page that was asked for. */
  next: z.catch(z.optional(z.string()), undefined),
  /** User name to fill in, after a registration. */
  as: z.catch(z.optional(z.string()), undefined),
  reason: z.catch(z.optional(z.enum(['registered', 'reset', 'idle', 'signed-out'])), undefined),
})
export type SignInSearch = z.output<typeof signInSearch>

export const publicAccountRoutes = (parent: PublicRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/sign-in',
      validateSearch: signInSearch,
      component: lazyRouteComponent(() => import('./sign-in-page.tsx'), 'SignInPage'),
    }),
    createRoute({
      getParentRoute: () => parent,
      path: '/register',
      component: lazyRouteComponent(() => import('./register-page.tsx'), 'RegisterPage'),
    }),
    createRoute({
      getParentRoute: () => parent,
      path: '/register/local',
      component: lazyRouteComponent(() => import('./local-page.tsx'), 'LocalPage'),
    }),
    createRoute({
      getParentRoute: () => parent,
      path: '/invitation',
      component: lazyRouteComponent(() => import('./invitation-page.tsx'), 'InvitationPage'),
    }),
    createRoute({
      getParentRoute: () => parent,
      path: '/reset',
      component: lazyRouteComponent(() => import('./reset-page.tsx'), 'ResetPage'),
    }),
  ] as const

export const memberAccountRoutes = (parent: AppRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/profile',
      component: lazyRouteComponent(() => import('./profile-page.tsx'), 'ProfilePage'),
    }),
  ] as const
