import type {
  AlterExtensionStmt,
  AlterSeqStmt,
  CreateCastStmt,
  CreateExtensionStmt,
  CreateFdwStmt,
  CreateForeignServerStmt,
  CreateForeignTableStmt,
  CreateOpClassStmt,
  CreateOpFamilyStmt,
  CreatePublicationStmt,
  CreateSchemaStmt,
  CreateSeqStmt,
  Node,
  RangeVar,
  VariableSetStmt,
} from 'libpg-query'
import { addRelation } from './catalog.ts'
import { byteOf, capture, type Context, create, read, write } from './effects.ts'
import { columnKey, dotted, type Key, relationKey, schemaKey } from './keys.ts'
import { textsOf } from './objects.ts'
import { createScope } from './scope.ts'
import { visit } from './query.ts'
import {
  nameToCreate,
  readColumn,
  readFunction,
  readRelation,
  readRole,
  readSchema,
  readType,
  splitName,
  strings,
} from './resolve.ts'
import { createTable } from './tables.ts'

export function createSchema(context: Context, stmt: CreateSchemaStmt): void {
  const schema = stmt.schemaname ?? stmt.authrole?.rolename ?? ''
  const key = schemaKey(schema)
  readRole(context, stmt.authrole)
  const known = context.catalog.has(key)
  if (stmt.if_not_exists !== true || !known) create(context, key)
  if (!known) context.catalog.add(plainObject(context, key))
  const inner = { ...context, session: { ...context.session, path: [schema] } }
  for (const node of stmt.schemaElts ?? []) context.run(inner, node)
}

const plainObject = (context: Context, key: Key, deps: Iterable<Key> = []) => ({
  key,
  deps: new Set(deps),
  parent: undefined,
  maybe: context.maybe,
  origin: context.origin,
})

function optionOf(nodes: readonly Node[] | undefined, name: string): Node | undefined {
  for (const node of nodes ?? [])
    if ('DefElem' in node && node.DefElem.defname === name) return node.DefElem.arg
  return undefined
}

export function createExtension(context: Context, stmt: CreateExtensionStmt): void {
  const key = `ext:${dotted(stmt.extname ?? '')}`
  const schema = optionOf(stmt.options, 'schema')
  const deps: Key[] = []
  if (schema !== undefined && 'String' in schema) {
    readSchema(context, schema.String.sval ?? '')
    deps.push(schemaKey(schema.String.sval ?? ''))
  }
  if (stmt.if_not_exists === true && context.catalog.get(key)?.maybe === false)
    return read(context, key)
  create(context, key)
  context.catalog.add(plainObject(context, key, deps))
}

export function alterExtension(
  context: Context,
  { extname }: Pick<AlterExtensionStmt, 'extname'>,
): void {
  const key = `ext:${dotted(extname ?? '')}`
  read(context, key)
  write(context, `${key}#version`)
}

export function createSequence(context: Context, stmt: CreateSeqStmt): void {
  const name = nameToCreate(context, stmt.sequence)
  readSchema(context, name.schema, byteOf(context, stmt.sequence?.location))
  const key = relationKey(name)
  if (stmt.if_not_exists === true && context.catalog.get(key)?.maybe === false)
    return read(context, key)
  create(context, key)
  const parent = readOwner(context, stmt.options)
  addRelation(context.catalog, {
    name,
    relationKind: 'sequence',
    parent,
    maybe: context.maybe,
    origin: context.origin,
  })
}

/** `owned by t.c`: the sequence goes with the column. */
function readOwner(context: Context, options: readonly Node[] | undefined): Key | undefined {
  const owner = optionOf(options, 'owned_by')
  if (owner === undefined || !('List' in owner)) return undefined
  const parts = strings(owner.List.items)
  if (parts.length < 2) return undefined
  const { schema, name } = splitName(parts.slice(0, -1))
  const found = readRelation(context, {
    relname: name,
    ...(schema === undefined ? {} : { schemaname: schema }),
  })
  if (found.kind !== 'found') return undefined
  readColumn(context, found.relation, { column: parts.at(-1) ?? '' })
  return columnKey(found.relation.name, parts.at(-1) ?? '')
}

export function alterSequence(context: Context, stmt: AlterSeqStmt): void {
  const found = readRelation(context, stmt.sequence ?? {})
  if (found.kind !== 'found') return
  const isOwned = (stmt.options ?? []).some(
    (node) => 'DefElem' in node && node.DefElem.defname === 'owned_by',
  )
  if (isOwned) {
    write(context, `${found.relation.key}#owned`)
    const owner = readOwner(context, stmt.options)
    context.catalog.setParent(found.relation, owner)
  } else write(context, `${found.relation.key}#options`)
}

/** `set search_path`, `set check_function_bodies`: they hold to the end of the file. */
export function setVariable(context: Context, stmt: VariableSetStmt): void {
  const { session } = context
  const values = (stmt.args ?? []).flatMap(constantOf)
  if (stmt.kind === 'VAR_RESET_ALL') {
    session.path = session.defaultPath
    session.checksBodies = true
  }
  if (stmt.name === 'search_path')
    setPath(context, stmt.kind === 'VAR_SET_VALUE' ? values : undefined)
  if (stmt.name === 'check_function_bodies')
    session.checksBodies =
      !/^(?:off|false|no|0|f|n)$/i.test(values[0] ?? 'on') || stmt.kind !== 'VAR_SET_VALUE'
}

/** @param path undefined: back to the default */
export function setPath(context: Context, path: readonly string[] | undefined): void {
  const { session } = context
  session.path =
    path?.filter((schema) => schema !== '$user' && schema !== '') ?? session.defaultPath
}

function constantOf(node: Node): string[] {
  if (!('A_Const' in node)) return []
  const { sval, ival, boolval } = node.A_Const
  if (sval !== undefined) return [sval.sval ?? '']
  if (boolval !== undefined) return [String(boolval.boolval ?? false)]
  return [String(ival?.ival ?? 0)]
}

export function createForeignTable(context: Context, stmt: CreateForeignTableStmt): void {
  read(context, `o:foreign_server:${stmt.servername ?? ''}`)
  if (stmt.base !== undefined) createTable(context, stmt.base)
}

export function createServer(context: Context, stmt: CreateForeignServerStmt): void {
  const key = `o:foreign_server:${stmt.servername ?? ''}`
  const wrapper = `o:fdw:${stmt.fdwname ?? ''}`
  read(context, wrapper)
  // Extensions such as postgres_fdw bring a wrapper of their own name along.
  read(context, `ext:${dotted(stmt.fdwname ?? '')}`)
  create(context, key)
  context.catalog.add(plainObject(context, key))
}

export function createWrapper(context: Context, { fdwname }: CreateFdwStmt): void {
  const key = `o:fdw:${fdwname ?? ''}`
  create(context, key)
  context.catalog.add(plainObject(context, key))
}

export function createPublication(context: Context, stmt: CreatePublicationStmt): void {
  const key = `o:publication:${stmt.pubname ?? ''}`
  create(context, key)
  const deps = capture(context, (inner) => readRanges(inner, stmt.pubobjects))
  context.catalog.add(plainObject(context, key, deps))
}

export function createCast(context: Context, stmt: CreateCastStmt): void {
  const deps = capture(context, (inner) => {
    readType(inner, stmt.sourcetype)
    readType(inner, stmt.targettype)
    readFunction_(inner, stmt.func)
  })
  const key = `o:cast:${strings(stmt.sourcetype?.names).at(-1) ?? ''}>${strings(stmt.targettype?.names).at(-1) ?? ''}`
  create(context, key)
  context.catalog.add(plainObject(context, key, deps))
}

function readFunction_(context: Context, func: CreateCastStmt['func']): void {
  if (func !== undefined) readFunction(context, strings(func.objname))
}

export function createOperatorClass(context: Context, stmt: CreateOpClassStmt): void {
  const key = `o:opclass:${strings(stmt.opclassname).at(-1) ?? ''}`
  const deps = capture(context, (inner) => {
    readType(inner, stmt.datatype)
    for (const node of stmt.items ?? [])
      if (
        'CreateOpClassItem' in node &&
        node.CreateOpClassItem.itemtype === 2 &&
        node.CreateOpClassItem.name !== undefined
      )
        readFunction(inner, strings(node.CreateOpClassItem.name.objname))
  })
  create(context, key)
  context.catalog.add(plainObject(context, key, deps))
}

export function createOperatorFamily(context: Context, { opfamilyname }: CreateOpFamilyStmt): void {
  const key = `o:opfamily:${strings(opfamilyname).at(-1) ?? ''}`
  create(context, key)
  context.catalog.add(plainObject(context, key))
}

/** Reads whatever relations and expressions a statement of a rare kind names. */
export function readRanges(context: Context, value: unknown): void {
  if (Array.isArray(value)) return value.forEach((item) => readRanges(context, item))
  if (typeof value !== 'object' || value === null) return
  for (const [tag, content] of Object.entries(value)) {
    if (tag === 'RangeVar' || tag === 'relation') readRange(context, content)
    else readRanges(context, content)
  }
}

function readRange(context: Context, content: unknown): void {
  const range = (content as { RangeVar?: RangeVar }).RangeVar ?? (content as RangeVar)
  if (range.relname !== undefined) readRelation(context, range)
  else readRanges(context, content)
}

/** A statement that nobody here knows: its relations are read, and nothing else is claimed. */
export function readGenerically(context: Context, content: unknown): void {
  readRanges(context, content)
  visit({ context, use: 'define' }, undefined, createScope())
}

export const objectNames = textsOf
