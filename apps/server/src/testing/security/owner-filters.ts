import { registerHooks } from 'node:module'

/** One owner filter in the source of a store. */
export type OwnerFilter = {
  readonly number: number
  /** Path below `src` and line, both as of the source. */
  readonly place: string
  readonly text: string
}

const filters: OwnerFilter[] = []
let removed: ReadonlySet<number> | 'all' = new Set()
const reached = new Set<number>()

/** Asked by the rewritten stores: is this filter left out now? */
function isRemoved(number: number): boolean {
  reached.add(number)
  return removed === 'all' || removed.has(number)
}

/** Leaves filters out from now on. @returns the numbers of those that were reached since the last call */
export function removeFilters(numbers: ReadonlySet<number> | 'all'): ReadonlySet<number> {
  const before = new Set(reached)
  reached.clear()
  removed = numbers
  return before
}

/** Every filter of the stores that were loaded so far. */
export const foundFilters = (): readonly OwnerFilter[] => filters

/**
 * From now on stores are loaded with a switch around each owner filter: mutants of the source, all in
 * one process. Call before the first store is imported.
 */
export function rewriteStores(): void {
  Object.assign(globalThis, { isOwnerFilterRemoved: isRemoved })
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const place = /\/apps\/server\/src\/(.+\.ts)$/.exec(url)?.[1]
      if (place === undefined || loaded.source === undefined || loaded.source === null)
        return loaded
      const source = textOf(loaded.source)
      if (place.endsWith('.store.ts') || /^platform\/.*store/.test(place))
        return { ...loaded, source: rewrite(source, place) }
      // Queries that are built once would keep the first filter for ever.
      if (place.endsWith('compiled-query.ts'))
        return { ...loaded, source: source.replace('compiled ??=', 'compiled =') }
      return loaded
    },
  })
}

const textOf = (source: string | ArrayBuffer | NodeJS.TypedArray) =>
  typeof source === 'string' ? source : Buffer.from(source as ArrayBuffer).toString('utf8')

const ownerWhere = /\.where\(\s*'(?:\w+\.)?(?:user_id|owner_id)'\s*,\s*'='/g
const personWhere =
  /(?:From|Table)\('users'\)(?:(?!From\(|Table\(|execute)[\s\S])*?\.where\('id', '='/g
const ownerSql = /(?:\w+\.)?(?:user_id|owner_id) = \$\{[^}]*\}/g

/** @returns the source with a switch around each owner filter */
export function rewrite(source: string, place: string): string {
  const spans = [
    ...[...source.matchAll(ownerWhere)].map(({ index }) => callSpan(source, index)),
    ...[...source.matchAll(personWhere)].map(({ index, 0: text }) =>
      callSpan(source, index + text.lastIndexOf('.where(')),
    ),
  ]
  const changes = [
    ...spans.map(({ from, to }) => ({ from, to, kind: 'call' as const })),
    ...[...source.matchAll(ownerSql)].map(({ index, 0: text }) => ({
      from: index,
      to: index + text.length,
      kind: 'sql' as const,
    })),
  ].toSorted((a, b) => b.from - a.from)
  let text = source
  for (const { from, to, kind } of changes) {
    const own = source.slice(from, to)
    const number = filters.length
    const line = source.slice(0, from).split('\n').length
    filters.push({ number, place: `${place}:${line}`, text: own.replace(/\s+/g, ' ') })
    const left = `globalThis.isOwnerFilterRemoved(${number})`
    const put =
      kind === 'call'
        ? `.$if(!${left}, (query) => query${own})`
        : `\${${left} ? sql\`true\` : sql\`${own}\`}`
    text = text.slice(0, from) + put + text.slice(to)
  }
  return text
}

/** From the dot of a call to its closing bracket. */
function callSpan(source: string, from: number): { from: number; to: number } {
  let depth = 0
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '(') depth += 1
    if (source[at] === ')') depth -= 1
    if (source[at] === ')' && depth === 0) return { from, to: at + 1 }
  }
  return { from, to: source.length }
}
