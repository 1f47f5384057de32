import type { ReactNode } from 'react'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { uiTexts } from './ui.texts.ts'

export type ConfirmDialogProps = {
  readonly title: ReactNode
  /** What will happen, in whole sentences. */
  readonly children: ReactNode
  /** The deed as a verb with its object: "Remove the model". */
  readonly confirmLabel: string
  readonly isOpen: boolean
  readonly isPending?: boolean
  readonly isDanger?: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** Asks before what cannot be undone. The focus begins on Cancel. */
export function ConfirmDialog({
  title,
  children,
  confirmLabel,
  isOpen,
  isPending = false,
  isDanger = true,
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  const t = useTexts(uiTexts)
  return (
    <Dialog
      role="alertdialog"
      width="narrow"
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button look={isDanger ? 'danger' : 'primary'} isPending={isPending} onPress={onConfirm}>
            {confirmLabel}
          </Button>
          {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog takes the focus, and the harmless way out is where it belongs */}
          <Button autoFocus onPress={onClose}>
            {t('cancel')}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  )
}
