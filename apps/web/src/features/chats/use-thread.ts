import type { Chat, ChatMessage } from '@studioops/contracts/chats'

/** A message on the shown path, with its versions. */
export type Placed = {
  readonly message: ChatMessage
  /** All that were made in its place, in the order in which they were made, itself included. */
  readonly versions: readonly ChatMessage[]
}

/** The chosen path through the tree, from the first message to the last. */
export function pathOf({ messages, headId }: Chat): Placed[] {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const path: Placed[] = []
  for (let at = byId.get(headId ?? ''); at !== undefined; at = byId.get(at.parentId ?? '')) {
    if (path.length > messages.length) break
    const { parentId } = at
    path.push({
      message: at,
      versions: messages.filter((message) => message.parentId === parentId),
    })
  }
  return path.toReversed()
}
