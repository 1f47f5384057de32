import type { Node, RangeVar, RoleSpec, TypeName } from 'libpg-query'
import { nearestName } from '../text/nearest.ts'
import {
  extensionsWith,
  isCoreFunction,
  isCoreRelation,
  isCoreType,
  isKnownExtension,
  systemSchemas,
} from './builtin.ts'
import {
  type Catalog,
  type FunctionFacts,
  isFunction,
  isRelation,
  type Relation,
} from './catalog.ts'
import { byteOf, type Context, miss, read } from './effects.ts'
import {
  columnKey,
  dotted,
  functionKey,
  type Key,
  nameOfKey,
  partsOfName,
  relationKey,
  type RelationName,
  schemaKey,
  starKey,
  typeKey,
} from './keys.ts'

/** The strings of a list of `String` nodes: names with dots, columns. */
export function strings(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []))
}

/** A dotted name as schema and name. */
export function splitName(parts: readonly string[]): { schema: string | undefined; name: string } {
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' }
}

/** Where an unqualified name is made: the first schema of the path that is there. */
export function creationSchema({ session, catalog }: Context): string {
  const { path } = session
  return path.find((schema) => catalog.has(schemaKey(schema))) ?? path[0] ?? 'public'
}

/** The same for something new: which schemas of the path are there decides about its place. */
function schemaOfNew(context: Context): string {
  const schema = creationSchema(context)
  for (const one of context.session.path) {
    if (one === schema) break
    read(context, schemaKey(one))
  }
  return schema
}

/** The schema and name of something new from its dotted name. */
export function newName(context: Context, nodes: readonly Node[] | undefined): RelationName {
  const { schema, name } = splitName(strings(nodes))
  const full = { schema: schema ?? schemaOfNew(context), name }
  readSchema(context, full.schema)
  return full
}

export function nameToCreate(context: Context, range: RangeVar | undefined): RelationName {
  const temporary = range?.relpersistence === 't'
  const schema = temporary ? 'pg_temp' : (range?.schemaname ?? schemaOfNew(context))
  return { schema, name: range?.relname ?? '' }
}

/** Reads the schema of a new thing. */
export function readSchema(context: Context, schema: string, byte?: number): void {
  if (systemSchemas.has(schema) || schema.startsWith('pg_temp')) return
  const key = schemaKey(schema)
  if (context.catalog.has(key)) return read(context, key, byte)
  const known = [...context.catalog.objects.keys()].filter((one) => one.startsWith('s:'))
  miss(context, {
    kind: 'schema',
    name: dotted(schema),
    keys: [key],
    word: schema,
    byte,
    nearest: nearestName(schema, known.map(nameOfKey)),
  })
}

/** Names to try in turn: the one that is given, or the name in each schema of the path. */
function candidates(context: Context, schema: string | undefined, name: string): RelationName[] {
  if (schema !== undefined) return [{ schema, name }]
  const path = context.session.path.length === 0 ? ['public'] : context.session.path
  return ['pg_temp', ...path].map((one) => ({ schema: one, name }))
}

export type FoundRelation =
  | { readonly kind: 'found'; readonly relation: Relation }
  /** Of PostgreSQL or of an extension; its columns are not ours to know. */
  | { readonly kind: 'builtin' }
  | { readonly kind: 'missing'; readonly name: RelationName }

type RelationRef = Pick<RangeVar, 'schemaname' | 'relname' | 'location'>

/** Finds a relation without reading it. */
export function findRelation(
  context: Context,
  { schemaname, relname = '' }: RelationRef,
): FoundRelation {
  const names = candidates(context, schemaname, relname)
  for (const name of names) {
    const relation = context.catalog.relation(relationKey(name))
    if (relation !== undefined) return { kind: 'found', relation }
  }
  if (isBuiltinRelation(schemaname, relname)) return { kind: 'builtin' }
  const temporary = schemaname === undefined ? 1 : 0
  return { kind: 'missing', name: names[temporary] ?? { schema: 'public', name: relname } }
}

const isBuiltinRelation = (schema: string | undefined, name: string) =>
  isCoreRelation(schema, name) || schema === 'pg_catalog' || schema === 'pg_toast'

/** Reads a relation by name: that it is there, and that nothing nearer in the path hides it. */
export function readRelation(context: Context, range: RelationRef): FoundRelation {
  const found = findRelation(context, range)
  const byte = byteOf(context, range.location)
  if (found.kind === 'found') {
    readNearer(context, range, found.relation.name)
    read(context, found.relation.key, byte)
  }
  if (found.kind === 'missing') missRelation(context, range, found.name)
  return found
}

function readNearer(
  context: Context,
  { schemaname, relname = '' }: RelationRef,
  found: RelationName,
): void {
  if (schemaname !== undefined) return
  for (const schema of context.session.path) {
    if (schema === found.schema) return
    read(context, relationKey({ schema, name: relname }))
  }
}

function missRelation(context: Context, range: RelationRef, name: RelationName): void {
  const provider = extensionsWith('relations', name.name)
  if (provider.length > 0) return readExtensions(context, provider, byteOf(context, range.location))
  const keys = candidates(context, range.schemaname, name.name).map(relationKey)
  const relations = [...context.catalog.objects.values()].filter(isRelation)
  const nearest = nearestName(name.name, new Set(relations.map((one) => one.name.name)))
  const best = relations.find((one) => one.name.name === nearest)
  miss(context, {
    kind: 'table',
    name: dotted(name.schema, name.name),
    keys: keys.filter((key) => !key.startsWith('t:pg_temp.')),
    word: name.name,
    byte: byteOf(context, range.location),
    nearest: best === undefined ? undefined : nameOfKey(best.key),
  })
}

const systemColumns = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid', 'oid'])

export function hasColumn(relation: Relation, column: string): boolean {
  return relation.columns.has(column) || relation.open || systemColumns.has(column)
}

/** Reads a column of a relation that is there. */
export function readColumn(
  context: Context,
  relation: Relation,
  { column, byte }: ColumnRef,
): void {
  const key = columnKey(relation.name, column)
  if (hasColumn(relation, column)) {
    if (!systemColumns.has(column)) read(context, key, byte)
    return
  }
  const nearest = nearestName(column, relation.columns.keys())
  const full = dotted(relation.name.schema, relation.name.name)
  miss(context, {
    kind: 'column',
    name: `${full}.${dotted(column)}`,
    keys: [key],
    word: column,
    byte,
    nearest: nearest === undefined ? undefined : `${full}.${dotted(nearest)}`,
  })
}
export type ColumnRef = { readonly column: string; readonly byte?: number | undefined }

/** Reads columns by bare names, as in keys and lists; of a missing table only their keys. */
export function readColumns(
  context: Context,
  found: FoundRelation,
  columns: readonly string[],
): void {
  for (const column of columns) {
    if (found.kind === 'found') readColumn(context, found.relation, { column })
    if (found.kind === 'missing') read(context, columnKey(found.name, column))
  }
}

/** Reads all columns as they are now. */
export function readStar(context: Context, relation: Relation): void {
  read(context, starKey(relation.name))
  for (const column of relation.columns.keys()) read(context, columnKey(relation.name, column))
}

export function readExtensions(
  context: Context,
  extensions: readonly string[],
  byte?: number,
): void {
  const known = extensions.map((name) => `ext:${dotted(name)}`)
  const present = known.filter((key) => context.catalog.has(key))
  // One that no file makes was installed by whoever made the database: nothing to say about it.
  for (const key of present.length > 0 ? present : known) read(context, key, byte)
}

/** Extensions that are there but whose contents we do not know. */
export function foreignExtensions(catalog: Catalog): Key[] {
  return [...catalog.objects.keys()].filter(
    (key) => key.startsWith('ext:') && !isKnownExtension(partsOfName(nameOfKey(key))[0] ?? ''),
  )
}

export type FoundType = {
  readonly key: Key | undefined
  readonly builtin: string | undefined
  readonly relation: Relation | undefined
}
const noType: FoundType = { key: undefined, builtin: undefined, relation: undefined }

/** Reads the type that a `TypeName` node names. */
export function readType(context: Context, type: TypeName | undefined): FoundType {
  if (type === undefined) return noType
  const parts = strings(type.names)
  if (type.pct_type === true) return readTypeOfColumn(context, parts, type.location)
  const { schema, name } = splitName(parts)
  return readTypeNamed(context, { schema, name, byte: byteOf(context, type.location) })
}

type TypeRef = {
  readonly schema: string | undefined
  readonly name: string
  readonly byte?: number | undefined
}

export function readTypeNamed(context: Context, ref: TypeRef): FoundType {
  const { schema, name, byte } = ref
  if (schema === 'pg_catalog' || (schema === undefined && isCoreType(name)))
    return { ...noType, builtin: name }
  const found = findType(context, ref)
  if (found !== undefined) {
    const object = context.catalog.get(found)
    read(context, found, byte)
    return { ...noType, key: found, relation: isRelation(object) ? object : undefined }
  }
  // `_name` is how the catalog spells an array.
  if (
    name.startsWith('_') &&
    (isCoreType(name.slice(1)) || findType(context, { ...ref, name: name.slice(1) }))
  )
    return readTypeNamed(context, { ...ref, name: name.slice(1) })
  missType(context, ref)
  return noType
}

/** Keys of types and of tables, which are types as well. */
export function findType(context: Context, { schema, name }: TypeRef): Key | undefined {
  for (const one of candidates(context, schema, name)) {
    if (context.catalog.has(typeKey(one))) return typeKey(one)
    const relation = context.catalog.relation(relationKey(one))
    if (
      relation !== undefined &&
      relation.relationKind !== 'index' &&
      relation.relationKind !== 'sequence'
    )
      return relation.key
  }
  return undefined
}

function missType(context: Context, { schema, name, byte }: TypeRef): void {
  const provider = extensionsWith('types', name)
  if (provider.length > 0) return readExtensions(context, provider, byte)
  const foreign = foreignExtensions(context.catalog)
  if (foreign.length > 0) return foreign.forEach((key) => read(context, key, byte))
  const names = candidates(context, schema, name).filter((one) => one.schema !== 'pg_temp')
  const known = [...context.catalog.objects.keys()].filter((key) => key.startsWith('ty:'))
  miss(context, {
    kind: 'type',
    name: schema === undefined ? dotted(name) : dotted(schema, name),
    keys: names.flatMap((one) => [typeKey(one), relationKey(one)]),
    word: name,
    byte,
    nearest: nearestName(
      name,
      known.map((key) => partsOfName(nameOfKey(key)).at(-1) ?? ''),
    ),
  })
}

function readTypeOfColumn(
  context: Context,
  parts: readonly string[],
  location: number | undefined,
): FoundType {
  const column = parts.at(-1) ?? ''
  const { schema, name } = splitName(parts.slice(0, -1))
  const range = {
    relname: name,
    ...(schema === undefined ? {} : { schemaname: schema }),
    ...(location === undefined ? {} : { location }),
  }
  const found = readRelation(context, range)
  if (found.kind === 'found')
    readColumn(context, found.relation, { column, byte: byteOf(context, location) })
  return noType
}

/** All functions of a name that the path can see. */
export function findFunctions(context: Context, { schema, name }: TypeRef): FunctionFacts[] {
  for (const one of candidates(context, schema, name)) {
    const found = context.catalog.functionsNamed(`f:${dotted(one.schema, one.name)}`)
    if (found.length > 0) return found
  }
  return []
}

/** Reads a function by name; which of several is meant, nobody can tell without all the types. */
export function readFunction(
  context: Context,
  parts: readonly string[],
  byte?: number,
): FunctionFacts[] {
  const { schema, name } = splitName(parts)
  if (schema === 'pg_catalog') return []
  const ref = { schema, name, byte }
  const found = findFunctions(context, ref)
  const [first] = found
  if (first !== undefined) {
    read(context, found.length === 1 ? first.key : functionKey(first.name, '*'), byte)
    return found
  }
  const elsewhere = schema === undefined && isCoreFunction(name)
  if (!elsewhere && findType(context, ref) === undefined) missFunction(context, ref)
  return []
}

function missFunction(context: Context, { schema, name, byte }: TypeRef): void {
  const provider = extensionsWith('functions', name)
  if (provider.length > 0) return readExtensions(context, provider, byte)
  const foreign = foreignExtensions(context.catalog)
  if (foreign.length > 0) return foreign.forEach((key) => read(context, key, byte))
  const names = candidates(context, schema, name).filter((one) => one.schema !== 'pg_temp')
  const known = [...context.catalog.objects.values()].filter(isFunction)
  miss(context, {
    kind: 'function',
    name: schema === undefined ? dotted(name) : dotted(schema, name),
    keys: names.map((one) => functionKey(one, '*')),
    word: name,
    byte,
    nearest: nearestName(
      name,
      known.map((one) => one.name.name),
    ),
  })
}

/** Roles belong to the server; only those that the history makes are known. */
export function readRole(context: Context, role: RoleSpec | undefined): void {
  const key = `role:${dotted(role?.rolename ?? '')}`
  if (role?.rolename !== undefined) read(context, key)
}

export function readRoles(context: Context, nodes: readonly Node[] | undefined): void {
  for (const node of nodes ?? []) if ('RoleSpec' in node) readRole(context, node.RoleSpec)
}
