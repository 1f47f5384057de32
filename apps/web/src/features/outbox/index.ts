import { lazy } from 'react'

export type { OperationCardProps } from './operation-card.tsx'
export { outboxRoutes } from './outbox.routes.tsx'

/** For pages of other features; stands inside a `Suspense`. */
export const OperationCard = lazy(async () => {
  const { OperationCard: card } = await import('./operation-card.tsx')
  return { default: card }
})
