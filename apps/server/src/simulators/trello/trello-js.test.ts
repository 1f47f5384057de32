import { createTrelloClient } from 'trello.js'
import { expect, it } from 'vitest'
import { demoTrelloKey } from '../demo-data.ts'
import { noa, serveTrello } from './served-trello.test-data.ts'

it('serves trello.js, a client that we did not write, and refuses in the words of Trello [D-26]', async () => {
  await using trello = await serveTrello()
  const client = createTrelloClient({
    host: `${trello.url}/1`,
    apiKey: demoTrelloKey,
    apiToken: noa.token,
  })
  expect(await client.members.getMember({ id: 'me' })).toMatchObject({ username: 'noalevi' })
  const boards = await client.members.getMemberBoards({ id: 'me' })
  expect(boards.map(({ name }) => name)).toEqual(['Studio week', 'Payments', 'קמפיין קיץ'])

  const board = await client.boards.createBoard({ name: 'לוח חדש', defaultLists: false })
  const list = await client.lists.createList({ name: 'בתור', idBoard: board.id })
  const second = await client.lists.createList({ name: 'Done', idBoard: board.id, pos: 'bottom' })
  const card = await client.cards.createCard({
    idList: list.id,
    name: 'כרטיס',
    desc: 'Text\n\nso-abcdefghij',
    due: '2026-12-01T10:00:00.000Z',
    pos: 'top',
  })
  expect(card.due?.toISOString()).toBe('2026-12-01T10:00:00.000Z')
  const label = await client.labels.createLabel({ idBoard: board.id, name: 'Red', color: 'red' })
  await client.cards.addCardLabel({ id: card.id, value: label.id })
  await client.cards.addCardMember({ id: card.id, value: noa.id })
  const checklist = await client.checklists.createChecklist({ idCard: card.id, name: 'שלבים' })
  const item = await client.checklists.createChecklistItem({ id: checklist.id, name: 'One' })
  await client.cards.updateCardCheckItem({
    id: card.id,
    idCheckItem: item.id,
    state: 'complete',
  })
  await client.cards.createCardComment({ id: card.id, text: 'נראה טוב' })
  await client.cards.createCardAttachment({ id: card.id, url: 'https://studio.example/a.pdf' })
  const moved = await client.cards.updateCard({ id: card.id, idList: second.id, pos: 12.5 })
  expect([moved.idList, moved.pos]).toEqual([second.id, 12.5])
  const read = await client.cards.getCard({ id: card.id, checklists: 'all', attachments: true })
  expect(read).toMatchObject({
    name: 'כרטיס',
    idMembers: [noa.id],
    labels: [{ name: 'Red', color: 'red' }],
    badges: { comments: 1, checkItems: 1, checkItemsChecked: 1, attachments: 1 },
  })
  const actions = await client.cards.getCardActions({ id: card.id })
  expect(actions.map(({ type }) => type)).toContain('commentCard')
  await client.cards.updateCard({ id: card.id, closed: true })
  expect(await client.boards.getBoardCards({ id: board.id })).toEqual([])
  const all = await client.boards.getBoardCardsByFilter({ id: board.id, filter: 'all' })
  expect(all.map(({ closed }) => closed)).toEqual([true])
  const field = await client.customFields.createCustomField({
    idModel: board.id,
    modelType: 'board',
    name: 'Hours',
    type: 'number',
    pos: 'bottom',
  })
  expect(field.type).toBe('number')
  const found = await client.search.search({ query: 'catalogue' })
  expect(found.cards?.map(({ name }) => name)).toEqual(['Colour check of the catalogue'])
  const together = await client.batch.run((batch) => [
    batch.boards.getBoard({ id: board.id }),
    batch.boards.getBoardLists({ id: board.id }),
  ])
  expect(together[1].map(({ name }) => name)).toEqual(['בתור', 'Done'])
  await client.cards.deleteCard({ id: card.id })

  await expect(client.cards.getCard({ id: 'nonsense!' })).rejects.toThrow(
    '400 Bad Request - invalid id',
  )
  await expect(client.cards.getCard({ id: card.id })).rejects.toThrow(
    '404 Not Found - The requested resource was not found.',
  )
  await expect(client.cards.createCard({ idList: list.id, name: '', pos: -1 })).rejects.toThrow(
    'invalid value for',
  )
  const stranger = createTrelloClient({
    host: `${trello.url}/1`,
    apiKey: demoTrelloKey,
    apiToken: 'wrong',
  })
  await expect(stranger.members.getMember({ id: 'me' })).rejects.toThrow('invalid token')
  expect(trello.simulator.counters()).toMatchObject({
    byDescriptionMarker: { 'so-abcdefghij': 1 },
    effects: { createCard: 1, deleteCard: 1, commentCard: 1 },
  })
})
