import { z } from 'zod'
import type { TrelloCard, TrelloClient } from '../../trello/trello-client.ts'
import { TrelloError } from '../../trello/trello-error.ts'
import { namesOf } from '../csv-argument.ts'
import type { ToolContext } from '../tool.ts'
import { presentAction, presentCard, presentWholeCard, toPosition } from './present-card.ts'
import {
  boardOf,
  cardWithin,
  onlyAllowed,
  requireCard,
  requireList,
  trelloTool,
} from './trello-tool-scope.ts'
import * as shape from './trello-tool-shapes.ts'

const cardInput = z.object({ cardId: shape.cardId })
const reminder = z.int().min(-1).describe('Minutes before the due date; -1 for none.')
const labels = z.array(z.string()).describe('Ids of labels of the board.')
const optionalBoard = { boardId: shape.optionalBoardId }

const newCardInput = z.object({
  name: z.string().min(1).max(16_384).describe('Title of the card.'),
  description: z.string().max(16_384).optional().describe('Text of the card, in Markdown.'),
  dueDate: shape.date.optional().describe('When it is due, ISO 8601.'),
  start: shape.date.optional().describe('When it begins, ISO 8601.'),
  labels: labels.optional(),
})

type NewCardArguments = z.output<typeof newCardInput> & {
  readonly dueReminder?: number | undefined
}

function toNewCard(listId: string, args: NewCardArguments) {
  const { name, description, dueDate, start, dueReminder } = args
  return {
    idList: listId,
    name,
    desc: description,
    due: dueDate,
    start,
    dueReminder,
    idLabels: args.labels,
  }
}

/** An empty date takes it away. */
const dateOf = (text: string | undefined) => (text === '' ? null : text)

type ShortenWish = {
  readonly fields?: string | undefined
  readonly descMaxLength?: number | undefined
  readonly omitDescThresholdBytes?: number | undefined
}

function shortDescription(card: TrelloCard, wish: ShortenWish): TrelloCard['desc'] | undefined {
  const { descMaxLength, omitDescThresholdBytes, fields } = wish
  if (namesOf(fields)?.includes('desc') === false) return undefined
  const bytes = Buffer.byteLength(card.desc)
  if (omitDescThresholdBytes !== undefined && bytes > omitDescThresholdBytes) return undefined
  return descMaxLength === undefined ? card.desc : card.desc.slice(0, descMaxLength).toWellFormed()
}

async function createOneByOne(
  client: TrelloClient,
  { listId, cards }: { listId: string; cards: readonly z.output<typeof newCardInput>[] },
  { progress, signal }: ToolContext,
) {
  const created: { index: number; id: string; name: string; url: string }[] = []
  for (const [index, card] of cards.entries()) {
    try {
      const made = await client.createCard(toNewCard(listId, card), { signal })
      created.push({ index, id: made.id, name: made.name, url: made.shortUrl })
      await progress(index + 1, cards.length)
    } catch (error) {
      if (created.length === 0 || !(error instanceof TrelloError)) throw error
      // What is there is there: the caller is told where it ended and goes on from that.
      const stopped = { index, name: card.name, reason: error.reason, mayExist: error.sent }
      return { created, stopped }
    }
  }
  return { created }
}

export const cardTools = [
  trelloTool({
    name: 'get_cards_by_list_id',
    title: 'List cards of a list',
    description: 'Cards of a list that are not archived, in their order.',
    toolset: 'cards',
    effect: 'read',
    scope: 'own',
    input: z.object({
      ...optionalBoard,
      listId: shape.listId,
      fields: z
        .string()
        .optional()
        .describe('Comma-separated; without desc the descriptions are left out.'),
      nameFilter: z.string().optional().describe('Only cards whose name contains this.'),
      descMaxLength: z.int().min(0).optional().describe('Characters of a description at most.'),
      omitDescThresholdBytes: z
        .int()
        .min(0)
        .optional()
        .describe('Longer descriptions are left out.'),
      limit: z.int().min(1).max(200).default(50).describe('How many at most.'),
      offset: z.int().min(0).default(0).describe('How many to skip.'),
    }),
    output: z.object({ cards: z.array(shape.cardResult), total: z.int() }),
    async run(client, { listId, nameFilter = '', limit, offset, ...wish }, context) {
      await requireList(client, listId, context)
      const all = await client.cardsOfList(listId)
      const wanted = all
        .filter(({ name }) => name.toLowerCase().includes(nameFilter.toLowerCase()))
        .toSorted((a, b) => a.pos - b.pos)
      const cards = wanted
        .slice(offset, offset + limit)
        .map((card) => ({ ...presentCard(card), desc: shortDescription(card, wish) }))
      return { cards, total: wanted.length }
    },
  }),
  trelloTool({
    name: 'get_my_cards',
    title: 'List my cards',
    description: 'Cards that the person is a member of.',
    toolset: 'cards',
    effect: 'read',
    scope: 'own',
    input: z.object({}),
    output: z.object({ cards: z.array(shape.cardResult) }),
    async run(client, _, context) {
      const cards = onlyAllowed(await client.myCards(), context, ({ idBoard }) => idBoard)
      return { cards: cards.map(presentCard) }
    },
  }),
  trelloTool({
    name: 'get_card',
    title: 'Read a card',
    description: 'One card with its checklists, attachments, members and custom fields.',
    toolset: 'cards',
    effect: 'read',
    scope: 'own',
    input: cardInput.extend({
      includeMarkdown: z.boolean().default(false).describe('True: also as one Markdown text.'),
    }),
    output: shape.wholeCardResult,
    run: async (client, { cardId, includeMarkdown }, context) =>
      presentWholeCard(await cardWithin(client, cardId, context), includeMarkdown),
  }),
  trelloTool({
    name: 'get_card_history',
    title: 'Read what happened to a card',
    description: 'Newest first.',
    toolset: 'cards',
    effect: 'read',
    scope: 'own',
    input: cardInput.extend({
      filter: z.string().default('all').describe('Kinds of actions, comma-separated, or all.'),
      limit: z.number().int().min(1).max(1_000).default(50).describe('How many at most.'),
    }),
    output: z.object({ actions: z.array(shape.actionResult) }),
    async run(client, { cardId, filter, limit }, context) {
      await requireCard(client, cardId, context)
      const actions = await client.actionsOfCard(cardId, { filter, limit })
      return { actions: actions.map(presentAction) }
    },
  }),
  trelloTool({
    name: 'search',
    title: 'Search cards and boards',
    description:
      'By words, as the search field of Trello. New cards appear in the index after a delay.',
    toolset: 'cards',
    effect: 'read',
    scope: 'own',
    input: z.object({
      query: z.string().min(1).max(16_384).describe('Words or operators of Trello.'),
      boardId: shape.boardId.optional().describe('Only this board.'),
      limit: z.int().min(1).max(50).default(20).describe('How many cards at most.'),
    }),
    output: z.object({
      cards: z.array(shape.cardResult),
      boards: z.array(shape.boardResult),
    }),
    async run(client, { query, boardId, limit }, context) {
      const within =
        boardId === undefined ? context.allowed : [await boardOf(client, { boardId }, context)]
      const found = await client.search(query, { limit, ...(within && { boardIds: within }) })
      return {
        cards: onlyAllowed(found.cards, context, ({ idBoard }) => idBoard).map(presentCard),
        boards: onlyAllowed(found.boards, context, ({ id }) => id),
      }
    },
  }),
  trelloTool({
    name: 'add_card_to_list',
    title: 'Create a card',
    description:
      'Creates one card at the end of a list. Not repeatable: when the answer is lost, look for ' +
      'the card before calling again.',
    toolset: 'cards',
    effect: 'write',
    scope: 'own',
    input: newCardInput.extend({
      ...optionalBoard,
      listId: shape.listId,
      dueReminder: reminder.optional(),
    }),
    output: shape.cardResult,
    async run(client, { listId, ...args }, context) {
      await requireList(client, listId, context)
      const { signal } = context
      return presentCard(await client.createCard(toNewCard(listId, args), { signal }))
    },
  }),
  trelloTool({
    name: 'add_cards_to_list',
    title: 'Create several cards',
    description:
      'Creates up to 50 cards one after the other. Stops where one fails and says which are there.',
    toolset: 'cards',
    effect: 'write',
    scope: 'own',
    input: z.object({
      listId: shape.listId,
      cards: z.array(newCardInput).min(1).max(50).describe('Cards in their order.'),
    }),
    output: z.object({
      created: z.array(
        z.object({ index: z.int(), id: z.string(), name: z.string(), url: z.string() }),
      ),
      stopped: z
        .object({
          index: z.int(),
          name: z.string(),
          reason: z.string(),
          mayExist: z.boolean().describe('True: look for it before creating it again.'),
        })
        .optional(),
    }),
    async run(client, args, context) {
      await requireList(client, args.listId, context)
      return createOneByOne(client, args, context)
    },
  }),
  trelloTool({
    name: 'update_card_details',
    title: 'Change a card',
    description: 'Changes what is named and leaves everything else. Labels replace all labels.',
    toolset: 'cards',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({
      ...optionalBoard,
      cardId: shape.cardId,
      name: z.string().min(1).max(16_384).optional().describe('New title.'),
      description: z.string().max(16_384).optional().describe('New text, in Markdown.'),
      dueDate: shape.dateOrEmpty.optional().describe('ISO 8601; empty takes it away.'),
      dueReminder: reminder.optional(),
      start: shape.dateOrEmpty.optional().describe('ISO 8601; empty takes it away.'),
      dueComplete: z.boolean().optional().describe('True: it is done.'),
      labels: labels.optional(),
      pos: shape.position.optional(),
    }),
    output: shape.cardResult,
    async run(client, { cardId, name, description, dueDate, start, ...args }, context) {
      await requireCard(client, cardId, context)
      const { dueReminder, dueComplete, labels: idLabels, pos } = args
      const card = await client.updateCard(cardId, {
        name,
        desc: description,
        due: dateOf(dueDate),
        start: dateOf(start),
        dueReminder,
        dueComplete,
        idLabels,
        pos: toPosition(pos),
      })
      return presentCard(card)
    },
  }),
  trelloTool({
    name: 'move_card',
    title: 'Move a card',
    description: 'Puts a card into another list, also of another board.',
    toolset: 'cards',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({
      boardId: shape.boardId.optional().describe('Board of the list, where it is another one.'),
      cardId: shape.cardId,
      listId: shape.listId,
      pos: shape.position.optional(),
    }),
    output: shape.cardResult,
    async run(client, { boardId, cardId, listId, pos }, context) {
      await requireCard(client, cardId, context)
      await requireList(client, listId, context)
      const idBoard =
        boardId === undefined ? undefined : await boardOf(client, { boardId }, context)
      const change = { idList: listId, idBoard, pos: toPosition(pos) }
      return presentCard(await client.updateCard(cardId, change))
    },
  }),
  trelloTool({
    name: 'copy_card',
    title: 'Copy a card',
    description: 'Creates a card like another one.',
    toolset: 'cards',
    effect: 'write',
    scope: 'own',
    input: z.object({
      sourceCardId: shape.cardId.describe('The card to copy.'),
      listId: shape.listId,
      name: z.string().optional().describe('Another title.'),
      description: z.string().optional().describe('Another text.'),
      keepFromSource: z
        .string()
        .default('all')
        .describe('all, or of attachments,checklists,customFields,due,labels,members,start.'),
      pos: shape.position.optional(),
    }),
    output: shape.cardResult,
    async run(client, { sourceCardId, listId, name, description, keepFromSource, pos }, context) {
      const source = await cardWithin(client, sourceCardId, context)
      await requireList(client, listId, context)
      const card = await client.createCard({
        idList: listId,
        idCardSource: source.id,
        keepFromSource,
        name,
        desc: description,
        pos: toPosition(pos),
      })
      return presentCard(card)
    },
  }),
  trelloTool({
    name: 'archive_card',
    title: 'Archive a card',
    description: 'Takes a card off its list; unarchive_card brings it back.',
    toolset: 'cards',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({ ...optionalBoard, cardId: shape.cardId }),
    output: shape.cardResult,
    async run(client, { cardId }, context) {
      await requireCard(client, cardId, context)
      return presentCard(await client.updateCard(cardId, { closed: true }))
    },
  }),
  trelloTool({
    name: 'unarchive_card',
    title: 'Bring a card back',
    description: 'Puts an archived card onto its list again.',
    toolset: 'cards',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: cardInput,
    output: shape.cardResult,
    async run(client, { cardId }, context) {
      await requireCard(client, cardId, context)
      return presentCard(await client.updateCard(cardId, { closed: false }))
    },
  }),
  trelloTool({
    name: 'delete_card',
    title: 'Delete a card for ever',
    description: 'Cannot be taken back. Archiving is nearly always what is meant.',
    toolset: 'deleting',
    effect: 'destroy',
    scope: 'own',
    input: cardInput,
    output: shape.doneResult,
    async run(client, { cardId }, context) {
      await requireCard(client, cardId, context)
      await client.deleteCard(cardId)
      return { done: true, id: cardId }
    },
  }),
  trelloTool({
    name: 'watch_card',
    title: 'Watch a card',
    description: 'Whether Trello tells the person of changes.',
    toolset: 'cards',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: cardInput.extend({ subscribed: z.boolean().describe('True: watch it.') }),
    output: shape.cardResult,
    async run(client, { cardId, subscribed }, context) {
      await requireCard(client, cardId, context)
      return presentCard(await client.updateCard(cardId, { subscribed }))
    },
  }),
]
