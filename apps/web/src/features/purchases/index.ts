import { lazy } from 'react'

export type { SpendPanelProps } from './spend-panel.tsx'

/** For the overview of a project; stands inside a `Suspense`. */
export const SpendPanel = lazy(async () => {
  const { SpendPanel: panel } = await import('./spend-panel.tsx')
  return { default: panel }
})
