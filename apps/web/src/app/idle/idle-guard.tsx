import { lazy, Suspense } from 'react'
import { useIsIdle } from '../../lib/use-idle.ts'
import { useIdle } from './idle.queries.ts'

const IdleDialog = lazy(async () => {
  const { IdleDialog: dialog } = await import('./idle-dialog.tsx')
  return { default: dialog }
})

/** Prolongs the session while the person acts, asks before its end, and ends it (D-5). */
export function IdleGuard() {
  const { state, stay, isStaying } = useIdle()
  const isLoaded = useIsIdle()
  if (!isLoaded) return undefined
  return (
    <Suspense>
      <IdleDialog state={state} onStay={stay} isStaying={isStaying} />
    </Suspense>
  )
}
