import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { FaultSwitches } from './fault-switches.tsx'
import { useLeaveDemo } from './installation.queries.ts'
import { installationTexts } from './installation.texts.ts'

/** What one can do with a demo: let it fail, and leave it. */
export function DemoControls({ isSignedIn }: { readonly isSignedIn: boolean }) {
  return (
    <>
      {isSignedIn && <FaultSwitches />}
      <LeaveDemo />
    </>
  )
}

function LeaveDemo() {
  const t = useTexts(installationTexts)
  const navigate = useNavigate()
  const leave = useLeaveDemo()
  const [isAsking, setIsAsking] = useState(false)
  const confirm = () =>
    leave.mutate(undefined, {
      onSuccess: () => {
        setIsAsking(false)
        void navigate({ to: '/welcome', replace: true })
      },
    })
  return (
    <>
      <Button size="small" look="quiet" onPress={() => setIsAsking(true)}>
        {t('leave.open')}
      </Button>
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
