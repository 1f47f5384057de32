import { z } from 'zod'
import { bytesAnswer } from '../exchange.ts'
import { actionsOf, watch } from './trello-board-routes.ts'
import { chosen } from './trello-present.ts'
import { invalidId, invalidValue, notFound, TrelloRefusal, unauthorized } from './trello-refusal.ts'
import type { Ask, RouteTable } from './trello-routes.ts'
import {
  type BoardRow,
  type CardRow,
  type CheckItemRow,
  type CustomFieldRow,
  shortLinkOf,
} from './trello-state.ts'
import {
  bottomOf,
  dateValue,
  flagValue,
  idsValue,
  neededText,
  numberValue,
  positionValue,
  textValue,
} from './trello-values.ts'

const text = (ask: Ask, name: string) => textValue(ask.values, name)
const me = ({ member }: Ask) => member.id
const cardIn = (ask: Ask): CardRow => ask.world.cardOf(ask.ids['id'] ?? '', me(ask))
const boardOf = (ask: Ask, card: CardRow): BoardRow => ask.world.boardOf(card.idBoard, me(ask))

/** @throws TrelloRefusal 400 for ids that are not of the board */
function membersValue(ask: Ask, board: BoardRow): string[] | undefined {
  const ids = idsValue(ask.values, 'idMembers')
  const isKnown = (id: string) =>
    ask.members.some((one) => one.id === id) &&
    (board.idMembers.length === 0 || board.idMembers.includes(id))
  if (ids?.every(isKnown) === false) throw invalidValue('idMembers')
  return ids
}

/** @throws TrelloRefusal 400 for ids that are not of the board */
function labelsValue(ask: Ask, board: BoardRow): string[] | undefined {
  const ids = idsValue(ask.values, 'idLabels')
  const known = ask.state().labels.filter(({ idBoard }) => idBoard === board.id)
  if (ids?.every((id) => known.some((label) => label.id === id)) === false)
    throw invalidValue('idLabels')
  return ids
}

/** Members that the request names; the others are as they were. */
function readCard(ask: Ask, board: BoardRow): Partial<CardRow> {
  const read = {
    name: text(ask, 'name'),
    desc: text(ask, 'desc'),
    closed: flagValue(ask.values, 'closed'),
    due: dateValue(ask.values, 'due'),
    start: dateValue(ask.values, 'start'),
    dueComplete: flagValue(ask.values, 'dueComplete'),
    dueReminder: numberValue(ask.values, 'dueReminder'),
    idMembers: membersValue(ask, board),
    idLabels: labelsValue(ask, board),
  }
  if (read.name === '') throw invalidValue('name')
  // What was filtered out is what the request does not name.
  return Object.fromEntries(
    Object.entries(read).filter(([, value]) => value !== undefined),
  ) as Partial<CardRow>
}

function sourceOf(ask: Ask): Partial<CardRow> {
  const id = text(ask, 'idCardSource')
  if (id === undefined || id === '') return {}
  const { name, desc, due, start, idMembers, idLabels } = ask.world.cardOf(id, me(ask))
  const keep = text(ask, 'keepFromSource') ?? 'all'
  const keeps = (part: string) => keep === 'all' || keep.split(',').includes(part)
  return {
    name,
    desc,
    ...(keeps('due') && { due }),
    ...(keeps('start') && { start }),
    ...(keeps('members') && { idMembers: [...idMembers] }),
    ...(keeps('labels') && { idLabels: [...idLabels] }),
  }
}

function addCard(ask: Ask) {
  const { world, state, present } = ask
  const idList = text(ask, 'idList')
  if (idList === undefined) throw invalidValue('idList')
  const list = world.listOf(idList, me(ask))
  const board = world.boardOf(list.idBoard, me(ask))
  const given = { ...sourceOf(ask), ...readCard(ask, board) }
  const id = world.newId()
  const card: CardRow = {
    id,
    idShort:
      1 +
      Math.max(
        0,
        ...state()
          .cards.filter(({ idBoard }) => idBoard === board.id)
          .map(({ idShort }) => idShort),
      ),
    shortLink: shortLinkOf(id),
    idBoard: board.id,
    idList: list.id,
    name: '',
    desc: '',
    closed: false,
    pos: positionValue(ask.values, world.cardsOn(list.id)) ?? bottomOf(world.cardsOn(list.id)),
    due: null,
    dueComplete: false,
    dueReminder: null,
    start: null,
    idMembers: [],
    idLabels: [],
    watchers: [],
    dateLastActivity: world.now(),
    attachments: [],
    customFieldItems: [],
    ...given,
  }
  state().cards.push(card)
  world.note('createCard', {
    by: me(ask),
    board,
    card,
    data: { list: { id: list.id, name: list.name } },
  })
  return present.card(card, me(ask))
}

function changeCard(ask: Ask) {
  const { world, present, values } = ask
  const card = cardIn(ask)
  const idBoard = text(ask, 'idBoard') ?? card.idBoard
  const board = world.boardOf(idBoard, me(ask))
  const old = { idList: card.idList, closed: card.closed, name: card.name, pos: card.pos }
  const change = readCard(ask, board)
  const idList = text(ask, 'idList')
  const list = idList === undefined ? undefined : world.requireListOn(board.id, idList)
  if (list === undefined && board.id !== card.idBoard) throw invalidValue('idList')
  const target = list?.id ?? card.idList
  const neighbours = world.cardsOn(target).filter(({ id }) => id !== card.id)
  const moved = target === card.idList ? undefined : bottomOf(neighbours)
  const pos = positionValue(values, neighbours) ?? moved ?? card.pos
  Object.assign(card, change, { idBoard: board.id, idList: target, pos })
  watch(card, me(ask), flagValue(values, 'subscribed'))
  world.note('updateCard', { by: me(ask), board, card, data: { old, list: { id: target } } })
  return present.card(card, me(ask))
}

function showCard(ask: Ask) {
  const { present, state } = ask
  const card = cardIn(ask)
  const wants = (name: string) => !['', 'none', 'false'].includes(text(ask, name) ?? 'none')
  return {
    ...chosen(present.card(card, me(ask)), text(ask, 'fields')),
    ...(wants('checklists') && { checklists: checklistsOf(ask, card) }),
    ...(wants('members') && { members: card.idMembers.map(present.publicMember) }),
    ...(wants('attachments') && {
      attachments: card.attachments.map((one) => present.attachment(card, one)),
    }),
    ...(wants('customFieldItems') && { customFieldItems: card.customFieldItems }),
    ...(wants('board') && { board: present.board(boardOf(ask, card)) }),
    ...(wants('list') && {
      list: state().lists.find(({ id }) => id === card.idList),
    }),
  }
}

const checklistsOf = (ask: Ask, card: CardRow) =>
  ask
    .state()
    .checklists.filter(({ idCard }) => idCard === card.id)
    .toSorted((a, b) => a.pos - b.pos)
    .map(ask.present.checklist)

function commentIn(ask: Ask, name = 'id') {
  const id = ask.ids[name] ?? ''
  if (!/^[0-9a-f]{24}$/i.test(id)) throw invalidId()
  const action = ask.state().actions.find((one) => one.id === id)
  if (action === undefined) throw notFound()
  ask.world.boardOf(action.idBoard, me(ask))
  return action
}

function changeComment(ask: Ask, name?: string) {
  const action = commentIn(ask, name)
  if (action.type !== 'commentCard' || action.idMemberCreator !== me(ask)) throw unauthorized()
  action.data = { ...action.data, text: neededText(ask.values, 'text') }
  ask.world.note('updateComment', {
    by: me(ask),
    board: ask.world.boardOf(action.idBoard, me(ask)),
  })
  return ask.present.action(action)
}

function deleteComment(ask: Ask, name?: string) {
  const action = commentIn(ask, name)
  if (action.type !== 'commentCard' || action.idMemberCreator !== me(ask)) throw unauthorized()
  const state = ask.state()
  state.actions = state.actions.filter((one) => one !== action)
  ask.world.note('deleteComment', {
    by: me(ask),
    board: ask.world.boardOf(action.idBoard, me(ask)),
  })
  return { _value: null }
}

/** A file that came along, or a link. @throws TrelloRefusal 400 */
function readAttachment(ask: Ask) {
  const { file } = ask
  const url = text(ask, 'url') ?? ''
  if (file !== undefined) {
    const { filename, mimeType, bytes } = file
    return { name: filename, url, mimeType, bytes: bytes.length, content: bytes.toString('base64') }
  }
  if (url === '') throw new TrelloRefusal(400, 'Must provide either url or file')
  if (!/^https?:\/\//i.test(url)) throw invalidValue('url')
  return { name: url, url, mimeType: '', bytes: null }
}

function attach(ask: Ask) {
  const { world, present } = ask
  const card = cardIn(ask)
  const read = readAttachment(ask)
  const attachment = {
    ...read,
    id: world.newId(),
    idMember: me(ask),
    name: text(ask, 'name') ?? read.name,
    mimeType: text(ask, 'mimeType') ?? read.mimeType,
    date: world.now(),
  }
  card.attachments.push(attachment)
  world.note('addAttachmentToCard', { by: me(ask), board: boardOf(ask, card), card })
  return present.attachment(card, attachment)
}

function attachmentIn(ask: Ask, card: CardRow) {
  const found = card.attachments.find(({ id }) => id === ask.ids['idAttachment'])
  if (found === undefined) throw notFound()
  return found
}

/** @throws TrelloRefusal 400 where the card has it already */
function join(ask: Ask, part: 'idMembers' | 'idLabels') {
  const card = cardIn(ask)
  const board = boardOf(ask, card)
  const value = neededText(ask.values, 'value')
  const checked = { ...ask, values: { [part]: value } }
  if (part === 'idMembers') membersValue(checked, board)
  else labelsValue(checked, board)
  const already =
    part === 'idMembers' ? 'member is already on the card' : 'that label is already on the card'
  if (card[part].includes(value)) throw new TrelloRefusal(400, already)
  card[part].push(value)
  const type = part === 'idMembers' ? 'addMemberToCard' : 'addLabelToCard'
  ask.world.note(type, { by: me(ask), board, card })
  return part === 'idMembers' ? card.idMembers.map(ask.present.publicMember) : card.idLabels
}

/** @throws TrelloRefusal 400 where the card has it not */
function leave(ask: Ask, part: 'idMembers' | 'idLabels') {
  const card = cardIn(ask)
  const value = ask.ids['part'] ?? ''
  if (!card[part].includes(value))
    throw new TrelloRefusal(
      400,
      part === 'idMembers' ? 'member is not on the card' : 'that label is not on the card',
    )
  card[part] = card[part].filter((one) => one !== value)
  const type = part === 'idMembers' ? 'removeMemberFromCard' : 'removeLabelFromCard'
  ask.world.note(type, { by: me(ask), board: boardOf(ask, card), card })
  return { _value: null }
}

function checkItemIn(ask: Ask, card: CardRow) {
  const wanted = ask.ids['idCheckItem']
  for (const checklist of ask.state().checklists)
    for (const item of checklist.checkItems)
      if (item.id === wanted && checklist.idCard === card.id) return { checklist, item }
  throw notFound()
}

/** Members that the request names. @throws TrelloRefusal 400 */
function readCheckItem(ask: Ask): Partial<CheckItemRow> {
  const state = text(ask, 'state')
  if (state !== undefined && !['complete', 'incomplete', 'true', 'false'].includes(state))
    throw invalidValue('state')
  const isComplete = state === 'complete' || state === 'true'
  const due = dateValue(ask.values, 'due')
  return {
    ...('name' in ask.values && { name: neededText(ask.values, 'name') }),
    ...(state !== undefined && { state: isComplete ? 'complete' : 'incomplete' }),
    ...(due !== undefined && { due }),
    ...('idMember' in ask.values && { idMember: text(ask, 'idMember') ?? null }),
  }
}

function changeCheckItem(ask: Ask) {
  const card = cardIn(ask)
  const { checklist, item } = checkItemIn(ask, card)
  const others = checklist.checkItems.filter(({ id }) => id !== item.id)
  const pos = positionValue(ask.values, others) ?? item.pos
  Object.assign(item, readCheckItem(ask), { pos })
  ask.world.note('updateCheckItemStateOnCard', {
    by: me(ask),
    board: boardOf(ask, card),
    card,
    data: { checkItem: { id: item.id, name: item.name, state: item.state } },
  })
  return { ...item, idChecklist: checklist.id }
}

const fieldKinds: Readonly<Record<string, string>> = {
  text: 'text',
  number: 'number',
  date: 'date',
  checkbox: 'checked',
}

/** Undefined for an empty value, which takes the old one away. @throws TrelloRefusal 400 */
function readFieldItem(ask: Ask, field: CustomFieldRow) {
  const value = z.record(z.string(), z.string()).safeParse(ask.values['value']).data
  const idValue = text(ask, 'idValue') ?? ''
  if (value === undefined && idValue === '') return undefined
  const wanted = fieldKinds[field.type] ?? ''
  const fits =
    field.type === 'list'
      ? field.options.some(({ id }) => id === idValue)
      : value !== undefined && wanted in value
  if (!fits) throw new TrelloRefusal(400, 'Invalid custom field item value.')
  return field.type === 'list' ? { idValue, value: null } : { idValue: null, value: value ?? null }
}

function setCustomField(ask: Ask) {
  const card = cardIn(ask)
  const field = ask
    .state()
    .customFields.find(({ id, idModel }) => id === ask.ids['field'] && idModel === card.idBoard)
  if (field === undefined) throw notFound()
  const read = readFieldItem(ask, field)
  const rest = card.customFieldItems.filter(({ idCustomField }) => idCustomField !== field.id)
  const item = read && { id: ask.world.newId(), idCustomField: field.id, ...read }
  card.customFieldItems = item === undefined ? rest : [...rest, item]
  ask.world.note('updateCustomFieldItem', { by: me(ask), board: boardOf(ask, card), card })
  return item ?? {}
}

export const cardRoutes: RouteTable = {
  'POST /cards': addCard,
  'GET /cards/{id}': showCard,
  'PUT /cards/{id}': changeCard,
  'DELETE /cards/{id}': (ask) => {
    const card = cardIn(ask)
    const state = ask.state()
    state.cards = state.cards.filter((one) => one !== card)
    state.checklists = state.checklists.filter(({ idCard }) => idCard !== card.id)
    ask.world.note('deleteCard', { by: me(ask), board: boardOf(ask, card), card })
    return { limits: {} }
  },
  'GET /cards/{id}/actions': (ask) => {
    const { id } = cardIn(ask)
    // Without a filter only comments and moves come.
    const values = { filter: 'commentCard,updateCard', ...ask.values }
    return actionsOf({ ...ask, values }, ({ idCard }) => idCard === id)
  },
  'POST /cards/{id}/actions/comments': (ask) => {
    const card = cardIn(ask)
    const data = { text: neededText(ask.values, 'text') }
    return ask.present.action(
      ask.world.note('commentCard', { by: me(ask), board: boardOf(ask, card), card, data }),
    )
  },
  'PUT /cards/{id}/actions/{idAction}/comments': (ask) => changeComment(ask, 'idAction'),
  'DELETE /cards/{id}/actions/{idAction}/comments': (ask) => deleteComment(ask, 'idAction'),
  'GET /actions/{id}': (ask) => ask.present.action(commentIn(ask)),
  'PUT /actions/{id}': (ask) => changeComment(ask),
  'DELETE /actions/{id}': (ask) => deleteComment(ask),

  'GET /cards/{id}/attachments': (ask) => {
    const card = cardIn(ask)
    return card.attachments.map((one) => ask.present.attachment(card, one))
  },
  'POST /cards/{id}/attachments': attach,
  'GET /cards/{id}/attachments/{idAttachment}': (ask) => {
    const card = cardIn(ask)
    return ask.present.attachment(card, attachmentIn(ask, card))
  },
  'DELETE /cards/{id}/attachments/{idAttachment}': (ask) => {
    const card = cardIn(ask)
    const gone = attachmentIn(ask, card)
    card.attachments = card.attachments.filter((one) => one !== gone)
    ask.world.note('deleteAttachmentFromCard', { by: me(ask), board: boardOf(ask, card), card })
    return { limits: {} }
  },
  'GET /cards/{id}/attachments/{idAttachment}/download/{name}': (ask) => {
    const { content, mimeType } = attachmentIn(ask, cardIn(ask))
    if (content === undefined) throw notFound()
    return bytesAnswer(mimeType || 'application/octet-stream', Buffer.from(content, 'base64'))
  },

  'GET /cards/{id}/members': (ask) => cardIn(ask).idMembers.map(ask.present.publicMember),
  'POST /cards/{id}/idMembers': (ask) => join(ask, 'idMembers'),
  'DELETE /cards/{id}/idMembers/{part}': (ask) => leave(ask, 'idMembers'),
  'POST /cards/{id}/idLabels': (ask) => join(ask, 'idLabels'),
  'DELETE /cards/{id}/idLabels/{part}': (ask) => leave(ask, 'idLabels'),

  'GET /cards/{id}/checklists': (ask) => checklistsOf(ask, cardIn(ask)),
  'PUT /cards/{id}/checkItem/{idCheckItem}': changeCheckItem,
  'DELETE /cards/{id}/checkItem/{idCheckItem}': (ask) => {
    const card = cardIn(ask)
    const { checklist, item } = checkItemIn(ask, card)
    checklist.checkItems = checklist.checkItems.filter((one) => one !== item)
    ask.world.note('deleteCheckItem', { by: me(ask), board: boardOf(ask, card), card })
    return { limits: {} }
  },

  'GET /cards/{id}/customFieldItems': (ask) => cardIn(ask).customFieldItems,
  'PUT /cards/{id}/customField/{field}/item': setCustomField,
}
