import { lazy } from 'react'

export type { PublishPanelProps } from './publish-panel.tsx'
export type { StoryPagesProps } from './story-pages.tsx'

/** For the page of a story; each stands inside a `Suspense`. */
export const StoryPages = lazy(async () => {
  const { StoryPages: pages } = await import('./story-pages.tsx')
  return { default: pages }
})

export const PublishPanel = lazy(async () => {
  const { PublishPanel: panel } = await import('./publish-panel.tsx')
  return { default: panel }
})
