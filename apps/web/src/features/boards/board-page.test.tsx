import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { press, write } from '../../testing/hands.ts'
import { refusal } from '../../testing/problems.ts'
import { type Answers, show } from '../../testing/show.tsx'
import { BoardPage } from './board-page.tsx'
import { sampleBoardOperation, sampleCard, sampleBoard, sampleView } from './board-samples.ts'
import { BoardsPage } from './boards-page.tsx'

const boardId = 'f'.repeat(24)
const path = `/boards/${boardId}`
const page = <BoardPage boardId={boardId} cardId={undefined} onCard={() => {}} />

const draft = {
  id: '3f4b8a52-7a31-4d5c-9a53-0c8b5b1b8a10',
  kind: 'trello.card.create',
  title: 'New one',
  payload: { idList: '1'.repeat(24), name: 'New one', desc: 'so-abcdefghij', pos: 'bottom' },
  payloadHash: 'hash-of-what-was-shown',
}

const answers = (more: Answers = {}): Answers => ({
  [`GET ${path}`]: () => sampleView(),
  [`POST ${path}/preview`]: () => ({ draft }),
  [`POST ${path}/changes`]: () => ({ operation: sampleBoardOperation() }),
  ...more,
})

describe('the boards page', () => {
  it.each([
    ['en', 'Boards open when Trello is connected', 'Connect Trello'],
    ['he', 'הלוחות נפתחים כאשר Trello מחוברת', 'חיבור Trello'],
  ] as const)(
    'leads in %s to where Trello is connected [CFG-17]',
    async (language, title, action) => {
      await show(<BoardsPage />, {
        language,
        answers: { 'GET /boards': () => refusal('feature.closed') },
      })
      expect(await screen.findByText(title)).toBeTruthy()
      expect(screen.getByRole('link', { name: action }).getAttribute('href')).toBe(
        '/connections#trello',
      )
    },
  )

  it('lists boards, and says that there are none', async () => {
    const { name, desc, url } = sampleBoard()
    const board = { id: boardId, name, desc, url }
    const asOf = '2026-11-21T08:42:00.000Z'
    await show(<BoardsPage />, { answers: { 'GET /boards': () => ({ boards: [board], asOf }) } })
    expect((await screen.findByRole('link', { name })).getAttribute('href')).toBe(path)
  })
})

describe('a board', () => {
  it('shows lists and cards, and says since when where Trello is away [D-10]', async () => {
    const away = (await refusal('trello.unreachable').json()) as never
    await show(page, { answers: answers({ [`GET ${path}`]: () => sampleView({ problem: away }) }) })
    const list = await screen.findByRole('grid', { name: /This week/ })
    expect(
      within(list)
        .getAllByRole('row')
        .map((row) => row.textContent),
    ).toEqual(['Landing page', 'Invoice'])
    expect(screen.getByText(/Trello is not available — showing what it said at/)).toBeTruthy()
  })

  it('shows exactly what will be sent, and sends it with one click and the hash of what was shown [D-25]', async () => {
    const { requests } = await show(page, { answers: answers() })
    fireEvent.click(await screen.findByRole('button', { name: /Add a card to .*This week/ }))
    write('Title of the new card', 'New one')
    press('Prepare the card')
    const tray = await screen.findByRole('region', { name: 'What will be sent to Trello' })
    expect(tray.textContent).toContain('"desc": "so-abcdefghij"')
    expect(screen.getByText('Not sent yet')).toBeTruthy()
    expect(requests.some((request) => request.path === `${path}/changes`)).toBe(false)
    press(/Send .*1.* change to Trello/)
    await waitFor(() =>
      expect(screen.queryByRole('region', { name: 'What will be sent to Trello' })).toBeNull(),
    )
    const sent = requests.find((request) => request.path === `${path}/changes`)
    expect(sent?.body).toMatchObject({
      id: draft.id,
      payloadHash: 'hash-of-what-was-shown',
      change: { type: 'add-card', name: 'New one' },
    })
  })

  it('shows what is on its way with its state, and takes it back while nothing was sent', async () => {
    const change = { type: 'add-card', listId: '1'.repeat(24), name: 'New one', desc: '' } as const
    const operation = sampleBoardOperation()
    let pending = [{ change, operation }]
    const { requests } = await show(page, {
      answers: answers({
        [`GET ${path}`]: () => sampleView({ pending }),
        [`DELETE /operations/${operation.id}`]: () => {
          pending = []
          return { operation: { ...operation, state: 'cancelled' } }
        },
      }),
    })
    const underway = await screen.findByRole('region', { name: 'On their way' })
    expect(within(underway).getByText('Planned')).toBeTruthy()
    fireEvent.click(within(underway).getByRole('button', { name: /Undo: .*New one/ }))
    await waitFor(() => expect(screen.queryByRole('region', { name: 'On their way' })).toBeNull())
    expect(requests.some(({ method }) => method === 'DELETE')).toBe(true)
  })

  it('opens a card with its checklists and comments, and prepares a tick', async () => {
    const items = [{ id: 'd'.repeat(24), name: 'One', isDone: false }]
    const card = sampleCard({ checklists: [{ id: 'e'.repeat(24), name: 'Steps', items }] })
    const board = sampleBoard({ cards: [card] })
    const { requests } = await show(
      <BoardPage boardId={boardId} cardId={card.id} onCard={() => {}} />,
      {
        answers: answers({
          [`GET ${path}`]: () => sampleView({ board }),
          [`GET ${path}/cards/${card.id}/comments`]: () => ({
            comments: [
              { id: 'x', author: 'Noa', text: 'נראה טוב', at: '2026-11-21T08:00:00.000Z' },
            ],
            asOf: '2026-11-21T08:42:00.000Z',
          }),
        }),
      },
    )
    const dialog = await screen.findByRole('dialog')
    expect(await within(dialog).findByText('נראה טוב')).toBeTruthy()
    fireEvent.click(within(dialog).getByRole('checkbox', { name: 'One' }))
    await waitFor(() =>
      expect(requests.find((request) => request.path === `${path}/preview`)?.body).toMatchObject({
        change: { type: 'tick-item', cardId: card.id, itemId: 'd'.repeat(24), isDone: true },
      }),
    )
  })
})
