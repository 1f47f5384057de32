import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Dialog as AriaDialog, Heading } from 'react-aria-components/Dialog'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { classNames } from '../lib/class-names.ts'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { IconButton } from './icon-button.tsx'
import { uiTexts } from './ui.texts.ts'

export type DialogProps = {
  readonly title: ReactNode
  readonly children: ReactNode
  /** Buttons, the main one first; they stand at the end, below each other on a phone. */
  readonly actions?: ReactNode
  readonly isOpen: boolean
  /** Called when Escape, the cross or a press outside asks for closing. */
  readonly onClose: () => void
  /** `alertdialog` interrupts: no cross, and a press outside does nothing. */
  readonly role?: 'dialog' | 'alertdialog'
  readonly width?: 'narrow' | 'regular' | 'wide'
}

const widths = { narrow: 'sm:max-w-md', regular: 'sm:max-w-xl', wide: 'sm:max-w-4xl' }

/** Above the page, which waits; a sheet from below on a phone. Focus comes back to the opener. */
export function Dialog({
  title,
  children,
  actions,
  isOpen,
  onClose,
  role = 'dialog',
  width = 'regular',
}: DialogProps) {
  const t = useTexts(uiTexts)
  const isAlert = role === 'alertdialog'
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      isDismissable={!isAlert}
      className="fixed inset-0 z-50 flex items-end justify-center bg-scrim entering:animate-appear sm:items-center sm:p-6"
    >
      <Modal
        className={classNames(
          'flex max-h-[calc(100dvh-2rem)] w-full flex-col rounded-t-card border border-line bg-raised text-ink shadow-float entering:animate-rise sm:rounded-card',
          widths[width],
        )}
      >
        <AriaDialog role={role} className="flex min-h-0 flex-col outline-none">
          <div className="flex items-start justify-between gap-4 px-5 pt-4 pb-2">
            <Heading slot="title" className="pt-1 text-lg font-semibold">
              {title}
            </Heading>
            {!isAlert && (
              <IconButton
                label={t('close')}
                size="small-icon"
                icon={<X className="size-4" />}
                onPress={onClose}
              />
            )}
          </div>
          <div className="min-h-0 overflow-y-auto px-5 pb-5">{children}</div>
          {actions !== undefined && (
            <div className="flex flex-col gap-2 border-t border-line px-5 py-4 pb-[max(1rem,env(safe-area-inset-bottom))] sm:flex-row-reverse sm:justify-start">
              {actions}
            </div>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
