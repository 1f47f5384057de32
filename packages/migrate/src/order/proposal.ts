import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { bySequence } from '../text/directory.ts'
import type { MigrationSource } from '../text/source.ts'
import { declaredEdges } from './declared.ts'
import { type Edge, sortByEdges } from './graph.ts'
import { findProblems, type Problem, type Wish, wishOf } from './problems.ts'
import { touchEdges } from './touch-edges.ts'

/** An order that would work, as text for a human: nothing takes it over by itself. */
export type Proposal = {
  readonly order: readonly string[]
  /** The `after:` lists that make it the declared order, by file; as few as possible. */
  readonly after: ReadonlyMap<string, readonly string[]>
}

export type Proposing = {
  /** In the declared order. */
  readonly sources: readonly MigrationSource[]
  readonly analyses: readonly MigrationAnalysis[]
  /** Reads the files again in another order. */
  readonly analyse: (sources: readonly MigrationSource[]) => readonly MigrationAnalysis[]
  /** Ids of files that have run: they stay where they are. */
  readonly completed: ReadonlySet<string>
}

const roundsMax = 12

/**
 * Looks for an order in which the problems are gone and every two files whose order matters keep it,
 * save where a problem says the opposite.
 *
 * @returns undefined where moving whole files does not help
 */
export function propose(problems: readonly Problem[], proposing: Proposing): Proposal | undefined {
  const fixed = fixedEdges(proposing)
  const wishes: Wish[] = []
  let found: readonly Problem[] = problems
  for (let round = 0; round < roundsMax; round += 1) {
    const fresh = newWishes(found, wishes)
    if (fresh.length === 0) return undefined
    wishes.push(...fresh)
    const kept = [...fixed, ...touchEdges(analysesBetween(wishes, proposing.analyses))]
    const order = orderWith(wishes, kept, proposing.sources)
    if (order === undefined) return undefined
    const byId = new Map(proposing.sources.map((source) => [source.id, source]))
    const moved = order.flatMap((id) => byId.get(id) ?? [])
    found = findProblems(proposing.analyse(moved)).filter(
      (problem) => wishOf(problem) !== undefined,
    )
    if (found.length === 0) return withLines(order, proposing)
  }
  return undefined
}

function newWishes(problems: readonly Problem[], known: readonly Wish[]): Wish[] {
  const isKnown = (wish: Wish) =>
    known.some((one) => one.before === wish.before && one.after === wish.after)
  return problems.flatMap((problem) => wishOf(problem) ?? []).filter((wish) => !isKnown(wish))
}

/** The files between the first and the last that a wish names: no others move. */
function analysesBetween(
  wishes: readonly Wish[],
  analyses: readonly MigrationAnalysis[],
): readonly MigrationAnalysis[] {
  const named = new Set(wishes.flatMap(({ before, after }) => [before, after]))
  const first = analyses.findIndex(({ id }) => named.has(id))
  const last = analyses.findLastIndex(({ id }) => named.has(id))
  return analyses.slice(first, last + 1)
}

/** What must not change: `after:` lines, and what has run. */
function fixedEdges({ sources, completed }: Proposing): Edge[] {
  const declared = declaredEdges(sources).edges.filter(({ kind }) => kind === 'declared')
  const done = sources.filter(({ id }) => completed.has(id)).map(({ id }) => id)
  const chain = done.flatMap((to, index): Edge[] => {
    const from = done[index - 1]
    return from === undefined ? [] : [{ from, to, kind: 'implicit' }]
  })
  const last = done.at(-1)
  const open = sources.filter(({ id }) => !completed.has(id))
  const rest = open.flatMap(({ id }): Edge[] =>
    last === undefined ? [] : [{ from: last, to: id, kind: 'implicit' }],
  )
  return [...declared, ...chain, ...rest]
}

function orderWith(
  wishes: readonly Wish[],
  kept: readonly Edge[],
  sources: readonly MigrationSource[],
): readonly string[] | undefined {
  const isContradicted = ({ from, to }: Edge) =>
    wishes.some((wish) => wish.before === to && wish.after === from)
  const wished = wishes.map(({ before, after, object }): Edge => ({
    from: before,
    to: after,
    kind: 'derived',
    object,
  }))
  const edges = [...kept.filter((edge) => !isContradicted(edge)), ...wished]
  const sorted = sortByEdges(
    sources.map(({ id }) => id),
    edges,
  )
  return sorted.kind === 'ordered' ? sorted.ids : undefined
}

/** The header lines that make an order the declared one. */
function withLines(
  order: readonly string[],
  { sources, completed }: Proposing,
): Proposal | undefined {
  const after = new Map<string, readonly string[]>()
  for (const [index, id] of order.entries()) {
    const before = order[index - 1]
    if (!completed.has(id) && before !== implicitBefore(sources, id))
      after.set(id, before === undefined ? [] : [before])
  }
  if (!gives(order, sources, after)) return undefined
  for (const [id, list] of Array.from(after)) {
    after.delete(id)
    if (!gives(order, sources, after)) after.set(id, list)
  }
  return {
    order,
    after: new Map([...after].toSorted(([left], [right]) => (left < right ? -1 : 1))),
  }
}

function implicitBefore(sources: readonly MigrationSource[], id: string): string | undefined {
  const { edges } = declaredEdges(sources)
  const own = edges.filter(({ to }) => to === id)
  return own.length === 1 ? own[0]?.from : undefined
}

function gives(
  order: readonly string[],
  sources: readonly MigrationSource[],
  after: ReadonlyMap<string, readonly string[]>,
): boolean {
  const changed = sources.map((source) => {
    const list = after.get(source.id)
    return list === undefined ? source : { ...source, header: { ...source.header, after: list } }
  })
  const sorted = sortByEdges(
    changed.toSorted(bySequence).map(({ id }) => id),
    declaredEdges(changed).edges,
  )
  return sorted.kind === 'ordered' && sorted.ids.every((id, index) => order[index] === id)
}
