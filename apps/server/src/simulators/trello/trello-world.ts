import { invalidId, invalidValue, notFound, unauthorized } from './trello-refusal.ts'
import {
  type ActionRow,
  type BoardRow,
  type CardRow,
  createIds,
  type ListRow,
  type TrelloState,
} from './trello-state.ts'

type Options = {
  readonly state: () => TrelloState
  readonly clock: () => number
  /** After every change, with what happened; the card and the board have their new times. */
  readonly happened: (action: ActionRow) => void
}

const trelloId = /^[0-9a-f]{24}$/i
const shortLink = /^[0-9a-z]{8}$/i

/** Finds what a request names, as the person may see it, and writes down what happens. */
export function createTrelloWorld({ state, clock, happened }: Options) {
  const newId = createIds(state, clock)
  const now = () => new Date(clock()).toISOString()

  function boardOf(id: string, memberId: string): BoardRow {
    const isShort = shortLink.test(id)
    if (!isShort && !trelloId.test(id)) throw invalidId()
    const board = state().boards.find((one) => (isShort ? one.shortLink === id : one.id === id))
    if (board === undefined) throw notFound()
    if (board.idMembers.length > 0 && !board.idMembers.includes(memberId)) throw unauthorized()
    return board
  }

  function cardOf(id: string, memberId: string): CardRow {
    const isShort = shortLink.test(id)
    if (!isShort && !trelloId.test(id)) throw invalidId()
    const card = state().cards.find((one) => (isShort ? one.shortLink === id : one.id === id))
    if (card === undefined) throw notFound()
    boardOf(card.idBoard, memberId)
    return card
  }

  return {
    newId,
    now,
    boardOf,
    cardOf,

    listOf(id: string, memberId: string): ListRow {
      if (!trelloId.test(id)) throw invalidId()
      const list = state().lists.find((one) => one.id === id)
      if (list === undefined) throw notFound()
      boardOf(list.idBoard, memberId)
      return list
    },

    /** What lies on a board and has no more of a person's own. */
    rowOf<R extends { readonly id: string; readonly idBoard: string }>(
      rows: readonly R[],
      id: string,
      memberId: string,
    ): R {
      if (!trelloId.test(id)) throw invalidId()
      const row = rows.find((one) => one.id === id)
      if (row === undefined) throw notFound()
      boardOf(row.idBoard, memberId)
      return row
    },

    /** @throws TrelloRefusal 400 for a list of another board */
    requireListOn(idBoard: string, idList: string): ListRow {
      const list = state().lists.find((one) => one.id === idList)
      if (list === undefined || list.idBoard !== idBoard) throw invalidValue('idList')
      return list
    },

    cardsOn: (idList: string) => state().cards.filter((card) => card.idList === idList),

    visibleBoards: (memberId: string) =>
      state().boards.filter(
        ({ idMembers }) => idMembers.length === 0 || idMembers.includes(memberId),
      ),

    note(
      type: string,
      {
        by,
        board,
        card,
        data = {},
      }: {
        readonly by: string
        readonly board: BoardRow
        readonly card?: CardRow
        readonly data?: Readonly<Record<string, unknown>>
      },
    ): ActionRow {
      const date = now()
      board.dateLastActivity = date
      if (card !== undefined) card.dateLastActivity = date
      const about =
        card === undefined
          ? {}
          : { card: { id: card.id, name: card.name, shortLink: card.shortLink } }
      const action: ActionRow = {
        id: newId(),
        type,
        date,
        idMemberCreator: by,
        idBoard: board.id,
        idCard: card?.id ?? null,
        data: { ...data, ...about, board: { id: board.id, name: board.name } },
      }
      state().actions.push(action)
      happened(action)
      return action
    },
  }
}

export type TrelloWorld = ReturnType<typeof createTrelloWorld>
