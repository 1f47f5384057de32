import type { Board, BoardChange } from '@studioops/contracts/boards'
import { GripVertical } from 'lucide-react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { GridList, GridListItem } from 'react-aria-components/GridList'
import { isTextDropItem, useDragAndDrop } from 'react-aria-components/useDragAndDrop'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { AddCard } from './add-card.tsx'
import { BoardCardFace } from './board-card.tsx'
import { placeIn, type ShownCard, type ShownList } from './board-overlay.ts'
import { boardsTexts } from './boards.texts.ts'

type Doing = {
  readonly board: Board
  readonly onChange: (change: BoardChange) => void
  readonly onOpen: (cardId: string) => void
}

/** The lists beside each other; cards move between them by mouse, finger and keyboard. */
export function BoardLists({ lists, ...doing }: Doing & { readonly lists: readonly ShownList[] }) {
  const t = useTexts(boardsTexts)
  if (lists.length === 0) return <p className="text-muted">{t('board.noLists')}</p>
  return (
    <ol className="-mx-4 flex snap-x scroll-px-4 items-start gap-4 overflow-x-auto px-4 pb-4 sm:-mx-8 sm:scroll-px-8 sm:px-8">
      {lists.map((list) => (
        <li
          key={list.id}
          className="flex w-72 max-w-[85vw] shrink-0 snap-start flex-col gap-3 rounded-card border border-line bg-sunken p-3"
        >
          <BoardList list={list} {...doing} />
        </li>
      ))}
    </ol>
  )
}

const cardType = 'application/x-studioops-card'

function BoardList({ list, board, onChange, onOpen }: Doing & { readonly list: ShownList }) {
  const t = useTexts(boardsTexts)
  const { dragAndDropHooks } = useCardDrop(list, onChange)
  return (
    <>
      <header className="flex items-baseline justify-between gap-2 px-1">
        <h2 className="min-w-0 font-semibold wrap-anywhere">
          <bdi>{list.name}</bdi>
        </h2>
        <span className="shrink-0 text-sm text-muted">
          {t('list.count', { count: list.cards.length })}
        </span>
      </header>
      <GridList
        aria-label={t('list.label', { list: list.name })}
        items={list.cards}
        dragAndDropHooks={dragAndDropHooks}
        onAction={(key) => onOpen(String(key))}
        renderEmptyState={() => (
          <span className="block px-1 py-2 text-muted">{t('list.noCards')}</span>
        )}
        className="flex min-h-10 flex-col gap-2 rounded-field drop-target:outline-2 drop-target:outline-accent-ink"
      >
        {(card) => <CardRow card={card} board={board} />}
      </GridList>
      <AddCard list={list} onChange={onChange} />
    </>
  )
}

function CardRow({ card, board }: { readonly card: ShownCard; readonly board: Board }) {
  const t = useTexts(boardsTexts)
  return (
    <GridListItem
      id={card.id}
      textValue={card.name}
      isDisabled={card.isNew}
      className="flex cursor-pointer items-start gap-2 rounded-field border border-line bg-surface p-3 shadow-card outline-offset-2 hover:bg-hover dragging:opacity-55 disabled:cursor-default"
    >
      <AriaButton
        slot="drag"
        aria-label={t('card.drag', { card: card.name })}
        className="-ms-1 grid size-6 shrink-0 cursor-grab place-items-center rounded-field text-muted max-md:size-11 disabled:opacity-55"
      >
        <GripVertical aria-hidden className="size-4" />
      </AriaButton>
      <BoardCardFace card={card} board={board} />
    </GridListItem>
  )
}

/** Where a card is let go of becomes a change that is prepared, not sent (D-25). */
function useCardDrop({ id: listId, cards }: ShownList, onChange: (change: BoardChange) => void) {
  const moveTo = (ids: readonly string[], before: string | undefined) => {
    const rest = cards.filter(({ id }) => !ids.includes(id))
    for (const cardId of ids)
      onChange({ type: 'move-card', cardId, listId, pos: placeIn(rest, before) })
  }
  const after = (target: { key: string | number; dropPosition: string }) => {
    if (target.dropPosition === 'before') return String(target.key)
    const index = cards.findIndex(({ id }) => id === target.key)
    return cards[index + 1]?.id
  }
  return useDragAndDrop({
    getItems: (keys) => [...keys].map((key) => ({ [cardType]: String(key) })),
    acceptedDragTypes: [cardType],
    getDropOperation: () => 'move',
    onReorder: ({ keys, target }) => moveTo([...keys].map(String), after(target)),
    onInsert: ({ items, target }) => void dropped(items).then((ids) => moveTo(ids, after(target))),
    onRootDrop: ({ items }) => void dropped(items).then((ids) => moveTo(ids, undefined)),
  })
}

type Dropped = Parameters<typeof isTextDropItem>[0]

async function dropped(items: readonly Dropped[]): Promise<string[]> {
  return Promise.all(items.filter(isTextDropItem).map((item) => item.getText(cardType)))
}
