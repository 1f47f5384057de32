type Bracket = { readonly name: string; readonly opens: boolean }

/**
 * Which opening belongs to which closing of the same name, by their places. Those without a partner
 * are left out. Linear, whatever the input.
 */
export function pairsOf<Item>(
  items: readonly Item[],
  bracketOf: (item: Item) => Bracket | undefined,
): ReadonlyMap<number, number> {
  const open = new Map<string, number[]>()
  const pairs = new Map<number, number>()
  for (const [index, item] of items.entries()) {
    const bracket = bracketOf(item)
    if (bracket === undefined) continue
    const waiting = open.get(bracket.name) ?? []
    open.set(bracket.name, waiting)
    const start = bracket.opens ? undefined : waiting.pop()
    if (bracket.opens) waiting.push(index)
    else if (start !== undefined) pairs.set(start, index)
  }
  return pairs
}
