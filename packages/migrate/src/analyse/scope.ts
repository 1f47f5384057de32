import type { Relation } from './catalog.ts'
import type { Context } from './effects.ts'
import type { RelationName } from './keys.ts'
import type { FoundRelation } from './resolve.ts'

/** Something that FROM brings into view. */
export type ScopeItem = {
  readonly alias: string
  readonly columns: readonly string[]
  /** There may be more columns than these. */
  readonly open: boolean
  readonly relation?: Relation | undefined
  /** A relation that does not exist. */
  readonly missing?: RelationName | undefined
}

/** What names may mean in a query; names that are not here are looked up in the one around it. */
export type Scope = {
  readonly items: ScopeItem[]
  readonly parent: Scope | undefined
  readonly ctes: Map<string, Shape>
  /** Names of the output, which ORDER BY and GROUP BY may use. */
  outputs: ReadonlySet<string>
}

/** Columns of a query's result. */
export type Shape = { readonly columns: readonly string[]; readonly open: boolean }

export function createScope(parent?: Scope, items: readonly ScopeItem[] = []): Scope {
  return { items: [...items], parent, ctes: new Map(), outputs: new Set() }
}

/** How rows are used: a query that runs now reads them, a definition only needs the columns. */
export type Use = 'run' | 'define'

export type Reader = { readonly context: Context; readonly use: Use }

export const unknown: Shape = { columns: [], open: true }
export const nothing: Shape = { columns: [], open: false }

/** New names for the first columns. */
export function renamed({ columns, open }: Shape, names: readonly string[]): Shape {
  return { columns: [...names, ...columns.slice(names.length)], open }
}

export function findCte(scope: Scope | undefined, name: string): Shape | undefined {
  for (let one = scope; one !== undefined; one = one.parent) {
    const shape = one.ctes.get(name)
    if (shape !== undefined) return shape
  }
  return undefined
}

export function findItem(scope: Scope | undefined, alias: string): ScopeItem | undefined {
  for (let one = scope; one !== undefined; one = one.parent) {
    const item = one.items.find((candidate) => candidate.alias === alias)
    if (item !== undefined) return item
  }
  return undefined
}

export function itemOfFound(
  found: FoundRelation,
  alias: string,
  names: readonly string[],
): ScopeItem {
  if (found.kind === 'builtin') return { alias, columns: names, open: true }
  if (found.kind === 'missing') return { alias, columns: names, open: true, missing: found.name }
  const { relation } = found
  const shape = renamed({ columns: [...relation.columns.keys()], open: relation.open }, names)
  return names.length > 0 ? { alias, ...shape, open: true } : { alias, ...shape, relation }
}

/** An item for expressions about one relation: checks, defaults, policies, indexes. */
export function scopeOf(relation: Relation | undefined, ...aliases: readonly string[]): Scope {
  if (relation === undefined) return createScope(undefined, [{ alias: '', ...unknown }])
  const names = aliases.length === 0 ? [relation.name.name] : aliases
  const shape = { columns: [...relation.columns.keys()], open: relation.open }
  return createScope(
    undefined,
    names.map((alias) => ({ alias, ...shape, relation })),
  )
}

/** The same for a relation that may be missing. */
export function scopeOfFound(found: FoundRelation, ...aliases: readonly string[]): Scope {
  if (found.kind === 'found') return scopeOf(found.relation, ...aliases)
  const missing = found.kind === 'missing' ? found.name : undefined
  return createScope(undefined, [{ alias: aliases[0] ?? missing?.name ?? '', ...unknown, missing }])
}
