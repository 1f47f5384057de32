import type { CatalogObject, FunctionFacts, Relation } from './catalog.ts'
import { type Context, read, write } from './effects.ts'
import { allValuesKey, columnKey, type Key, rowsKey, valuesKey } from './keys.ts'
import type { FoundRelation } from './resolve.ts'
import type { Reader } from './scope.ts'

export function readRows({ context, use }: Reader, relation: Relation): void {
  if (use === 'define') return
  for (const key of tablesBehind(context, relation)) context.effects.dataReads.add(key)
}

/** Rows of a table, or of the tables that a view stands on. */
function tablesBehind(context: Context, relation: Relation, seen = new Set<Key>()): Key[] {
  if (seen.has(relation.key)) return []
  seen.add(relation.key)
  if (relation.relationKind !== 'view') return [rowsKey(relation.name)]
  const below = [...relation.deps].map((dep) => context.catalog.relation(dep))
  return below.flatMap((one) => (one === undefined ? [] : tablesBehind(context, one, seen)))
}

/** Columns that change. */
type Change = readonly string[] | 'all'

/** Notes that rows change, with what the change checks and sets off. */
export function writeRows({ context }: Reader, found: FoundRelation, columns: Change): void {
  if (found.kind === 'builtin') return
  const name = found.kind === 'found' ? found.relation.name : found.name
  const { dataWrites } = context.effects
  dataWrites.add(rowsKey(name))
  if (columns === 'all') dataWrites.add(allValuesKey(name))
  else for (const column of columns) dataWrites.add(valuesKey(name, column))
  if (found.kind === 'found') setOff(context, found.relation, columns)
}

function setOff(context: Context, relation: Relation, columns: Change): void {
  for (const part of context.catalog.children(relation.key)) {
    if (part.key.startsWith('k:')) checkForeignKey(context, relation, { part, columns })
    if (part.key.startsWith('tg:')) fireTrigger(context, part.deps)
  }
}

type Checked = { readonly part: CatalogObject; readonly columns: Change }

/** A foreign key looks at the rows of its target when a column of it changes. */
function checkForeignKey(context: Context, relation: Relation, { part, columns }: Checked): void {
  const isTouched =
    columns === 'all' || columns.some((column) => part.deps.has(columnKey(relation.name, column)))
  for (const dep of part.deps)
    if (isTouched && dep.startsWith('t:') && dep !== relation.key)
      context.effects.dataReads.add(`d:${dep.slice(2)}`)
}

function fireTrigger(context: Context, deps: ReadonlySet<Key>): void {
  for (const dep of deps) {
    const object = context.catalog.get(dep)
    if (object !== undefined && 'body' in object) runFunction(context, object as FunctionFacts)
  }
}

/** Rows of other tables that go when rows of this one go. */
export function cascadeRows(context: Context, relation: Relation): void {
  for (const { key, parent } of context.catalog.dependents(relation.key))
    if (key.startsWith('k:') && parent !== undefined)
      context.effects.dataWrites.add(`d:${parent.slice(2)}`)
}

/** Adds what a function does when it is called now. */
export function runFunction(context: Context, fn: FunctionFacts): void {
  const { key, body } = fn
  read(context, `${key}#body`)
  if (body === undefined) return
  if (makesThings(context, fn)) context.effects.makesUnknown = true
  for (const one of body.reads) context.effects.reads.add(one)
  for (const one of body.writes) write(context, one)
  for (const token of body.tokens) context.effects.tokens.add(token)
  if (body.tokens.size > 0) context.effects.opaque = true
}

/** Whether it or what it calls makes things: those may have been made after it. */
function makesThings(context: Context, fn: FunctionFacts, seen = new Set<Key>()): boolean {
  if (fn.body === undefined || seen.has(fn.key)) return false
  seen.add(fn.key)
  if (fn.body.makes) return true
  const called = [...fn.body.reads].filter((key) => key.startsWith('f:') && !key.includes('#'))
  return called
    .flatMap((key) => context.catalog.functionsNamed(key.slice(0, key.indexOf('('))))
    .some((one) => makesThings(context, one, seen))
}
