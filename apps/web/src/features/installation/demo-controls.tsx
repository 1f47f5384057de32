import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { type DemoControl, LeaveButton } from './demo-buttons.tsx'
import { FaultSwitches } from './fault-switches.tsx'
import { useLeaveDemo } from './installation.queries.ts'
import { installationTexts } from './installation.texts.ts'

/** What one can do with a demo: let it fail, and leave it. */
export function DemoControls({
  isSignedIn,
  openAtFirst,
}: {
  readonly isSignedIn: boolean
  /** What was pressed before this code had come. */
  readonly openAtFirst: DemoControl | undefined
}) {
  return (
    <>
      {isSignedIn && <FaultSwitches isOpenAtFirst={openAtFirst === 'faults'} />}
      <LeaveDemo isAskingAtFirst={openAtFirst === 'leave'} />
    </>
  )
}

function LeaveDemo({ isAskingAtFirst }: { readonly isAskingAtFirst: boolean }) {
  const t = useTexts(installationTexts)
  const navigate = useNavigate()
  const leave = useLeaveDemo()
  const [isAsking, setIsAsking] = useState(isAskingAtFirst)
  const confirm = () =>
    leave.mutate(undefined, {
      onSuccess: () => {
        setIsAsking(false)
        void navigate({ to: '/welcome', replace: true })
      },
    })
  return (
    <>
      <LeaveButton onPress={() => setIsAsking(true)} />
      <ConfirmDialog
        title={t('leave.title')}
        confirmLabel={t('leave.confirm')}
        isOpen={isAsking}
        isPending={leave.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        <p>{t('leave.text')}</p>
        {leave.isError && (
          <div className="mt-4">
            <ProblemNotice error={leave.error} onRetry={confirm} />
          </div>
        )}
      </ConfirmDialog>
    </>
  )
}
