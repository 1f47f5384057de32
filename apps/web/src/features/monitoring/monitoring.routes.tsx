import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { connectionType, eventOutcome } from '@studioops/contracts/monitoring'
import { z } from 'zod'
import type { AdminRoute } from '../../lib/routes.ts'

/** What is looked at stands in the address, so that it can be passed on. */
const roomSearch = z.object({
  type: connectionType.optional().catch(undefined),
  outcome: eventOutcome.optional().catch(undefined),
  text: z.string().max(200).optional().catch(undefined),
  request: z.string().max(128).optional().catch(undefined),
  important: z.boolean().optional().catch(undefined),
  /** Statements too. */
  database: z.boolean().optional().catch(undefined),
  stored: z.boolean().optional().catch(undefined),
  range: z.enum(['15m', '6h', '24h']).optional().catch(undefined),
  /** An IANA name; absent: the zone of the browser. */
  zone: z.string().max(60).optional().catch(undefined),
})

export type RoomSearch = z.output<typeof roomSearch>

export const monitoringRoutes = (parent: AdminRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/admin/monitoring',
      validateSearch: roomSearch,
      component: lazyRouteComponent(() => import('./monitoring-page.tsx'), 'MonitoringRoute'),
    }),
  ] as const
