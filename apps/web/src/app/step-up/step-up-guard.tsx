import { lazy, Suspense } from 'react'
import { useStepUp } from '../../lib/step-up.ts'

const StepUpDialog = lazy(async () => {
  const { StepUpDialog: dialog } = await import('./step-up-dialog.tsx')
  return { default: dialog }
})

/** Shows the question for the password when a call has asked for it. */
export function StepUpGuard() {
  const { isAsked, answer } = useStepUp()
  if (!isAsked) return undefined
  return (
    <Suspense>
      <StepUpDialog onAnswer={answer} />
    </Suspense>
  )
}
