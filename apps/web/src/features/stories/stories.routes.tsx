import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { storyState } from '@studioops/contracts/stories'
import * as z from 'zod/mini'
import type { AppRoute } from '../../lib/routes.ts'
import type { OperationCardProps } from '../outbox/index.ts'
import type { PublishPanelProps } from '../pages/index.ts'
import { settingsViews } from './settings-views.ts'
import { storyViews } from './story-views.ts'

const storySearch = z.object({
  view: z.catch(z.optional(z.enum(storyViews)), undefined),
})

const listSearch = z.object({
  state: z.catch(z.optional(storyState), undefined),
})

const settingsSearch = z.object({
  view: z.catch(z.optional(z.enum(settingsViews)), undefined),
  projectId: z.catch(z.optional(z.uuid()), undefined),
})

/** What the pages of stories show of other features. */
export type StoryParts = {
  readonly OperationCard: ComponentType<OperationCardProps>
  readonly PublishPanel: ComponentType<PublishPanelProps>
}

export const storyRoutes = (parent: AppRoute, parts: StoryParts) =>
  [
    createRoute({
      getParentRoute: () => parent,
      path: '/stories',
      validateSearch: listSearch,
      component: lazyRouteComponent(() => import('./stories-page.routes.tsx'), 'StoriesRoute'),
    }),
    createRoute({
      getParentRoute: () => parent,
      path: '/stories/settings',
      validateSearch: settingsSearch,
      component: lazyRouteComponent(
        () => import('./story-settings.routes.tsx'),
        'StorySettingsRoute',
      ),
    }),
    createRoute({
      getParentRoute: () => parent,
      path: '/stories/$storyId',
      validateSearch: storySearch,
      context: () => parts,
      component: lazyRouteComponent(() => import('./story-page.routes.tsx'), 'StoryRoute'),
    }),
  ] as const
