import type { BoardChange } from '@studioops/contracts/boards'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { TextField } from '../../ui/text-field.tsx'
import type { ShownList } from './board-overlay.ts'
import { boardsTexts } from './boards.texts.ts'

/** A new card at the end of a list; prepared first, sent from the tray. */
export function AddCard({
  list,
  onChange,
}: {
  readonly list: ShownList
  readonly onChange: (change: BoardChange) => void
}) {
  const t = useTexts(boardsTexts)
  const [isOpen, setIsOpen] = useState(false)
  if (!isOpen)
    return (
      <Button
        look="quiet"
        size="small"
        icon={<Plus aria-hidden className="size-4" />}
        aria-label={t('add.open.to', { list: list.name })}
        onPress={() => setIsOpen(true)}
      >
        {t('add.open')}
      </Button>
    )
  return (
    <AddCardForm
      onCancel={() => setIsOpen(false)}
      onAdd={(name, desc) => {
        setIsOpen(false)
        onChange({ type: 'add-card', listId: list.id, name, desc })
      }}
    />
  )
}

function AddCardForm({
  onAdd,
  onCancel,
}: {
  readonly onAdd: (name: string, desc: string) => void
  readonly onCancel: () => void
}) {
  const t = useTexts(boardsTexts)
  const [name, setName] = useState('')
  const [desc, setDesc] = useState('')
  const [isTried, setIsTried] = useState(false)
  const isMissing = name.trim() === ''
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        setIsTried(true)
        if (!isMissing) onAdd(name.trim(), desc)
      }}
    >
      <TextField
        label={t('add.name')}
        value={name}
        onChange={setName}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the form was just asked for
        autoFocus
        error={isTried && isMissing ? t('needs.name') : undefined}
      />
      <TextArea label={t('add.desc')} value={desc} onChange={setDesc} rows={2} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" size="small" look="primary">
          {t('add.submit')}
        </Button>
        <Button size="small" onPress={onCancel}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}
