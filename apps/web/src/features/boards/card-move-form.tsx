import type { BoardChange } from '@studioops/contracts/boards'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Select } from '../../ui/select.tsx'
import { placeIn, type ShownCard, type ShownList } from './board-overlay.ts'
import { boardsTexts } from './boards.texts.ts'
import { Part } from './card-part.tsx'

/** The way to move a card without dragging. */
export function CardMoveForm({
  card,
  lists,
  onChange,
}: {
  readonly card: ShownCard
  readonly lists: readonly ShownList[]
  readonly onChange: (change: BoardChange) => void
}) {
  const t = useTexts(boardsTexts)
  const [listId, setListId] = useState(card.listId)
  const [place, setPlace] = useState<'top' | 'bottom'>('bottom')
  const cards = (lists.find(({ id }) => id === listId)?.cards ?? []).filter(
    ({ id }) => id !== card.id,
  )
  return (
    <Part title={t('dialog.move')}>
      <div className="grid gap-3 sm:grid-cols-2">
        <Select
          label={t('field.list')}
          options={lists.map(({ id, name }) => ({ id, label: name }))}
          value={listId}
          onChange={setListId}
        />
        <Select
          label={t('field.place')}
          options={[
            { id: 'top', label: t('place.top') },
            { id: 'bottom', label: t('place.bottom') },
          ]}
          value={place}
          onChange={setPlace}
        />
      </div>
      <div>
        <Button
          onPress={() => {
            const before = place === 'top' ? cards.find(({ isNew }) => !isNew)?.id : undefined
            onChange({ type: 'move-card', cardId: card.id, listId, pos: placeIn(cards, before) })
          }}
        >
          {t('dialog.move.submit')}
        </Button>
      </div>
    </Part>
  )
}
