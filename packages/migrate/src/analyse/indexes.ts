import type { CreateStatsStmt, IndexStmt, Node } from 'libpg-query'
import { addRelation, type Relation } from './catalog.ts'
import { addUniqueKeys, guessName, readAccessMethod, readIndexElement } from './constraints.ts'
import { capture, type Context, create, read } from './effects.ts'
import { columnKey, dotted, type Key, relationKey, valuesKey } from './keys.ts'
import { outputName } from './output-name.ts'
import { scopeOf } from './scope.ts'
import { visit } from './query.ts'
import { newName, readColumn, readRelation } from './resolve.ts'
import { heirsOf, skip } from './tables.ts'

export function createIndex(context: Context, stmt: IndexStmt): void {
  const found = readRelation(context, stmt.relation ?? {})
  if (found.kind === 'builtin') return
  if (found.kind === 'missing') return createOnMissing(context, stmt, found.name.schema)
  createOn(context, found.relation, stmt)
}

function createOn(context: Context, relation: Relation, stmt: IndexStmt): void {
  const parts = elementNames(elementsOf(stmt))
  const { schema } = relation.name
  const name = {
    schema,
    name: stmt.idxname ?? guessName(context, relation, { parts, suffix: 'idx' }),
  }
  const key = relationKey(name)
  if (stmt.if_not_exists === true && context.catalog.get(key)?.maybe === false)
    return skip(context, key)
  const deps = readIndex(context, relation, stmt)
  deps.delete(relation.key)
  create(context, key)
  const { maybe, origin } = context
  const parent = relation.key
  addRelation(context.catalog, { name, relationKind: 'index', parent, deps, maybe, origin })
  if (stmt.unique === true) makeUnique(context, relation, { stmt, owner: key })
  if (stmt.relation?.inh === true) indexPartitions(context, relation, parts)
}

/** The server makes an index of its own naming on every partition. */
function indexPartitions(context: Context, relation: Relation, names: readonly string[]): void {
  if (!relation.partitioned) return
  for (const heir of heirsOf(context, relation)) {
    const name = guessName(context, heir, { parts: names, suffix: 'idx' })
    addRelation(context.catalog, {
      name: { schema: heir.name.schema, name },
      relationKind: 'index',
      parent: heir.key,
      deps: names.filter((one) => heir.columns.has(one)).map((one) => columnKey(heir.name, one)),
      maybe: context.maybe,
      origin: context.origin,
    })
    indexPartitions(context, heir, names)
  }
}

function readIndex(context: Context, relation: Relation, stmt: IndexStmt): Set<Key> {
  return capture(context, (inner) => {
    for (const element of elementsOf(stmt)) readIndexElement(inner, relation, element)
    visit({ context: inner, use: 'define' }, stmt.whereClause, scopeOf(relation))
    readAccessMethod(inner, stmt.accessMethod)
  })
}

/** A table that is not there: still name the columns, so that the one who makes them is found. */
function createOnMissing(context: Context, stmt: IndexStmt, schema: string): void {
  const name = stmt.relation?.relname ?? ''
  for (const node of stmt.indexParams ?? [])
    if ('IndexElem' in node && node.IndexElem.name !== undefined)
      read(context, columnKey({ schema, name }, node.IndexElem.name))
  if (stmt.idxname !== undefined) create(context, relationKey({ schema, name: stmt.idxname }))
}

const elementsOf = ({ indexParams = [], indexIncludingParams = [] }: IndexStmt): Node[] => [
  ...indexParams,
  ...indexIncludingParams,
]

const elementNames = (elements: readonly Node[]): string[] =>
  elements.map((node) => {
    if (!('IndexElem' in node)) return 'expr'
    const { name, expr } = node.IndexElem
    if (name !== undefined) return name
    const derived = outputName(expr)
    return derived === '?column?' ? 'expr' : derived
  })

type Unique = { readonly stmt: IndexStmt; readonly owner: Key }

/** Only a whole unique index over plain columns can be the target of a foreign key. */
function makeUnique(context: Context, relation: Relation, { stmt, owner }: Unique): void {
  const columns = (stmt.indexParams ?? []).map((node) =>
    'IndexElem' in node ? node.IndexElem.name : undefined,
  )
  for (const column of columns)
    if (column !== undefined) context.effects.dataReads.add(valuesKey(relation.name, column))
  const plain = columns.filter((column) => column !== undefined)
  if (plain.length < columns.length || stmt.whereClause !== undefined) return
  addUniqueKeys(context, relation, { owner, columns: plain, isPrimary: false })
}

export function createStatistics(context: Context, stmt: CreateStatsStmt): void {
  const { schema, name } = newName(context, stmt.defnames)
  const key = `st:${dotted(schema, name)}`
  if (stmt.if_not_exists === true && context.catalog.has(key)) return
  const [node] = stmt.relations ?? []
  const range = node !== undefined && 'RangeVar' in node ? node.RangeVar : {}
  const found = readRelation(context, range)
  const relation = found.kind === 'found' ? found.relation : undefined
  const deps = capture(context, (inner) => {
    for (const element of stmt.exprs ?? []) readStatisticsElement(inner, relation, element)
  })
  create(context, key)
  const { maybe, origin } = context
  context.catalog.add({ key, deps, parent: relation?.key, maybe, origin })
}

function readStatisticsElement(context: Context, relation: Relation | undefined, node: Node): void {
  if (!('StatsElem' in node)) return
  const { name, expr } = node.StatsElem
  if (name !== undefined && relation !== undefined) readColumn(context, relation, { column: name })
  visit({ context, use: 'define' }, expr, scopeOf(relation))
}
