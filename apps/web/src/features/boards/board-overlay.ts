import type { Board, BoardCard, BoardChange, BoardView } from '@studioops/contracts/boards'
import type { OperationState } from '@studioops/contracts/operations'

/** Where a change of one's own stands. `waiting`: planned, but Trello is away. */
export type ChangeState = 'draft' | 'waiting' | Exclude<OperationState, 'cancelled' | 'partial'>

export type Change = {
  readonly id: string
  readonly change: BoardChange
  readonly state: ChangeState
}

/** A card as it will be, and why it is not so yet. */
export type ShownCard = BoardCard & {
  readonly changes: readonly Change[]
  /** True for a card that Trello does not have yet. */
  readonly isNew: boolean
}

export type ShownList = {
  readonly id: string
  readonly name: string
  readonly cards: readonly ShownCard[]
}

/** Changes under way, as the server tells them, then those that are only prepared. */
export function changesOf(
  { pending }: Pick<BoardView, 'pending'>,
  drafts: readonly Pick<Change, 'id' | 'change'>[],
): Change[] {
  const underway = pending.flatMap(({ change, operation }): Change[] => {
    const { id, state, problem } = operation
    if (state === 'cancelled' || state === 'partial') return []
    const isWaiting = state === 'planned' && problem !== undefined
    return [{ id, change, state: isWaiting ? 'waiting' : state }]
  })
  return [...underway, ...drafts.map(({ id, change }) => ({ id, change, state: 'draft' as const }))]
}

/** The board as it will be when everything has arrived; what was refused changes nothing. */
export function overlay(board: Board, changes: readonly Change[]): ShownList[] {
  let cards: ShownCard[] = board.cards.map((card) => ({ ...card, changes: [], isNew: false }))
  for (const change of changes) cards = applied(cards, change)
  return board.lists.map(({ id, name }) => ({
    id,
    name,
    cards: cards.filter(({ listId }) => listId === id).toSorted((a, b) => a.pos - b.pos),
  }))
}

function applied(cards: readonly ShownCard[], entry: Change): ShownCard[] {
  const { change, state } = entry
  if (change.type === 'add-card') return [...cards, newCard(entry, change)]
  return cards.flatMap((card) => {
    if (card.id !== change.cardId) return [card]
    const noted = { ...card, changes: [...card.changes, entry] }
    if (state === 'refused') return [noted]
    if (change.type === 'archive-card' && state !== 'draft') return [noted]
    return [changed(noted, change)]
  })
}

function newCard(
  entry: Change,
  { listId, name, desc }: Extract<BoardChange, { type: 'add-card' }>,
): ShownCard {
  return {
    id: entry.id,
    listId,
    name,
    desc,
    pos: Number.MAX_SAFE_INTEGER,
    isDueDone: false,
    memberIds: [],
    labelIds: [],
    checklists: [],
    commentCount: 0,
    attachmentCount: 0,
    url: '',
    changes: [entry],
    isNew: true,
  }
}

type OfCard = Exclude<BoardChange, { type: 'add-card' }>

function changed(card: ShownCard, change: OfCard): ShownCard {
  switch (change.type) {
    case 'move-card':
      return { ...card, listId: change.listId, pos: change.pos }
    case 'edit-card': {
      const { name, desc, due, isDueDone } = change
      const { due: _, ...rest } = card
      return { ...rest, name, desc, isDueDone, ...(due !== undefined && { due }) }
    }
    case 'comment':
      return { ...card, commentCount: card.commentCount + 1 }
    case 'tick-item':
      return { ...card, checklists: ticked(card, change.itemId, change.isDone) }
    case 'add-checklist':
    case 'add-item':
    case 'archive-card':
      return card
  }
}

function ticked({ checklists }: ShownCard, itemId: string, isDone: boolean) {
  return checklists.map((checklist) => ({
    ...checklist,
    items: checklist.items.map((item) => (item.id === itemId ? { ...item, isDone } : item)),
  }))
}

const step = 16_384

/** The place before a card, or at the end; between two neighbours the mean, as Trello sorts. */
export function placeIn(cards: readonly ShownCard[], before: string | undefined): number {
  const known = cards.filter(({ isNew }) => !isNew)
  const index = before === undefined ? -1 : known.findIndex(({ id }) => id === before)
  if (index === -1) return (known.at(-1)?.pos ?? 0) + step
  const next = known[index]?.pos ?? step
  return ((known[index - 1]?.pos ?? 0) + next) / 2
}
