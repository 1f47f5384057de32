import { lazy } from 'react'

export type { PublishPanelProps } from './publish-panel.tsx'

/** For the page of a story; stands inside a `Suspense`. */
export const PublishPanel = lazy(async () => {
  const { PublishPanel: panel } = await import('./publish-panel.tsx')
  return { default: panel }
})
