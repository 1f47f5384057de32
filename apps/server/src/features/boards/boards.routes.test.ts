import { randomUUID } from 'node:crypto'
import * as api from '@studioops/contracts/boards'
import { saveTrello, testTrello } from '@studioops/contracts/connections'
import { cancelOperation, checkOperation } from '@studioops/contracts/operations'
import { describe, expect } from 'vitest'
import { demoTrelloBoards, demoTrelloKey, demoTrelloMembers } from '../../simulators/demo-data.ts'
import type { TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { test } from '../../testing/test.ts'

const [studio] = demoTrelloBoards
const params = { boardId: studio?.id ?? '' }

async function connected(app: TestApp, name = 'noa.levi'): Promise<TestClient> {
  const client = await app.signedIn(name)
  const member = demoTrelloMembers.find(({ username }) => username === name.replace('.', ''))
  const body = { baseUrl: app.trello.url, key: demoTrelloKey, token: member?.token ?? '' }
  await client.call(saveTrello, { body })
  await client.call(testTrello, { body })
  return client
}

/** Shows a change and approves it as it was shown. */
async function change(client: TestClient, wish: api.BoardChange) {
  const id = randomUUID()
  const { draft } = await client.call(api.previewBoardChange, {
    params,
    body: { id, change: wish },
  })
  const { payloadHash } = draft
  const body = { id, change: wish, payloadHash }
  const { operation } = await client.call(api.approveBoardChange, { params, body })
  return { draft, operation, body }
}

/** Waits until nothing of the board is under way any more; the breaker alone may want ten seconds. */
async function settled(client: TestClient) {
  for (let round = 0; round < 1_000; round += 1) {
    const view = await client.call(api.readBoard, { params })
    const isOpen = view.pending.some(({ operation }) =>
      ['planned', 'attempting', 'unknown'].includes(operation.state),
    )
    if (!isOpen) return view
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('the changes did not settle')
}

/** Takes a change back: while an attempt is under way nobody can say whether it left. */
async function takeBack(client: TestClient, operationId: string) {
  for (let round = 0; round < 400; round += 1) {
    const answer = await client.try(cancelOperation, { params: { operationId } })
    if (answer.ok) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('the change could not be taken back')
}

/** Ids that the changes of a test are about. */
function placesOf({ lists, cards }: api.Board) {
  const [list = { id: '' }, second = { id: '' }] = lists
  const [card] = cards
  if (card === undefined) throw new Error('the board of the demo has no cards')
  const { id: cardId, desc, checklists } = card
  const itemId = checklists[0]?.items[1]?.id ?? ''
  return { listId: list.id, secondId: second.id, cardId, itemId, desc }
}

const createdOf = (app: TestApp) =>
  (app.trello.simulator.counters()['byDescriptionMarker'] ?? {}) as Record<string, number>

describe('boards', () => {
  test('open when Trello is connected and tested, and show what Trello has [CON-4] [CON-5]', async ({
    app,
  }) => {
    const stranger = await app.signedIn('maya.green')
    const closed = await stranger.try(api.listBoards, {})
    expect(closed).toMatchObject({ problem: { code: 'feature.closed' } })
    const client = await connected(app)
    const { boards } = await client.call(api.listBoards, {})
    expect(boards.map(({ name }) => name)).toEqual(['Studio week', 'Payments', 'קמפיין קיץ'])
    const { board, pending, problem } = await client.call(api.readBoard, { params })
    expect(board.lists.map(({ name }) => name)).toEqual(['This week', 'In progress', 'Done'])
    const [first] = board.cards
    expect(first).toMatchObject({
      name: 'Landing page for the summer campaign',
      commentCount: 1,
      checklists: [{ items: [{ isDone: true }, { isDone: false }, { isDone: false }] }],
    })
    expect([pending, problem]).toEqual([[], undefined])
    const cardId = first?.id ?? ''
    const { comments } = await client.call(api.readComments, { params: { ...params, cardId } })
    expect(comments).toMatchObject([{ text: 'הטקסטים בדרך, מחר בבוקר.' }])
  })

  test('send exactly what was shown, for every kind of change [D-25] [CON-5]', async ({ app }) => {
    const client = await connected(app)
    const { board } = await client.call(api.readBoard, { params })
    const { listId, secondId, cardId, itemId, desc } = placesOf(board)
    const added = await change(client, {
      type: 'add-card',
      listId,
      name: 'כרטיס חדש',
      desc: 'Text',
    })
    expect(added.draft.payload).toMatchObject({ name: 'כרטיס חדש', pos: 'bottom' })
    await change(client, { type: 'move-card', cardId, listId: secondId, pos: 20.5 })
    await change(client, {
      type: 'edit-card',
      cardId,
      name: 'Other',
      desc,
      isDueDone: true,
    })
    await change(client, { type: 'comment', cardId, text: 'נראה טוב' })
    await change(client, { type: 'tick-item', cardId, itemId, isDone: true })
    await change(client, { type: 'add-checklist', cardId, name: 'More' })
    const view = await settled(client)
    const shown = view.board.cards.find(({ id }) => id === cardId)
    expect(shown).toMatchObject({
      listId: secondId,
      pos: 20.5,
      name: 'Other',
      isDueDone: true,
      commentCount: 2,
      checklists: [{ items: [{}, { isDone: true }, {}] }, { name: 'More' }],
    })
    expect(shown).not.toHaveProperty('due')
    const made = app.trello.simulator.state().cards.find(({ name }) => name === 'כרטיס חדש')
    expect(made?.desc).toBe(added.draft.payload['desc'])
    // The mark by which it is found again is not the person's text.
    expect(view.board.cards.find(({ id }) => id === made?.id)?.desc).toBe('Text')
    await change(client, { type: 'archive-card', cardId })
    expect((await settled(client)).board.cards.map(({ id }) => id)).not.toContain(cardId)
  })

  test('refuse what was not shown, what is gone, and take the same approval once [D-25]', async ({
    app,
  }) => {
    const client = await connected(app)
    const { board } = await client.call(api.readBoard, { params })
    const wish = {
      type: 'add-card',
      listId: board.lists[0]?.id ?? '',
      name: 'A',
      desc: '',
    } as const
    const id = randomUUID()
    const { draft } = await client.call(api.previewBoardChange, {
      params,
      body: { id, change: wish },
    })
    const { payloadHash } = draft
    const other = { id, change: { ...wish, name: 'B' }, payloadHash }
    expect(await client.try(api.approveBoardChange, { params, body: other })).toMatchObject({
      problem: { code: 'operation.payload-changed' },
    })
    const gone = { ...wish, listId: 'a'.repeat(24) }
    expect(
      await client.try(api.previewBoardChange, { params, body: { id, change: gone } }),
    ).toMatchObject({ problem: { code: 'board.gone' } })
    const body = { id, change: wish, payloadHash }
    await client.call(api.approveBoardChange, { params, body })
    await client.call(api.approveBoardChange, { params, body })
    await settled(client)
    expect(Object.values(createdOf(app)).filter((count) => count !== 1)).toEqual([])
  })
})

describe('boards while Trello is away', () => {
  test('show the last known state with its time, take changes, and send each once when Trello is back [CON-3] [D-10] [HLT-6]', async ({
    app,
  }) => {
    const client = await connected(app)
    const before = await client.call(api.readBoard, { params })
    app.trello.simulator.faults.set({ fault: { kind: 'away' } })
    const away = await client.call(api.refreshBoard, { params })
    expect(away.board).toEqual(before.board)
    expect(away.asOf).toBe(before.asOf)
    expect(away.problem?.code).toBe('trello.unreachable')
    const { operation } = await change(client, {
      type: 'add-card',
      listId: before.board.lists[0]?.id ?? '',
      name: 'While away',
      desc: '',
    })
    const dropped = await change(client, {
      type: 'comment',
      cardId: before.board.cards[0]?.id ?? '',
      text: 'taken back',
    })
    const waiting = await client.call(api.readBoard, { params })
    expect(waiting.pending.map(({ change: { type } }) => type)).toEqual(['add-card', 'comment'])
    await takeBack(client, dropped.operation.id)
    app.trello.simulator.faults.clear()
    await client.try(checkOperation, { params: { operationId: operation.id } })
    const after = await settled(client)
    expect(after.board.cards.filter(({ name }) => name === 'While away')).toHaveLength(1)
    expect(after.board.cards[0]?.commentCount).toBe(before.board.cards[0]?.commentCount)
    expect(after.problem).toBeUndefined()
    const made = app.trello.simulator.state().cards.filter(({ name }) => name === 'While away')
    expect(made).toHaveLength(1)
  })

  test('find a card, a comment and a checklist again whose answers were lost [CON-2] [D-12]', async ({
    app,
  }) => {
    const client = await connected(app)
    const { board } = await client.call(api.readBoard, { params })
    const cardId = board.cards[0]?.id ?? ''
    for (const route of ['POST /1/cards', 'POST /1/cards/*/actions/comments', 'POST /1/checklists'])
      app.trello.simulator.faults.set({ fault: { kind: 'effect-then-lost' }, route, times: 1 })
    await change(client, {
      type: 'add-card',
      listId: board.lists[1]?.id ?? '',
      name: 'Lost',
      desc: '',
    })
    await change(client, { type: 'comment', cardId, text: 'אבדה התשובה' })
    await change(client, { type: 'add-checklist', cardId, name: 'Lost too' })
    await settled(client)
    const { cards, actions, checklists } = app.trello.simulator.state()
    expect(cards.filter(({ name }) => name === 'Lost')).toHaveLength(1)
    expect(actions.filter(({ data }) => data['text'] === 'אבדה התשובה')).toHaveLength(1)
    expect(checklists.filter(({ name }) => name === 'Lost too')).toHaveLength(1)
  })

  test('close when Trello takes the token away, for that person alone [CON-4]', async ({ app }) => {
    const client = await connected(app)
    const other = await connected(app, 'maya.green')
    await client.call(api.readBoard, { params })
    const kept = app.trello.simulator.snapshot()
    app.trello.simulator.revokeToken('noalevi')
    const refreshed = await client.try(api.refreshBoard, { params })
    expect(refreshed).toMatchObject({ body: { problem: { code: 'trello.bad-token' } } })
    expect(await client.try(api.readBoard, { params })).toMatchObject({
      problem: { code: 'feature.closed' },
    })
    expect((await other.call(api.readBoard, { params })).problem).toBeUndefined()
    app.trello.simulator.restore(kept)
  })
})
