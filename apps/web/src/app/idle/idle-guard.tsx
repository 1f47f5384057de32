import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { appTexts } from '../app.texts.ts'
import { useSignOut } from '../session-end.queries.ts'
import { spokenSeconds } from './idle-clock.ts'
import { useIdle } from './idle.queries.ts'

/** Prolongs the session while the person acts, asks before its end, and ends it (D-5). */
export function IdleGuard() {
  const t = useTexts(appTexts)
  const { state, stay, isStaying } = useIdle()
  const signOut = useSignOut()
  const seconds = state.kind === 'warning' ? state.secondsLeft : 0
  return (
    <Dialog
      role="alertdialog"
      width="narrow"
      title={t('idle.title')}
      isOpen={state.kind === 'warning'}
      onClose={stay}
      actions={
        <>
          {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog interrupts, and staying is what one key has to do */}
          <Button look="primary" autoFocus isPending={isStaying} onPress={stay}>
            {t('idle.stay')}
          </Button>
          <Button isPending={signOut.isPending} onPress={() => signOut.mutate()}>
            {t('idle.leave')}
          </Button>
        </>
      }
    >
      <p aria-hidden className="tabular-nums">
        {t('idle.text', { seconds })}
      </p>
      <p role="alert" className="sr-only">
        {t('idle.spoken', { seconds: spokenSeconds(seconds) })}
      </p>
    </Dialog>
  )
}
