import type { Node, ObjectType, RangeVar } from 'libpg-query'
import { nearestName } from '../text/nearest.ts'
import type { Context } from './effects.ts'
import { miss, read } from './effects.ts'
import {
  dotted,
  type Key,
  lastName,
  nameOfKey,
  partKey,
  type PartPrefix,
  relationKey,
  schemaKey,
  typeKey,
} from './keys.ts'
import { functionsMeant } from './function-statements.ts'
import {
  creationSchema,
  findRelation,
  findType,
  readColumn,
  readFunction,
  readRelation,
  readTypeNamed,
  splitName,
  strings,
} from './resolve.ts'

/** What the object of DROP, COMMENT, ALTER … OWNER and their like may be. */
export type NamedObject = {
  /** Keys that exist. */
  readonly found: readonly Key[]
  /** What it would be where it does not exist. */
  readonly expected: Key
  /** Reads it, or notes that it is missing. */
  readonly demand: () => void
}

type Finder = (context: Context, node: Node) => NamedObject

const relationTypes = [
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_INDEX',
  'OBJECT_FOREIGN_TABLE',
] as const
const functionTypes = [
  'OBJECT_FUNCTION',
  'OBJECT_PROCEDURE',
  'OBJECT_ROUTINE',
  'OBJECT_AGGREGATE',
] as const

const finders: Readonly<Record<string, Finder>> = {
  ...Object.fromEntries(relationTypes.map((type) => [type, findRelationObject(type)])),
  ...Object.fromEntries(functionTypes.map((type) => [type, findFunctionObject])),
  OBJECT_TYPE: findTypeObject,
  OBJECT_DOMAIN: findTypeObject,
  OBJECT_COLUMN: findColumnObject,
  OBJECT_SCHEMA: findSchemaObject,
  OBJECT_TABCONSTRAINT: findPart('k', 'constraint'),
  OBJECT_TRIGGER: findPart('tg', 'trigger'),
  OBJECT_POLICY: findPart('pol', 'policy'),
  OBJECT_RULE: findPart('ru', 'object'),
  OBJECT_EXTENSION: (context, node) => plain(context, `ext:${dotted(...textsOf(node))}`),
  OBJECT_ROLE: (context, node) => plain(context, `role:${dotted(...textsOf(node))}`),
  OBJECT_STATISTIC_EXT: (context, node) => {
    const { schema, name } = splitName(textsOf(node))
    return plain(context, `st:${dotted(schema ?? creationSchema(context), name)}`)
  },
}

/** @param type as the syntax tree says it */
export function findObject(
  context: Context,
  type: ObjectType | undefined,
  node: Node,
): NamedObject {
  const finder = finders[type ?? '']
  if (finder !== undefined) return finder(context, node)
  const kind = (type ?? 'OBJECT_OBJECT').slice('OBJECT_'.length).toLowerCase()
  return plain(context, `o:${kind}:${textsOf(node).at(-1) ?? ''}`)
}

/** The strings of a name in whichever of the tree's shapes it comes. */
export function textsOf(node: Node): string[] {
  if ('List' in node) return strings(node.List.items)
  if ('TypeName' in node) return strings(node.TypeName.names)
  if ('ObjectWithArgs' in node) return strings(node.ObjectWithArgs.objname)
  if ('RoleSpec' in node) return [node.RoleSpec.rolename ?? '']
  if ('RangeVar' in node) return textsOfRange(node.RangeVar)
  return strings([node])
}

const textsOfRange = ({ schemaname, relname = '' }: RangeVar): string[] =>
  schemaname === undefined ? [relname] : [schemaname, relname]

/** Things of which nobody knows all: missing ones are no objection. */
function plain(context: Context, key: Key): NamedObject {
  return {
    found: context.catalog.has(key) ? [key] : [],
    expected: key,
    demand: () => read(context, key),
  }
}

function rangeOf(node: Node) {
  if ('RangeVar' in node) return node.RangeVar
  const { schema, name } = splitName(textsOf(node))
  return { relname: name, ...(schema === undefined ? {} : { schemaname: schema }) }
}

function findRelationObject(type: (typeof relationTypes)[number]): Finder {
  return (context, node) => {
    const range = rangeOf(node)
    const found = findRelation(context, range)
    const name = { schema: range.schemaname ?? creationSchema(context), name: range.relname ?? '' }
    const expected =
      found.kind === 'found'
        ? found.relation.key
        : relationKey(found.kind === 'missing' ? found.name : name)
    return {
      found: found.kind === 'found' ? [found.relation.key] : [],
      expected,
      demand: () => {
        if (type === 'OBJECT_INDEX') readIndex(context, range)
        else readRelation(context, range)
      },
    }
  }
}

/** Names that the server may have given to an index, so nobody is sure that there is none. */
const serverNamed = /_(?:pkey|key|idx|excl)\d*$/

/** Reads an index by its name. */
export function readIndex(context: Context, range: RangeVar): void {
  const found = findRelation(context, range)
  const word = range.relname ?? ''
  if (found.kind !== 'missing' || !serverNamed.test(word)) {
    readRelation(context, range)
    return
  }
  const key = relationKey(found.name)
  miss(context, {
    kind: 'constraint',
    name: nameOfKey(key),
    keys: [key],
    word,
    byte: undefined,
    nearest: undefined,
  })
}

function findFunctionObject(context: Context, node: Node): NamedObject {
  const parts = textsOf(node)
  const { schema, name } = splitName(parts)
  const found = 'ObjectWithArgs' in node ? functionsMeant(context, node.ObjectWithArgs) : []
  const stem = `f:${dotted(schema ?? creationSchema(context), name)}`
  return {
    found: found.slice(0, 1).map(({ key }) => key),
    expected: `${stem}(*)`,
    demand: () => {
      if (found[0] !== undefined) read(context, found[0].key)
      else readFunction(context, parts)
    },
  }
}

function findTypeObject(context: Context, node: Node): NamedObject {
  const ref = splitName(textsOf(node))
  const key = findType(context, ref)
  return {
    found: key === undefined ? [] : [key],
    expected: key ?? typeKey({ schema: ref.schema ?? creationSchema(context), name: ref.name }),
    demand: () => {
      readTypeNamed(context, ref)
    },
  }
}

function findColumnObject(context: Context, node: Node): NamedObject {
  const parts = textsOf(node)
  const column = parts.at(-1) ?? ''
  const { schema, name } = splitName(parts.slice(0, -1))
  const range = { relname: name, ...(schema === undefined ? {} : { schemaname: schema }) }
  const found = findRelation(context, range)
  const full =
    found.kind === 'found'
      ? found.relation.name
      : { schema: schema ?? creationSchema(context), name }
  const expected = partKey('c', full, column)
  return {
    found: context.catalog.has(expected) ? [expected] : [],
    expected,
    demand: () => {
      const known = readRelation(context, range)
      if (known.kind === 'found') readColumn(context, known.relation, { column })
    },
  }
}

function findSchemaObject(context: Context, node: Node): NamedObject {
  return { ...plain(context, schemaKey(textsOf(node)[0] ?? '')) }
}

function findPart(
  prefix: PartPrefix,
  kind: 'constraint' | 'trigger' | 'policy' | 'object',
): Finder {
  return (context, node) => {
    const parts = textsOf(node)
    const part = parts.at(-1) ?? ''
    const { schema, name } = splitName(parts.slice(0, -1))
    const range = { relname: name, ...(schema === undefined ? {} : { schemaname: schema }) }
    const relation = findRelation(context, range)
    const full =
      relation.kind === 'found'
        ? relation.relation.name
        : { schema: schema ?? creationSchema(context), name }
    const key = partKey(prefix, full, part)
    return {
      found: context.catalog.has(key) ? [key] : [],
      expected: key,
      demand: () => {
        const known = readRelation(context, range)
        if (context.catalog.has(key)) return read(context, key)
        if (known.kind === 'found' && !known.relation.open)
          miss(context, {
            kind,
            name: nameOfKey(key),
            keys: [key],
            word: part,
            byte: undefined,
            nearest: nearestName(part, partsBelow(context, known.relation.key, prefix)),
          })
      },
    }
  }
}

/** Names of the constraints, triggers, policies or rules of a relation. */
function partsBelow(context: Context, relation: Key, prefix: PartPrefix): string[] {
  return context.catalog
    .children(relation)
    .flatMap(({ key }) => (key.startsWith(`${prefix}:`) ? [lastName(key)] : []))
}
