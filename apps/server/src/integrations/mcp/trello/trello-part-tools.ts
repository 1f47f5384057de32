import { z } from 'zod'
import type { CustomFieldValue, TrelloChecklist, TrelloClient } from '../../trello/trello-client.ts'
import type { ToolContext } from '../tool.ts'
import { badArgument } from '../tool-refusal.ts'
import { presentComment, toPosition } from './present-card.ts'
import {
  boardOf,
  cardWithin,
  requireCard,
  requireComment,
  requireLabel,
  trelloTool,
} from './trello-tool-scope.ts'
import * as shape from './trello-tool-shapes.ts'

const place = {
  cardId: shape.cardId.optional().describe('Id of the card; else all cards of the board.'),
  boardId: shape.optionalBoardId,
}

type Place = { readonly cardId?: string | undefined; readonly boardId?: string | undefined }

async function checklistsOf(
  client: TrelloClient,
  args: Place,
  context: ToolContext,
): Promise<TrelloChecklist[]> {
  if (args.cardId === undefined)
    return client.checklistsOfBoard(await boardOf(client, args, context))
  await requireCard(client, args.cardId, context)
  return client.checklistsOfCard(args.cardId)
}

const isNamed = (name: string) => (checklist: TrelloChecklist) =>
  checklist.name.trim().toLowerCase() === name.trim().toLowerCase()

const itemsResult = z.object({
  items: z.array(shape.checkItemResult.extend({ idCard: z.string(), checklist: z.string() })),
})

function itemsOf(checklists: readonly TrelloChecklist[]) {
  return checklists.flatMap(({ idCard, name, checkItems }) =>
    checkItems.map((item) => ({ ...item, idCard, checklist: name })),
  )
}

const checkItemInput = z.object({
  cardId: shape.cardId,
  checkItemId: z.string().min(1).describe('Id of the item.'),
})

export const checklistTools = [
  trelloTool({
    name: 'get_checklist_items',
    title: 'Read items of a checklist',
    description: 'Items of all checklists of this name, on a card or on a board.',
    toolset: 'checklists',
    effect: 'read',
    scope: 'own',
    input: z.object({ name: z.string().min(1).describe('Name of the checklist.'), ...place }),
    output: itemsResult,
    async run(client, { name, ...args }, context) {
      const checklists = await checklistsOf(client, args, context)
      return { items: itemsOf(checklists.filter(isNamed(name))) }
    },
  }),
  trelloTool({
    name: 'find_checklist_items_by_description',
    title: 'Find items by their words',
    description: 'Items whose text contains these words, on a card or on a board.',
    toolset: 'checklists',
    effect: 'read',
    scope: 'own',
    input: z.object({ description: z.string().min(1).describe('Words to look for.'), ...place }),
    output: itemsResult,
    async run(client, { description, ...args }, context) {
      const words = description.toLowerCase()
      const items = itemsOf(await checklistsOf(client, args, context))
      return { items: items.filter(({ name }) => name.toLowerCase().includes(words)) }
    },
  }),
  trelloTool({
    name: 'get_acceptance_criteria',
    title: 'Read acceptance criteria',
    description: 'Items of the checklists named "Acceptance Criteria" or "קריטריוני קבלה".',
    toolset: 'checklists',
    effect: 'read',
    scope: 'own',
    input: z.object(place),
    output: itemsResult,
    async run(client, args, context) {
      const names = [isNamed('Acceptance Criteria'), isNamed('קריטריוני קבלה')]
      const checklists = await checklistsOf(client, args, context)
      return { items: itemsOf(checklists.filter((one) => names.some((named) => named(one)))) }
    },
  }),
  trelloTool({
    name: 'get_checklist_by_name',
    title: 'Read a checklist',
    description: 'Checklists of this name with their items, on a card or on a board.',
    toolset: 'checklists',
    effect: 'read',
    scope: 'own',
    input: z.object({ name: z.string().min(1).describe('Name of the checklist.'), ...place }),
    output: z.object({ checklists: z.array(shape.checklistResult) }),
    run: async (client, { name, ...args }, context) => ({
      checklists: (await checklistsOf(client, args, context)).filter(isNamed(name)),
    }),
  }),
  trelloTool({
    name: 'create_checklist',
    title: 'Create a checklist',
    description: 'Adds an empty checklist to a card.',
    toolset: 'checklists',
    effect: 'write',
    scope: 'own',
    input: z.object({
      name: z.string().min(1).describe('Name of the checklist.'),
      cardId: shape.cardId,
    }),
    output: shape.checklistResult,
    async run(client, { name, cardId }, context) {
      const { id } = await cardWithin(client, cardId, context)
      return client.createChecklist({ idCard: id, name })
    },
  }),
  trelloTool({
    name: 'copy_checklist',
    title: 'Copy a checklist',
    description: 'Adds a checklist like another one, with its items, to a card.',
    toolset: 'checklists',
    effect: 'write',
    scope: 'own',
    input: z.object({
      sourceChecklistId: z.string().min(1).describe('The checklist to copy.'),
      cardId: shape.cardId,
      name: z.string().optional().describe('Another name.'),
      pos: shape.position.optional(),
    }),
    output: shape.checklistResult,
    async run(client, { sourceChecklistId, cardId, name, pos }, context) {
      const source = await client.checklist(sourceChecklistId)
      context.requireAllowed(source.idBoard)
      const { id } = await cardWithin(client, cardId, context)
      return client.createChecklist({
        idCard: id,
        idChecklistSource: source.id,
        name: name ?? source.name,
        pos: toPosition(pos),
      })
    },
  }),
  trelloTool({
    name: 'delete_checklist',
    title: 'Delete a checklist for ever',
    description: 'With its items. Cannot be taken back.',
    toolset: 'deleting',
    effect: 'destroy',
    scope: 'own',
    input: z.object({ checklistId: z.string().min(1).describe('Id of the checklist.') }),
    output: shape.doneResult,
    async run(client, { checklistId }, context) {
      context.requireAllowed((await client.checklist(checklistId)).idBoard)
      await client.deleteChecklist(checklistId)
      return { done: true, id: checklistId }
    },
  }),
  trelloTool({
    name: 'add_checklist_item',
    title: 'Add an item',
    description: 'Adds an item to the first checklist of this name, on a card or on a board.',
    toolset: 'checklists',
    effect: 'write',
    scope: 'own',
    input: z.object({
      text: z.string().min(1).describe('Words of the item.'),
      checkListName: z.string().min(1).describe('Name of the checklist.'),
      ...place,
    }),
    output: shape.checkItemResult,
    async run(client, { text, checkListName, ...args }, context) {
      const checklists = await checklistsOf(client, args, context)
      const checklist = checklists.find(isNamed(checkListName))
      if (checklist === undefined)
        throw badArgument('checkListName', 'there is no checklist of this name')
      return client.createCheckItem(checklist.id, { name: text })
    },
  }),
  trelloTool({
    name: 'update_checklist_item',
    title: 'Change an item',
    description: 'Ticks, renames or moves an item, or gives it a date or a member.',
    toolset: 'checklists',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: checkItemInput.extend({
      state: z.enum(['complete', 'incomplete']).optional().describe('Ticked or not.'),
      name: z.string().min(1).optional().describe('New words.'),
      pos: shape.position.optional(),
      due: shape.dateOrEmpty.optional().describe('ISO 8601; empty takes it away.'),
      dueReminder: z.number().optional().describe('Minutes before the date; -1 for none.'),
      idMember: z.string().optional().describe('Id of the member; empty for nobody.'),
    }),
    output: shape.checkItemResult,
    async run(client, { cardId, checkItemId, pos, due, idMember, ...change }, context) {
      await requireCard(client, cardId, context)
      return client.updateCheckItem(
        { cardId, checkItemId },
        {
          ...change,
          pos: toPosition(pos),
          due: due === '' ? null : due,
          idMember: idMember === '' ? null : idMember,
        },
      )
    },
  }),
  trelloTool({
    name: 'delete_checklist_item',
    title: 'Delete an item for ever',
    description: 'Cannot be taken back.',
    toolset: 'deleting',
    effect: 'destroy',
    scope: 'own',
    input: checkItemInput,
    output: shape.doneResult,
    async run(client, { cardId, checkItemId }, context) {
      await requireCard(client, cardId, context)
      await client.deleteCheckItem(cardId, checkItemId)
      return { done: true, id: checkItemId }
    },
  }),
]

export const labelTools = [
  trelloTool({
    name: 'get_board_labels',
    title: 'List labels of a board',
    description: 'With their colours.',
    toolset: 'labels',
    effect: 'read',
    scope: 'own',
    input: z.object({ boardId: shape.optionalBoardId }),
    output: z.object({ labels: z.array(shape.labelResult) }),
    run: async (client, args, context) => ({
      labels: await client.labels(await boardOf(client, args, context)),
    }),
  }),
  trelloTool({
    name: 'create_label',
    title: 'Create a label',
    description: 'Adds a label to a board.',
    toolset: 'labels',
    effect: 'write',
    scope: 'own',
    input: z.object({
      boardId: shape.optionalBoardId,
      name: z.string().describe('Its words.'),
      color: shape.color.optional(),
    }),
    output: shape.labelResult,
    run: async (client, { name, color = 'null', ...args }, context) =>
      client.createLabel({
        idBoard: await boardOf(client, args, context),
        name,
        color: color === 'null' ? null : color,
      }),
  }),
  trelloTool({
    name: 'update_label',
    title: 'Change a label',
    description: 'On all cards that carry it.',
    toolset: 'labels',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({
      labelId: shape.labelId,
      name: z.string().optional().describe('New words.'),
      color: shape.color.optional(),
    }),
    output: shape.labelResult,
    async run(client, { labelId, name, color }, context) {
      await requireLabel(client, labelId, context)
      return client.updateLabel(labelId, { name, color: color === 'null' ? null : color })
    },
  }),
  trelloTool({
    name: 'delete_label',
    title: 'Delete a label for ever',
    description: 'Takes it off all cards. Cannot be taken back.',
    toolset: 'deleting',
    effect: 'destroy',
    scope: 'own',
    input: z.object({ labelId: shape.labelId }),
    output: shape.doneResult,
    async run(client, { labelId }, context) {
      await requireLabel(client, labelId, context)
      await client.deleteLabel(labelId)
      return { done: true, id: labelId }
    },
  }),
]

const commentInput = z.object({ commentId: z.string().min(1).describe('Id of the comment.') })

export const commentTools = [
  trelloTool({
    name: 'get_card_comments',
    title: 'Read comments of a card',
    description: 'Newest first.',
    toolset: 'comments',
    effect: 'read',
    scope: 'own',
    input: z.object({
      cardId: shape.cardId,
      limit: z.number().int().min(1).max(1_000).default(50).describe('How many at most.'),
    }),
    output: z.object({ comments: z.array(shape.commentResult) }),
    async run(client, { cardId, limit }, context) {
      await requireCard(client, cardId, context)
      const comments = await client.comments(cardId, { limit })
      return { comments: comments.map(presentComment) }
    },
  }),
  trelloTool({
    name: 'add_comment',
    title: 'Comment a card',
    description: 'Not repeatable: when the answer is lost, read the comments before calling again.',
    toolset: 'comments',
    effect: 'write',
    scope: 'own',
    input: z.object({
      cardId: shape.cardId,
      text: z.string().min(1).max(16_384).describe('The comment, in Markdown.'),
    }),
    output: shape.commentResult,
    async run(client, { cardId, text }, context) {
      await requireCard(client, cardId, context)
      return presentComment(await client.addComment(cardId, text, { signal: context.signal }))
    },
  }),
  trelloTool({
    name: 'update_comment',
    title: 'Change a comment',
    description: 'Own comments only.',
    toolset: 'comments',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: commentInput.extend({
      text: z.string().min(1).max(16_384).describe('The new text.'),
    }),
    output: shape.commentResult,
    async run(client, { commentId, text }, context) {
      await requireComment(client, commentId, context)
      return presentComment(await client.updateComment(commentId, text))
    },
  }),
  trelloTool({
    name: 'delete_comment',
    title: 'Delete a comment for ever',
    description: 'Cannot be taken back.',
    toolset: 'deleting',
    effect: 'destroy',
    scope: 'own',
    input: commentInput,
    output: shape.doneResult,
    async run(client, { commentId }, context) {
      await requireComment(client, commentId, context)
      await client.deleteComment(commentId)
      return { done: true, id: commentId }
    },
  }),
]

const memberInput = z.object({ cardId: shape.cardId, memberId: shape.memberId })

export const memberTools = [
  trelloTool({
    name: 'assign_member_to_card',
    title: 'Assign a member',
    description: 'Puts a member of the board onto a card.',
    toolset: 'cards',
    effect: 'write',
    scope: 'own',
    input: memberInput,
    output: shape.doneResult,
    async run(client, { cardId, memberId }, context) {
      await requireCard(client, cardId, context)
      await client.addMember(cardId, memberId)
      return { done: true, id: cardId }
    },
  }),
  trelloTool({
    name: 'remove_member_from_card',
    title: 'Take a member off a card',
    description: 'The member stays on the board.',
    toolset: 'cards',
    effect: 'write',
    scope: 'own',
    input: memberInput,
    output: shape.doneResult,
    async run(client, { cardId, memberId }, context) {
      await requireCard(client, cardId, context)
      await client.removeMember(cardId, memberId)
      return { done: true, id: cardId }
    },
  }),
]

type FieldKind = 'text' | 'number' | 'checkbox' | 'date' | 'list'

type Reading = {
  readonly fits: (value: string) => boolean
  readonly expected: string
  readonly toValue: (value: string) => CustomFieldValue
}

const readings: Readonly<Record<FieldKind, Reading>> = {
  text: { fits: () => true, expected: '', toValue: (text) => ({ text }) },
  list: {
    fits: (value) => value !== '',
    expected: 'the id of an option',
    toValue: (idValue) => ({ idValue }),
  },
  number: {
    fits: (value) => value !== '' && Number.isFinite(Number(value)),
    expected: 'a number such as 12.5',
    toValue: (number) => ({ number }),
  },
  checkbox: {
    fits: (value) => value === 'true' || value === 'false',
    expected: 'true or false',
    toValue: (value) => ({ checked: value === 'true' ? 'true' : 'false' }),
  },
  date: {
    fits: (value) => !Number.isNaN(Date.parse(value)),
    expected: 'a date such as 2026-12-24T10:00:00Z',
    toValue: (value) => ({ date: new Date(value).toISOString() }),
  },
}

/** @throws ToolRefusal for a value that does not fit its kind */
function fieldValue(type: FieldKind | 'clear', value = ''): CustomFieldValue | undefined {
  if (type === 'clear') return undefined
  const { fits, expected, toValue } = readings[type]
  if (!fits(value)) throw badArgument('value', expected)
  return toValue(value)
}

export const customFieldTools = [
  trelloTool({
    name: 'update_card_custom_field',
    title: 'Set a custom field',
    description: 'Sets the value of a custom field on a card, or clears it.',
    toolset: 'custom-fields',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({
      cardId: shape.cardId,
      customFieldId: z.string().min(1).describe('Id of the field.'),
      type: z
        .enum(['text', 'number', 'checkbox', 'date', 'list', 'clear'])
        .describe('Kind of the field; clear takes the value away.'),
      value: z.coerce
        .string()
        .optional()
        .describe('As text; true or false for a checkbox, id of the option for a list.'),
    }),
    output: shape.doneResult,
    async run(client, { cardId, customFieldId, type, value }, context) {
      const read = fieldValue(type, value)
      await requireCard(client, cardId, context)
      await client.setCustomField({ cardId, customFieldId }, read)
      return { done: true, id: cardId }
    },
  }),
]
