import { z } from 'zod'
import { presentAction, presentCard, presentField, toPosition } from './present-card.ts'
import { boardOf, onlyAllowed, requireList, trelloTool } from './trello-tool-scope.ts'
import * as shape from './trello-tool-shapes.ts'

const boardInput = z.object({ boardId: shape.optionalBoardId })

export const boardTools = [
  trelloTool({
    name: 'get_health',
    title: 'Check the connection',
    description: 'Whose token this is, and that Trello accepts it.',
    toolset: 'boards',
    effect: 'read',
    scope: 'none',
    input: z.object({}),
    output: shape.memberResult.extend({ host: z.string() }),
    run: async (client) => ({ ...(await client.me()), host: client.host }),
  }),
  trelloTool({
    name: 'list_boards',
    title: 'List boards',
    description: 'Open boards of the person.',
    toolset: 'boards',
    effect: 'read',
    scope: 'own',
    input: z.object({}),
    output: z.object({ boards: z.array(shape.boardResult) }),
    run: async (client, _, context) => ({
      boards: onlyAllowed(await client.boards(), context, ({ id }) => id),
    }),
  }),
  trelloTool({
    name: 'list_workspaces',
    title: 'List workspaces',
    description: 'Workspaces of the person.',
    toolset: 'boards',
    effect: 'read',
    scope: 'none',
    input: z.object({}),
    output: z.object({
      workspaces: z.array(
        z.object({ id: z.string(), name: z.string(), displayName: z.string(), url: z.string() }),
      ),
    }),
    run: async (client) => ({ workspaces: await client.organizations() }),
  }),
  trelloTool({
    name: 'list_boards_in_workspace',
    title: 'List boards of a workspace',
    description: 'Open boards of one workspace.',
    toolset: 'boards',
    effect: 'read',
    scope: 'own',
    input: z.object({ workspaceId: z.string().min(1).describe('Id or name of the workspace.') }),
    output: z.object({ boards: z.array(shape.boardResult) }),
    run: async (client, { workspaceId }, context) => ({
      boards: onlyAllowed(await client.organizationBoards(workspaceId), context, ({ id }) => id),
    }),
  }),
  trelloTool({
    name: 'get_board',
    title: 'Read a whole board',
    description:
      'Lists, cards without their descriptions, labels and members of a board, in one call.',
    toolset: 'boards',
    effect: 'read',
    scope: 'own',
    input: boardInput,
    output: z.object({
      board: shape.boardResult,
      lists: z.array(shape.listResult),
      cards: z.array(shape.cardResult),
      labels: z.array(shape.labelResult),
      members: z.array(shape.memberResult),
    }),
    async run(client, args, context) {
      const whole = await client.wholeBoard(await boardOf(client, args, context))
      const { lists, cards, labels, members } = whole
      return {
        board: whole,
        lists,
        labels,
        members,
        cards: cards.map((card) => ({ ...presentCard(card), desc: undefined })),
      }
    },
  }),
  trelloTool({
    name: 'create_board',
    title: 'Create a board',
    description: 'Creates a board of the person.',
    toolset: 'boards',
    effect: 'write',
    scope: 'own',
    input: z.object({
      name: z.string().min(1).describe('Name of the board.'),
      desc: z.string().optional().describe('What it is for.'),
      idOrganization: z.string().optional().describe('Id of the workspace.'),
      defaultLabels: z.boolean().default(true).describe('With the usual labels.'),
      defaultLists: z.boolean().default(true).describe('With the usual three lists.'),
    }),
    output: shape.boardResult,
    run(client, args, { requireAllowed }) {
      // A server that is kept to some boards has no business with new ones.
      requireAllowed('a new board')
      return client.createBoard(args)
    },
  }),
  trelloTool({
    name: 'archive_board',
    title: 'Archive a board',
    description: 'Closes a board; it can be opened again in Trello.',
    toolset: 'boards',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({ boardId: shape.boardId }),
    output: shape.boardResult,
    run: async (client, args, context) =>
      client.updateBoard(await boardOf(client, args, context), { closed: true }),
  }),
  trelloTool({
    name: 'get_recent_activity',
    title: 'Read what happened on a board',
    description: 'Newest first.',
    toolset: 'boards',
    effect: 'read',
    scope: 'own',
    input: boardInput.extend({
      limit: z.number().int().min(1).max(1_000).default(10).describe('How many at most.'),
      since: z.string().optional().describe('Only after this date or action.'),
      before: z.string().optional().describe('Only before this date or action.'),
    }),
    output: z.object({ actions: z.array(shape.actionResult) }),
    async run(client, { limit, since, before, ...args }, context) {
      const board = await boardOf(client, args, context)
      const actions = await client.actionsOfBoard(board, { limit, since, before })
      return { actions: actions.map(presentAction) }
    },
  }),
  trelloTool({
    name: 'get_board_members',
    title: 'List members of a board',
    description: 'Who can be assigned to cards of the board.',
    toolset: 'boards',
    effect: 'read',
    scope: 'own',
    input: boardInput,
    output: z.object({ members: z.array(shape.memberResult) }),
    run: async (client, args, context) => ({
      members: await client.membersOfBoard(await boardOf(client, args, context)),
    }),
  }),
  trelloTool({
    name: 'get_board_custom_fields',
    title: 'List custom fields of a board',
    description: 'Their ids, kinds and options, as update_card_custom_field wants them.',
    toolset: 'custom-fields',
    effect: 'read',
    scope: 'own',
    input: boardInput,
    output: z.object({ customFields: z.array(shape.customFieldResult) }),
    async run(client, args, context) {
      const fields = await client.customFields(await boardOf(client, args, context))
      return { customFields: fields.map(presentField) }
    },
  }),

  trelloTool({
    name: 'get_lists',
    title: 'List the lists of a board',
    description: 'Lists that are not archived, in their order.',
    toolset: 'lists',
    effect: 'read',
    scope: 'own',
    input: boardInput,
    output: z.object({ lists: z.array(shape.listResult) }),
    run: async (client, args, context) => ({
      lists: await client.lists(await boardOf(client, args, context)),
    }),
  }),
  trelloTool({
    name: 'add_list_to_board',
    title: 'Add a list',
    description: 'Adds a list at the end of the board.',
    toolset: 'lists',
    effect: 'write',
    scope: 'own',
    input: boardInput.extend({ name: z.string().min(1).describe('Name of the list.') }),
    output: shape.listResult,
    run: async (client, args, context) =>
      client.createList({
        idBoard: await boardOf(client, args, context),
        name: args.name,
        pos: 'bottom',
      }),
  }),
  trelloTool({
    name: 'archive_list',
    title: 'Archive a list',
    description: 'Archives a list with its cards; update_list with closed false brings it back.',
    toolset: 'lists',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: boardInput.extend({ listId: shape.listId }),
    output: shape.listResult,
    async run(client, { listId }, context) {
      await requireList(client, listId, context)
      return client.updateList(listId, { closed: true })
    },
  }),
  trelloTool({
    name: 'update_list',
    title: 'Change a list',
    description: 'Renames, archives, brings back, watches a list, or moves it to another board.',
    toolset: 'lists',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({
      listId: shape.listId,
      name: z.string().min(1).optional().describe('New name.'),
      closed: z.boolean().optional().describe('True archives it.'),
      subscribed: z.boolean().optional().describe('Whether the person watches it.'),
      idBoard: shape.boardId.optional().describe('Board to which it moves.'),
    }),
    output: shape.listResult,
    async run(client, { listId, idBoard, ...change }, context) {
      await requireList(client, listId, context)
      const target =
        idBoard === undefined ? undefined : await boardOf(client, { boardId: idBoard }, context)
      return client.updateList(listId, { ...change, idBoard: target })
    },
  }),
  trelloTool({
    name: 'update_list_position',
    title: 'Move a list',
    description: 'Puts a list to another place on its board.',
    toolset: 'lists',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({ listId: shape.listId, position: shape.position }),
    output: shape.listResult,
    async run(client, { listId, position }, context) {
      await requireList(client, listId, context)
      return client.updateList(listId, { pos: toPosition(position) })
    },
  }),
  trelloTool({
    name: 'watch_list',
    title: 'Watch a list',
    description: 'Whether Trello tells the person of changes.',
    toolset: 'lists',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({ listId: shape.listId, subscribed: z.boolean().describe('True: watch it.') }),
    output: shape.listResult,
    async run(client, { listId, subscribed }, context) {
      await requireList(client, listId, context)
      return client.updateList(listId, { subscribed })
    },
  }),
]
