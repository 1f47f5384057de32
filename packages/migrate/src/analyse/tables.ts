import type {
  ColumnDef,
  Constraint,
  CreateStmt,
  Node,
  RangeVar,
  TableLikeClause,
} from 'libpg-query'
import { addColumn, addRelation, type ColumnFacts, isRelation, type Relation } from './catalog.ts'
import { addConstraint, guessName } from './constraints.ts'
import { byteOf, capture, type Context, create, read, type Skip, write } from './effects.ts'
import {
  columnKey,
  dotted,
  type Key,
  relationKey,
  type RelationName,
  rowsKey,
  valuesKey,
} from './keys.ts'
import { scopeOf } from './scope.ts'
import { visit } from './query.ts'
import {
  nameToCreate,
  readColumns,
  readRelation,
  readSchema,
  readStar,
  readType,
} from './resolve.ts'

/** CREATE TABLE and CREATE FOREIGN TABLE. */
export function createTable(context: Context, stmt: CreateStmt): void {
  const name = nameToCreate(context, stmt.relation)
  const key = relationKey(name)
  readSchema(context, name.schema, byteOf(context, stmt.relation?.location))
  readDefaultRights(context, name.schema)
  const existing = context.catalog.get(key)
  if (stmt.if_not_exists === true && existing?.maybe === false) return skip(context, key)
  create(context, key)
  context.catalog.remove(key)
  const relation = addTable(context, stmt, { name, isDoubtful: existing !== undefined })
  addElements(context, relation, stmt)
  readPartitionKey(context, relation, stmt)
}

type NewTable = { readonly name: RelationName; readonly isDoubtful: boolean }

function addTable(context: Context, stmt: CreateStmt, { name, isDoubtful }: NewTable): Relation {
  const inherits = parentsOf(context, stmt)
  const parents = inherits.filter((parent) => parent !== undefined)
  const keys = parents.map((parent) => parent.key)
  const relation = addRelation(context.catalog, {
    name,
    relationKind: 'table',
    open: isDoubtful || parents.length < inherits.length,
    partitioned: stmt.partspec !== undefined,
    maybe: context.maybe,
    origin: context.origin,
    parent: stmt.partbound === undefined ? undefined : keys[0],
    deps: keys,
    inherits: keys,
  })
  for (const parent of parents) copyColumns(context, parent, relation)
  return relation
}

/** Notes that `if not exists` does nothing, and what it was to make. */
export function skip(context: Context, key: Key): void {
  const note: Skip = { key, by: context.origin, existing: context.catalog.get(key)?.origin }
  read(context, key)
  context.effects.skips.push(note)
  context.skips.set(key, note)
}

function parentsOf(
  context: Context,
  { inhRelations, ofTypename }: CreateStmt,
): (Relation | undefined)[] {
  const parents = (inhRelations ?? []).map((node) =>
    'RangeVar' in node ? foundRelation(context, node.RangeVar) : undefined,
  )
  if (ofTypename === undefined) return parents
  return [...parents, readType(context, ofTypename).relation]
}

function foundRelation(context: Context, range: RangeVar): Relation | undefined {
  const found = readRelation(context, range)
  return found.kind === 'found' ? found.relation : undefined
}

function copyColumns(context: Context, from: Relation, to: Relation): void {
  for (const [column, facts] of from.columns)
    addColumn(context.catalog, to, { column, facts: { ...facts } })
  if (from.open) to.open = true
}

function addElements(context: Context, relation: Relation, stmt: CreateStmt): void {
  const later: (() => void)[] = []
  for (const node of stmt.tableElts ?? []) {
    if ('ColumnDef' in node) {
      const def = node.ColumnDef
      makeColumn(context, relation, { def, fresh: true })
      later.push(() => addColumnConstraints(context, relation, { def, fresh: true }))
    }
    if ('Constraint' in node)
      later.push(() =>
        addConstraint(context, { relation, constraint: node.Constraint, fresh: true }),
      )
    if ('TableLikeClause' in node) copyLike(context, relation, node.TableLikeClause)
  }
  for (const node of stmt.constraints ?? [])
    if ('Constraint' in node)
      later.push(() =>
        addConstraint(context, { relation, constraint: node.Constraint, fresh: true }),
      )
  for (const work of later) work()
}

/** `like other including …`: everything that the other has now. */
function copyLike(context: Context, relation: Relation, like: TableLikeClause): void {
  const found = readRelation(context, like.relation ?? {})
  if (found.kind !== 'found') {
    relation.open = true
    return
  }
  readStar(context, found.relation)
  for (const column of found.relation.columns.keys()) {
    create(context, columnKey(relation.name, column))
    read(context, `${columnKey(found.relation.name, column)}#default`)
  }
  copyColumns(context, found.relation, relation)
}

function readPartitionKey(context: Context, relation: Relation, { partspec }: CreateStmt): void {
  for (const node of partspec?.partParams ?? []) {
    if (!('PartitionElem' in node)) continue
    const { name, expr } = node.PartitionElem
    if (name !== undefined) readColumns(context, { kind: 'found', relation }, [name])
    visit({ context, use: 'define' }, expr, scopeOf(relation))
  }
}

const serials: Readonly<Record<string, string>> = {
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
  smallserial: 'int2',
  serial2: 'int2',
}

export type NewColumnDef = { readonly def: ColumnDef; readonly fresh: boolean }

/** A column with its type; its constraints follow when all columns are there. */
export function makeColumn(context: Context, relation: Relation, { def }: NewColumnDef): void {
  const column = def.colname ?? ''
  const type = readType(context, def.typeName)
  const serial = serials[type.builtin ?? '']
  const facts: ColumnFacts = {
    type: type.key,
    builtinType: serial ?? type.builtin,
    hasDefault: serial !== undefined,
  }
  create(context, columnKey(relation.name, column))
  addColumn(context.catalog, relation, {
    column,
    facts,
    maybe: context.maybe,
    origin: context.origin,
  })
  if (serial !== undefined) makeSequence(context, relation, column)
}

/** The sequence behind a serial or identity column. */
export function makeSequence(context: Context, relation: Relation, column: string): void {
  const name = {
    schema: relation.name.schema,
    name: guessName(context, relation, { parts: [column], suffix: 'seq' }),
  }
  create(context, relationKey(name))
  addRelation(context.catalog, {
    name,
    relationKind: 'sequence',
    parent: columnKey(relation.name, column),
    maybe: context.maybe,
    origin: context.origin,
  })
}

export function addColumnConstraints(
  context: Context,
  relation: Relation,
  { def, fresh }: NewColumnDef,
): void {
  const column = def.colname ?? ''
  for (const node of def.constraints ?? []) {
    if (!('Constraint' in node)) continue
    const constraint = node.Constraint
    setProperty(context, relation, { column, constraint })
    // A new column without a default is null in every row: nothing to check.
    const empty = fresh || relation.columns.get(column)?.hasDefault === false
    addConstraint(context, { relation, constraint, column, fresh: empty })
  }
}

type Property = { readonly column: string; readonly constraint: Constraint }

/** Default, identity and generation are properties of a column. */
function setProperty(context: Context, relation: Relation, { column, constraint }: Property): void {
  const { contype, raw_expr } = constraint
  if (contype === 'CONSTR_IDENTITY') {
    makeSequence(context, relation, column)
    markDefault(relation, column, true)
  }
  if (contype === 'CONSTR_DEFAULT') setDefault(context, relation, { column, expression: raw_expr })
  if (contype === 'CONSTR_GENERATED')
    setGeneration(context, relation, { column, expression: raw_expr })
}

function markDefault(relation: Relation, column: string, hasDefault: boolean): void {
  const facts = relation.columns.get(column)
  if (facts !== undefined) facts.hasDefault = hasDefault
}

export type ColumnExpression = { readonly column: string; readonly expression: Node | undefined }

/** The default of a column is an object of its own: it may go without the column. */
export function setDefault(
  context: Context,
  relation: Relation,
  { column, expression }: ColumnExpression,
): void {
  const parent = columnKey(relation.name, column)
  const key = `${parent}#default`
  write(context, key)
  const old = context.catalog.get(key)
  for (const dep of old?.deps ?? []) context.effects.releases.add(dep)
  context.catalog.remove(key)
  if (!context.catalog.frozen) markDefault(relation, column, expression !== undefined)
  if (expression === undefined) return
  const deps = capture(context, (inner) => {
    visit({ context: inner, use: 'define' }, expression, scopeOf(relation))
  })
  context.catalog.add({ key, deps, parent, maybe: context.maybe, origin: context.origin })
}

/** A generated column depends on its sources as a view does. */
export function setGeneration(
  context: Context,
  relation: Relation,
  { column, expression }: ColumnExpression,
): void {
  const key = columnKey(relation.name, column)
  const deps = capture(context, (inner) => {
    visit({ context: inner, use: 'define' }, expression, scopeOf(relation))
  })
  const object = context.catalog.get(key)
  if (object !== undefined) context.catalog.setDeps(object, [...object.deps, ...deps])
  if (!context.catalog.frozen) markDefault(relation, column, true)
}

/** Tables that have the columns of this one as well. */
export function heirsOf(context: Context, relation: Relation): Relation[] {
  return [...context.catalog.objects.values()]
    .filter(isRelation)
    .filter((one) => one.inherits.has(relation.key))
}

/** Reads rows of a table that a definition checks. */
export function readRowsOf(context: Context, name: RelationName, column?: string): void {
  context.effects.dataReads.add(column === undefined ? rowsKey(name) : valuesKey(name, column))
}

/** Default privileges decide about the rights of whatever is made. */
export function readDefaultRights(context: Context, schema: string): void {
  read(context, 'o:default-rights:*')
  read(context, `o:default-rights:${dotted(schema)}`)
}
