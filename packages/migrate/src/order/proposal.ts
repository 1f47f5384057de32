import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { bySequence } from '../text/directory.ts'
import type { MigrationSource } from '../text/source.ts'
import { declaredEdges } from './declared.ts'
import { derivedEdges } from './derived.ts'
import { createReach, type Edge, sortByEdges } from './graph.ts'
import {
  findAllProblems,
  findProblems,
  objectOf,
  type Problem,
  type Wish,
  wishOf,
} from './problems.ts'
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
 * Looks for an order in which the problems are gone. What the texts derive and the `after:` lines
 * hold; every other two files whose order matters keep theirs, as far as those allow it.
 *
 * @returns undefined where moving whole files does not help
 */
export function propose(problems: readonly Problem[], proposing: Proposing): Proposal | undefined {
  const byId = new Map(proposing.sources.map((source) => [source.id, source]))
  const fixed = fixedEdges(proposing)
  const wishes: Wish[] = []
  const hopeless = hopelessOf(proposing.analyses)
  let { analyses } = proposing
  let found: readonly Problem[] = problems
  for (let round = 0; round < roundsMax; round += 1) {
    wishes.push(...newWishes(found, wishes))
    if (wishes.length === 0) return undefined
    const order = orderWith({ wishes, fixed, analyses }, proposing.sources)
    if (order === undefined) return undefined
    analyses = proposing.analyse(order.flatMap((id) => byId.get(id) ?? []))
    found = findAllProblems(analyses).filter((problem) => wishOf(problem) !== undefined)
    if (found.length > 0) continue
    const isNoWorse = [...hopelessOf(analyses)].every((one) => hopeless.has(one))
    return isNoWorse ? withLines(order, proposing) : undefined
  }
  return undefined
}

/** What fails in this order and what no order that we can think of would mend. */
function hopelessOf(analyses: readonly MigrationAnalysis[]): ReadonlySet<string> {
  return new Set(
    findProblems(analyses)
      .filter((problem) => wishOf(problem) === undefined)
      .map((problem) => {
        const { analysis, statement } = problem.site
        return `${analysis.id} ${statement.no} ${objectOf(problem)}`
      }),
  )
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

type Wanted = {
  readonly wishes: readonly Wish[]
  readonly fixed: readonly Edge[]
  readonly analyses: readonly MigrationAnalysis[]
}

function orderWith(
  { wishes, fixed, analyses }: Wanted,
  sources: readonly MigrationSource[],
): readonly string[] | undefined {
  const ids = sources.map(({ id }) => id)
  const wished = wishes.map(({ before, after, object }): Edge => ({
    from: before,
    to: after,
    kind: 'derived',
    object,
  }))
  const firm = [...fixed, ...wished]
  const isAllowed = createReach(firm)
  const derived = derivedEdges(analyses).filter(
    ({ kind, from, to }) => kind === 'derived' && !isAllowed(to, from),
  )
  const hard = [...firm, ...derived]
  const reaches = createReach(hard)
  const touches = touchEdges(analysesBetween(wishes, analyses))
  const kept = touches.filter(({ from, to }) => !reaches(to, from))
  for (const edges of [[...hard, ...kept], hard, firm]) {
    const sorted = sortByEdges(ids, edges)
    if (sorted.kind === 'ordered') return sorted.ids
  }
  return undefined
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
