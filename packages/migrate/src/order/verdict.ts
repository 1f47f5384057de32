import { analyseHistory } from '../analyse/analyse.ts'
import type { MigrationAnalysis } from '../analyse/analysis.ts'
import type { Catalog } from '../analyse/catalog.ts'
import type { Reference } from '../analyse/effects.ts'
import { type Objection, objectTo } from '../objection.ts'
import { bySequence, compareText } from '../text/directory.ts'
import type { Parser } from '../text/parser.ts'
import type { MigrationSource } from '../text/source.ts'
import { declaredEdges } from './declared.ts'
import { derivedEdges } from './derived.ts'
import { explain } from './explain.ts'
import { createReach, type Cycle, type Edge, shortestCycle, sortByEdges } from './graph.ts'
import { findLateFiles, type LateFile } from './late.ts'
import { orderReasons } from './order-reasons.ts'
import { findProblems, type Problem, wishOf } from './problems.ts'
import { type Proposal, propose } from './proposal.ts'
import {
  createIndex,
  type Index,
  isBefore,
  placeOf,
  placeOfReference,
  type Site,
  sitesOf,
} from './sites.ts'

export type PlanOptions = {
  readonly parser: Parser
  /** What the database holds before the first file; default: nothing. Called for each reading. */
  readonly start?: () => Catalog
  readonly searchPath?: readonly string[]
  /** Ids of files that have already run. */
  readonly completed?: ReadonlySet<string>
}

/** What the texts say about the order of a set of files. */
export type OrderVerdict = {
  /** `refused`: nothing of the set may run as it is declared. */
  readonly kind: 'ordered' | 'refused'
  /** The declared order; where it leaves a choice, the files' needs, then number, then name decide. */
  readonly order: readonly string[]
  /** In this order; empty where the `after:` lines go in a circle. */
  readonly analyses: readonly MigrationAnalysis[]
  /** Why the files stand as they do; `soft` ones only explain. */
  readonly edges: readonly Edge[]
  readonly objections: readonly Objection[]
  /** What would fail only when a function is called, or where a condition says so. */
  readonly warnings: readonly Objection[]
  /** Another order that would work; undefined where none is needed or none was found. */
  readonly proposal: Proposal | undefined
  /** Pending files that the declared order puts before completed ones. */
  readonly late: readonly LateFile[]
}

/**
 * Judges the declared order of a set of files from their texts alone. The same files give the same
 * verdict in whatever order they are handed over. Nothing is run, and nothing is reordered: another
 * order is only proposed.
 */
export function judgeOrder(
  sources: readonly MigrationSource[],
  options: PlanOptions,
): OrderVerdict {
  const sorted = sources.toSorted(bySequence)
  const declared = declaredEdges(sorted)
  const placed = placeFiles(sorted, declared.edges, options)
  if (placed.kind === 'cyclic') return refuseCycle(placed, declared.objections)
  const { order, analyses, edges } = placed
  const problems = findProblems(analyses)
  const solved = solve(problems, { sources: order, analyses, options })
  const late = findLateFiles(analyses, options.completed ?? new Set())
  const objections = [
    ...declared.objections,
    ...analyses.flatMap((analysis) => analysis.objections),
    ...solved.objections,
    ...late.flatMap((file) => file.objections),
  ]
  return {
    kind: objections.length === 0 ? 'ordered' : 'refused',
    order: order.map(({ id }) => id),
    analyses,
    edges,
    objections,
    warnings: warningsOf(analyses),
    proposal: solved.proposal,
    late,
  }
}

type Placed =
  | {
      readonly kind: 'placed'
      readonly order: readonly MigrationSource[]
      readonly analyses: readonly MigrationAnalysis[]
      readonly edges: readonly Edge[]
    }
  | {
      readonly kind: 'cyclic'
      readonly cycle: Cycle
      readonly sources: readonly MigrationSource[]
      readonly analyses: readonly MigrationAnalysis[]
    }

const roundsMax = 6

/** Sorts by what is declared; where that leaves a choice, by what the texts say. */
function placeFiles(
  sorted: readonly MigrationSource[],
  declared: readonly Edge[],
  options: PlanOptions,
): Placed {
  const byId = new Map(sorted.map((source) => [source.id, source]))
  const ids = sorted.map(({ id }) => id)
  const reaches = createReach(declared)
  let edges: readonly Edge[] = declared
  let analyses: readonly MigrationAnalysis[] = []
  let order: readonly MigrationSource[] = []
  for (let round = 0; round < roundsMax; round += 1) {
    const next = sortByEdges(
      ids,
      edges.filter(({ kind }) => kind !== 'soft'),
    )
    if (next.kind === 'cyclic')
      return { kind: 'cyclic', cycle: cycleAmong(edges), sources: sorted, analyses }
    const same = round > 0 && next.ids.every((id, index) => id === order[index]?.id)
    if (same) break
    order = next.ids.flatMap((id) => byId.get(id) ?? [])
    analyses = analyse(order, options)
    edges = [...declared, ...derivedEdges(analyses).filter(({ from, to }) => !reaches(to, from))]
  }
  return { kind: 'placed', order, analyses, edges }
}

const cycleAmong = (edges: readonly Edge[]): Cycle =>
  shortestCycle(edges.filter(({ kind }) => kind !== 'soft')) ?? []

function analyse(
  sources: readonly MigrationSource[],
  { parser, start, searchPath }: PlanOptions,
): MigrationAnalysis[] {
  return analyseHistory(sources, {
    parser,
    ...(start === undefined ? {} : { catalog: start() }),
    ...(searchPath === undefined ? {} : { searchPath }),
  })
}

function refuseCycle(
  { cycle, sources, analyses }: Extract<Placed, { kind: 'cyclic' }>,
  objections: readonly Objection[],
): OrderVerdict {
  return {
    kind: 'refused',
    order: sources.map(({ id }) => id),
    analyses,
    edges: cycle,
    objections: [...objections, objectToCycle(cycle, sources)],
    warnings: [],
    proposal: undefined,
    late: [],
  }
}

/** A cycle as an objection to the file that it is named from. */
function objectToCycle(cycle: Cycle, sources: readonly MigrationSource[]): Objection {
  const [first] = cycle
  const migration = first?.to ?? ''
  const file = sources.find(({ id }) => id === migration)?.file ?? migration
  const isDeclared = cycle.every(({ kind }) => kind !== 'derived')
  const object = isDeclared ? first?.from : first?.object
  const place = { migration, file, ...(object === undefined ? {} : { object }) }
  return objectTo(isDeclared ? orderReasons.afterCycle : orderReasons.cycle, place, {
    path: pathOf(cycle),
  })
}

/** `0001_a → (public.a) 0002_b → (public.b) 0001_a`. */
function pathOf(cycle: Cycle): string {
  const steps = cycle.map(({ to, object }) => (object === undefined ? to : `(${object}) ${to}`))
  return [cycle[0]?.from, ...steps].join(' → ')
}

type Solving = {
  readonly sources: readonly MigrationSource[]
  readonly analyses: readonly MigrationAnalysis[]
  readonly options: PlanOptions
}
type Solved = { readonly objections: readonly Objection[]; readonly proposal: Proposal | undefined }

function solve(problems: readonly Problem[], { sources, analyses, options }: Solving): Solved {
  if (problems.length === 0) return { objections: [], proposal: undefined }
  const index = createIndex(analyses)
  const derived = derivedEdges(analyses).filter(({ kind }) => kind === 'derived')
  const inCircle = new Map(problems.map((problem) => [problem, circleOf(problem, derived)]))
  const movable = problems.filter((problem) => inCircle.get(problem) === undefined)
  const proposal = propose(movable, {
    sources,
    analyses,
    analyse: (moved) => analyse(moved, options),
    completed: options.completed ?? new Set(),
  })
  const objections = problems.map((problem) => {
    const cycle = inCircle.get(problem)
    const objection =
      cycle === undefined ? explain(problem, { index, proposal }) : explainCircle(problem, cycle)
    return { objection, cycle }
  })
  return { objections: withoutRepeats(objections), proposal }
}

/** The shortest way around, where what would have to come first itself waits for this file. */
function circleOf(problem: Problem, derived: readonly Edge[]): Cycle | undefined {
  const wish = wishOf(problem)
  if (wish === undefined) return undefined
  const { before, after, object } = wish
  const back: Edge = { from: before, to: after, kind: 'derived', object }
  const reaches = createReach(derived)
  if (!reaches(after, before)) return undefined
  const around = derived.filter(({ from, to }) => from !== to && !(from === before && to === after))
  const within = around.filter(({ from, to }) =>
    isOnWay(reaches, { from, to, start: after, end: before }),
  )
  return shortestCycle([back, ...within])
}

type Way = {
  readonly from: string
  readonly to: string
  readonly start: string
  readonly end: string
}

const isOnWay = (reaches: (from: string, to: string) => boolean, { from, to, start, end }: Way) =>
  (from === start || reaches(start, from)) && (to === end || reaches(to, end))

function explainCircle(problem: Problem, cycle: Cycle): Objection {
  const place =
    problem.kind === 'missing'
      ? placeOfReference(problem.site, problem.reference)
      : placeOf(problem.site, problem.kind === 'still-used' ? problem.dropped : problem.key)
  const object = wishOf(problem)?.object ?? ''
  return objectTo(orderReasons.cycle, { ...place, object }, { path: pathOf(cycle) })
}

/** One cycle is found from each of its edges; saying it once is enough. */
function withoutRepeats(objections: readonly Explained[]): Objection[] {
  const seen = new Set<string>()
  return objections.flatMap(({ objection, cycle }) => {
    const members = (cycle ?? []).map(({ from }) => from).toSorted(compareText)
    const key = cycle === undefined ? objection.because : members.join(' ')
    if (seen.has(key)) return []
    seen.add(key)
    return [objection]
  })
}
type Explained = { readonly objection: Objection; readonly cycle: Cycle | undefined }

function warningsOf(analyses: readonly MigrationAnalysis[]): Objection[] {
  const index = createIndex(analyses)
  return sitesOf(analyses).flatMap((site) =>
    site.statement.lateMissing
      .filter((reference) => !isMadeInTime(index, site, reference))
      .map((reference) => {
        const place = { ...placeOfReference(site, reference), object: reference.name }
        return reference.nearest === undefined
          ? objectTo(orderReasons.lateUnknown, place)
          : objectTo(orderReasons.lateUnknownNear, place, { nearest: reference.nearest })
      }),
  )
}

const makings =
  /\b(?:create\s[\w\s]*?(?:table|view|sequence|type)\s+(?:if\s+not\s+exists\s+)?|rename\s+to\s+|into\s+temp\w*\s+(?:table\s+)?)(?:[\w"]+\s*\.\s*)?"?(?<name>[\p{L}_][\p{L}\p{N}_$]*)/giu

/** By the rest of the file before anybody can call the body, or by the body before it looks. */
function isMadeInTime(index: Index, site: Site, { keys, word }: Reference): boolean {
  const makers = keys.flatMap((key) => index.makersOf(key))
  if (makers.some((other) => other.analysis.id === site.analysis.id && isBefore(site, other)))
    return true
  const made = [...site.statement.text.matchAll(makings)].map(({ groups }) => groups?.['name'])
  return made.some((name) => name?.toLowerCase() === word.toLowerCase())
}
