import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import type { useDeletePrompt, useDeleteTemplate } from './story-settings.queries.ts'
import { storySettingsTexts } from './story-settings.texts.ts'

/** Asks before an own template or prompt goes. */
export function DeleteOwn({
  kind,
  own: { id, name },
  deletion,
  onClose,
}: {
  readonly kind: 'template' | 'prompt'
  readonly own: { readonly id: string; readonly name: string }
  readonly deletion: ReturnType<typeof useDeleteTemplate | typeof useDeletePrompt>
  readonly onClose: () => void
}) {
  const t = useTexts(storySettingsTexts)
  const toast = useToast()
  const remove = () =>
    deletion.mutate(id, {
      onSuccess: () => {
        toast({ text: t(`${kind}.deleted`) })
        onClose()
      },
    })
  return (
    <ConfirmDialog
      isOpen
      title={t(`${kind}.delete.title`)}
      confirmLabel={t(`${kind}.delete.confirm`)}
      isPending={deletion.isPending}
      onConfirm={remove}
      onClose={onClose}
    >
      <p>
        <RichText
          texts={storySettingsTexts}
          textKey={`${kind}.delete.text`}
          values={{ name }}
          parts={{ name: <bdi className="font-medium" /> }}
        />
      </p>
      {deletion.isError && <ProblemNotice error={deletion.error} />}
    </ConfirmDialog>
  )
}
