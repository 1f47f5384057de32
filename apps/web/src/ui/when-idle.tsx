import { type ReactNode, Suspense, useState } from 'react'
import { useIsIdle } from '../lib/use-idle.ts'

/**
 * Code that the first paint does not need, loaded right after it. `fallback` stands there until
 * then, with the same measures, so that nothing moves; it calls `want` when it is pressed, and
 * `children` (which hold a `lazy` component) hear that it was.
 */
export function WhenIdle({
  fallback,
  children,
}: {
  readonly fallback: (want: () => void) => ReactNode
  readonly children: (isWanted: boolean) => ReactNode
}) {
  const isIdle = useIsIdle()
  const [isWanted, setIsWanted] = useState(false)
  const waiting = fallback(() => setIsWanted(true))
  if (!isIdle && !isWanted) return waiting
  return <Suspense fallback={waiting}>{children(isWanted)}</Suspense>
}
