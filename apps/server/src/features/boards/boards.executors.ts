import { boardChange } from '@studioops/contracts/boards'
import type { OperationThing } from '@studioops/contracts/operations'
import { z } from 'zod'
import type { TrelloCard } from '../../integrations/trello/trello-client.ts'
import { TrelloError, toTrelloRefusal } from '../../integrations/trello/trello-error.ts'
import type { OpenedTrello, OpenTrello } from '../../integrations/trello/trello-opener.ts'
import { requireSamePlace } from '../../platform/approval/same-place.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { OutsideError } from '../../platform/errors/outside-error.ts'
import type { ConnectionService } from '../connections/index.ts'
import type { Executor, Executors, Found, OperationRow, Scope } from '../outbox/index.ts'
import { withMark, withoutMark } from './boards.present.ts'

export const boardTarget = z.object({
  boardId: z.string(),
  boardName: z.string(),
  host: z.string(),
  change: boardChange,
})

const newCard = z.object({
  idList: z.string(),
  name: z.string(),
  desc: z.string(),
  pos: z.literal('bottom'),
})
const cardUpdate = z.object({
  cardId: z.string(),
  change: z.object({
    name: z.string().optional(),
    desc: z.string().optional(),
    due: z.string().nullable().optional(),
    dueComplete: z.boolean().optional(),
    closed: z.boolean().optional(),
    idList: z.string().optional(),
    pos: z.number().optional(),
  }),
})
const newComment = z.object({ cardId: z.string(), text: z.string() })
const newChecklist = z.object({ cardId: z.string(), name: z.string() })
const newItem = z.object({ cardId: z.string(), checklistId: z.string(), name: z.string() })
const itemUpdate = z.object({
  cardId: z.string(),
  checkItemId: z.string(),
  change: z.object({ state: z.enum(['complete', 'incomplete']) }),
})

type Dependencies = {
  readonly openTrello: OpenTrello
  readonly connections: Pick<ConnectionService, 'noteUse'>
}

/** How one kind of write is sent to Trello and looked for; the rest is the same for all. */
type Hand<Payload> = {
  readonly thing: OperationThing
  readonly payload: z.ZodType<Payload>
  /** What is there before; `find` may need it. */
  readonly before?: (trello: OpenedTrello, payload: Payload) => Promise<string>
  find(trello: OpenedTrello, sought: Sought<Payload>): Promise<Found | undefined>
  send(trello: OpenedTrello, payload: Payload, signal: AbortSignal): Promise<Found>
  readonly withMarker?: (payload: Payload, marker: string) => Payload
}

type Sought<Payload> = {
  readonly payload: Payload
  readonly marker: string
  readonly boardId: string
  /** What `before` said; undefined where nothing was sent. */
  readonly before: string | undefined
}

/** Everything that a board's page sends to Trello. */
export function createBoardExecutors({ openTrello, connections }: Dependencies): Executors {
  async function withTrello<T>(
    row: OperationRow,
    certainty: (error: TrelloError) => OutsideError['certainty'],
    work: (trello: OpenedTrello) => Promise<T>,
  ): Promise<T> {
    try {
      const trello = await openTrello(row.user_id)
      requireSamePlace(boardTarget.parse(row.target).host, trello.host)
      const result = await work(trello)
      await connections.noteUse(row.user_id, 'trello', undefined)
      return result
    } catch (error) {
      if (error instanceof OutsideError) throw error
      const refusal = asRefusal(error)
      await connections.noteUse(row.user_id, 'trello', refusal)
      const isTrello = error instanceof TrelloError
      throw new OutsideError(isTrello ? certainty(error) : 'not-done', {
        code: refusal.code,
        facts: refusal.facts,
        cause: error,
        ...(isTrello && error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
      })
    }
  }

  const notDone = () => 'not-done' as const

  function executorOf<Payload>(hand: Hand<Payload>): Executor {
    const soughtOf = (row: OperationRow): Sought<Payload> => ({
      payload: hand.payload.parse(row.payload),
      marker: row.marker,
      boardId: boardTarget.parse(row.target).boardId,
      before: row.sent_at === null ? undefined : (row.high_water ?? undefined),
    })
    const find = (row: OperationRow) =>
      withTrello(row, notDone, (trello) => unlessGone(() => hand.find(trello, soughtOf(row))))
    return {
      system: 'trello',
      thing: hand.thing,
      unclear: 'trello.unclear',
      // Boards are read from where they are written, archived cards too.
      absenceProves: true,
      keyExample: 'https://trello.com/c/aBcDeFgH',
      readKey: (typed) => /(?:\/c\/|^)([0-9a-zA-Z]{8}|[0-9a-f]{24})\b/.exec(typed.trim())?.[1],
      present(row) {
        const { boardName, host } = boardTarget.parse(row.target)
        return { target: `${boardName} · ${host}` }
      },
      highWater: (row) =>
        withTrello(row, notDone, async (trello) =>
          hand.before?.(trello, hand.payload.parse(row.payload)),
        ),
      find,
      send: (row, { signal }: Scope) =>
        withTrello(row, certaintyOf, (trello) =>
          hand.send(trello, hand.payload.parse(row.payload), signal),
        ),
      verify: async (row, key) => {
        const found = await find(row)
        return found?.key === key ? found : undefined
      },
      withMarker: (row, marker) => {
        const payload = hand.payload.parse(row.payload)
        return hand.withMarker?.(payload, marker) ?? payload
      },
    }
  }

  const cardChange = executorOf(changeCard)
  return {
    'trello.card.create': executorOf(createCard),
    'trello.card.update': cardChange,
    'trello.card.move': cardChange,
    'trello.card.archive': cardChange,
    'trello.comment.create': executorOf(createComment),
    'trello.checklist.create': executorOf(createChecklist),
    'trello.item.create': executorOf(createItem),
    'trello.item.update': executorOf(changeItem),
  }
}

const createCard: Hand<z.output<typeof newCard>> = {
  thing: 'card',
  payload: newCard,
  /** The list first, where it nearly always is; then the whole board with its archive. */
  async find(trello, { payload, marker, boardId }) {
    const carries = ({ desc }: TrelloCard) => desc.includes(marker)
    const inList = (await trello.cardsOfList(payload.idList)).find(carries)
    const card = inList ?? (await trello.cardsOfBoard(boardId, 'all')).find(carries)
    return card && foundCard(card)
  },
  send: async (trello, payload, signal) => foundCard(await trello.createCard(payload, { signal })),
  withMarker: (payload, marker) => ({
    ...payload,
    desc: withMark(withoutMark(payload.desc), marker),
  }),
}

const changeCard: Hand<z.output<typeof cardUpdate>> = {
  thing: 'change',
  payload: cardUpdate,
  async find(trello, { payload }) {
    const card = await trello.card(payload.cardId)
    return isAsMeant(card, payload.change) ? foundCard(card) : undefined
  },
  send: async (trello, { cardId, change }, signal) =>
    foundCard(await trello.updateCard(cardId, change, { signal })),
}

const createComment: Hand<z.output<typeof newComment>> = {
  thing: 'comment',
  payload: newComment,
  before: async (trello, { cardId, text }) => idsOf(await sameComments(trello, cardId, text)),
  async find(trello, { payload: { cardId, text }, before }) {
    if (before === undefined) return undefined
    const comment = newOne(await sameComments(trello, cardId, text), before)
    return comment && foundPart(cardId, comment.id)
  },
  async send(trello, { cardId, text }, signal) {
    const { id } = await trello.addComment(cardId, text, { signal })
    return foundPart(cardId, id)
  },
}

const createChecklist: Hand<z.output<typeof newChecklist>> = {
  thing: 'change',
  payload: newChecklist,
  before: async (trello, { cardId, name }) => idsOf(await sameChecklists(trello, cardId, name)),
  async find(trello, { payload: { cardId, name }, before }) {
    if (before === undefined) return undefined
    const checklist = newOne(await sameChecklists(trello, cardId, name), before)
    return checklist && foundPart(cardId, checklist.id)
  },
  async send(trello, { cardId, name }, signal) {
    const { id } = await trello.createChecklist({ idCard: cardId, name }, { signal })
    return foundPart(cardId, id)
  },
}

const createItem: Hand<z.output<typeof newItem>> = {
  thing: 'change',
  payload: newItem,
  before: async (trello, payload) => idsOf(await sameItems(trello, payload)),
  async find(trello, { payload, before }) {
    if (before === undefined) return undefined
    const item = newOne(await sameItems(trello, payload), before)
    return item && foundPart(payload.cardId, item.id)
  },
  async send(trello, { cardId, checklistId, name }, signal) {
    const { id } = await trello.createCheckItem(checklistId, { name }, { signal })
    return foundPart(cardId, id)
  },
}

const changeItem: Hand<z.output<typeof itemUpdate>> = {
  thing: 'change',
  payload: itemUpdate,
  async find(trello, { payload: { cardId, checkItemId, change } }) {
    const checklists = await trello.checklistsOfCard(cardId)
    const items = checklists.flatMap(({ checkItems }) => checkItems)
    const item = items.find(({ id }) => id === checkItemId)
    return item?.state === change.state ? foundPart(cardId, checkItemId) : undefined
  },
  async send(trello, { cardId, checkItemId, change }, signal) {
    await trello.updateCheckItem({ cardId, checkItemId }, change, { signal })
    return foundPart(cardId, checkItemId)
  },
}

async function sameComments(trello: OpenedTrello, cardId: string, text: string) {
  const [me, comments] = await Promise.all([
    trello.myId(),
    trello.comments(cardId, { limit: 1_000 }),
  ])
  return comments.filter(
    ({ data, memberCreator }) => data['text'] === text && memberCreator?.id === me,
  )
}

async function sameChecklists(trello: OpenedTrello, cardId: string, name: string) {
  return (await trello.checklistsOfCard(cardId)).filter((one) => one.name === name)
}

async function sameItems(
  trello: OpenedTrello,
  { cardId, checklistId, name }: z.output<typeof newItem>,
) {
  const checklists = await trello.checklistsOfCard(cardId)
  const items = checklists.find(({ id }) => id === checklistId)?.checkItems ?? []
  return items.filter((item) => item.name === name)
}

/** The ids of those that look the same and were there before. */
function idsOf(rows: readonly { readonly id: string }[]): string {
  return rows.map(({ id }) => id).join(',')
}

function newOne<R extends { readonly id: string }>(
  rows: readonly R[],
  before: string,
): R | undefined {
  const old = new Set(before.split(','))
  return rows.find(({ id }) => !old.has(id))
}

const closePos = 0.001

function isAsMeant(card: TrelloCard, change: z.output<typeof cardUpdate>['change']): boolean {
  const { due, pos, ...plain } = change
  const isSame = Object.entries(plain).every(
    ([name, value]) => value === undefined || Reflect.get(card, name) === value,
  )
  const isDue = due === undefined || timeOf(due) === timeOf(card.due)
  return isSame && isDue && (pos === undefined || Math.abs(pos - card.pos) < closePos)
}

function timeOf(date: string | null | undefined): number | undefined {
  return date === null || date === undefined ? undefined : Date.parse(date)
}

function foundCard({ id, shortUrl, url }: TrelloCard): Found {
  const address = shortUrl === '' ? url : shortUrl
  return { key: /\/c\/([0-9a-zA-Z]+)/.exec(address)?.[1] ?? id, url: address }
}

function foundPart(cardId: string, id: string): Found {
  return { key: id, url: `https://trello.com/c/${cardId}` }
}

/** What lies on something that is not there is not there. */
async function unlessGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof TrelloError && error.kind === 'not-found') return undefined
    throw error
  }
}

function certaintyOf(error: TrelloError): OutsideError['certainty'] {
  if (!error.sent) return 'not-done'
  // It goes on by itself when the rate allows it, or when the person has given a new credential.
  if (['rate-limited', 'bad-key', 'bad-token'].includes(error.kind)) return 'not-done'
  const isRefusal = ['rejected', 'forbidden', 'not-found'].includes(error.kind)
  return isRefusal ? 'refused' : 'ambiguous'
}

/** Anything but a failure of Trello, or of a stored secret, is a defect and goes on up. */
export function asRefusal(error: unknown): AppError {
  if (error instanceof TrelloError) return toTrelloRefusal(error)
  if (error instanceof AppError) return error
  throw error
}
