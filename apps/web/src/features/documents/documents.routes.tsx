import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import type { ProjectRoute } from '../../lib/routes.ts'
import type { DocumentParts } from './document-dialog.tsx'

const states = ['queued', 'processing', 'ready', 'no-text', 'failed', 'cancelled'] as const

const documentsSearch = z.object({
  name: z.catch(z.optional(z.string()), undefined),
  state: z.catch(z.optional(z.enum(states)), undefined),
  tag: z.catch(z.optional(z.string()), undefined),
  shown: z.catch(z.optional(z.enum(['trash'])), undefined),
  open: z.catch(z.optional(z.string()), undefined),
  find: z.catch(z.optional(z.string()), undefined),
})

/** `parts` is what other features show of a document. */
export const documentRoutes = (parent: ProjectRoute, parts: DocumentParts) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/documents',
      validateSearch: documentsSearch,
      context: () => parts,
      component: lazyRouteComponent(() => import('./documents-page.routes.tsx'), 'DocumentsRoute'),
    }),
  ] as const
