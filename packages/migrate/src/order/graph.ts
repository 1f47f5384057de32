import { compareText } from '../text/directory.ts'

/** Why one migration stands before another. */
export type Edge = {
  readonly from: string
  readonly to: string
  /**
   * `declared`: an `after:` line. `implicit`: the file before it by number. `derived`: the text of
   * the files says so. `soft`: only what runs later needs it.
   */
  readonly kind: 'declared' | 'implicit' | 'derived' | 'soft'
  /** What both are about, as SQL would name it. */
  readonly object?: string
}

export type Sorted =
  | { readonly kind: 'ordered'; readonly ids: readonly string[] }
  /** Nothing of these can come first. */
  | { readonly kind: 'cyclic'; readonly ids: readonly string[] }

/**
 * Puts ids in an order in which no edge points back. Among those that are ready, the one that comes
 * first in `ids` is next, so the result depends on nothing else.
 */
export function sortByEdges(ids: readonly string[], edges: readonly Edge[]): Sorted {
  const rank = new Map(ids.map((id, index) => [id, index]))
  const { waits, frees } = waitingLists(ids, edges)
  const first = ids.filter((id) => waits.get(id)?.size === 0)
  const ready = createHeap(first.map((id) => rank.get(id) ?? 0))
  const sorted: string[] = []
  for (let next = ready.take(); next !== undefined; next = ready.take()) {
    const id = ids[next] ?? ''
    sorted.push(id)
    for (const freed of frees.get(id) ?? []) {
      const left = waits.get(freed)
      left?.delete(id)
      if (left?.size === 0) ready.put(rank.get(freed) ?? 0)
    }
  }
  if (sorted.length === ids.length) return { kind: 'ordered', ids: sorted }
  const done = new Set(sorted)
  return { kind: 'cyclic', ids: ids.filter((id) => !done.has(id)) }
}

/** Whom each waits for, and whom each lets go; edges to unknown ids and to itself do not count. */
function waitingLists(ids: readonly string[], edges: readonly Edge[]) {
  const waits = new Map(ids.map((id): [string, Set<string>] => [id, new Set()]))
  const frees = new Map(ids.map((id): [string, Set<string>] => [id, new Set()]))
  for (const { from, to } of edges) {
    if (from === to || !waits.has(from) || !waits.has(to)) continue
    waits.get(to)?.add(from)
    frees.get(from)?.add(to)
  }
  return { waits, frees }
}

/** A binary heap: the smallest number is taken first. */
function createHeap(initial: readonly number[]) {
  const heap: number[] = []
  const at = (index: number) => heap[index] ?? Infinity
  const swap = (left: number, right: number) => {
    const value = at(left)
    heap[left] = at(right)
    heap[right] = value
  }
  const put = (value: number) => {
    heap.push(value)
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1
      if (at(parent) <= at(child)) break
      swap(parent, child)
      child = parent
    }
  }
  const sink = (start: number) => {
    for (let parent = start; ;) {
      const left = 2 * parent + 1
      const least = at(left) <= at(left + 1) ? left : left + 1
      if (at(least) >= at(parent)) break
      swap(parent, least)
      parent = least
    }
  }
  const take = (): number | undefined => {
    const first = heap[0]
    const last = heap.pop()
    if (heap.length > 0 && last !== undefined) {
      heap[0] = last
      sink(0)
    }
    return first
  }
  for (const value of initial) put(value)
  return { put, take }
}

/** A cycle as its edges, each to the `from` of the next, the last back to the first. */
export type Cycle = readonly Edge[]

/**
 * The shortest cycle of a graph; among equally short ones the first by name. Undefined where there
 * is none.
 */
export function shortestCycle(edges: readonly Edge[]): Cycle | undefined {
  const next = edgesFrom(edges)
  let best: Cycle | undefined
  for (const members of stronglyConnected(edges)) {
    for (const start of members.toSorted(compareText)) {
      const cycle = cycleThrough(start, next, new Set(members))
      if (cycle !== undefined && (best === undefined || cycle.length < best.length)) best = cycle
    }
  }
  return best
}

function edgesFrom(edges: readonly Edge[]): Map<string, Edge[]> {
  const next = new Map<string, Edge[]>()
  for (const edge of edges) next.set(edge.from, [...(next.get(edge.from) ?? []), edge])
  return next
}

/** Breadth first: the first way back to the start is the shortest. */
function cycleThrough(
  start: string,
  next: ReadonlyMap<string, Edge[]>,
  members: ReadonlySet<string>,
): Cycle | undefined {
  const cameBy = new Map<string, Edge>()
  const waiting = [start]
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    for (const edge of next.get(id) ?? []) {
      if (edge.to === start) return pathTo(edge, cameBy)
      if (!members.has(edge.to) || cameBy.has(edge.to)) continue
      cameBy.set(edge.to, edge)
      waiting.push(edge.to)
    }
  }
  return undefined
}

function pathTo(last: Edge, cameBy: ReadonlyMap<string, Edge>): Cycle {
  const path = [last]
  for (let edge = cameBy.get(last.from); edge !== undefined; edge = cameBy.get(edge.from))
    path.unshift(edge)
  return path
}

/** Tarjan's components of more than one member, or with an edge to themselves; without recursion. */
export function stronglyConnected(edges: readonly Edge[]): string[][] {
  const next = edgesFrom(edges)
  const ids = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].toSorted(compareText)
  const state: Visit = {
    number: new Map(),
    low: new Map(),
    stack: [],
    onStack: new Set(),
    found: [],
  }
  for (const id of ids) if (!state.number.has(id)) visit(id, next, state)
  return state.found.filter(
    (members) =>
      members.length > 1 ||
      next.get(members[0] ?? '')?.some(({ to }) => to === members[0]) === true,
  )
}

type Visit = {
  readonly number: Map<string, number>
  readonly low: Map<string, number>
  readonly stack: string[]
  readonly onStack: Set<string>
  readonly found: string[][]
}

function visit(start: string, next: ReadonlyMap<string, Edge[]>, state: Visit): void {
  const work = [{ id: start, at: 0 }]
  enter(start, state)
  for (let frame = work.at(-1); frame !== undefined; frame = work.at(-1)) {
    const edge = next.get(frame.id)?.[frame.at]
    frame.at += 1
    if (edge === undefined) {
      work.pop()
      leave(frame.id, work.at(-1)?.id, state)
    } else if (!state.number.has(edge.to)) {
      enter(edge.to, state)
      work.push({ id: edge.to, at: 0 })
    } else if (state.onStack.has(edge.to)) lower(frame.id, state.number.get(edge.to), state)
  }
}

function enter(id: string, { number, low, stack, onStack }: Visit): void {
  number.set(id, number.size)
  low.set(id, number.size - 1)
  stack.push(id)
  onStack.add(id)
}

function lower(id: string, value: number | undefined, { low }: Visit): void {
  low.set(id, Math.min(low.get(id) ?? Infinity, value ?? Infinity))
}

function leave(id: string, parent: string | undefined, state: Visit): void {
  if (parent !== undefined) lower(parent, state.low.get(id), state)
  if (state.low.get(id) !== state.number.get(id)) return
  const members = state.stack.splice(state.stack.indexOf(id))
  for (const member of members) state.onStack.delete(member)
  state.found.push(members)
}

/** Whether a path leads from one to the other. */
export function createReach(edges: readonly Edge[]): (from: string, to: string) => boolean {
  const next = edgesFrom(edges)
  const known = new Map<string, Set<string>>()
  const reachedFrom = (start: string): Set<string> => {
    const seen = known.get(start) ?? new Set<string>()
    if (known.has(start)) return seen
    known.set(start, seen)
    const waiting = [start]
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
      for (const { to } of next.get(id) ?? []) {
        if (seen.has(to)) continue
        seen.add(to)
        waiting.push(to)
      }
    return seen
  }
  return (from, to) => reachedFrom(from).has(to)
}
