import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import type { AppRoute } from '../../lib/routes.ts'

/** What the page of the connections shows of other features. */
export type ConnectionParts = { readonly CompanyModelSection: ComponentType }

export const connectionRoutes = (parent: AppRoute, parts: ConnectionParts) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/connections',
      context: () => parts,
      component: lazyRouteComponent(
        () => import('./connections-page.routes.tsx'),
        'ConnectionsRoute',
      ),
    }),
  ] as const
