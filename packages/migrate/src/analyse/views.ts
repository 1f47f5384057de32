import type {
  CreateTableAsStmt,
  IntoClause,
  Node,
  RefreshMatViewStmt,
  RuleStmt,
  ViewStmt,
} from 'libpg-query'
import { addPart, addRelation, type ColumnFacts, type Relation } from './catalog.ts'
import { byteOf, capture, type Context, create, letGo, read, write } from './effects.ts'
import { columnKey, type Key, partKey, relationKey, type RelationName, rowsKey } from './keys.ts'
import { createScope, type Shape, scopeOfFound, type Use } from './scope.ts'
import { readQuery, visit } from './query.ts'
import { nameToCreate, readRelation, readSchema, strings } from './resolve.ts'
import { skip } from './tables.ts'

export function createView(context: Context, stmt: ViewStmt): void {
  const name = nameToCreate(context, stmt.view)
  readSchema(context, name.schema, byteOf(context, stmt.view?.location))
  const { shape, deps } = readDefinition(context, stmt.query, 'define')
  const columns = columnsOf(shape, strings(stmt.aliases))
  const existing = context.catalog.relation(relationKey(name))
  if (stmt.replace === true && existing !== undefined)
    replaceView(context, existing, { deps, columns, open: shape.open })
  else makeRelation(context, { name, relationKind: 'view', deps, columns, open: shape.open })
}

function readDefinition(
  context: Context,
  query: Node | undefined,
  use: Use,
): { shape: Shape; deps: Set<Key> } {
  let shape: Shape = { columns: [], open: true }
  const deps = capture(context, (inner) => {
    shape = readQuery({ context: inner, use }, query)
  })
  return { shape, deps }
}

const columnsOf = (shape: Shape, names: readonly string[]): string[] => [
  ...names,
  ...shape.columns.slice(names.length),
]

type Definition = {
  readonly deps: ReadonlySet<Key>
  readonly columns: readonly string[]
  readonly open: boolean
}

/** The view stays; it lets go of what only its old text used. */
function replaceView(context: Context, view: Relation, { deps, columns, open }: Definition): void {
  read(context, view.key)
  write(context, `${view.key}#definition`)
  for (const dep of view.deps) if (!deps.has(dep)) letGo(context, view, dep)
  const added = columns.filter((column) => !view.columns.has(column))
  for (const column of added) create(context, columnKey(view.name, column))
  if (context.catalog.frozen) return
  const schema = [...view.deps].filter((dep) => dep.startsWith('s:'))
  context.catalog.setDeps(view, [...deps, ...schema])
  view.open = open
  addColumns(context, view, added)
}

const noFacts: ColumnFacts = { type: undefined, builtinType: undefined, hasDefault: false }

function addColumns(context: Context, relation: Relation, columns: readonly string[]): void {
  for (const column of columns) {
    relation.columns.set(column, noFacts)
    context.catalog.add({
      key: columnKey(relation.name, column),
      deps: new Set(),
      parent: relation.key,
      maybe: context.maybe,
      origin: context.origin,
    })
  }
}

type NewRelation = Definition & {
  readonly name: RelationName
  readonly relationKind: Relation['relationKind']
}

function makeRelation(context: Context, made: NewRelation): void {
  const { name, relationKind, deps, columns, open } = made
  const key = relationKey(name)
  create(context, key)
  for (const column of columns) create(context, columnKey(name, column))
  context.catalog.remove(key)
  const relation = addRelation(context.catalog, {
    name,
    relationKind,
    open,
    deps,
    maybe: context.maybe,
    origin: context.origin,
  })
  if (!context.catalog.frozen) addColumns(context, relation, columns)
}

/** CREATE TABLE AS and CREATE MATERIALIZED VIEW. */
export function createTableAs(context: Context, stmt: CreateTableAsStmt): void {
  const { into, query, objtype } = stmt
  const key = relationKey(nameToCreate(context, into?.rel))
  if (stmt.if_not_exists === true && context.catalog.get(key)?.maybe === false)
    return skip(context, key)
  const use = into?.skipData === true ? 'define' : 'run'
  const { shape, deps } = readDefinition(context, query, use)
  makeInto(context, {
    into,
    shape,
    deps: objtype === 'OBJECT_MATVIEW' ? deps : new Set<Key>(),
    isView: objtype === 'OBJECT_MATVIEW',
  })
}

type Into = {
  readonly into: IntoClause | undefined
  readonly shape: Shape
  readonly deps: ReadonlySet<Key>
  readonly isView: boolean
}

/** The table or materialized view that a query fills. */
export function makeInto(context: Context, { into, shape, deps, isView }: Into): void {
  const name = nameToCreate(context, into?.rel)
  readSchema(context, name.schema, byteOf(context, into?.rel?.location))
  const columns = columnsOf(shape, strings(into?.colNames))
  makeRelation(context, {
    name,
    relationKind: isView ? 'matview' : 'table',
    deps,
    columns,
    open: shape.open,
  })
}

export function refreshView(context: Context, { relation }: RefreshMatViewStmt): void {
  const found = readRelation(context, relation ?? {})
  if (found.kind !== 'found') return
  context.effects.dataWrites.add(rowsKey(found.relation.name))
  for (const dep of found.relation.deps)
    if (dep.startsWith('t:')) context.effects.dataReads.add(`d:${dep.slice(2)}`)
}

export function createRule(context: Context, stmt: RuleStmt): void {
  const found = readRelation(context, stmt.relation ?? {})
  const scope = scopeOfFound(found, 'old', 'new', stmt.relation?.relname ?? '')
  const deps = capture(context, (inner) => {
    const reader = { context: inner, use: 'define' } as const
    visit(reader, stmt.whereClause, scope)
    for (const action of stmt.actions ?? []) readQuery(reader, action, createScope(scope))
  })
  if (found.kind !== 'found') return
  const name = stmt.rulename ?? ''
  const key = partKey('ru', found.relation.name, name)
  if (stmt.replace === true && context.catalog.has(key)) write(context, key)
  else create(context, key)
  addPart(context.catalog, found.relation.name, {
    prefix: 'ru',
    name,
    deps,
    maybe: context.maybe,
    origin: context.origin,
  })
}
