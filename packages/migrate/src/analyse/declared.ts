import { nearestName } from '../text/nearest.ts'
import type { MigrationHeader } from '../text/source.ts'
import { addColumn, addRelation, isRelation } from './catalog.ts'
import { type Context, create, type Effects, miss, read } from './effects.ts'
import {
  columnKey,
  dotted,
  functionKey,
  type Key,
  partsOfName,
  relationKey,
  schemaKey,
  typeKey,
} from './keys.ts'
import { creationSchema, findFunctions, findRelation, findType } from './resolve.ts'

/** Takes the names over that the header declares: what the file needs, and what it makes. */
export function applyHeader(context: Context, header: MigrationHeader): void {
  for (const name of header.needs) need(context, partsOfName(name))
  for (const name of header.defines) define(context, partsOfName(name))
}

/** What the words of opaque text stand for, once the header says it. */
export function declaredTokens(effects: Effects, { needs, defines }: MigrationHeader): void {
  if (needs.length > 0 || defines.length > 0) effects.tokens.clear()
}

function need(context: Context, parts: readonly string[]): void {
  const key = keyOf(context, parts)
  if (key !== undefined) return read(context, key)
  const relations = [...context.catalog.objects.values()].filter(isRelation)
  miss(context, {
    kind: 'object',
    name: dotted(...parts),
    keys: possibleKeys(context, parts),
    word: parts.at(-1) ?? '',
    byte: undefined,
    nearest: nearestName(
      parts.at(-1) ?? '',
      relations.map((one) => one.name.name),
    ),
  })
}

/** The key of something that exists: a relation, a type, a function, a column, a schema. */
function keyOf(context: Context, parts: readonly string[]): Key | undefined {
  const name = parts.at(-1) ?? ''
  const schema = parts.at(-2)
  const range = { relname: name, ...(schema === undefined ? {} : { schemaname: schema }) }
  const found = findRelation(context, range)
  if (found.kind === 'found') return found.relation.key
  const type = findType(context, { schema, name })
  if (type !== undefined) return type
  const [fn] = findFunctions(context, { schema, name })
  if (fn !== undefined) return functionKey(fn.name, '*')
  const own = parts.length === 1 ? schemaKey(name) : columnOf(context, parts)
  return own !== undefined && context.catalog.has(own) ? own : undefined
}

function columnOf(context: Context, parts: readonly string[]): Key | undefined {
  const [schemaname, relname] = [parts.at(-3), parts.at(-2)]
  if (relname === undefined) return undefined
  const found = findRelation(context, {
    relname,
    ...(schemaname === undefined ? {} : { schemaname }),
  })
  return found.kind === 'found' ? columnKey(found.relation.name, parts.at(-1) ?? '') : undefined
}

function possibleKeys(context: Context, parts: readonly string[]): Key[] {
  const name = { schema: parts.at(-2) ?? creationSchema(context), name: parts.at(-1) ?? '' }
  const column = columnOf(context, parts)
  const keys = [relationKey(name), typeKey(name), functionKey(name, '*')]
  return column === undefined ? keys : [column, ...keys]
}

/** Something that the parser cannot see being made; what it is like, nobody knows. */
function define(context: Context, parts: readonly string[]): void {
  const column = columnOf(context, parts)
  const last = parts.at(-1) ?? ''
  context.catalog.tokens.add(last)
  if (column !== undefined) {
    create(context, column)
    const relation = context.catalog.relation(`t:${column.slice(2, column.lastIndexOf('.'))}`)
    const facts = { type: undefined, builtinType: undefined, hasDefault: true }
    if (relation !== undefined)
      addColumn(context.catalog, relation, { column: last, facts, maybe: true })
    return
  }
  const name = { schema: parts.at(-2) ?? creationSchema(context), name: last }
  create(context, relationKey(name))
  if (context.catalog.has(relationKey(name))) return
  addRelation(context.catalog, {
    name,
    relationKind: 'table',
    open: true,
    maybe: true,
    origin: context.origin,
  })
}
