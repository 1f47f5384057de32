import { afterEach, beforeEach, expect, it } from 'vitest'
import { createOutbound, type Outbound } from '../../../platform/outbound/outbound.ts'
import { Secret } from '../../../platform/secret/secret.ts'
import { demoTrelloBoards, demoTrelloKey } from '../../../simulators/demo-data.ts'
import { noa, serveTrello } from '../../../simulators/trello/served-trello.test-data.ts'
import { createTrelloClient } from '../../trello/trello-client.ts'
import { createTrelloLimits } from '../../trello/trello-limits.ts'
import { connectInProcess } from '../mcp-in-process.ts'
import type { ToolServerLimits } from '../tool-server.ts'
import { createTrelloMcpServer, trelloServer } from './trello-server.ts'

let trello: Awaited<ReturnType<typeof serveTrello>>
let outbound: Outbound

beforeEach(async () => {
  trello = await serveTrello()
  outbound = createOutbound({
    allowed: { listed: [], trustedOrigins: () => [trello.origin] },
    clock: { now: () => Date.now(), wait: async () => {} },
  })
})
afterEach(async () => {
  await outbound[Symbol.asyncDispose]()
  await trello[Symbol.asyncDispose]()
})

async function connect(limits: ToolServerLimits = {}) {
  const client = createTrelloClient({
    outbound,
    limits: createTrelloLimits(),
    baseUrl: trello.url,
    credential: { key: new Secret(demoTrelloKey), token: new Secret(noa.token) },
  })
  const connection = await connectInProcess(createTrelloMcpServer(client, limits))
  return {
    list: async () => (await connection.listTools()).tools,
    /** What a tool answers, with its members open. */
    async call(name: string, args: Record<string, unknown> = {}) {
      const result = await connection.callTool({ name, arguments: args })
      // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects, and fails where it is not there
      const value = result.structuredContent as any
      return { isError: result.isError === true, text: JSON.stringify(result.content), value }
    },
  }
}

/** The tools of the reference that are no state of a server. */
const theirs = `get_cards_by_list_id get_lists get_recent_activity get_my_cards list_boards
  list_workspaces list_boards_in_workspace get_card get_card_comments get_checklist_items
  find_checklist_items_by_description get_acceptance_criteria get_checklist_by_name
  get_board_members get_board_labels get_board_custom_fields get_card_history download_attachment
  add_card_to_list update_card_details archive_card watch_card watch_list move_card
  add_list_to_board archive_list update_list update_list_position attach_image_to_card
  attach_file_to_card attach_data_to_card attach_image_data_to_card create_board add_comment
  update_comment delete_comment create_checklist add_checklist_item update_checklist_item
  delete_checklist_item assign_member_to_card remove_member_from_card create_label update_label
  delete_label copy_card copy_checklist add_cards_to_list update_card_custom_field get_health`

it('offers every useful tool of the other Trello server and more, each fully described [D-24] [CON-1]', async () => {
  const tools = await (await connect()).list()
  const names = tools.map(({ name }) => name)
  expect(theirs.split(/\s+/).filter((name) => !names.includes(name))).toEqual([])
  expect(names.length).toBe(new Set(names).size)
  expect(names.length).toBe(trelloServer.tools.length)
  for (const { name, inputSchema, annotations, title } of tools) {
    expect(title, name).not.toBe('')
    expect(annotations, name).toHaveProperty('destructiveHint')
    for (const [argument, schema] of Object.entries(inputSchema.properties ?? {})) {
      expect(schema, `${name}.${argument}`).toHaveProperty('type')
      expect(schema, `${name}.${argument}`).toHaveProperty('description')
    }
  }
  const reading = await (await connect({ readOnly: true })).list()
  expect(reading.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true)
})

it('works through lists, cards, checklists, comments, labels and files as a model would [CON-5]', async () => {
  const { call } = await connect()
  const boardId = trello.boardId
  const list = (await call('add_list_to_board', { boardId, name: 'Models' })).value.id
  const made = await call('add_card_to_list', {
    listId: list,
    name: 'כרטיס',
    description: 'Text',
    dueDate: '2026-12-01',
  })
  const cardId = made.value.id
  await call('create_checklist', { cardId, name: 'Acceptance Criteria' })
  const item = await call('add_checklist_item', {
    cardId,
    checkListName: 'acceptance criteria',
    text: 'One',
  })
  await call('update_checklist_item', { cardId, checkItemId: item.value.id, state: 'complete' })
  expect((await call('get_acceptance_criteria', { cardId })).value.items).toMatchObject([
    { name: 'One', state: 'complete' },
  ])
  await call('add_comment', { cardId, text: 'ראשון' })
  expect((await call('get_card_comments', { cardId })).value.comments).toMatchObject([
    { text: 'ראשון', author: noa.fullName },
  ])
  const label = await call('create_label', { boardId, name: 'Model', color: 'red' })
  await call('update_card_details', { cardId, labels: [label.value.id], pos: 'top', dueDate: '' })
  const data = Buffer.from('שלום').toString('base64')
  const file = await call('attach_data_to_card', { cardId, data, name: 'a.txt' })
  const back = await call('download_attachment', { cardId, attachmentId: file.value.id })
  expect(back.value).toMatchObject({ base64: data, name: 'a.txt' })
  const whole = await call('get_card', { cardId, includeMarkdown: true })
  expect(whole.value.markdown).toContain('- [x] One')
  expect(whole.value).toMatchObject({ labels: [{ name: 'Model' }], comments: 1 })
  expect(whole.value.due).toBeUndefined()
  const several = await call('add_cards_to_list', {
    listId: list,
    cards: [{ name: 'Two' }, { name: 'Threefold' }],
  })
  expect(several.value.created).toHaveLength(2)
  const shown = await call('get_cards_by_list_id', { listId: list, limit: 2 })
  expect([shown.value.cards.length, shown.value.total]).toEqual([2, 3])
  expect((await call('search', { query: 'Threefold' })).value.cards).toHaveLength(1)
  await call('archive_card', { cardId })
  expect((await call('get_board', { boardId })).text).not.toContain(cardId)
  expect((await call('unarchive_card', { cardId })).value.closed).toBe(false)
})

it('touches only the boards that it is kept to, whichever way a call names them [CON-5]', async () => {
  const [studio, payments] = demoTrelloBoards
  const all = await connect()
  const other = (await all.call('get_board', { boardId: payments?.id })).value
  const [card] = other.cards
  const [list] = other.lists
  const comment = (await all.call('add_comment', { cardId: card.id, text: 'x' })).value
  const label = other.labels[0]
  const { call } = await connect({ filter: [studio?.id ?? ''] })
  expect((await call('list_boards')).value.boards).toHaveLength(1)
  // Kept to one board, nobody has to name it.
  const [own] = (await call('get_lists')).value.lists
  const mine = (await call('add_card_to_list', { listId: own.id, name: 'Own' })).value
  const refused = [
    ['get_board', { boardId: payments?.id }],
    ['get_card', { cardId: card.id }],
    ['archive_card', { cardId: card.id }],
    ['move_card', { cardId: mine.id, listId: list.id, boardId: payments?.id }],
    ['add_card_to_list', { listId: list.id, name: 'x' }],
    ['update_comment', { commentId: comment.id, text: 'y' }],
    ['delete_label', { labelId: label.id }],
    ['create_board', { name: 'x' }],
  ] as const
  for (const [name, args] of refused) {
    const result = await call(name, args)
    expect([name, result.isError, result.value.code]).toEqual([name, true, 'mcp.outside-filter'])
  }
  expect((await call('search', { query: 'postal' })).value.cards).toEqual([])
})

it('tells what failed in both languages, and whether anything was sent [CON-2]', async () => {
  const { call } = await connect()
  const wrong = await call('get_card', { cardId: 'a'.repeat(24) })
  expect(wrong.value).toMatchObject({ code: 'trello.not-found', error: { sent: true } })
  expect(wrong.value.hint.he.message).toMatch(/[א-ת]/)
  const noBoard = await call('get_lists')
  expect(noBoard.value).toMatchObject({ code: 'mcp.arguments', error: { sent: false } })
  trello.simulator.faults.set({ fault: { kind: 'away' } })
  expect((await call('list_boards')).value.code).toBe('trello.unreachable')
})
