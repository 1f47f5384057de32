/** A message by its place in the tree. */
export type Placed = { readonly id: string; readonly parent_id: string | null }

/** From the first message to this one. Empty where there is no such message. */
export function pathTo<T extends Placed>(messages: readonly T[], headId: string | null): T[] {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const path: T[] = []
  for (let at = byId.get(headId ?? ''); at !== undefined; at = byId.get(at.parent_id ?? '')) {
    // A circle cannot come about; if one did, a page that never ends would be worse than half a path.
    if (path.length > messages.length) break
    path.push(at)
  }
  return path.toReversed()
}

/** The end of the branch that a message leads to: of several children the newest. */
export function endOf<T extends Placed>(messages: readonly T[], id: string): string {
  let end = id
  for (;;) {
    const child = messages.findLast(({ parent_id: parent }) => parent === end)
    if (child === undefined) return end
    end = child.id
  }
}
