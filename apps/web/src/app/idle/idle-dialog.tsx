import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { appTexts } from '../app.texts.ts'
import { useSignOut } from '../session-end.queries.ts'
import { type IdleState, spokenSeconds } from './idle-clock.ts'

/** Loaded long before it is needed: at the end of a session the server may be away. */
export function IdleDialog({
  state,
  onStay,
  isStaying,
}: {
  readonly state: IdleState
  readonly onStay: () => void
  readonly isStaying: boolean
}) {
  const t = useTexts(appTexts)
  const signOut = useSignOut()
  const seconds = state.kind === 'warning' ? state.secondsLeft : 0
  return (
    <Dialog
      role="alertdialog"
      width="narrow"
      title={t('idle.title')}
      isOpen={state.kind === 'warning'}
      onClose={onStay}
      actions={
        <>
          {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog interrupts, and staying is what one key has to do */}
          <Button look="primary" autoFocus isPending={isStaying} onPress={onStay}>
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
