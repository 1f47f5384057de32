import type { TrelloCard, TrelloClient } from '../../trello/trello-client.ts'
import { type ToolContext, toolsOf } from '../tool.ts'
import { badArgument } from '../tool-refusal.ts'

export const trelloTool = toolsOf<TrelloClient>()

/**
 * The board that a call means: the one that it names, else the only one that the server may touch.
 *
 * @throws ToolRefusal `mcp.arguments`, `mcp.outside-filter`
 */
export async function boardOf(
  client: TrelloClient,
  { boardId }: { readonly boardId?: string | undefined },
  context: ToolContext,
): Promise<string> {
  const { allowed } = context
  const [only] = allowed ?? []
  if (boardId === undefined) {
    if (allowed?.length === 1 && only !== undefined) return only
    throw badArgument('boardId', 'name a board; list_boards shows them')
  }
  if (allowed === undefined) return boardId
  // What the filter names is the long id; an address shows the short one.
  const id = boardId.length === 24 ? boardId : (await client.board(boardId)).id
  context.requireAllowed(id)
  return id
}

/** @throws ToolRefusal `mcp.outside-filter` */
export async function requireList(
  client: TrelloClient,
  listId: string,
  { allowed, requireAllowed }: ToolContext,
): Promise<void> {
  if (allowed !== undefined) requireAllowed((await client.list(listId)).idBoard)
}

/** @throws ToolRefusal `mcp.outside-filter` */
export async function requireCard(
  client: TrelloClient,
  cardId: string,
  { allowed, requireAllowed }: ToolContext,
): Promise<void> {
  if (allowed !== undefined) requireAllowed((await client.card(cardId)).idBoard)
}

/** @throws ToolRefusal `mcp.outside-filter` */
export async function requireComment(
  client: TrelloClient,
  commentId: string,
  { allowed, requireAllowed }: ToolContext,
): Promise<void> {
  if (allowed === undefined) return
  const { data } = await client.action(commentId)
  const board = data['board']
  const id = typeof board === 'object' && board !== null ? Reflect.get(board, 'id') : undefined
  requireAllowed(typeof id === 'string' ? id : commentId)
}

/** @throws ToolRefusal `mcp.outside-filter` */
export async function requireLabel(
  client: TrelloClient,
  labelId: string,
  { allowed, requireAllowed }: ToolContext,
): Promise<void> {
  if (allowed !== undefined) requireAllowed((await client.label(labelId)).idBoard)
}

export function onlyAllowed<T>(
  rows: readonly T[],
  { allowed }: ToolContext,
  boardIdOf: (row: T) => string,
): T[] {
  return rows.filter((row) => allowed?.includes(boardIdOf(row)) ?? true)
}

/** Nothing but long ids may be compared with the filter. */
export async function cardWithin(
  client: TrelloClient,
  cardId: string,
  { requireAllowed }: ToolContext,
): Promise<TrelloCard> {
  const card = await client.card(cardId)
  requireAllowed(card.idBoard)
  return card
}
