import { purchaseSort, purchaseStatus } from '@studioops/contracts/purchases'
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import type { ProjectRoute } from '../../lib/routes.ts'

const text = z.catch(z.optional(z.string()), undefined)

/** What is shown, and in which order, so that it can be linked and comes back with Back. */
const purchaseSearch = z.object({
  search: text,
  status: z.catch(z.optional(purchaseStatus), undefined),
  category: text,
  currency: z.catch(z.optional(z.string().check(z.regex(/^[A-Z]{3}$/))), undefined),
  from: z.catch(z.optional(z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/))), undefined),
  to: z.catch(z.optional(z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/))), undefined),
  receiptId: text,
  sort: z.catch(z.optional(purchaseSort), undefined),
  direction: z.catch(z.optional(z.enum(['up', 'down'])), undefined),
  page: z.catch(z.optional(z.int().check(z.minimum(1))), undefined),
})

export const purchaseRoutes = (parent: ProjectRoute) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/purchases',
      validateSearch: purchaseSearch,
      component: lazyRouteComponent(() => import('./purchases-page.routes.tsx'), 'PurchasesRoute'),
    }),
  ] as const
