import { invalidValue, notFound, unauthorized } from './trello-refusal.ts'
import { chosen } from './trello-present.ts'
import type { Ask, RouteTable } from './trello-routes.ts'
import { bottomOf, flagValue, neededText, positionValue, textValue } from './trello-values.ts'
import { type BoardRow, type CardRow, type ListRow, shortLinkOf } from './trello-state.ts'

export const labelColors = new Set(
  ['green', 'yellow', 'orange', 'red', 'purple', 'blue', 'sky', 'lime', 'pink', 'black'].flatMap(
    (color) => [color, `${color}_light`, `${color}_dark`],
  ),
)

const text = (ask: Ask, name: string) => textValue(ask.values, name)
const me = ({ member }: Ask) => member.id
const boardIn = (ask: Ask): BoardRow => ask.world.boardOf(ask.ids['id'] ?? '', me(ask))
const listIn = (ask: Ask): ListRow => ask.world.listOf(ask.ids['id'] ?? '', me(ask))
const byPosition = (a: { readonly pos: number }, b: { readonly pos: number }) => a.pos - b.pos

/** Who may see a board is on it. */
function membersOf({ members, present }: Ask, board: BoardRow) {
  const ids = board.idMembers.length > 0 ? board.idMembers : members.map(({ id }) => id)
  return ids.map((id) => present.publicMember(id))
}

function kept<R extends { readonly closed: boolean }>(rows: readonly R[], filter = 'open'): R[] {
  if (filter === 'none') return []
  if (filter === 'all') return [...rows]
  return rows.filter(({ closed }) => closed === (filter === 'closed'))
}

const listsOf = (ask: Ask, board: BoardRow, filter?: string) =>
  kept(
    ask.state().lists.filter(({ idBoard }) => idBoard === board.id),
    filter,
  )
    .toSorted(byPosition)
    .map((list) => ask.present.list(list, me(ask)))

/** `visible`: neither the card nor its list is archived. */
function cardsOf(ask: Ask, board: BoardRow, filter = 'visible'): CardRow[] {
  const closedLists = new Set(
    ask
      .state()
      .lists.filter(({ closed }) => closed)
      .map(({ id }) => id),
  )
  const all = ask.state().cards.filter(({ idBoard }) => idBoard === board.id)
  const isShown = (card: CardRow) => !card.closed && !closedLists.has(card.idList)
  if (filter === 'visible' || filter === 'open') return all.filter(isShown).toSorted(byPosition)
  return kept(all, filter).toSorted(byPosition)
}

const cardsPageMax = 1_000

/** Newest first where it is a page: ids begin with their time. */
function pageOf<R extends { readonly id: string }>(ask: Ask, rows: readonly R[]): readonly R[] {
  const before = text(ask, 'before')
  const limit = Math.min(cardsPageMax, Number(text(ask, 'limit') ?? cardsPageMax))
  const older = before === undefined ? rows : rows.filter(({ id }) => id < before)
  if (older.length <= limit) return older
  return older.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit)
}

function presentCards(ask: Ask, rows: readonly CardRow[]) {
  return rows.map((card) => ({
    ...chosen(ask.present.card(card, me(ask)), text(ask, 'card_fields') ?? text(ask, 'fields')),
    ...((text(ask, 'card_customFieldItems') ?? text(ask, 'customFieldItems')) === 'true' && {
      customFieldItems: card.customFieldItems,
    }),
  }))
}

const customFieldsOf = (ask: Ask, board: BoardRow) =>
  ask
    .state()
    .customFields.filter(({ idModel }) => idModel === board.id)
    .toSorted(byPosition)
    .map(ask.present.customField)

const labelsOf = (ask: Ask, board: BoardRow) =>
  ask
    .state()
    .labels.filter(({ idBoard }) => idBoard === board.id)
    .map(ask.present.label)

const checklistsOf = (ask: Ask, board: BoardRow) =>
  ask
    .state()
    .checklists.filter(({ idBoard }) => idBoard === board.id)
    .map(ask.present.checklist)

/** What `GET /boards/{id}` brings along when it is asked to. */
function nested(ask: Ask, board: BoardRow): Readonly<Record<string, unknown>> {
  const wants = (name: string) => {
    const wish = text(ask, name) ?? 'none'
    return wish === 'none' || wish === 'false' ? undefined : wish
  }
  const cards = wants('cards')
  const lists = wants('lists')
  return {
    ...(lists !== undefined && { lists: listsOf(ask, board, lists) }),
    ...(cards !== undefined && {
      cards: presentCards(withoutFields(ask), cardsOf(ask, board, cards)),
    }),
    ...(wants('labels') !== undefined && { labels: labelsOf(ask, board) }),
    ...(wants('members') !== undefined && { members: membersOf(ask, board) }),
    ...(wants('checklists') !== undefined && { checklists: checklistsOf(ask, board) }),
    ...(wants('customFields') !== undefined && { customFields: customFieldsOf(ask, board) }),
  }
}

/** `fields` of a board are not those of its cards. */
function withoutFields(ask: Ask): Ask {
  const { fields: _, ...values } = ask.values
  return { ...ask, values }
}

const presentBoard = (ask: Ask, board: BoardRow) =>
  chosen(ask.present.board(board), text(ask, 'fields'))

/** @throws TrelloRefusal 400 */
export function colorValue(ask: Ask): string | null | undefined {
  if (!('color' in ask.values)) return undefined
  const color = text(ask, 'color') ?? ''
  if (color === '' || color === 'null') return null
  if (!labelColors.has(color)) throw invalidValue('color')
  return color
}

function addList(ask: Ask, board: BoardRow) {
  const neighbours = ask.state().lists.filter(({ idBoard }) => idBoard === board.id)
  const list: ListRow = {
    id: ask.world.newId(),
    idBoard: board.id,
    name: neededText(ask.values, 'name'),
    closed: false,
    // Without a place a new list stands first.
    pos:
      positionValue(ask.values, neighbours) ??
      Math.min(32_768, ...neighbours.map(({ pos }) => pos)) / 2,
    watchers: [],
  }
  ask.state().lists.push(list)
  ask.world.note('createList', {
    by: me(ask),
    board,
    data: { list: { id: list.id, name: list.name } },
  })
  return ask.present.list(list, me(ask))
}

function changeList(ask: Ask) {
  const list = listIn(ask)
  const board = ask.world.boardOf(text(ask, 'idBoard') ?? list.idBoard, me(ask))
  const neighbours = ask
    .state()
    .lists.filter(({ id, idBoard }) => idBoard === board.id && id !== list.id)
  if ('name' in ask.values) list.name = neededText(ask.values, 'name')
  list.closed = flagValue(ask.values, 'closed') ?? list.closed
  list.pos = positionValue(ask.values, neighbours) ?? list.pos
  watch(list, me(ask), flagValue(ask.values, 'subscribed'))
  if (board.id !== list.idBoard) {
    list.idBoard = board.id
    for (const card of ask.world.cardsOn(list.id)) card.idBoard = board.id
  }
  const data = { list: { id: list.id, name: list.name, closed: list.closed } }
  ask.world.note('updateList', { by: me(ask), board, data })
  return ask.present.list(list, me(ask))
}

export function watch(
  row: { watchers: string[] },
  memberId: string,
  wish: boolean | undefined,
): void {
  if (wish === undefined) return
  row.watchers = row.watchers.filter((id) => id !== memberId)
  if (wish) row.watchers.push(memberId)
}

const firstLists = ['To Do', 'Doing', 'Done']

function addBoard(ask: Ask) {
  const id = ask.world.newId()
  const { state, world, present } = ask
  const board: BoardRow = {
    id,
    name: neededText(ask.values, 'name'),
    desc: text(ask, 'desc') ?? '',
    closed: false,
    idOrganization: text(ask, 'idOrganization') ?? state().organizations[0]?.id ?? null,
    idMembers: [me(ask)],
    shortLink: shortLinkOf(id),
    dateLastActivity: world.now(),
  }
  state().boards.push(board)
  if (flagValue(ask.values, 'defaultLists') !== false)
    for (const name of firstLists) addList({ ...ask, values: { name, pos: 'bottom' } }, board)
  if (flagValue(ask.values, 'defaultLabels') !== false)
    for (const color of ['green', 'yellow', 'orange', 'red', 'purple', 'blue'])
      state().labels.push({ id: world.newId(), idBoard: id, name: '', color })
  world.note('createBoard', { by: me(ask), board })
  return present.board(board)
}

/** Of somebody's own things only. */
function requireMe(ask: Ask): void {
  const id = ask.ids['id'] ?? ''
  if (id === 'me' || id === ask.member.id || id === ask.member.username) return
  throw ask.members.some((one) => one.id === id) ? unauthorized() : notFound()
}

export const boardRoutes: RouteTable = {
  'GET /members/{id}': (ask) => {
    requireMe(ask)
    const { id, username, fullName, email } = ask.member
    const member = { id, username, fullName, ...(email === undefined ? {} : { email }) }
    return chosen(member, text(ask, 'fields'))
  },
  'GET /members/{id}/boards': (ask) => {
    requireMe(ask)
    const boards = kept(ask.world.visibleBoards(me(ask)), text(ask, 'filter') ?? 'all')
    return boards.map((board) => presentBoard(ask, board))
  },
  'GET /members/{id}/cards': (ask) => {
    requireMe(ask)
    const boards = ask.world.visibleBoards(me(ask))
    const cards = boards.flatMap((board) => cardsOf(ask, board, text(ask, 'filter')))
    return presentCards(
      ask,
      cards.filter(({ idMembers }) => idMembers.includes(me(ask))),
    )
  },
  'GET /members/{id}/organizations': (ask) => {
    requireMe(ask)
    const all = ask.state().organizations
    return all.map((one) => ({ ...one, url: `https://trello.com/w/${one.name}` }))
  },
  'GET /organizations/{id}/boards': (ask) => {
    const wanted = ask.ids['id']
    const found = ask.state().organizations.find(({ id, name }) => id === wanted || name === wanted)
    if (found === undefined) throw notFound()
    const boards = ask.world
      .visibleBoards(me(ask))
      .filter(({ idOrganization }) => idOrganization === found.id)
    return kept(boards, text(ask, 'filter') ?? 'all').map((board) => presentBoard(ask, board))
  },

  'POST /boards': addBoard,
  'GET /boards/{id}': (ask) => {
    const board = boardIn(ask)
    return { ...presentBoard(ask, board), ...nested(ask, board) }
  },
  'PUT /boards/{id}': (ask) => {
    const board = boardIn(ask)
    if ('name' in ask.values) board.name = neededText(ask.values, 'name')
    board.desc = text(ask, 'desc') ?? board.desc
    board.closed = flagValue(ask.values, 'closed') ?? board.closed
    ask.world.note('updateBoard', { by: me(ask), board })
    return ask.present.board(board)
  },
  'DELETE /boards/{id}': (ask) => {
    const { id } = boardIn(ask)
    const state = ask.state()
    state.boards = state.boards.filter((one) => one.id !== id)
    state.lists = state.lists.filter(({ idBoard }) => idBoard !== id)
    state.cards = state.cards.filter(({ idBoard }) => idBoard !== id)
    state.checklists = state.checklists.filter(({ idBoard }) => idBoard !== id)
    return { _value: null }
  },
  'GET /boards/{id}/lists': (ask) => listsOf(ask, boardIn(ask), text(ask, 'filter')),
  'GET /boards/{id}/lists/{filter}': (ask) => listsOf(ask, boardIn(ask), ask.ids['filter']),
  'POST /boards/{id}/lists': (ask) => addList(ask, boardIn(ask)),
  'GET /boards/{id}/cards': (ask) =>
    presentCards(ask, pageOf(ask, cardsOf(ask, boardIn(ask), text(ask, 'filter')))),
  'GET /boards/{id}/cards/{filter}': (ask) =>
    presentCards(ask, pageOf(ask, cardsOf(ask, boardIn(ask), ask.ids['filter']))),
  'GET /boards/{id}/labels': (ask) => labelsOf(ask, boardIn(ask)),
  'GET /boards/{id}/members': (ask) => membersOf(ask, boardIn(ask)),
  'GET /boards/{id}/checklists': (ask) => checklistsOf(ask, boardIn(ask)),
  'GET /boards/{id}/customFields': (ask) => customFieldsOf(ask, boardIn(ask)),
  'GET /boards/{id}/actions': (ask) => {
    const { id } = boardIn(ask)
    return actionsOf(ask, ({ idBoard }) => idBoard === id)
  },

  'POST /lists': (ask) => {
    const idBoard = text(ask, 'idBoard')
    if (idBoard === undefined) throw invalidValue('idBoard')
    return addList(ask, ask.world.boardOf(idBoard, me(ask)))
  },
  'GET /lists/{id}': (ask) => ask.present.list(listIn(ask), me(ask)),
  'PUT /lists/{id}': changeList,
  'PUT /lists/{id}/closed': (ask) =>
    changeList({ ...ask, values: { closed: text(ask, 'value') ?? 'true' } }),
  'GET /lists/{id}/cards': (ask) => {
    const { id } = listIn(ask)
    const all = ask.world.cardsOn(id)
    return presentCards(ask, kept(all, text(ask, 'filter') ?? 'open').toSorted(byPosition))
  },
  'POST /lists/{id}/archiveAllCards': (ask) => {
    const list = listIn(ask)
    for (const card of ask.world.cardsOn(list.id)) card.closed = true
    ask.world.note('updateCard', { by: me(ask), board: ask.world.boardOf(list.idBoard, me(ask)) })
    return {}
  },
  'POST /lists/{id}/moveAllCards': (ask) => {
    const list = listIn(ask)
    const board = ask.world.boardOf(text(ask, 'idBoard') ?? list.idBoard, me(ask))
    const target = ask.world.requireListOn(board.id, text(ask, 'idList') ?? '')
    for (const card of ask.world.cardsOn(list.id)) {
      card.pos = bottomOf(ask.world.cardsOn(target.id))
      card.idList = target.id
      card.idBoard = board.id
    }
    ask.world.note('updateCard', { by: me(ask), board })
    return []
  },
}

/** Newest first. */
export function actionsOf(
  ask: Ask,
  isOf: (action: ReturnType<Ask['state']>['actions'][number]) => boolean,
) {
  const filter = text(ask, 'filter') ?? 'all'
  const kinds =
    filter === 'all' ? undefined : new Set(filter.split(',').map((one) => one.split(':')[0]))
  const since = text(ask, 'since') ?? ''
  const before = text(ask, 'before') ?? '~'
  const within = ({ id, date }: { readonly id: string; readonly date: string }) => {
    const of = (limit: string) => (limit.includes('-') ? date : id)
    return of(since) > since && of(before) < before
  }
  const limit = Math.min(1_000, Number(text(ask, 'limit') ?? 50))
  return ask
    .state()
    .actions.filter((action) => isOf(action) && (kinds?.has(action.type) ?? true) && within(action))
    .toReversed()
    .slice(0, limit)
    .map(ask.present.action)
}
