import { colorValue } from './trello-board-routes.ts'
import { invalidId, invalidValue, notFound, TrelloRefusal } from './trello-refusal.ts'
import type { Ask, RouteTable } from './trello-routes.ts'
import type { CheckItemRow, ChecklistRow, CustomFieldRow, LabelRow } from './trello-state.ts'
import { bottomOf, flagValue, neededText, positionValue, textValue } from './trello-values.ts'

const text = (ask: Ask, name: string) => textValue(ask.values, name)
const me = ({ member }: Ask) => member.id

const checklistIn = (ask: Ask): ChecklistRow =>
  ask.world.rowOf(ask.state().checklists, ask.ids['id'] ?? '', me(ask))
const labelIn = (ask: Ask): LabelRow =>
  ask.world.rowOf(ask.state().labels, ask.ids['id'] ?? '', me(ask))

function copiedItems(ask: Ask): CheckItemRow[] {
  const source = text(ask, 'idChecklistSource')
  if (source === undefined || source === '') return []
  const { checkItems } = ask.world.rowOf(ask.state().checklists, source, me(ask))
  return checkItems.map((item) => ({ ...item, id: ask.world.newId() }))
}

function addChecklist(ask: Ask, idCard: string) {
  const { world, state, present } = ask
  const card = world.cardOf(idCard, me(ask))
  const siblings = state().checklists.filter((one) => one.idCard === card.id)
  const row: ChecklistRow = {
    id: world.newId(),
    idBoard: card.idBoard,
    idCard: card.id,
    name: text(ask, 'name') ?? 'Checklist',
    pos: positionValue(ask.values, siblings) ?? bottomOf(siblings),
    checkItems: copiedItems(ask),
  }
  state().checklists.push(row)
  const board = world.boardOf(card.idBoard, me(ask))
  world.note('addChecklistToCard', {
    by: me(ask),
    board,
    card,
    data: { checklist: { id: row.id, name: row.name } },
  })
  return present.checklist(row)
}

function noteOnChecklist(ask: Ask, row: ChecklistRow, type: string): void {
  const card = ask.world.cardOf(row.idCard, me(ask))
  ask.world.note(type, { by: me(ask), board: ask.world.boardOf(row.idBoard, me(ask)), card })
}

function addLabel(ask: Ask, idBoard: string | undefined) {
  if (idBoard === undefined) throw invalidValue('idBoard')
  const board = ask.world.boardOf(idBoard, me(ask))
  const color = colorValue(ask)
  if (color === undefined) throw invalidValue('color')
  const label = { id: ask.world.newId(), idBoard: board.id, name: text(ask, 'name') ?? '', color }
  ask.state().labels.push(label)
  ask.world.note('createLabel', { by: me(ask), board })
  return ask.present.label(label)
}

const fieldTypes = ['text', 'number', 'date', 'checkbox', 'list'] as const

function addCustomField(ask: Ask) {
  const board = ask.world.boardOf(text(ask, 'idModel') ?? '', me(ask))
  const type = fieldTypes.find((one) => one === text(ask, 'type'))
  if (type === undefined) throw invalidValue('type')
  const siblings = ask.state().customFields.filter(({ idModel }) => idModel === board.id)
  const given = ask.values['options']
  const options = Array.isArray(given)
    ? (given as { value: { text: string }; color?: string }[])
    : []
  const field: CustomFieldRow = {
    id: ask.world.newId(),
    idModel: board.id,
    name: neededText(ask.values, 'name'),
    type,
    pos: positionValue(ask.values, siblings) ?? bottomOf(siblings),
    options: options.map(({ value, color = 'none' }, index) => ({
      id: ask.world.newId(),
      value,
      color,
      pos: (index + 1) * 16_384,
    })),
  }
  ask.state().customFields.push(field)
  return ask.present.customField(field)
}

function search(ask: Ask) {
  const words = neededText(ask.values, 'query').toLowerCase().split(/\s+/)
  const has = (...texts: readonly string[]) =>
    words.every((word) => texts.some((one) => one.toLowerCase().includes(word)))
  const wanted = text(ask, 'idBoards')
  const boards = ask.world
    .visibleBoards(me(ask))
    .filter(({ id }) => wanted === undefined || wanted === 'mine' || wanted.split(',').includes(id))
  const kinds = (text(ask, 'modelTypes') ?? 'all').split(',')
  const asks = (kind: string) => kinds.includes('all') || kinds.includes(kind)
  const ids = new Set(boards.map(({ id }) => id))
  const cards = ask
    .state()
    .cards.filter(
      ({ idBoard, closed, name, desc }) => ids.has(idBoard) && !closed && has(name, desc),
    )
    .slice(0, Number(text(ask, 'cards_limit') ?? 10))
  return {
    options: { terms: words.map((word) => ({ text: word })), modifiers: [], partial: true },
    boards: asks('boards')
      ? boards.filter(({ name, desc }) => has(name, desc)).map(ask.present.board)
      : [],
    cards: asks('cards') ? cards.map((card) => ask.present.card(card, me(ask))) : [],
    members: asks('members')
      ? ask.members
          .filter(({ fullName, username }) => has(fullName, username))
          .map(({ id }) => ask.present.publicMember(id))
      : [],
    organizations: [],
  }
}

function webhookIn(ask: Ask) {
  const id = ask.ids['id'] ?? ''
  if (!/^[0-9a-f]{24}$/i.test(id)) throw invalidId()
  const found = ask.state().webhooks.find((one) => one.id === id && one.idMember === me(ask))
  if (found === undefined) throw notFound()
  return found
}

async function addWebhook(ask: Ask) {
  const callbackURL = neededText(ask.values, 'callbackURL')
  const idModel = neededText(ask.values, 'idModel')
  if (!/^https?:\/\//.test(callbackURL)) throw invalidValue('callbackURL')
  // Boards, cards, lists, oneself.
  if (idModel !== me(ask)) requireModel(ask, idModel)
  const isDouble = ask
    .state()
    .webhooks.some((one) => one.callbackURL === callbackURL && one.idModel === idModel)
  if (isDouble)
    throw new TrelloRefusal(400, 'A webhook with that callback, model, and token already exists')
  const status = await ask.webhooks.knock(callbackURL)
  if (status !== 200)
    throw new TrelloRefusal(
      400,
      `URL (${callbackURL}) did not return 200 status code, got ${status}`,
    )
  const row = {
    id: ask.world.newId(),
    idMember: me(ask),
    idModel,
    callbackURL,
    description: text(ask, 'description') ?? '',
    active: flagValue(ask.values, 'active') ?? true,
    consecutiveFailures: 0,
  }
  ask.state().webhooks.push(row)
  return presentWebhook(row)
}

function requireModel(ask: Ask, id: string): void {
  const { boards, cards, lists } = ask.state()
  const row = [...cards, ...lists].find((one) => one.id === id)
  const board = boards.find((one) => one.id === id)
  if (row === undefined && board === undefined) throw invalidValue('idModel')
  ask.world.boardOf(row?.idBoard ?? id, me(ask))
}

function presentWebhook({ idMember: _, ...row }: ReturnType<Ask['state']>['webhooks'][number]) {
  return { ...row, firstConsecutiveFailDate: null }
}

export const partRoutes: RouteTable = {
  'POST /checklists': (ask) => addChecklist(ask, neededText(ask.values, 'idCard')),
  'POST /cards/{id}/checklists': (ask) => addChecklist(ask, ask.ids['id'] ?? ''),
  'GET /checklists/{id}': (ask) => ask.present.checklist(checklistIn(ask)),
  'PUT /checklists/{id}': (ask) => {
    const row = checklistIn(ask)
    row.name = text(ask, 'name') ?? row.name
    noteOnChecklist(ask, row, 'updateChecklist')
    return ask.present.checklist(row)
  },
  'DELETE /checklists/{id}': (ask) => {
    const row = checklistIn(ask)
    const state = ask.state()
    state.checklists = state.checklists.filter((one) => one !== row)
    noteOnChecklist(ask, row, 'removeChecklistFromCard')
    return { limits: {} }
  },
  'GET /checklists/{id}/checkItems': (ask) => ask.present.checklist(checklistIn(ask)).checkItems,
  'POST /checklists/{id}/checkItems': (ask) => {
    const row = checklistIn(ask)
    const item: CheckItemRow = {
      id: ask.world.newId(),
      name: neededText(ask.values, 'name'),
      state: flagValue(ask.values, 'checked') === true ? 'complete' : 'incomplete',
      pos: positionValue(ask.values, row.checkItems) ?? bottomOf(row.checkItems),
      due: null,
      idMember: null,
    }
    row.checkItems.push(item)
    noteOnChecklist(ask, row, 'createCheckItem')
    return { ...item, idChecklist: row.id }
  },
  'DELETE /checklists/{id}/checkItems/{item}': (ask) => {
    const row = checklistIn(ask)
    row.checkItems = row.checkItems.filter(({ id }) => id !== ask.ids['item'])
    noteOnChecklist(ask, row, 'deleteCheckItem')
    return { limits: {} }
  },

  'POST /labels': (ask) => addLabel(ask, text(ask, 'idBoard')),
  'POST /boards/{id}/labels': (ask) => addLabel(ask, ask.ids['id']),
  'GET /labels/{id}': (ask) => ask.present.label(labelIn(ask)),
  'PUT /labels/{id}': (ask) => {
    const label = labelIn(ask)
    const color = colorValue(ask)
    label.name = text(ask, 'name') ?? label.name
    if (color !== undefined) label.color = color
    ask.world.note('updateLabel', {
      by: me(ask),
      board: ask.world.boardOf(label.idBoard, me(ask)),
    })
    return ask.present.label(label)
  },
  'DELETE /labels/{id}': (ask) => {
    const label = labelIn(ask)
    const state = ask.state()
    state.labels = state.labels.filter((one) => one !== label)
    for (const card of state.cards)
      card.idLabels = card.idLabels.filter((labelId) => labelId !== label.id)
    ask.world.note('deleteLabel', {
      by: me(ask),
      board: ask.world.boardOf(label.idBoard, me(ask)),
    })
    return { limits: {} }
  },

  'POST /customFields': addCustomField,
  'GET /search': search,

  'POST /webhooks': addWebhook,
  'GET /webhooks/{id}': (ask) => presentWebhook(webhookIn(ask)),
  'PUT /webhooks/{id}': (ask) => {
    const row = webhookIn(ask)
    row.active = flagValue(ask.values, 'active') ?? row.active
    row.callbackURL = text(ask, 'callbackURL') ?? row.callbackURL
    row.description = text(ask, 'description') ?? row.description
    return presentWebhook(row)
  },
  'DELETE /webhooks/{id}': (ask) => {
    const row = webhookIn(ask)
    const state = ask.state()
    state.webhooks = state.webhooks.filter((one) => one !== row)
    return { _value: null }
  },
}
