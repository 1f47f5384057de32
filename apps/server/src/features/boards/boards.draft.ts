import { createHash } from 'node:crypto'
import type { Board, BoardCard, BoardChange } from '@studioops/contracts/boards'
import { approvalHash } from '../../platform/approval/approval-hash.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { withMark } from './boards.present.ts'

/** What an operation of a board is about; lies beside its payload. */
export type BoardTarget = {
  readonly boardId: string
  readonly boardName: string
  readonly host: string
  readonly change: BoardChange
}

export type Draft = {
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly target: BoardTarget
  readonly payload: Readonly<Record<string, unknown>>
  readonly payloadHash: string
  readonly marker: string
}

type Wish = {
  readonly id: string
  readonly change: BoardChange
  readonly board: Board
  readonly host: string
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** From the id, so that what is previewed and what is approved are the same bytes. */
export function markerOf(id: string): string {
  const bytes = createHash('sha256').update(id).digest().subarray(0, 10)
  return `so-${Array.from(bytes, (byte) => base32[byte % 32]).join('')}`
}

/**
 * What a change sends to Trello, word for word. The same wish makes the same draft.
 *
 * @throws AppError `board.gone` for a card, list or item that is not on the board
 */
export function draftOf({ id, change, board, host }: Wish): Draft {
  const marker = markerOf(id)
  const sending = sendingOf(change, { board, marker })
  const target = { boardId: board.id, boardName: board.name, host, change }
  const { kind, payload } = sending
  return { id, target, marker, ...sending, payloadHash: approvalHash({ kind, target, payload }) }
}

type Place = { readonly board: Board; readonly marker: string }
type Sending = Pick<Draft, 'kind' | 'title' | 'payload'>
type Of<T extends BoardChange['type']> = Extract<BoardChange, { type: T }>

function cardOf({ cards }: Board, cardId: string): BoardCard {
  const card = cards.find(({ id }) => id === cardId)
  if (card === undefined) throw new AppError('board.gone')
  return card
}

function listOf({ lists }: Board, listId: string) {
  const list = lists.find(({ id }) => id === listId)
  if (list === undefined) throw new AppError('board.gone')
  return list
}

function sendingOf(change: BoardChange, place: Place): Sending {
  switch (change.type) {
    case 'add-card':
      return addCard(change, place)
    case 'edit-card':
      return editCard(change, place)
    case 'move-card':
      return moveCard(change, place)
    case 'archive-card': {
      const { name } = cardOf(place.board, change.cardId)
      const payload = { cardId: change.cardId, change: { closed: true } }
      return { kind: 'trello.card.archive', title: name, payload }
    }
    case 'comment': {
      const { name } = cardOf(place.board, change.cardId)
      const payload = { cardId: change.cardId, text: change.text }
      return { kind: 'trello.comment.create', title: name, payload }
    }
    case 'tick-item':
      return tickItem(change, place)
    case 'add-checklist': {
      cardOf(place.board, change.cardId)
      const payload = { cardId: change.cardId, name: change.name }
      return { kind: 'trello.checklist.create', title: change.name, payload }
    }
    case 'add-item': {
      const { checklists } = cardOf(place.board, change.cardId)
      if (!checklists.some(({ id }) => id === change.checklistId)) throw new AppError('board.gone')
      const { cardId, checklistId, name } = change
      return { kind: 'trello.item.create', title: name, payload: { cardId, checklistId, name } }
    }
  }
}

function addCard({ listId, name, desc }: Of<'add-card'>, { board, marker }: Place): Sending {
  listOf(board, listId)
  const payload = { idList: listId, name, desc: withMark(desc, marker), pos: 'bottom' }
  return { kind: 'trello.card.create', title: name, payload }
}

/** Only what differs is sent, so that nobody else's edit is written over. */
function editCard(wish: Of<'edit-card'>, { board }: Place): Sending {
  const card = cardOf(board, wish.cardId)
  const change = {
    ...(wish.name !== card.name && { name: wish.name }),
    ...(wish.desc !== card.desc && { desc: wish.desc }),
    ...(wish.due !== card.due && { due: wish.due ?? null }),
    ...(wish.isDueDone !== card.isDueDone && { dueComplete: wish.isDueDone }),
  }
  return { kind: 'trello.card.update', title: wish.name, payload: { cardId: wish.cardId, change } }
}

function moveCard({ cardId, listId, pos }: Of<'move-card'>, { board }: Place): Sending {
  const { name } = cardOf(board, cardId)
  listOf(board, listId)
  return {
    kind: 'trello.card.move',
    title: name,
    payload: { cardId, change: { idList: listId, pos } },
  }
}

function tickItem({ cardId, itemId, isDone }: Of<'tick-item'>, { board }: Place): Sending {
  const items = cardOf(board, cardId).checklists.flatMap((checklist) => checklist.items)
  const item = items.find(({ id }) => id === itemId)
  if (item === undefined) throw new AppError('board.gone')
  const change = { state: isDone ? 'complete' : 'incomplete' }
  return {
    kind: 'trello.item.update',
    title: item.name,
    payload: { cardId, checkItemId: itemId, change },
  }
}
