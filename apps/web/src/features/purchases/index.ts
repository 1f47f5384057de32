import { lazy } from 'react'

export type { SpendPanelProps } from './spend-panel.tsx'

export type { ReceiptOfProps } from './receipt-of.tsx'

/** For a document; stands inside a `Suspense`. */
export const ReceiptOf = lazy(async () => {
  const { ReceiptOf: part } = await import('./receipt-of.tsx')
  return { default: part }
})

/** For the overview of a project; stands inside a `Suspense`. */
export const SpendPanel = lazy(async () => {
  const { SpendPanel: panel } = await import('./spend-panel.tsx')
  return { default: panel }
})
