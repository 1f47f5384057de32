import type { Constraint, Node } from 'libpg-query'
import { extensionsWith } from './builtin.ts'
import { addPart, addRelation, type CatalogObject, type Relation } from './catalog.ts'
import { capture, type Context, create, miss, read, write } from './effects.ts'
import {
  columnKey,
  dotted,
  type Key,
  lastName,
  nameOfKey,
  partKey,
  primaryKey,
  relationKey,
  type RelationName,
  rowsKey,
  uniqueKey,
  valuesKey,
} from './keys.ts'
import { scopeOf } from './scope.ts'
import { visit } from './query.ts'
import { readColumn, readColumns, readExtensions, readRelation, strings } from './resolve.ts'

/** A constraint and the table it is for; `column` where it stands behind a column. */
export type Constrained = {
  readonly relation: Relation
  readonly constraint: Constraint
  readonly column?: string | undefined
  /** The table is new: there are no rows that could contradict. */
  readonly fresh: boolean
}

type Handler = (context: Context, constrained: Constrained) => void

/** Constraints that make an object of their own; the rest are properties of a column. */
const handlers: Partial<Record<NonNullable<Constraint['contype']>, Handler>> = {
  CONSTR_CHECK: addCheck,
  CONSTR_PRIMARY: addUnique,
  CONSTR_UNIQUE: addUnique,
  CONSTR_EXCLUSION: addExclusion,
  CONSTR_FOREIGN: addForeignKey,
  CONSTR_NOTNULL: addNotNull,
}

export function addConstraint(context: Context, constrained: Constrained): void {
  const { contype } = constrained.constraint
  if (contype !== undefined) handlers[contype]?.(context, constrained)
}

function addCheck(context: Context, constrained: Constrained): void {
  const { relation, constraint, column } = constrained
  const deps = capture(context, (inner) => {
    visit({ context: inner, use: 'define' }, constraint.raw_expr, scopeOf(relation))
  })
  const used = columnsAmong(relation, deps)
  if (!constrained.fresh && constraint.skip_validation !== true) readValues(context, relation, used)
  const label = column ?? (used.length === 1 ? used[0] : undefined)
  makePart(context, constrained, { deps, guess: [label], suffix: 'check' })
}

function columnsAmong(relation: Relation, deps: ReadonlySet<Key>): string[] {
  return [...relation.columns.keys()].filter((column) => deps.has(columnKey(relation.name, column)))
}

function readValues(context: Context, relation: Relation, columns: readonly string[]): void {
  for (const column of columns) context.effects.dataReads.add(valuesKey(relation.name, column))
}

function addNotNull(context: Context, { relation, constraint, column, fresh }: Constrained): void {
  const name = column ?? strings(constraint.keys)[0]
  if (name === undefined || fresh) return
  readColumn(context, relation, { column: name })
  write(context, `${columnKey(relation.name, name)}#notnull`)
  if (constraint.skip_validation !== true) readValues(context, relation, [name])
}

type Named = {
  readonly deps: Iterable<Key>
  /** Parts of the name that the server will make, beside the table's. */
  readonly guess: readonly (string | undefined)[]
  readonly suffix: string
}

function makePart(
  context: Context,
  constrained: Constrained,
  { deps, guess, suffix }: Named,
): Made {
  const { relation, constraint } = constrained
  const name = constraint.conname ?? guessName(context, relation, { parts: guess, suffix })
  create(context, partKey('k', relation.name, name))
  const part = addPart(context.catalog, relation.name, {
    prefix: 'k',
    name,
    deps,
    maybe: context.maybe,
    origin: context.origin,
  })
  return { part, name }
}
type Made = { readonly part: CatalogObject; readonly name: string }

type Guess = { readonly parts: readonly (string | undefined)[]; readonly suffix: string }

/**
 * The name that the server will probably give (ChooseConstraintName, ChooseRelationName). Two
 * guesses from the same parts depend on their order, so both are noted as writing the same key.
 */
export function guessName(context: Context, relation: Relation, { parts, suffix }: Guess): string {
  const middle = parts.filter((part) => part !== undefined).join('_')
  const base = shorten([relation.name.name, middle], suffix)
  write(context, `auto:${dotted(relation.name.schema, base)}`)
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? base : shorten([relation.name.name, middle], `${suffix}${number}`)
    const taken =
      context.catalog.has(relationKey({ schema: relation.name.schema, name })) ||
      context.catalog.has(partKey('k', relation.name, name))
    if (!taken) return name
  }
}

/** Cuts the longer part first until all fit into 63 bytes, as makeObjectName does. */
function shorten(names: readonly [string, string], suffix: string): string {
  let [first, second] = names
  const length = () =>
    Buffer.byteLength([first, second, suffix].filter((part) => part !== '').join('_'))
  while (length() > 63) {
    if (Buffer.byteLength(first) > Buffer.byteLength(second)) first = cutLast(first)
    else second = cutLast(second)
  }
  return [first, second, suffix].filter((part) => part !== '').join('_')
}

const cutLast = (text: string) => Array.from(text).slice(0, -1).join('')

function addUnique(context: Context, constrained: Constrained): void {
  const { relation, constraint, column, fresh } = constrained
  const isPrimary = constraint.contype === 'CONSTR_PRIMARY'
  if (constraint.indexname !== undefined)
    return addFromIndex(context, constrained, constraint.indexname)
  const columns = column === undefined ? strings(constraint.keys) : [column]
  for (const one of columns) readColumn(context, relation, { column: one })
  for (const one of strings(constraint.including)) readColumn(context, relation, { column: one })
  if (!fresh) readValues(context, relation, columns)
  const guess = isPrimary ? { guess: [], suffix: 'pkey' } : { guess: columns, suffix: 'key' }
  const deps = columns.map((one) => columnKey(relation.name, one))
  const { part, name } = makePart(context, constrained, { deps, ...guess })
  makeIndex(context, relation, { part, name })
  addUniqueKeys(context, relation, { owner: part.key, columns, isPrimary })
}

/** `add constraint … unique using index i`: the index takes the constraint's name. */
function addFromIndex(context: Context, constrained: Constrained, index: string): void {
  const { relation, constraint } = constrained
  const found = readRelation(context, { schemaname: relation.name.schema, relname: index })
  const deps = found.kind === 'found' ? found.relation.deps : []
  const named = {
    ...constrained,
    constraint: { ...constraint, conname: constraint.conname ?? index },
  }
  const { part } = makePart(context, named, { deps, guess: [], suffix: 'key' })
  const columns = [...deps]
    .filter((dep) => dep.startsWith('c:'))
    .map((dep) => dep.slice(dep.lastIndexOf('.') + 1))
  addUniqueKeys(context, relation, {
    owner: part.key,
    columns,
    isPrimary: constraint.contype === 'CONSTR_PRIMARY',
  })
}

/** The index behind a constraint; it has the constraint's name. */
function makeIndex(context: Context, relation: Relation, { part, name: ownName }: Made): void {
  const name = { schema: relation.name.schema, name: ownName }
  create(context, relationKey(name))
  addRelation(context.catalog, {
    name,
    relationKind: 'index',
    parent: part.key,
    deps: part.deps,
    maybe: context.maybe,
    origin: context.origin,
  })
}

type UniqueColumns = {
  readonly owner: Key
  readonly columns: readonly string[]
  readonly isPrimary: boolean
}

export function addUniqueKeys(
  context: Context,
  relation: Relation,
  { owner, columns, isPrimary }: UniqueColumns,
): void {
  const keys = [
    uniqueKey(relation.name, columns),
    ...(isPrimary ? [primaryKey(relation.name)] : []),
  ]
  for (const key of keys) {
    context.effects.creates.add(key)
    write(context, key)
    context.catalog.add({
      key,
      deps: new Set(columns.map((column) => columnKey(relation.name, column))),
      parent: owner,
      maybe: context.maybe,
      origin: context.origin,
    })
  }
}

function addExclusion(context: Context, constrained: Constrained): void {
  const { relation, constraint, fresh } = constrained
  const elements = (constraint.exclusions ?? []).flatMap((node) =>
    'List' in node ? (node.List.items ?? []).slice(0, 1) : [],
  )
  const deps = capture(context, (inner) => {
    for (const element of elements) readIndexElement(inner, relation, element)
    visit({ context: inner, use: 'define' }, constraint.where_clause, scopeOf(relation))
    readAccessMethod(inner, constraint.access_method)
  })
  if (!fresh) readValues(context, relation, columnsAmong(relation, deps))
  const guess = columnsAmong(relation, deps)
  makeIndex(context, relation, makePart(context, constrained, { deps, guess, suffix: 'excl' }))
}

/** A column or an expression of an index, with its operator class. */
export function readIndexElement(context: Context, relation: Relation, element: Node): void {
  if (!('IndexElem' in element)) return
  const { name, expr, opclass } = element.IndexElem
  if (name !== undefined) readColumn(context, relation, { column: name })
  visit({ context, use: 'define' }, expr, scopeOf(relation))
  const operators = strings(opclass).at(-1)
  if (operators === undefined) return
  const own = `o:opclass:${operators}`
  if (context.catalog.has(own)) read(context, own)
  readExtensions(
    context,
    extensionsWith('opclasses', operators).filter((one) =>
      context.catalog.has(`ext:${dotted(one)}`),
    ),
  )
  if (name !== undefined) read(context, `${columnKey(relation.name, name)}#type`)
}

const methodExtensions: Readonly<Record<string, readonly string[]>> = {
  gist: ['btree_gist'],
  gin: ['btree_gin'],
  bloom: ['bloom'],
  hnsw: ['vector'],
  ivfflat: ['vector'],
  rum: ['rum'],
}

/** Access methods whose operator classes often come from an extension that is there. */
export function readAccessMethod(context: Context, method: string | undefined): void {
  const extensions = methodExtensions[method ?? ''] ?? []
  for (const name of extensions) {
    const key = `ext:${dotted(name)}`
    if (context.catalog.has(key) || !name.startsWith('btree_')) read(context, key)
  }
}

function addForeignKey(context: Context, constrained: Constrained): void {
  const { relation, constraint, column } = constrained
  const columns = column === undefined ? strings(constraint.fk_attrs) : [column]
  for (const one of columns) readColumn(context, relation, { column: one })
  for (const one of columns) read(context, `${columnKey(relation.name, one)}#type`)
  const deps = new Set(columns.map((one) => columnKey(relation.name, one)))
  const found = readRelation(context, constraint.pktable ?? {})
  readColumns(context, found, strings(constraint.pk_attrs))
  if (found.kind !== 'builtin') {
    const name = found.kind === 'found' ? found.relation.name : found.name
    for (const dep of readTarget(context, name, constrained)) deps.add(dep)
  }
  deps.delete(relation.key)
  makePart(context, constrained, { deps, guess: columns, suffix: 'fkey' })
}

/** What a foreign key points at: the columns it names, or the primary key. */
function readTarget(context: Context, name: RelationName, constrained: Constrained): Key[] {
  const { constraint, fresh } = constrained
  const names = strings(constraint.pk_attrs)
  const unique = names.length === 0 ? primaryKey(name) : uniqueKey(name, names)
  if (context.catalog.has(unique) || !context.catalog.has(relationKey(name))) read(context, unique)
  else missUnique(context, unique)
  const columns =
    names.length > 0
      ? names.map((one) => columnKey(name, one))
      : [...(context.catalog.get(unique)?.deps ?? [])]
  for (const key of columns) read(context, `${key}#type`)
  if (!fresh && constraint.skip_validation !== true)
    readBothSides(context, constrained, { name, columns })
  return [relationKey(name), ...columns]
}

/** The key may be one that nobody can see in the texts, so only a later one proves anything. */
function missUnique(context: Context, key: Key): void {
  const name = nameOfKey(key)
  const word = lastName(key)
  miss(context, {
    kind: 'constraint',
    name,
    keys: [key],
    word,
    byte: undefined,
    nearest: undefined,
  })
}

type Target = { readonly name: RelationName; readonly columns: readonly Key[] }

function readBothSides(
  context: Context,
  constrained: Constrained,
  { name, columns }: Target,
): void {
  const { relation, constraint, column } = constrained
  readValues(context, relation, column === undefined ? strings(constraint.fk_attrs) : [column])
  for (const key of columns) context.effects.dataReads.add(`d:${key.slice(2)}`)
  if (columns.length === 0) context.effects.dataReads.add(rowsKey(name))
}
