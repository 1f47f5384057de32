import type { BoardChange } from '@studioops/contracts/boards'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { TextField } from '../../ui/text-field.tsx'
import type { ShownCard } from './board-overlay.ts'
import { boardsTexts } from './boards.texts.ts'

/** Title, text and due date of a card. */
export function CardEditForm({
  card,
  onChange,
  onCancel,
}: {
  readonly card: ShownCard
  readonly onChange: (change: BoardChange) => void
  readonly onCancel: () => void
}) {
  const t = useTexts(boardsTexts)
  const [name, setName] = useState(card.name)
  const [desc, setDesc] = useState(card.desc)
  const [day, setDay] = useState(dayOf(card.due))
  const [isDueDone, setIsDueDone] = useState(card.isDueDone)
  const isMissing = name.trim() === ''
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (isMissing) return
        const due = dueOf(day, card.due)
        const change = { type: 'edit-card', cardId: card.id, name: name.trim(), desc } as const
        onChange({ ...change, isDueDone, ...(due !== undefined && { due }) })
      }}
    >
      <TextField
        label={t('field.name')}
        value={name}
        onChange={setName}
        error={isMissing ? t('needs.name') : undefined}
      />
      <TextArea label={t('field.desc')} value={desc} onChange={setDesc} rows={4} />
      <DayField label={t('field.due')} value={day} onChange={setDay} />
      <Checkbox isSelected={isDueDone} onChange={setIsDueDone}>
        {t('field.dueDone')}
      </Checkbox>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary">
          {t('dialog.save')}
        </Button>
        <Button onPress={onCancel}>{t('cancel')}</Button>
      </div>
    </form>
  )
}

/** The day in the zone of the browser. */
function dayOf(due: string | undefined): string {
  if (due === undefined) return ''
  const date = new Date(due)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The same moment where the day is the same; else noon of the day. */
function dueOf(day: string, before: string | undefined): string | undefined {
  if (day === '') return undefined
  if (before !== undefined && dayOf(before) === day) return before
  return new Date(`${day}T12:00:00`).toISOString()
}
