import type { Board, BoardCard, BoardView } from '@studioops/contracts/boards'
import type { Operation } from '@studioops/contracts/operations'

export function sampleCard(change: Partial<BoardCard> = {}): BoardCard {
  return {
    id: 'a'.repeat(24),
    listId: '1'.repeat(24),
    name: 'Landing page',
    desc: 'Hero picture and form.',
    pos: 100,
    isDueDone: false,
    memberIds: [],
    labelIds: [],
    checklists: [],
    commentCount: 0,
    attachmentCount: 0,
    url: 'https://trello.com/c/aaaaaaaa',
    ...change,
  }
}

export function sampleBoard(change: Partial<Board> = {}): Board {
  return {
    id: 'f'.repeat(24),
    name: 'Studio week',
    desc: '',
    url: 'https://trello.com/b/aaaaaaaa',
    lists: [
      { id: '1'.repeat(24), name: 'This week' },
      { id: '2'.repeat(24), name: 'Done' },
    ],
    cards: [
      sampleCard(),
      sampleCard({ id: 'b'.repeat(24), name: 'Invoice', pos: 200 }),
      sampleCard({ id: 'c'.repeat(24), name: 'Photos', pos: 50, listId: '2'.repeat(24) }),
    ],
    labels: [],
    members: [],
    ...change,
  }
}

export function sampleView(change: Partial<BoardView> = {}): BoardView {
  return { board: sampleBoard(), asOf: '2026-11-21T08:42:00.000Z', pending: [], ...change }
}

export function sampleBoardOperation(change: Partial<Operation> = {}): Operation {
  return {
    id: '3f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a10',
    kind: 'trello.card.create',
    system: 'trello',
    thing: 'card',
    state: 'planned',
    title: 'New one',
    target: 'Studio week · api.trello.com',
    marker: 'so-abcdefghij',
    attempts: 0,
    createdAt: '2026-11-21T08:43:00.000Z',
    updatedAt: '2026-11-21T08:43:00.000Z',
    ...change,
  }
}
