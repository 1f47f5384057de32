import type {
  AlterDomainStmt,
  AlterEnumStmt,
  AlterTypeStmt,
  CompositeTypeStmt,
  CreateDomainStmt,
  CreateEnumStmt,
  CreateRangeStmt,
  DefineStmt,
  Node,
} from 'libpg-query'
import { addColumn, addRelation, isFunction, isType, type TypeFacts } from './catalog.ts'
import { capture, type Context, create, read, write } from './effects.ts'
import { dotted, functionKey, type Key, type RelationName, schemaKey, typeKey } from './keys.ts'
import { createScope } from './scope.ts'
import { visit } from './query.ts'
import {
  newName,
  nameToCreate,
  readFunction,
  readSchema,
  readType,
  readTypeNamed,
  splitName,
  strings,
} from './resolve.ts'

type NewType = {
  readonly name: RelationName
  readonly deps?: Iterable<Key>
  readonly labels?: readonly string[]
}

function makeType(context: Context, { name, deps = [], labels }: NewType): void {
  const key = typeKey(name)
  create(context, key)
  for (const label of labels ?? []) create(context, labelKey(key, label))
  const type: TypeFacts = {
    key,
    name,
    deps: new Set([...deps, schemaKey(name.schema)]),
    parent: undefined,
    maybe: context.maybe,
    origin: context.origin,
    labels: labels === undefined ? undefined : new Set(labels),
  }
  context.catalog.add(type)
}

export const labelKey = (type: Key, label: string): Key => `${type}#label:${label}`

export function createEnum(context: Context, stmt: CreateEnumStmt): void {
  makeType(context, { name: newName(context, stmt.typeName), labels: strings(stmt.vals) })
}

/** A new value, or another name for one. */
export function alterEnum(context: Context, stmt: AlterEnumStmt): void {
  const { key } = readTypeNamed(context, splitName(strings(stmt.typeName)))
  const type = key ?? typeKey(newName(context, stmt.typeName))
  write(context, `${type}#labels`)
  const { newVal, oldVal, skipIfNewValExists } = stmt
  if (oldVal !== undefined) endLabel(context, type, oldVal)
  if (newVal !== undefined)
    addLabel(context, type, { label: newVal, mayExist: skipIfNewValExists === true })
}

type NewLabel = { readonly label: string; readonly mayExist: boolean }

function addLabel(context: Context, type: Key, { label, mayExist }: NewLabel): void {
  const labels = labelsOf(context, type)
  if (mayExist && labels?.has(label) === true) return
  create(context, labelKey(type, label))
  if (!context.catalog.frozen) labels?.add(label)
}

function labelsOf(context: Context, key: Key): Set<string> | undefined {
  const type = context.catalog.get(key)
  return isType(type) ? type.labels : undefined
}

function endLabel(context: Context, type: Key, label: string): void {
  write(context, labelKey(type, label))
  context.effects.drops.add(labelKey(type, label))
  if (!context.catalog.frozen) labelsOf(context, type)?.delete(label)
}

export function createDomain(context: Context, stmt: CreateDomainStmt): void {
  const name = newName(context, stmt.domainname)
  const deps = capture(context, (inner) => {
    readType(inner, stmt.typeName)
    for (const node of stmt.constraints ?? [])
      if ('Constraint' in node) visitDomainCheck(inner, node.Constraint.raw_expr)
  })
  makeType(context, { name, deps })
}

/** In a domain's check, `value` is the value. */
function visitDomainCheck(context: Context, expression: Node | undefined): void {
  const scope = createScope(undefined, [{ alias: '', columns: ['value'], open: false }])
  visit({ context, use: 'define' }, expression, scope)
}

export function alterDomain(context: Context, stmt: AlterDomainStmt): void {
  const { key } = readTypeNamed(context, splitName(strings(stmt.typeName)))
  if (key === undefined) return
  const { def, subtype = '' } = stmt
  const constraint = def !== undefined && 'Constraint' in def ? def.Constraint : undefined
  visitDomainCheck(context, constraint?.raw_expr ?? def)
  write(context, `${key}#${domainAspect(stmt, constraint?.conname)}`)
  // C adds a constraint, V validates one, O sets NOT NULL: all rows of such columns are checked.
  if (['C', 'V', 'O'].includes(subtype)) readValuesOfType(context, key)
}

function readValuesOfType(context: Context, type: Key): void {
  for (const { key } of context.catalog.dependents(type))
    if (key.startsWith('c:')) context.effects.dataReads.add(`d:${key.slice(2)}`)
}

/** T stands for the default, N and O for NOT NULL, all others for a constraint. */
function domainAspect({ subtype, name }: AlterDomainStmt, added: string | undefined): string {
  if (subtype === 'T') return 'default'
  if (subtype === 'N' || subtype === 'O') return 'notnull'
  return `constraint:${name ?? added ?? ''}`
}

/** A composite type is a relation without rows. */
export function createComposite(context: Context, stmt: CompositeTypeStmt): void {
  const name = nameToCreate(context, stmt.typevar)
  readSchema(context, name.schema)
  create(context, `t:${dotted(name.schema, name.name)}`)
  const relation = addRelation(context.catalog, {
    name,
    relationKind: 'composite',
    maybe: context.maybe,
    origin: context.origin,
  })
  for (const node of stmt.coldeflist ?? []) {
    if (!('ColumnDef' in node)) continue
    const type = readType(context, node.ColumnDef.typeName)
    const column = node.ColumnDef.colname ?? ''
    create(context, `c:${dotted(name.schema, name.name, column)}`)
    addColumn(context.catalog, relation, {
      column,
      facts: { type: type.key, builtinType: type.builtin, hasDefault: false },
    })
  }
}

export function createRange(context: Context, stmt: CreateRangeStmt): void {
  const name = newName(context, stmt.typeName)
  const deps = capture(context, (inner) => {
    for (const node of stmt.params ?? []) readDefinition(inner, node)
  })
  makeType(context, { name, deps })
}

export function alterBaseType(context: Context, stmt: AlterTypeStmt): void {
  const { key } = readTypeNamed(context, splitName(strings(stmt.typeName)))
  if (key !== undefined) write(context, `${key}#options`)
}

/** `name = value` of CREATE AGGREGATE and its like: the value names a function or a type. */
function readDefinition(context: Context, node: Node): void {
  if (!('DefElem' in node)) return
  const { defname = '', arg } = node.DefElem
  if (arg === undefined || !('TypeName' in arg)) return
  const isFunctionName =
    /func|procedure|canonical|diff|input|output|receive|send|restrict|join/.test(defname)
  if (isFunctionName) readFunction(context, strings(arg.TypeName.names))
  else if (/type|basetype|arg/.test(defname)) readType(context, arg.TypeName)
}

const definedKinds: Readonly<Record<string, string>> = {
  OBJECT_OPERATOR: 'operator',
  OBJECT_COLLATION: 'collation',
  OBJECT_TSCONFIGURATION: 'tsconfiguration',
  OBJECT_TSDICTIONARY: 'tsdictionary',
  OBJECT_TSPARSER: 'tsparser',
  OBJECT_TSTEMPLATE: 'tstemplate',
}

/** CREATE AGGREGATE, OPERATOR, TYPE, COLLATION, TEXT SEARCH …. */
export function define(context: Context, stmt: DefineStmt): void {
  const deps = capture(context, (inner) => {
    for (const node of stmt.definition ?? []) readDefinition(inner, node)
  })
  if (stmt.kind === 'OBJECT_TYPE')
    return makeType(context, { name: newName(context, stmt.defnames), deps })
  if (stmt.kind === 'OBJECT_AGGREGATE') return makeAggregate(context, stmt, deps)
  const kind = definedKinds[stmt.kind ?? ''] ?? 'object'
  const key = `o:${kind}:${strings(stmt.defnames).at(-1) ?? ''}`
  if (stmt.if_not_exists === true && context.catalog.has(key)) return
  if (kind === 'operator') write(context, key)
  else create(context, key)
  context.catalog.add({
    key,
    deps,
    parent: undefined,
    maybe: context.maybe,
    origin: context.origin,
  })
}

function makeAggregate(context: Context, stmt: DefineStmt, deps: ReadonlySet<Key>): void {
  const name = newName(context, stmt.defnames)
  const types = (stmt.args ?? []).flatMap((node) => ('List' in node ? (node.List.items ?? []) : []))
  const parts = types.flatMap((node) =>
    'FunctionParameter' in node ? [node.FunctionParameter.argType] : [],
  )
  const key = functionKey(name, parts.map((type) => typeText(context, type)).join(','))
  if (stmt.replace === true && context.catalog.has(key)) {
    read(context, key)
    write(context, `${key}#body`)
  } else create(context, key)
  const object = {
    key,
    name,
    deps: new Set([...deps, schemaKey(name.schema)]),
    parent: undefined,
    maybe: context.maybe,
    origin: context.origin,
    body: undefined,
  }
  if (isFunction(object)) context.catalog.add(object)
}

/** The name of a type in a function's key: the same for all its spellings. */
export function typeText(
  context: Context,
  type: { names?: Node[]; arrayBounds?: Node[] } | undefined,
): string {
  if (type === undefined) return ''
  const found = readType(context, { ...type })
  const array = (type.arrayBounds ?? []).length > 0 ? '[]' : ''
  const name = found.key?.replace(/^\w+:/, '') ?? found.builtin ?? strings(type.names).at(-1) ?? ''
  return `${name}${array}`
}
