import { type ReactNode, useId } from 'react'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { Button } from './button.tsx'
import { Dialog, type DialogProps } from './dialog.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import { uiTexts } from './ui.texts.ts'

export type FormDialogProps = Pick<DialogProps, 'title' | 'role' | 'onClose'> & {
  readonly children: ReactNode
  /** On the button that sends it. */
  readonly submit: string
  readonly look?: 'primary' | 'danger'
  readonly isPending: boolean
  readonly isDisabled?: boolean
  /** Why it could not be sent the last time. */
  readonly error: unknown
  readonly onSubmit: () => void
}

/** A form above the page, sent by its button or by Enter. */
export function FormDialog({
  children,
  submit,
  look = 'primary',
  isPending,
  isDisabled = false,
  error,
  onSubmit,
  ...dialog
}: FormDialogProps) {
  const t = useTexts(uiTexts)
  const formId = useId()
  return (
    <Dialog
      {...dialog}
      isOpen
      actions={
        <>
          <Button
            look={look}
            type="submit"
            form={formId}
            isPending={isPending}
            isDisabled={isDisabled}
          >
            {submit}
          </Button>
          <Button onPress={dialog.onClose}>{t('cancel')}</Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit()
        }}
      >
        {error !== null && error !== undefined && <ProblemNotice error={error} />}
        {children}
      </form>
    </Dialog>
  )
}
