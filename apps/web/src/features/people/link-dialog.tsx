import { useTexts } from '../../lib/i18n/use-texts.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { peopleTexts } from './people.texts.ts'

/** A link with a secret in it, shown once. */
export function LinkDialog({
  title,
  text,
  path,
  onClose,
}: {
  readonly title: string
  readonly text: string
  readonly path: string
  readonly onClose: () => void
}) {
  const t = useTexts(peopleTexts)
  const link = new URL(path, location.origin).href
  return (
    <Dialog
      isOpen
      title={title}
      onClose={onClose}
      actions={
        <Button look="primary" onPress={onClose}>
          {t('link.done')}
        </Button>
      }
    >
      <p className="text-muted">{text}</p>
      <p className="mt-4 rounded-field bg-sunken px-3 py-2 font-mono text-sm break-all">
        <LeftToRight>{link}</LeftToRight>
      </p>
      <div className="mt-2">
        <CopyButton text={link} object={t('link.label')} />
      </div>
    </Dialog>
  )
}
