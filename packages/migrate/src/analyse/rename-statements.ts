import type {
  AlterObjectSchemaStmt,
  AlterOwnerStmt,
  CommentStmt,
  Node,
  ObjectType,
  RangeVar,
  RenameStmt,
  SecLabelStmt,
} from 'libpg-query'
import { isFunction, isType, type Relation, renameColumn, renameRelation } from './catalog.ts'
import { type Context, create, read, write } from './effects.ts'
import {
  columnKey,
  dotted,
  type Key,
  partKey,
  type PartPrefix,
  relationKey,
  type RelationName,
  typeKey,
} from './keys.ts'
import { findObject, readIndex, textsOf } from './objects.ts'
import { findRelation, readColumn, readRelation, readRole, readSchema } from './resolve.ts'
import { heirsOf } from './tables.ts'

type Handler = (context: Context, stmt: RenameStmt) => void

const relationTypes: readonly (ObjectType | undefined)[] = [
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_INDEX',
  'OBJECT_FOREIGN_TABLE',
]

const handlers: Readonly<Record<string, Handler>> = {
  OBJECT_COLUMN: renameOneColumn,
  OBJECT_ATTRIBUTE: renameOneColumn,
  OBJECT_TABCONSTRAINT: (context, stmt) => renamePart(context, 'k', stmt),
  OBJECT_TRIGGER: (context, stmt) => renamePart(context, 'tg', stmt),
  OBJECT_POLICY: (context, stmt) => renamePart(context, 'pol', stmt),
  OBJECT_RULE: (context, stmt) => renamePart(context, 'ru', stmt),
  OBJECT_SCHEMA: renameSchema,
  OBJECT_DOMCONSTRAINT: (context, stmt) => {
    const [type] =
      stmt.object !== undefined && 'List' in stmt.object ? (stmt.object.List.items ?? []) : []
    const key = type === undefined ? undefined : findObject(context, 'OBJECT_TYPE', type).found[0]
    if (key === undefined) return
    read(context, key)
    write(context, `${key}#constraint:${stmt.subname ?? ''}`)
    write(context, `${key}#constraint:${stmt.newname ?? ''}`)
  },
}

export function rename(context: Context, stmt: RenameStmt): void {
  if (relationTypes.includes(stmt.renameType)) return renameOneRelation(context, stmt)
  const handler = handlers[stmt.renameType ?? '']
  if (handler !== undefined) return handler(context, stmt)
  renameOther(context, stmt)
}

/** Notes that one name ends and another begins. */
function exchange(context: Context, from: Key, to: Key): void {
  read(context, from)
  context.effects.drops.add(from)
  context.effects.renames.add(from)
  write(context, from)
  create(context, to)
}

function renameOneRelation(context: Context, stmt: RenameStmt): void {
  const range = stmt.relation ?? {}
  const found = findRelation(context, range)
  if (found.kind === 'missing' && stmt.missing_ok === true) return
  if (stmt.renameType === 'OBJECT_INDEX') readIndex(context, range)
  else readRelation(context, range)
  if (found.kind === 'builtin') return
  const from = found.kind === 'found' ? found.relation.name : found.name
  moveRelation(context, {
    from,
    to: { schema: from.schema, name: stmt.newname ?? '' },
    relation: found.kind === 'found' ? found.relation : undefined,
  })
}

type Move = {
  readonly from: RelationName
  readonly to: RelationName
  readonly relation: Relation | undefined
}

function moveRelation(context: Context, { from, to, relation }: Move): void {
  exchange(context, relationKey(from), relationKey(to))
  if (relation === undefined) return
  if (context.maybe) {
    relation.maybe = true
    return
  }
  const changes = renameRelation(context.catalog, relation, to)
  for (const [old, now] of changes) {
    if (old.endsWith('*') || old === now) continue
    write(context, old)
    write(context, now)
    context.effects.drops.add(old)
    context.effects.renames.add(old)
    context.effects.creates.add(now)
  }
}

function renameOneColumn(context: Context, stmt: RenameStmt): void {
  const range = stmt.relation ?? {}
  const known = findRelation(context, range)
  if (known.kind === 'missing' && stmt.missing_ok === true) return
  const found = readRelation(context, range)
  const [from, to] = [stmt.subname ?? '', stmt.newname ?? '']
  if (found.kind === 'missing') {
    read(context, columnKey(found.name, from))
    create(context, columnKey(found.name, to))
  }
  if (found.kind !== 'found') return
  readColumn(context, found.relation, { column: from })
  moveColumn(context, found.relation, { from, to })
}

function moveColumn(
  context: Context,
  relation: Relation,
  { from, to }: { from: string; to: string },
): void {
  exchange(context, columnKey(relation.name, from), columnKey(relation.name, to))
  for (const heir of heirsOf(context, relation))
    if (heir.columns.has(from)) moveColumn(context, heir, { from, to })
  renameColumn(context.catalog, relation, { from, to })
}

function renamePart(context: Context, prefix: PartPrefix, stmt: RenameStmt): void {
  const found = readRelation(context, stmt.relation ?? {})
  if (found.kind !== 'found') return
  const { name } = found.relation
  const from = partKey(prefix, name, stmt.subname ?? '')
  const to = partKey(prefix, name, stmt.newname ?? '')
  exchange(context, from, to)
  const index = context.catalog.relation(
    relationKey({ schema: name.schema, name: stmt.subname ?? '' }),
  )
  context.catalog.rekey(new Map([[from, to]]))
  // The index of a constraint takes its new name.
  if (prefix === 'k' && index !== undefined && index.parent === to)
    moveRelation(context, {
      from: index.name,
      to: { schema: name.schema, name: stmt.newname ?? '' },
      relation: index,
    })
}

function renameSchema(context: Context, stmt: RenameStmt): void {
  const from = stmt.subname ?? ''
  const to = stmt.newname ?? ''
  exchange(context, `s:${dotted(from)}`, `s:${dotted(to)}`)
  if (context.catalog.frozen) return
  for (const object of Array.from(context.catalog.objects.values())) {
    if ('relationKind' in object) {
      const relation = object as Relation
      if (relation.name.schema === from)
        moveRelation(context, {
          from: relation.name,
          to: { ...relation.name, schema: to },
          relation,
        })
    } else if ((isFunction(object) || isType(object)) && object.name.schema === from)
      moveNamed(context, object, { ...object.name, schema: to })
  }
  context.catalog.rekey(new Map([[`s:${dotted(from)}`, `s:${dotted(to)}`]]))
}

type NamedThing = { key: Key; name: RelationName }

/** A type or a function gets another name; its arguments stay. */
function moveNamed(context: Context, object: NamedThing, to: RelationName): void {
  const from = object.key
  const key = from.startsWith('f:')
    ? `f:${dotted(to.schema, to.name)}${from.slice(from.indexOf('('))}`
    : typeKey(to)
  exchange(context, from, key)
  if (context.catalog.frozen) return
  context.catalog.rekey(new Map([[from, key]]))
  object.name = to
}

function renameOther(context: Context, stmt: RenameStmt): void {
  const { object, newname = '' } = stmt
  if (object === undefined) return renameByName(context, stmt)
  const found = findObject(context, stmt.renameType, object)
  found.demand()
  const [key] = found.found
  const thing = key === undefined ? undefined : context.catalog.get(key)
  if (thing !== undefined && (isFunction(thing) || isType(thing)))
    return moveNamed(context, thing, { ...thing.name, name: newname })
  const relation = key === undefined ? undefined : context.catalog.relation(key)
  if (relation !== undefined)
    return moveRelation(context, {
      from: relation.name,
      to: { ...relation.name, name: newname },
      relation,
    })
  write(context, found.expected)
  create(context, `${found.expected.slice(0, found.expected.lastIndexOf(':') + 1)}${newname}`)
}

/** Roles, databases and their like have a bare name. */
function renameByName(
  context: Context,
  { renameType = 'OBJECT_TABLE', subname = '', newname = '' }: RenameStmt,
): void {
  const kind =
    renameType === 'OBJECT_ROLE' ? 'role' : `o:${renameType.slice('OBJECT_'.length).toLowerCase()}`
  exchange(context, `${kind}:${dotted(subname)}`, `${kind}:${dotted(newname)}`)
  context.catalog.rekey(new Map([[`${kind}:${dotted(subname)}`, `${kind}:${dotted(newname)}`]]))
}

export function setSchema(context: Context, stmt: AlterObjectSchemaStmt): void {
  const schema = stmt.newschema ?? ''
  readSchema(context, schema)
  if (stmt.relation !== undefined) return moveToSchema(context, stmt, stmt.relation)
  if (stmt.object === undefined) return
  const found = findObject(context, stmt.objectType, stmt.object)
  found.demand()
  const [key] = found.found
  const thing = key === undefined ? undefined : context.catalog.get(key)
  if (thing !== undefined && (isFunction(thing) || isType(thing)))
    return moveNamed(context, thing, { ...thing.name, schema })
  write(context, `${found.expected}#schema`)
}

/** A table takes its indexes and its own sequences with it. */
function moveToSchema(context: Context, stmt: AlterObjectSchemaStmt, range: RangeVar): void {
  const schema = stmt.newschema ?? ''
  const known = findRelation(context, range)
  if (known.kind === 'missing' && stmt.missing_ok === true) return
  const found = readRelation(context, range)
  if (found.kind !== 'found') return
  const { relation } = found
  const own = [relation, ...relationsBelow(context, relation.key)]
  for (const one of own)
    moveRelation(context, { from: one.name, to: { schema, name: one.name.name }, relation: one })
}

function relationsBelow(context: Context, key: Key): Relation[] {
  return context.catalog.children(key).flatMap((child) => {
    const relation = context.catalog.relation(child.key)
    const below = relationsBelow(context, child.key)
    return relation === undefined || relation.relationKind === 'table'
      ? below
      : [relation, ...below]
  })
}

type OfObject = {
  readonly type: ObjectType | undefined
  readonly object: Node | undefined
  readonly aspect: string
}

/** One property of an object: its comment, its owner, its label. */
function setAspect(context: Context, { type, object, aspect }: OfObject): void {
  if (object === undefined) return
  const { found, expected, demand } = findObject(context, type, object)
  demand()
  write(context, `${found[0] ?? expected}#${aspect}`)
}

export function comment(context: Context, { objtype, object }: CommentStmt): void {
  if (objtype === 'OBJECT_DOMCONSTRAINT' && object !== undefined && 'List' in object) {
    const [type] = object.List.items ?? []
    return setAspect(context, {
      type: 'OBJECT_TYPE',
      object: type,
      aspect: `comment:${textsOf(object).at(-1) ?? ''}`,
    })
  }
  setAspect(context, { type: objtype, object, aspect: 'comment' })
}

export function securityLabel(context: Context, { objtype, object, provider }: SecLabelStmt): void {
  setAspect(context, { type: objtype, object, aspect: `label:${provider ?? ''}` })
}

export function setOwner(context: Context, stmt: AlterOwnerStmt): void {
  readRole(context, stmt.newowner)
  const object = stmt.relation === undefined ? stmt.object : { RangeVar: stmt.relation }
  setAspect(context, { type: stmt.objectType, object, aspect: 'owner' })
}
