import type { BoardChange } from '@studioops/contracts/boards'
import { Bdi } from '../../ui/bdi.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Checkbox } from '../../ui/checkbox.tsx'
import type { ShownCard } from './board-overlay.ts'
import { boardsTexts } from './boards.texts.ts'
import { Part } from './card-part.tsx'
import { OneLineForm } from './one-line-form.tsx'

/** Checklists with their items; ticking prepares a change. */
export function CardChecklists({
  card,
  onChange,
}: {
  readonly card: ShownCard
  readonly onChange: (change: BoardChange) => void
}) {
  const t = useTexts(boardsTexts)
  const { id: cardId, checklists } = card
  return (
    <>
      {checklists.map(({ id: checklistId, name, items }) => (
        <Part key={checklistId} title={<Bdi>{name}</Bdi>}>
          <ul>
            {items.map((item) => (
              <li key={item.id}>
                <Checkbox
                  isSelected={item.isDone}
                  onChange={(isDone) =>
                    onChange({ type: 'tick-item', cardId, itemId: item.id, isDone })
                  }
                >
                  <bdi className="wrap-anywhere">{item.name}</bdi>
                </Checkbox>
              </li>
            ))}
          </ul>
          <OneLineForm
            label={t('dialog.item')}
            submit={t('dialog.item.submit')}
            onSubmit={(text) => onChange({ type: 'add-item', cardId, checklistId, name: text })}
          />
        </Part>
      ))}
      <OneLineForm
        label={t('dialog.checklist')}
        submit={t('dialog.checklist.submit')}
        onSubmit={(name) => onChange({ type: 'add-checklist', cardId, name })}
      />
    </>
  )
}
