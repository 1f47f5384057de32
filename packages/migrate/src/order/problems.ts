import type { MigrationAnalysis } from '../analyse/analysis.ts'
import type { Reference } from '../analyse/effects.ts'
import { type Key, nameOfKey } from '../analyse/keys.ts'
import { compareSites, createIndex, type Index, isBefore, type Site, sitesOf } from './sites.ts'

/** Something that cannot work in the order of the files. */
export type Problem =
  /**
   * A name that nothing has where it is used; `maker` is the first that makes it later, `ender` the
   * last that dropped it before.
   */
  | {
      readonly kind: 'missing'
      readonly site: Site
      readonly reference: Reference
      readonly maker: Site | undefined
      readonly ender: Site | undefined
      /** It is looked up only where a condition says so: no reason to refuse. */
      readonly conditional: boolean
    }
  /** Something is dropped while another thing hangs on it that only `ender` drops. */
  | {
      readonly kind: 'still-used'
      readonly site: Site
      readonly dropped: Key
      readonly holder: Key
      readonly ender: Site
    }
  /** Something is made although `first` has made it; `ender` drops it later. */
  | {
      readonly kind: 'made-twice'
      readonly site: Site
      readonly key: Key
      readonly first: Site
      readonly ender: Site | undefined
    }

/** Everything that cannot work in this order, in the order of the files. */
export function findProblems(analyses: readonly MigrationAnalysis[]): Problem[] {
  return findAllProblems(analyses).filter(
    (problem) => problem.kind !== 'missing' || !problem.conditional,
  )
}

/** The same with what fails only where a condition in a DO block says so. */
export function findAllProblems(analyses: readonly MigrationAnalysis[]): Problem[] {
  const index = createIndex(analyses)
  return sitesOf(analyses).flatMap((site) => [
    ...missingOf(index, site, site.statement.missing),
    ...missingOf(index, site, conditionalOf(site)),
    ...stillUsedOf(index, site),
    ...madeTwiceOf(index, site),
  ])
}

const conditionalOf = ({ statement }: Site): readonly Reference[] =>
  statement.kind === 'DoStmt' ? statement.lateMissing : []

function missingOf(index: Index, site: Site, references: readonly Reference[]): Problem[] {
  const seen = new Set<string>()
  const conditional = references !== site.statement.missing
  return references.flatMap((reference) => {
    if (seen.has(reference.name)) return []
    seen.add(reference.name)
    const makers = reference.keys.flatMap((key) => index.makersOf(key))
    // What the same file makes later is no help; another file may stand before it.
    const others = makers.filter(({ analysis }) => analysis.id !== site.analysis.id)
    const maker = firstAfter(site, others) ?? firstAfter(site, makers)
    // The server makes names of its own for constraints: one that is missing proves nothing.
    if (maker === undefined && reference.kind === 'constraint') return []
    const ender = reference.keys
      .flatMap((key) => index.endersOf(key))
      .findLast((other) => isBefore(other, site))
    return [{ kind: 'missing' as const, site, reference, maker, ender, conditional }]
  })
}

const firstAfter = (site: Site, candidates: readonly Site[]): Site | undefined =>
  candidates.filter((other) => isBefore(site, other)).toSorted(compareSites)[0]

function stillUsedOf(index: Index, site: Site): Problem[] {
  return [...site.statement.blockers].flatMap(([holder, dropped]) => {
    const ender = firstAfter(site, index.endersOf(holder))
    return ender === undefined
      ? []
      : [{ kind: 'still-used' as const, site, dropped, holder, ender }]
  })
}

/** Kinds that have names of their own, unlike what the server names. */
const named = /^(?:t|c|ty|s|tg|pol):[^#]*$/

function madeTwiceOf(index: Index, site: Site): Problem[] {
  return site.statement.clashes.flatMap((key) => {
    if (!named.test(key)) return []
    const first = index.makersOf(key).findLast((other) => isBefore(other, site))
    const ender = firstAfter(site, index.endersOf(key))
    return first === undefined ? [] : [{ kind: 'made-twice' as const, site, key, first, ender }]
  })
}

/** What would have to stand before what; undefined where no order of files helps. */
export type Wish = { readonly before: string; readonly after: string; readonly object: string }

export function wishOf(problem: Problem): Wish | undefined {
  const own = problem.site.analysis.id
  const object = objectOf(problem)
  const first = problem.kind === 'missing' ? problem.maker : problem.ender
  const behind = first && wish({ before: first.analysis.id, after: own, object })
  // A file that drops a thing and makes it anew has to come while the former one is there.
  if (behind !== undefined || problem.kind !== 'missing' || problem.ender === undefined)
    return behind
  return wish({ before: own, after: problem.ender.analysis.id, object })
}

const wish = (one: Wish): Wish | undefined => (one.before === one.after ? undefined : one)

export function objectOf(problem: Problem): string {
  if (problem.kind === 'missing') return problem.reference.name
  return nameOfKey(problem.kind === 'still-used' ? problem.holder : problem.key)
}
