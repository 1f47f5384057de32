import { z } from 'zod'

/** Everything that a simulated Trello keeps; written to a snapshot as it is. */
const id = z.string()
const pos = z.number()

const checkItem = z.object({
  id,
  name: z.string(),
  state: z.enum(['complete', 'incomplete']),
  pos,
  due: z.string().nullable(),
  idMember: id.nullable(),
})

const attachment = z.object({
  id,
  idMember: id,
  name: z.string(),
  url: z.string(),
  mimeType: z.string(),
  date: z.string(),
  /** Base64; absent for a link. */
  content: z.string().optional(),
  bytes: z.number().nullable(),
})

const customFieldItem = z.object({
  id,
  idCustomField: id,
  idValue: id.nullable(),
  value: z.record(z.string(), z.string()).nullable(),
})

const card = z.object({
  id,
  idShort: z.int(),
  shortLink: z.string(),
  idBoard: id,
  idList: id,
  name: z.string(),
  desc: z.string(),
  closed: z.boolean(),
  pos,
  due: z.string().nullable(),
  dueComplete: z.boolean(),
  dueReminder: z.number().nullable(),
  start: z.string().nullable(),
  idMembers: z.array(id),
  idLabels: z.array(id),
  watchers: z.array(id),
  dateLastActivity: z.string(),
  attachments: z.array(attachment),
  customFieldItems: z.array(customFieldItem),
})

export const trelloState = z.object({
  kind: z.literal('trello'),
  version: z.literal(2),
  lastId: z.int(),
  revoked: z.array(z.string()),
  organizations: z.array(z.object({ id, name: z.string(), displayName: z.string() })),
  boards: z.array(
    z.object({
      id,
      name: z.string(),
      desc: z.string(),
      closed: z.boolean(),
      idOrganization: id.nullable(),
      /** Empty: everybody whom this Trello knows. */
      idMembers: z.array(id),
      shortLink: z.string(),
      dateLastActivity: z.string(),
    }),
  ),
  lists: z.array(
    z.object({
      id,
      idBoard: id,
      name: z.string(),
      closed: z.boolean(),
      pos,
      watchers: z.array(id),
    }),
  ),
  cards: z.array(card),
  checklists: z.array(
    z.object({
      id,
      idBoard: id,
      idCard: id,
      name: z.string(),
      pos,
      checkItems: z.array(checkItem),
    }),
  ),
  labels: z.array(z.object({ id, idBoard: id, name: z.string(), color: z.string().nullable() })),
  customFields: z.array(
    z.object({
      id,
      idModel: id,
      name: z.string(),
      type: z.enum(['text', 'number', 'date', 'checkbox', 'list']),
      pos,
      options: z.array(
        z.object({ id, value: z.object({ text: z.string() }), color: z.string(), pos }),
      ),
    }),
  ),
  actions: z.array(
    z.object({
      id,
      type: z.string(),
      date: z.string(),
      idMemberCreator: id,
      idBoard: id,
      idCard: id.nullable(),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
  webhooks: z.array(
    z.object({
      id,
      idMember: id,
      idModel: id,
      callbackURL: z.string(),
      description: z.string(),
      active: z.boolean(),
      consecutiveFailures: z.int(),
    }),
  ),
})

export type TrelloState = z.output<typeof trelloState>
export type BoardRow = TrelloState['boards'][number]
export type ListRow = TrelloState['lists'][number]
export type CardRow = TrelloState['cards'][number]
export type ChecklistRow = TrelloState['checklists'][number]
export type CheckItemRow = ChecklistRow['checkItems'][number]
export type LabelRow = TrelloState['labels'][number]
export type ActionRow = TrelloState['actions'][number]
export type CustomFieldRow = TrelloState['customFields'][number]
export type WebhookRow = TrelloState['webhooks'][number]

/** A card of a new simulator; days count from the start of it. */
export type CardSeed = {
  readonly name: string
  readonly desc?: string
  readonly labels?: readonly string[]
  readonly members?: readonly string[]
  readonly dueInDays?: number
  readonly dueComplete?: boolean
  readonly checklist?: { readonly name: string; readonly items: readonly string[] }
  /** How many of the items are ticked. */
  readonly ticked?: number
  readonly comments?: readonly { readonly by: string; readonly text: string }[]
}

export type BoardSeed = {
  readonly id: string
  readonly name: string
  readonly desc?: string
  /** Names by colour. */
  readonly labels?: Readonly<Record<string, string>>
  readonly lists?: readonly { readonly name: string; readonly cards: readonly CardSeed[] }[]
  /** User names; absent: everybody. */
  readonly members?: readonly string[]
}

export const positionStep = 16_384

/** Ids as Trello gives them: the time in seconds, then what makes them one of a kind. */
export function createIds(state: () => TrelloState, clock: () => number) {
  return (): string => {
    const now = state()
    now.lastId += 1
    const seconds = Math.floor(clock() / 1_000)
    return (
      seconds.toString(16).padStart(8, '0').slice(-8) + now.lastId.toString(16).padStart(16, '0')
    )
  }
}

export function shortLinkOf(objectId: string): string {
  return Number.parseInt(objectId.slice(-10), 16).toString(36).padStart(8, 'A').slice(-8)
}

type Person = { readonly id: string; readonly username: string }

type Seeds = {
  readonly boards: readonly BoardSeed[]
  readonly people: readonly Person[]
  readonly clock: () => number
}

const dayMs = 86_400_000

export function seedState({ boards, people, clock }: Seeds): TrelloState {
  const state: TrelloState = {
    kind: 'trello',
    version: 2,
    lastId: 0,
    revoked: [],
    organizations: [],
    boards: [],
    lists: [],
    cards: [],
    checklists: [],
    labels: [],
    customFields: [],
    actions: [],
    webhooks: [],
  }
  const newId = createIds(() => state, clock)
  const now = () => new Date(clock()).toISOString()
  const personOf = (username: string) => people.find((one) => one.username === username)?.id ?? ''

  const organization = { id: newId(), name: 'studio', displayName: 'Studio' }
  state.organizations.push(organization)

  const addCard = (board: BoardRow, list: ListRow, seed: CardSeed) => {
    const id = newId()
    const inList = state.cards.filter(({ idList }) => idList === list.id)
    const labels = state.labels.filter(({ idBoard }) => idBoard === board.id)
    state.cards.push({
      id,
      idShort: state.cards.filter(({ idBoard }) => idBoard === board.id).length + 1,
      shortLink: shortLinkOf(id),
      idBoard: board.id,
      idList: list.id,
      name: seed.name,
      desc: seed.desc ?? '',
      closed: false,
      pos: (inList.length + 1) * positionStep,
      due:
        seed.dueInDays === undefined
          ? null
          : new Date(clock() + seed.dueInDays * dayMs).toISOString(),
      dueComplete: seed.dueComplete ?? false,
      dueReminder: null,
      start: null,
      idMembers: (seed.members ?? []).map(personOf),
      idLabels: (seed.labels ?? []).flatMap(
        (name) => labels.find((label) => label.name === name)?.id ?? [],
      ),
      watchers: [],
      dateLastActivity: now(),
      attachments: [],
      customFieldItems: [],
    })
    if (seed.checklist !== undefined)
      state.checklists.push({
        id: newId(),
        idBoard: board.id,
        idCard: id,
        name: seed.checklist.name,
        pos: positionStep,
        checkItems: seed.checklist.items.map((name, index) => ({
          id: newId(),
          name,
          state: index < (seed.ticked ?? 0) ? 'complete' : 'incomplete',
          pos: (index + 1) * positionStep,
          due: null,
          idMember: null,
        })),
      })
    for (const { by, text } of seed.comments ?? [])
      state.actions.push({
        id: newId(),
        type: 'commentCard',
        date: now(),
        idMemberCreator: personOf(by),
        idBoard: board.id,
        idCard: id,
        data: { text, card: { id, name: seed.name }, board: { id: board.id, name: board.name } },
      })
  }

  for (const seed of boards) {
    const board: BoardRow = {
      id: seed.id,
      name: seed.name,
      desc: seed.desc ?? '',
      closed: false,
      idOrganization: organization.id,
      idMembers: (seed.members ?? []).map(personOf),
      shortLink: shortLinkOf(seed.id),
      dateLastActivity: now(),
    }
    state.boards.push(board)
    for (const [color, name] of Object.entries(seed.labels ?? {}))
      state.labels.push({ id: newId(), idBoard: board.id, name, color })
    for (const [index, { name, cards }] of (seed.lists ?? []).entries()) {
      const pos = (index + 1) * positionStep
      const list = { id: newId(), idBoard: board.id, name, closed: false, pos, watchers: [] }
      state.lists.push(list)
      for (const card of cards) addCard(board, list, card)
    }
  }
  return state
}
