import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import { connectionsTexts } from './connections.texts.ts'

export type Removal = {
  /** What is removed, as it stands in sentences. */
  readonly name: string
  /** What is lost with it. */
  readonly text: string
  readonly remove: {
    readonly mutate: (input: object, options: { onSuccess: () => void }) => void
    readonly error: Error | null
    readonly isPending: boolean
  }
}

/** Asks first: what is removed is not kept anywhere. */
export function RemoveButton({ name, text, remove }: Removal) {
  const t = useTexts(connectionsTexts)
  const toast = useToast()
  const [isAsking, setIsAsking] = useState(false)
  const confirm = () =>
    remove.mutate(
      {},
      {
        onSuccess: () => {
          setIsAsking(false)
          toast({ text: t('removed', { name }) })
        },
      },
    )
  return (
    <>
      <Button
        look="quiet"
        aria-label={t('remove.named', { name })}
        onPress={() => setIsAsking(true)}
      >
        {t('remove')}
      </Button>
      <ConfirmDialog
        title={t('remove.title', { name })}
        confirmLabel={t('remove.named', { name })}
        isOpen={isAsking}
        isPending={remove.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        <p>{text}</p>
        {remove.error !== null && (
          <div className="mt-4">
            <ProblemNotice error={remove.error} onRetry={confirm} />
          </div>
        )}
      </ConfirmDialog>
    </>
  )
}
