import { nearestName } from '../text/nearest.ts'
import type { Relation } from './catalog.ts'
import { type Context, miss, read } from './effects.ts'
import { columnKey, dotted, starKey } from './keys.ts'
import { hasColumn, readColumn, readStar } from './resolve.ts'
import { findItem, type Scope, type ScopeItem } from './scope.ts'

export function readStars(context: Context, scope: Scope, parts: readonly string[]): void {
  const alias = parts.at(-1)
  const items = alias === undefined ? scope.items : [findItem(scope, alias)]
  for (const item of items) {
    if (item?.relation !== undefined) readStar(context, item.relation)
    if (item?.missing !== undefined) read(context, starKey(item.missing))
  }
}

export type Bare = { readonly column: string; readonly byte?: number | undefined }

export function readBareName(context: Context, scope: Scope, name: Bare): void {
  for (let one: Scope | undefined = scope; one !== undefined; one = one.parent) {
    if (isColumnOf(context, one, name)) return
  }
  if (context.names.has(name.column)) return
  const items = itemsOf(scope)
  // Without any FROM it is a variable, a parameter, or a word of a language that we do not read.
  if (items.length > 0) missColumn(context, items, name)
}

export const itemsOf = (scope: Scope | undefined): readonly ScopeItem[] =>
  scope === undefined || scope.items.length > 0 ? (scope?.items ?? []) : itemsOf(scope.parent)

export function isColumnOf(context: Context, scope: Scope, name: Bare): boolean {
  const { column, byte } = name
  const owners = scope.items.filter((item) => item.columns.includes(column))
  for (const { relation } of owners) readDefined(context, relation, name)
  if (owners.length > 0 || scope.outputs.has(column)) return true
  const whole = scope.items.find((item) => item.alias === column)
  if (whole !== undefined) {
    if (whole.relation !== undefined) readStar(context, whole.relation)
    return true
  }
  const open = scope.items.filter(
    (item) => item.open || (item.relation !== undefined && hasColumn(item.relation, column)),
  )
  for (const { relation, missing } of open) {
    if (relation !== undefined) readColumn(context, relation, { column, byte })
    if (missing !== undefined) read(context, columnKey(missing, column), byte)
  }
  return open.length > 0
}

/** A column in an expression: its type matters as well. */
export function readDefined(
  context: Context,
  relation: Relation | undefined,
  { column, byte }: Bare,
): void {
  if (relation === undefined) return
  readColumn(context, relation, { column, byte })
  read(context, `${columnKey(relation.name, column)}#type`)
}

export function missColumn(
  context: Context,
  items: readonly ScopeItem[],
  { column, byte }: Bare,
): void {
  const relations = items.flatMap(({ relation }) => (relation === undefined ? [] : [relation]))
  const nearest = nearestName(column, new Set(items.flatMap(({ columns }) => columns)))
  const owner =
    relations.find((one) => nearest !== undefined && one.columns.has(nearest)) ?? relations[0]
  const prefix = owner === undefined ? [] : [owner.name.schema, owner.name.name]
  miss(context, {
    kind: 'column',
    name: dotted(...prefix, column),
    keys: relations.map((one) => columnKey(one.name, column)),
    word: column,
    byte,
    nearest: nearest === undefined ? undefined : dotted(...prefix, nearest),
  })
}

export type DottedName = { readonly parts: readonly string[]; readonly byte: number | undefined }

/** `alias.column`, `schema.table.column`; what is neither is a variable or a function's parameter. */
export function readDottedName(context: Context, scope: Scope, { parts, byte }: DottedName): void {
  const alias = parts.length > 2 ? (parts.at(-2) ?? '') : (parts[0] ?? '')
  const item = findItem(scope, alias)
  const column = parts.at(-1) ?? ''
  if (item === undefined) return
  if (item.columns.includes(column)) return readDefined(context, item.relation, { column, byte })
  if (item.missing !== undefined) return read(context, columnKey(item.missing, column), byte)
  if (item.relation !== undefined) return readColumn(context, item.relation, { column, byte })
  if (!item.open) missColumn(context, [item], { column, byte })
}
