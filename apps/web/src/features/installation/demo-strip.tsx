import { useNavigate } from '@tanstack/react-router'
import { FlaskConical } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { FaultSwitches } from './fault-switches.tsx'
import { useLeaveDemo } from './installation.queries.ts'
import { installationTexts } from './installation.texts.ts'

/** On every page of a demo, so that nobody takes it for the real thing. */
export function DemoStrip() {
  const t = useTexts(installationTexts)
  const { data: installation } = useInstallation()
  const account = useAccount()
  if (installation?.mode !== 'demo') return undefined
  return (
    <aside
      id="demo-strip"
      aria-label={t('strip.short')}
      className="sticky top-0 z-30 flex min-h-(--strip-height) flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-accent-line bg-accent-soft px-4 py-1.5 text-accent-ink sm:px-6"
    >
      <p className="flex items-center gap-2 font-medium">
        <FlaskConical aria-hidden className="size-4 shrink-0" />
        <span className="max-sm:hidden">{t('strip')}</span>
        <span className="sm:hidden">{t('strip.short')}</span>
      </p>
      <div className="flex items-center gap-1">
        {account !== undefined && <FaultSwitches />}
        <LeaveDemo />
      </div>
    </aside>
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
