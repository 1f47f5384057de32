import { expect, it } from 'vitest'
import { type Change, changesOf, overlay, placeIn } from './board-overlay.ts'
import { sampleBoard, sampleBoardOperation, sampleCard } from './board-samples.ts'

const second = '2'.repeat(24)
const [landing, invoice, photos] = ['a'.repeat(24), 'b'.repeat(24), 'c'.repeat(24)]

const namesOf = (changes: readonly Change[]) =>
  overlay(sampleBoard(), changes).map(({ cards }) => cards.map(({ name }) => name))

const draft = (change: Change['change'], state: Change['state'] = 'draft'): Change => ({
  id: 'x',
  change,
  state,
})

it('shows own changes as if they had arrived, in their order [D-10]', () => {
  const added = draft({ type: 'add-card', listId: second, name: 'New', desc: '' }, 'waiting')
  const moved = draft({ type: 'move-card', cardId: invoice, listId: second, pos: 60 })
  expect(namesOf([added, moved])).toEqual([['Landing page'], ['Photos', 'Invoice', 'New']])
  const edited = { type: 'edit-card', cardId: landing, name: 'Other', desc: '' } as const
  expect(namesOf([draft({ ...edited, isDueDone: false })])[0]).toEqual(['Other', 'Invoice'])
})

it('leaves the board as it is where Trello refused', () => {
  const change = { type: 'move-card', cardId: invoice, listId: second, pos: 60 } as const
  expect(namesOf([draft(change, 'refused')])).toEqual(namesOf([]))
  const [list] = overlay(sampleBoard(), [draft(change, 'refused')])
  expect(list?.cards[1]?.changes).toMatchObject([{ state: 'refused' }])
})

it('tells waiting for Trello from being planned, and forgets what was taken back', () => {
  const change = { type: 'archive-card', cardId: landing } as const
  const problem = { code: 'trello.unreachable' } as never
  const pending = [
    { change, operation: sampleBoardOperation({ problem }) },
    { change, operation: sampleBoardOperation({ state: 'cancelled' }) },
    { change, operation: sampleBoardOperation() },
  ]
  expect(changesOf({ pending }, []).map(({ state }) => state)).toEqual(['waiting', 'planned'])
})

it('puts a card between its neighbours by the mean, and behind all others at the end', () => {
  const cards = overlay(sampleBoard(), [])[0]?.cards ?? []
  expect(placeIn(cards, landing)).toBe(50)
  expect(placeIn(cards, invoice)).toBe(150)
  expect(placeIn(cards, undefined)).toBeGreaterThan(200)
  expect(placeIn([], undefined)).toBeGreaterThan(0)
  expect(placeIn([{ ...sampleCard({ id: photos }), changes: [], isNew: true }], photos)).toBe(
    16_384,
  )
})
