import { z } from 'zod'
import * as answers from './trello-answers.ts'
import { createTrelloAttachments } from './trello-attachments.ts'
import type { TrelloCredential } from './trello-credential.ts'
import { createTrelloRequests, type Patience, type TrelloAddress } from './trello-requests.ts'

export type TrelloMember = z.output<typeof answers.memberAnswer>
export type TrelloOrganization = z.output<typeof answers.organizationAnswer>
export type TrelloBoard = z.output<typeof answers.boardAnswer>
export type TrelloList = z.output<typeof answers.listAnswer>
export type TrelloLabel = z.output<typeof answers.labelAnswer>
export type TrelloCard = z.output<typeof answers.cardAnswer>
export type TrelloChecklist = z.output<typeof answers.checklistAnswer>
export type TrelloCheckItem = z.output<typeof answers.checkItemAnswer>
export type TrelloAction = z.output<typeof answers.actionAnswer>
export type TrelloAttachment = z.output<typeof answers.attachmentAnswer>
export type TrelloCustomField = z.output<typeof answers.customFieldAnswer>
export type TrelloCustomFieldItem = z.output<typeof answers.customFieldItemAnswer>
export type TrelloWebhook = z.output<typeof answers.webhookAnswer>
export type TrelloWholeBoard = z.output<typeof answers.wholeBoardAnswer>

/** Between two cards or lists: `top`, `bottom`, or a number; Trello sorts by it. */
export type TrelloPosition = 'top' | 'bottom' | number

/** Absent members stay as they are; `null` takes a date or a value away. Dates are ISO 8601. */
export type CardChange = {
  readonly name?: string | undefined
  readonly desc?: string | undefined
  readonly closed?: boolean | undefined
  readonly idList?: string | undefined
  readonly idBoard?: string | undefined
  readonly pos?: TrelloPosition | undefined
  readonly due?: string | null | undefined
  readonly dueComplete?: boolean | undefined
  /** Minutes before `due`; -1 for none. */
  readonly dueReminder?: number | undefined
  readonly start?: string | null | undefined
  readonly idMembers?: readonly string[] | undefined
  readonly idLabels?: readonly string[] | undefined
  readonly subscribed?: boolean | undefined
}

export type NewCard = Omit<CardChange, 'closed' | 'idBoard' | 'idList'> & {
  readonly idList: string
  /** Copies this card. */
  readonly idCardSource?: string | undefined
  /** What of the source comes along, comma-separated, or `all`. */
  readonly keepFromSource?: string | undefined
}

export type ListChange = {
  readonly name?: string | undefined
  readonly closed?: boolean | undefined
  readonly pos?: TrelloPosition | undefined
  readonly subscribed?: boolean | undefined
  readonly idBoard?: string | undefined
}

export type CheckItemChange = {
  readonly name?: string | undefined
  readonly state?: 'complete' | 'incomplete' | undefined
  readonly pos?: TrelloPosition | undefined
  readonly due?: string | null | undefined
  readonly dueReminder?: number | undefined
  readonly idMember?: string | null | undefined
}

/** As Trello writes a value of each kind of field; undefined takes it away. */
export type CustomFieldValue =
  | { readonly text: string }
  | { readonly number: string }
  | { readonly date: string }
  | { readonly checked: 'true' | 'false' }
  | { readonly idValue: string }

export type ListFilter = 'open' | 'closed' | 'all'

type Options = TrelloAddress & { readonly credential: TrelloCredential }

/** The most that Trello sends at once. */
const cardsPageSize = 1_000
const cardPagesMax = 20

const boardFields = 'name,desc,closed,url,shortUrl,idOrganization,dateLastActivity'

/**
 * Trello with one person's key and token, below its limits. Every method throws TrelloError only.
 * Nothing that changes something is ever sent twice: none of it has a key that makes it idempotent.
 */
export function createTrelloClient(options: Options) {
  const requests = createTrelloRequests(options, options.credential)
  const { call, tell, baseUrl, host } = requests
  const at = (strings: TemplateStringsArray, ...ids: string[]) =>
    strings.reduce(
      (path, part, index) => `${path}${encodeURIComponent(ids[index - 1] ?? '')}${part}`,
    )

  const array = <T>(schema: z.ZodType<T>) => z.array(schema)

  return {
    baseUrl,
    host,

    ...createTrelloAttachments(requests, options.outbound),

    /** Whose token this is. */
    me: (patience: Patience = {}): Promise<TrelloMember> =>
      call({
        path: '/members/me',
        query: { fields: 'username,fullName,email' },
        answer: answers.memberAnswer,
        ...patience,
      }),

    /** Boards of the person. */
    boards: ({ filter = 'open' }: { filter?: ListFilter } = {}): Promise<TrelloBoard[]> =>
      call({
        path: '/members/me/boards',
        query: { filter, fields: boardFields },
        answer: array(answers.boardAnswer),
      }),

    /** Workspaces of the person. */
    organizations: (): Promise<TrelloOrganization[]> =>
      call({
        path: '/members/me/organizations',
        query: { fields: 'name,displayName,url' },
        answer: array(answers.organizationAnswer),
      }),

    organizationBoards: (organizationId: string): Promise<TrelloBoard[]> =>
      call({
        path: at`/organizations/${organizationId}/boards`,
        query: { filter: 'open', fields: boardFields },
        answer: array(answers.boardAnswer),
      }),

    board: (boardId: string): Promise<TrelloBoard> =>
      call({
        path: at`/boards/${boardId}`,
        query: { fields: boardFields },
        answer: answers.boardAnswer,
      }),

    /** Everything of a board that is not archived, in one request. */
    wholeBoard: (boardId: string, patience: Patience = {}): Promise<TrelloWholeBoard> =>
      call({
        path: at`/boards/${boardId}`,
        query: {
          fields: boardFields,
          lists: 'open',
          cards: 'visible',
          card_customFieldItems: true,
          labels: 'all',
          labels_limit: 1_000,
          members: 'all',
          member_fields: 'username,fullName',
          checklists: 'all',
          customFields: true,
        },
        answer: answers.wholeBoardAnswer,
        ...patience,
      }),

    createBoard: (board: {
      readonly name: string
      readonly desc?: string | undefined
      readonly idOrganization?: string | undefined
      readonly defaultLabels?: boolean | undefined
      readonly defaultLists?: boolean | undefined
    }): Promise<TrelloBoard> =>
      call({ method: 'POST', path: '/boards/', body: board, answer: answers.boardAnswer }),

    updateBoard: (
      boardId: string,
      change: { readonly name?: string; readonly desc?: string; readonly closed?: boolean },
    ): Promise<TrelloBoard> =>
      call({
        method: 'PUT',
        path: at`/boards/${boardId}`,
        body: change,
        answer: answers.boardAnswer,
      }),

    deleteBoard: (boardId: string): Promise<void> =>
      tell({ method: 'DELETE', path: at`/boards/${boardId}` }),

    lists: (
      boardId: string,
      { filter = 'open' }: { filter?: ListFilter } = {},
    ): Promise<TrelloList[]> =>
      call({
        path: at`/boards/${boardId}/lists`,
        query: { filter },
        answer: array(answers.listAnswer),
      }),

    list: (listId: string): Promise<TrelloList> =>
      call({ path: at`/lists/${listId}`, answer: answers.listAnswer }),

    createList: (list: {
      readonly idBoard: string
      readonly name: string
      readonly pos?: TrelloPosition | undefined
    }): Promise<TrelloList> =>
      call({ method: 'POST', path: '/lists', body: list, answer: answers.listAnswer }),

    updateList: (listId: string, change: ListChange): Promise<TrelloList> =>
      call({
        method: 'PUT',
        path: at`/lists/${listId}`,
        body: change,
        answer: answers.listAnswer,
      }),

    /** Archives all cards of a list. */
    archiveAllCards: (listId: string): Promise<void> =>
      tell({ method: 'POST', path: at`/lists/${listId}/archiveAllCards` }),

    moveAllCards: (listId: string, to: { idBoard: string; idList: string }): Promise<void> =>
      tell({ method: 'POST', path: at`/lists/${listId}/moveAllCards`, body: to }),

    /** Cards of a list that are not archived. */
    cardsOfList: (listId: string, patience: Patience = {}): Promise<TrelloCard[]> =>
      call({
        path: at`/lists/${listId}/cards`,
        answer: array(answers.cardAnswer),
        ...patience,
      }),

    /** Cards of a board, `all` with archived ones; every page of them, at most 20,000. */
    cardsOfBoard,

    /** Cards that the person is a member of. */
    myCards: (): Promise<TrelloCard[]> =>
      call({
        path: '/members/me/cards',
        query: { filter: 'visible' },
        answer: array(answers.cardAnswer),
      }),

    /** One card with everything on it but its comments. */
    card: (cardId: string): Promise<TrelloCard> =>
      call({
        path: at`/cards/${cardId}`,
        query: {
          fields: 'all',
          checklists: 'all',
          attachments: true,
          members: true,
          member_fields: 'username,fullName',
          customFieldItems: true,
        },
        answer: answers.cardAnswer,
      }),

    /** @throws TrelloError with `sent: true` when the card may exist */
    createCard: (card: NewCard, patience: Patience = {}): Promise<TrelloCard> =>
      call({
        method: 'POST',
        path: '/cards',
        body: card,
        answer: answers.cardAnswer,
        ...patience,
      }),

    updateCard: (
      cardId: string,
      change: CardChange,
      patience: Patience = {},
    ): Promise<TrelloCard> =>
      call({
        method: 'PUT',
        path: at`/cards/${cardId}`,
        body: change,
        answer: answers.cardAnswer,
        ...patience,
      }),

    /** For ever; archiving is `updateCard` with `closed`. */
    deleteCard: (cardId: string): Promise<void> =>
      tell({ method: 'DELETE', path: at`/cards/${cardId}` }),

    /** Newest first. */
    comments: (cardId: string, { limit = 50 } = {}): Promise<TrelloAction[]> =>
      call({
        path: at`/cards/${cardId}/actions`,
        query: { filter: 'commentCard', limit: Math.min(1_000, limit) },
        answer: array(answers.actionAnswer),
      }),

    addComment: (cardId: string, text: string, patience: Patience = {}): Promise<TrelloAction> =>
      call({
        method: 'POST',
        path: at`/cards/${cardId}/actions/comments`,
        body: { text },
        answer: answers.actionAnswer,
        ...patience,
      }),

    updateComment: (commentId: string, text: string): Promise<TrelloAction> =>
      call({
        method: 'PUT',
        path: at`/actions/${commentId}`,
        body: { text },
        answer: answers.actionAnswer,
      }),

    deleteComment: (commentId: string): Promise<void> =>
      tell({ method: 'DELETE', path: at`/actions/${commentId}` }),

    action: (actionId: string): Promise<TrelloAction> =>
      call({ path: at`/actions/${actionId}`, answer: answers.actionAnswer }),

    /** What happened on a board, newest first. */
    actionsOfBoard: (boardId: string, wish: ActionWish = {}): Promise<TrelloAction[]> =>
      call({
        path: at`/boards/${boardId}/actions`,
        query: wishQuery(wish),
        answer: array(answers.actionAnswer),
      }),

    actionsOfCard: (cardId: string, wish: ActionWish = {}): Promise<TrelloAction[]> =>
      call({
        path: at`/cards/${cardId}/actions`,
        query: wishQuery(wish),
        answer: array(answers.actionAnswer),
      }),

    checklistsOfCard: (cardId: string): Promise<TrelloChecklist[]> =>
      call({ path: at`/cards/${cardId}/checklists`, answer: array(answers.checklistAnswer) }),

    checklistsOfBoard: (boardId: string): Promise<TrelloChecklist[]> =>
      call({ path: at`/boards/${boardId}/checklists`, answer: array(answers.checklistAnswer) }),

    createChecklist: (
      checklist: {
        readonly idCard: string
        readonly name?: string | undefined
        readonly pos?: TrelloPosition | undefined
        /** Copies this one. */
        readonly idChecklistSource?: string | undefined
      },
      patience: Patience = {},
    ): Promise<TrelloChecklist> =>
      call({
        method: 'POST',
        path: '/checklists',
        body: checklist,
        answer: answers.checklistAnswer,
        ...patience,
      }),

    checklist: (checklistId: string): Promise<TrelloChecklist> =>
      call({ path: at`/checklists/${checklistId}`, answer: answers.checklistAnswer }),

    deleteChecklist: (checklistId: string): Promise<void> =>
      tell({ method: 'DELETE', path: at`/checklists/${checklistId}` }),

    createCheckItem: (
      checklistId: string,
      item: {
        readonly name: string
        readonly pos?: TrelloPosition | undefined
        readonly checked?: boolean | undefined
      },
      patience: Patience = {},
    ): Promise<TrelloCheckItem> =>
      call({
        method: 'POST',
        path: at`/checklists/${checklistId}/checkItems`,
        body: item,
        answer: answers.checkItemAnswer,
        ...patience,
      }),

    updateCheckItem: (
      { cardId, checkItemId }: { readonly cardId: string; readonly checkItemId: string },
      change: CheckItemChange,
      patience: Patience = {},
    ): Promise<TrelloCheckItem> =>
      call({
        method: 'PUT',
        path: at`/cards/${cardId}/checkItem/${checkItemId}`,
        body: change,
        answer: answers.checkItemAnswer,
        ...patience,
      }),

    deleteCheckItem: (cardId: string, checkItemId: string): Promise<void> =>
      tell({ method: 'DELETE', path: at`/cards/${cardId}/checkItem/${checkItemId}` }),

    labels: (boardId: string): Promise<TrelloLabel[]> =>
      call({
        path: at`/boards/${boardId}/labels`,
        query: { limit: 1_000 },
        answer: array(answers.labelAnswer),
      }),

    label: (labelId: string): Promise<TrelloLabel> =>
      call({ path: at`/labels/${labelId}`, answer: answers.labelAnswer }),

    createLabel: (label: {
      readonly idBoard: string
      readonly name: string
      /** `null`: none. */
      readonly color: string | null
    }): Promise<TrelloLabel> =>
      call({ method: 'POST', path: '/labels', body: label, answer: answers.labelAnswer }),

    updateLabel: (
      labelId: string,
      change: { readonly name?: string | undefined; readonly color?: string | null | undefined },
    ): Promise<TrelloLabel> =>
      call({
        method: 'PUT',
        path: at`/labels/${labelId}`,
        body: change,
        answer: answers.labelAnswer,
      }),

    deleteLabel: (labelId: string): Promise<void> =>
      tell({ method: 'DELETE', path: at`/labels/${labelId}` }),

    membersOfBoard: (boardId: string): Promise<TrelloMember[]> =>
      call({ path: at`/boards/${boardId}/members`, answer: array(answers.memberAnswer) }),

    addMember: (cardId: string, memberId: string): Promise<void> =>
      tell({ method: 'POST', path: at`/cards/${cardId}/idMembers`, body: { value: memberId } }),

    removeMember: (cardId: string, memberId: string): Promise<void> =>
      tell({ method: 'DELETE', path: at`/cards/${cardId}/idMembers/${memberId}` }),

    addLabel: (cardId: string, labelId: string): Promise<void> =>
      tell({ method: 'POST', path: at`/cards/${cardId}/idLabels`, body: { value: labelId } }),

    removeLabel: (cardId: string, labelId: string): Promise<void> =>
      tell({ method: 'DELETE', path: at`/cards/${cardId}/idLabels/${labelId}` }),

    customFields: (boardId: string): Promise<TrelloCustomField[]> =>
      call({ path: at`/boards/${boardId}/customFields`, answer: array(answers.customFieldAnswer) }),

    customFieldItems: (cardId: string): Promise<TrelloCustomFieldItem[]> =>
      call({
        path: at`/cards/${cardId}/customFieldItems`,
        answer: array(answers.customFieldItemAnswer),
      }),

    setCustomField: (
      { cardId, customFieldId }: { readonly cardId: string; readonly customFieldId: string },
      value: CustomFieldValue | undefined,
    ): Promise<void> =>
      tell({
        method: 'PUT',
        path: at`/cards/${cardId}/customField/${customFieldId}/item`,
        body: customFieldBody(value),
      }),

    /** By words, over boards and cards that the person sees; the index of Trello lags behind. */
    search: (
      query: string,
      wish: { readonly boardIds?: readonly string[]; readonly limit?: number } = {},
    ): Promise<z.output<typeof answers.searchAnswer>> =>
      call({
        path: '/search',
        query: {
          query,
          idBoards: wish.boardIds?.join(','),
          modelTypes: 'boards,cards,members',
          cards_limit: wish.limit ?? 20,
          boards_limit: Math.min(20, wish.limit ?? 20),
          partial: true,
        },
        answer: answers.searchAnswer,
      }),

    /** Trello calls the address back at once with HEAD and wants 200. */
    createWebhook: (webhook: {
      readonly callbackURL: string
      readonly idModel: string
      readonly description?: string
    }): Promise<TrelloWebhook> =>
      call({ method: 'POST', path: '/webhooks/', body: webhook, answer: answers.webhookAnswer }),

    webhook: (webhookId: string): Promise<TrelloWebhook> =>
      call({ path: at`/webhooks/${webhookId}`, answer: answers.webhookAnswer }),

    updateWebhook: (
      webhookId: string,
      change: { readonly active?: boolean; readonly callbackURL?: string },
    ): Promise<TrelloWebhook> =>
      call({
        method: 'PUT',
        path: at`/webhooks/${webhookId}`,
        body: change,
        answer: answers.webhookAnswer,
      }),

    deleteWebhook: (webhookId: string): Promise<void> =>
      tell({ method: 'DELETE', path: at`/webhooks/${webhookId}` }),
  }

  async function cardsOfBoard(
    boardId: string,
    filter: 'visible' | 'all' | 'closed' = 'visible',
  ): Promise<TrelloCard[]> {
    const found: TrelloCard[] = []
    let before: string | undefined
    for (let page = 0; page < cardPagesMax; page += 1) {
      const cards = await call({
        path: at`/boards/${boardId}/cards/${filter}`,
        query: { limit: cardsPageSize, before },
        answer: array(answers.cardAnswer),
      })
      found.push(...cards)
      if (cards.length < cardsPageSize) return found
      // Ids begin with the time at which they were given.
      before = cards.map(({ id }) => id).toSorted()[0]
    }
    return found
  }
}

export type TrelloClient = ReturnType<typeof createTrelloClient>

export type ActionWish = {
  /** 1 to 1000, default 20. */
  readonly limit?: number | undefined
  /** Kinds of actions, comma-separated, or `all`. */
  readonly filter?: string | undefined
  /** ISO 8601, or the id of an action. */
  readonly since?: string | undefined
  readonly before?: string | undefined
}

function wishQuery({ limit = 20, filter, since, before }: ActionWish) {
  return { limit: Math.min(1_000, Math.max(1, limit)), filter, since, before }
}

function customFieldBody(value: CustomFieldValue | undefined) {
  if (value === undefined) return { value: '', idValue: '' }
  return 'idValue' in value ? value : { value }
}
