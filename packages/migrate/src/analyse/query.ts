import type {
  Alias,
  ColumnRef as ColumnNode,
  DeleteStmt,
  FuncCall,
  InsertStmt,
  JoinExpr,
  MergeStmt,
  Node,
  OnConflictClause,
  RangeFunction,
  RangeSubselect,
  RangeVar,
  ResTarget,
  SelectStmt,
  SubLink,
  TypeCast,
  TypeName,
  UpdateStmt,
  WithClause,
} from 'libpg-query'
import { missColumn, readBareName, readDottedName, readStars } from './column-names.ts'
import { byteOf, type Context, createEffects, mergeEffects, read } from './effects.ts'
import { columnKey, dotted, type RelationName, starKey, uniqueKey } from './keys.ts'
import { outputName } from './output-name.ts'
import {
  type FoundRelation,
  readColumn,
  readColumns,
  readFunction,
  readRelation,
  readStar,
  readType,
  strings,
} from './resolve.ts'
import { cascadeRows, readRows, runFunction, writeRows } from './rows.ts'
import {
  createScope,
  findCte,
  findItem,
  itemOfFound,
  nothing,
  type Reader,
  renamed,
  type Scope,
  type ScopeItem,
  type Shape,
  unknown,
} from './scope.ts'
import { readNamesInText, readRegistered } from './text-names.ts'

/** Reads a query of any kind. @returns the columns of its result */
export function readQuery(reader: Reader, node: Node | undefined, parent?: Scope): Shape {
  if (node === undefined) return nothing
  if ('SelectStmt' in node) return readSelect(reader, node.SelectStmt, parent)
  if ('InsertStmt' in node) return readInsert(reader, node.InsertStmt, parent)
  if ('UpdateStmt' in node) return readUpdate(reader, node.UpdateStmt, parent)
  if ('DeleteStmt' in node) return readDelete(reader, node.DeleteStmt, parent)
  if ('MergeStmt' in node) return readMerge(reader, node.MergeStmt, parent)
  return unknown
}

export function readSelect(reader: Reader, select: SelectStmt, parent?: Scope): Shape {
  const scope = createScope(parent)
  readWith(reader, select.withClause, scope)
  if (select.op !== undefined && select.op !== 'SETOP_NONE')
    return readSetOperation(reader, select, scope)
  for (const item of select.fromClause ?? []) addFrom(reader, item, scope)
  const shape = readTargets(reader, select.targetList, scope)
  const { whereClause, havingClause, valuesLists, windowClause, limitOffset, limitCount } = select
  visit(reader, [whereClause, havingClause, windowClause, limitOffset, limitCount], scope)
  visit(reader, valuesLists, scope)
  scope.outputs = new Set(shape.columns)
  visit(reader, [select.groupClause, select.sortClause, select.distinctClause], scope)
  const [row] = valuesLists ?? []
  return row === undefined ? shape : { columns: valueColumns(row), open: false }
}

function readSetOperation(reader: Reader, select: SelectStmt, scope: Scope): Shape {
  const left = select.larg === undefined ? unknown : readSelect(reader, select.larg, scope)
  if (select.rarg !== undefined) readSelect(reader, select.rarg, scope)
  const outer = createScope(undefined, [{ alias: '', ...left }])
  visit(reader, [select.sortClause, select.limitCount, select.limitOffset], outer)
  return left
}

const valueColumns = (row: Node): string[] =>
  'List' in row ? (row.List.items ?? []).map((_, index) => `column${index + 1}`) : []

function readWith(reader: Reader, clause: WithClause | undefined, scope: Scope): void {
  for (const node of clause?.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue
    const { ctename = '', ctequery, aliascolnames } = node.CommonTableExpr
    const names = strings(aliascolnames)
    if (clause?.recursive === true)
      scope.ctes.set(ctename, { columns: names, open: names.length === 0 })
    const shape = readQuery(reader, ctequery, scope)
    scope.ctes.set(ctename, renamed(shape, names))
  }
}

function readTargets(reader: Reader, targets: readonly Node[] | undefined, scope: Scope): Shape {
  const shapes = (targets ?? []).flatMap((node) =>
    'ResTarget' in node ? [readTarget(reader, node.ResTarget, scope)] : [],
  )
  return { columns: shapes.flatMap((one) => one.columns), open: shapes.some((one) => one.open) }
}

function readTarget(reader: Reader, target: ResTarget, scope: Scope): Shape {
  const stars = starItems(target, scope)
  visit(reader, target.val, scope)
  if (stars === undefined) return { columns: [target.name ?? outputName(target.val)], open: false }
  const open = stars.length === 0 || stars.some((item) => item.open)
  return { columns: stars.flatMap((item) => item.columns), open }
}

/** What `*` or `alias.*` stands for; undefined for any other expression. */
function starItems(target: ResTarget, scope: Scope): ScopeItem[] | undefined {
  const { val } = target
  if (val === undefined || !('ColumnRef' in val)) return undefined
  const { fields = [] } = val.ColumnRef
  if (!fields.some((field) => 'A_Star' in field)) return undefined
  const alias = strings(fields).at(-1)
  if (alias === undefined) return scope.items
  const item = findItem(scope, alias)
  return item === undefined ? [] : [item]
}

// FROM

function addFrom(reader: Reader, node: Node, scope: Scope): void {
  const [tag = '', content] = Object.entries(node)[0] ?? []
  const add = fromHandlers[tag] as
    | ((reader: Reader, content: unknown, scope: Scope) => void)
    | undefined
  if (add !== undefined) return add(reader, content, scope)
  visit(reader, content, scope)
  const { alias } = content as { alias?: Alias }
  scope.items.push({ alias: alias?.aliasname ?? '', ...renamed(unknown, strings(alias?.colnames)) })
}

type FromHandlers = Readonly<Record<string, (reader: Reader, content: never, scope: Scope) => void>>
const fromHandlers: FromHandlers = {
  RangeVar: (reader, range: RangeVar, scope) => {
    scope.items.push(itemOf(reader, range, scope))
  },
  RangeSubselect: (reader, { subquery, alias, lateral }: RangeSubselect, scope) => {
    const around = lateral === true ? scope : createAround(scope)
    const shape = renamed(readQuery(reader, subquery, around), strings(alias?.colnames))
    scope.items.push({ alias: alias?.aliasname ?? '', ...shape })
  },
  RangeFunction: (reader, range: RangeFunction, scope) => {
    visit(reader, range.functions, scope)
    visit(reader, range.coldeflist, scope)
    const alias = range.alias?.aliasname ?? functionAlias(range)
    const names = [...strings(range.alias?.colnames), ...definedColumns(range.coldeflist)]
    scope.items.push({ alias, columns: [...names, alias], open: true })
  },
  JoinExpr: (reader, join: JoinExpr, scope) => addJoin(reader, join, scope),
  RangeTableSample: (reader, { relation, args }: { relation?: Node; args?: Node[] }, scope) => {
    if (relation !== undefined) addFrom(reader, relation, scope)
    visit(reader, args, scope)
  },
}

/** A subquery in FROM sees the queries around and their CTEs, but not its neighbours. */
function createAround(scope: Scope): Scope {
  return { ...createScope(scope.parent), ctes: scope.ctes }
}

function functionAlias({ functions }: RangeFunction): string {
  const [first] = functions ?? []
  const call = first !== undefined && 'List' in first ? first.List.items?.[0] : undefined
  return outputName(call)
}

const definedColumns = (nodes: readonly Node[] | undefined): string[] =>
  (nodes ?? []).flatMap((node) => ('ColumnDef' in node ? [node.ColumnDef.colname ?? ''] : []))

function addJoin(reader: Reader, join: JoinExpr, scope: Scope): void {
  const before = scope.items.length
  if (join.larg !== undefined) addFrom(reader, join.larg, scope)
  const middle = scope.items.length
  if (join.rarg !== undefined) addFrom(reader, join.rarg, scope)
  const sides = [scope.items.slice(before, middle), scope.items.slice(middle)]
  for (const side of sides) readJoined(reader, join, side)
  visit(reader, join.quals, scope)
  if (join.alias === undefined) return
  const all = sides.flat()
  scope.items.push({
    alias: join.alias.aliasname ?? '',
    columns: [...strings(join.alias.colnames), ...all.flatMap((item) => item.columns)],
    open: all.some((item) => item.open),
  })
}

function readJoined({ context }: Reader, join: JoinExpr, side: readonly ScopeItem[]): void {
  for (const column of strings(join.usingClause)) {
    const owner = side.find((item) => item.columns.includes(column))
    if (owner?.relation !== undefined) readColumn(context, owner.relation, { column })
    if (owner === undefined && side.every((item) => !item.open))
      missColumn(context, side, { column })
  }
  if (join.isNatural !== true) return
  for (const { relation } of side) if (relation !== undefined) readStar(context, relation)
}

/** A relation in FROM or as the target of a change. */
function itemOf(reader: Reader, range: RangeVar, scope: Scope | undefined): ScopeItem {
  const { alias, relname = '', schemaname } = range
  const cte = schemaname === undefined ? findCte(scope, relname) : undefined
  const name = alias?.aliasname ?? relname
  if (cte !== undefined) return { alias: name, ...renamed(cte, strings(alias?.colnames)) }
  const found = readFrom(reader.context, range)
  if (found.kind === 'found') readRows(reader, found.relation)
  return itemOfFound(found, name, strings(alias?.colnames))
}

/** A relation to select from; one that is missing may be rows to which a trigger gives that name. */
function readFrom(context: Context, range: RangeVar): FoundRelation {
  const calledBy = context.triggered
  if (calledBy === undefined || range.schemaname !== undefined) return readRelation(context, range)
  const effects = createEffects()
  const found = readRelation({ ...context, effects }, range)
  const references = [...effects.missing, ...effects.lateMissing]
  mergeEffects(context.effects, { ...effects, missing: [], lateMissing: [] })
  context.effects.suspects.push(...references.map((reference) => ({ calledBy, reference })))
  return found
}

function readInsert(reader: Reader, insert: InsertStmt, parent?: Scope): Shape {
  const { context } = reader
  const scope = createScope(parent)
  readWith(reader, insert.withClause, scope)
  const found = insert.relation === undefined ? undefined : readRelation(context, insert.relation)
  const listed = targetNames(insert.cols)
  const shape = readQuery(reader, insert.selectStmt, scope)
  if (found === undefined) return nothing
  readInserted(context, found, { listed, given: shape.columns.length })
  writeRows(reader, found, 'all')
  const alias = insert.relation?.alias?.aliasname ?? insert.relation?.relname ?? ''
  scope.items.push(itemOfFound(found, alias, []))
  readConflict(reader, found, { clause: insert.onConflictClause, scope })
  return readReturning(reader, insert.returningClause, scope)
}

const targetNames = (nodes: readonly Node[] | undefined): string[] =>
  (nodes ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget.name ?? ''] : []))

type Inserted = { readonly listed: readonly string[]; readonly given: number }

function readInserted(context: Context, found: FoundRelation, { listed, given }: Inserted): void {
  readColumns(context, found, listed)
  if (found.kind === 'missing' && listed.length === 0) read(context, starKey(found.name))
  if (found.kind !== 'found') return
  const { relation } = found
  if (listed.length === 0) read(context, starKey(relation.name))
  const names = listed.length > 0 ? listed : [...relation.columns.keys()].slice(0, given)
  for (const column of relation.columns.keys()) {
    const key = columnKey(relation.name, column)
    if (names.includes(column)) read(context, `${key}#type`)
    else read(context, `${key}#default`)
  }
}

type Conflict = { readonly clause: OnConflictClause | undefined; readonly scope: Scope }

function readConflict(reader: Reader, found: FoundRelation, { clause, scope }: Conflict): void {
  if (clause === undefined) return
  const { infer, targetList, whereClause } = clause
  readArbiter(reader.context, found, infer)
  readColumns(reader.context, found, targetNames(targetList))
  const inner = createScope(scope, [itemOfFound(found, 'excluded', [])])
  visit(reader, [infer?.indexElems, infer?.whereClause, targetList, whereClause], inner)
}

/** The unique key that decides about a conflict. */
function readArbiter(
  context: Context,
  found: FoundRelation,
  infer: OnConflictClause['infer'],
): void {
  if (infer === undefined || found.kind === 'builtin') return
  const name: RelationName = found.kind === 'found' ? found.relation.name : found.name
  const columns = (infer.indexElems ?? []).flatMap((node) =>
    'IndexElem' in node && node.IndexElem.name !== undefined ? [node.IndexElem.name] : [],
  )
  readColumns(context, found, columns)
  if (columns.length > 0) read(context, uniqueKey(name, columns))
  if (infer.conname !== undefined)
    read(context, `k:${dotted(name.schema, name.name, infer.conname)}`)
}

function readReturning(reader: Reader, clause: InsertStmt['returningClause'], scope: Scope): Shape {
  if (clause === undefined) return nothing
  const [target] = scope.items
  const inner = createScope(scope)
  if (target !== undefined) inner.items.push(target)
  const around = createScope(
    scope,
    target === undefined
      ? []
      : [
          { ...target, alias: 'old' },
          { ...target, alias: 'new' },
        ],
  )
  const shape = readTargets(reader, clause.exprs, { ...inner, parent: around })
  return shape
}

function readUpdate(reader: Reader, update: UpdateStmt, parent?: Scope): Shape {
  const { found, scope } = openTarget(reader, update, parent)
  for (const item of update.fromClause ?? []) addFrom(reader, item, scope)
  const names = targetNames(update.targetList)
  readColumns(reader.context, found, names)
  writeRows(reader, found, names)
  visit(reader, [update.targetList, update.whereClause], scope)
  return readReturning(reader, update.returningClause, scope)
}

function readDelete(reader: Reader, remove: DeleteStmt, parent?: Scope): Shape {
  const { found, scope } = openTarget(reader, remove, parent)
  for (const item of remove.usingClause ?? []) addFrom(reader, item, scope)
  writeRows(reader, found, 'all')
  if (found.kind === 'found') cascadeRows(reader.context, found.relation)
  visit(reader, remove.whereClause, scope)
  return readReturning(reader, remove.returningClause, scope)
}

function readMerge(reader: Reader, merge: MergeStmt, parent?: Scope): Shape {
  const { found, scope } = openTarget(reader, merge, parent)
  if (merge.sourceRelation !== undefined) addFrom(reader, merge.sourceRelation, scope)
  visit(reader, merge.joinCondition, scope)
  for (const node of merge.mergeWhenClauses ?? []) {
    if (!('MergeWhenClause' in node)) continue
    const { targetList, condition, values } = node.MergeWhenClause
    readColumns(reader.context, found, targetNames(targetList))
    visit(reader, [targetList, condition, values], scope)
  }
  writeRows(reader, found, 'all')
  return readReturning(reader, merge.returningClause, scope)
}

type Targeted = Pick<UpdateStmt, 'relation' | 'withClause'>

function openTarget(reader: Reader, change: Targeted, parent: Scope | undefined) {
  const scope = createScope(parent)
  readWith(reader, change.withClause, scope)
  const range = change.relation ?? {}
  const found = readRelation(reader.context, range)
  if (found.kind === 'found') readRows(reader, found.relation)
  scope.items.push(itemOfFound(found, range.alias?.aliasname ?? range.relname ?? '', []))
  return { found, scope }
}

// Expressions

type Visitors = Readonly<Record<string, (reader: Reader, content: never, scope: Scope) => void>>

const visitors: Visitors = {
  ColumnRef: (reader, node: ColumnNode, scope) => readColumnRef(reader, node, scope),
  FuncCall: (reader, call: FuncCall, scope) => {
    const { context, use } = reader
    const found = readFunction(context, strings(call.funcname), byteOf(context, call.location))
    if (use === 'run') for (const one of found) runFunction(context, one)
    readNamesInText(context, strings(call.funcname).at(-1) ?? '', call.args)
    visit(reader, [call.args, call.agg_order, call.agg_filter, call.over], scope)
  },
  TypeCast: (reader, { arg, typeName }: TypeCast, scope) => {
    readType(reader.context, typeName)
    readRegistered(reader.context, strings(typeName?.names).at(-1) ?? '', arg)
    visit(reader, arg, scope)
  },
  TypeName: (reader, type: TypeName) => {
    readType(reader.context, type)
  },
  SubLink: (reader, { testexpr, subselect }: SubLink, scope) => {
    visit(reader, testexpr, scope)
    readQuery(reader, subselect, scope)
  },
  SelectStmt: (reader, select: SelectStmt, scope) => {
    readSelect(reader, select, scope)
  },
  A_Const: ({ context }, { sval }: { sval?: { sval?: string } }) => {
    if (sval?.sval !== undefined) context.effects.literals.add(sval.sval)
  },
  A_Expr: (
    reader,
    { name, lexpr, rexpr }: { name?: Node[]; lexpr?: Node; rexpr?: Node },
    scope,
  ) => {
    const operator = `o:operator:${strings(name).at(-1) ?? ''}`
    if (reader.context.catalog.has(operator)) read(reader.context, operator)
    visit(reader, [lexpr, rexpr], scope)
  },
  CollateClause: (reader, { arg, collname }: { arg?: Node; collname?: Node[] }, scope) => {
    const key = `o:collation:${strings(collname).at(-1) ?? ''}`
    if (reader.context.catalog.has(key)) read(reader.context, key)
    visit(reader, arg, scope)
  },
}

/** Reads whatever names an expression holds. */
export function visit(reader: Reader, value: unknown, scope: Scope): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(reader, item, scope)
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [tag, content] of Object.entries(value)) {
    const visitor = visitors[tag] as
      | ((reader: Reader, content: unknown, scope: Scope) => void)
      | undefined
    if (visitor === undefined) visit(reader, content, scope)
    else visitor(reader, content, scope)
  }
}

function readColumnRef(reader: Reader, node: ColumnNode, scope: Scope): void {
  const { context } = reader
  const parts = strings(node.fields)
  const byte = byteOf(context, node.location)
  const isStar = (node.fields ?? []).some((field) => 'A_Star' in field)
  if (isStar) return readStars(context, scope, parts)
  const [first = '', second] = parts
  if (second === undefined) return readBareName(context, scope, { column: first, byte })
  readDottedName(context, scope, { parts, byte })
}
