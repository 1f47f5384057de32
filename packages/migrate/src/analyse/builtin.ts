import { coreNames, extensionNames } from './builtin-names.generated.ts'

const listOf = (names: string | undefined) => (names ?? '').split(' ').filter((name) => name !== '')

const functions = new Set(listOf(coreNames.functions))
// The parser makes sequences of the serial types; the catalog does not know them.
const serials = 'serial bigserial smallserial serial2 serial4 serial8'
const types = new Set([...listOf(coreNames.types), ...listOf(serials)])
const relations = new Set(listOf(coreNames.relations))

type Kind = 'functions' | 'types' | 'relations' | 'opclasses'
const providers: Readonly<Record<Kind, ReadonlyMap<string, readonly string[]>>> = {
  functions: providersOf('functions'),
  types: providersOf('types'),
  relations: providersOf('relations'),
  opclasses: providersOf('opclasses'),
}

function providersOf(kind: Kind): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const [extension, names] of Object.entries(extensionNames))
    for (const name of listOf(names[kind])) found.set(name, [...(found.get(name) ?? []), extension])
  return found
}

/** Schemas that every database has, beside `public`. */
export const systemSchemas: ReadonlySet<string> = new Set([
  'pg_catalog',
  'information_schema',
  'pg_toast',
  'pg_temp',
])

export const isCoreFunction = (name: string): boolean => functions.has(name)
export const isCoreType = (name: string): boolean => types.has(name)

/** @param schema undefined where the name stands alone */
export function isCoreRelation(schema: string | undefined, name: string): boolean {
  if (schema === 'information_schema') return relations.has(`information_schema.${name}`)
  return (schema === undefined || schema === 'pg_catalog') && relations.has(name)
}

/** Bundled extensions that bring a thing of this name along. */
export function extensionsWith(kind: Kind, name: string): readonly string[] {
  return providers[kind].get(name) ?? []
}

/** Whether we know what an extension brings along. */
export const isKnownExtension = (name: string): boolean =>
  name === 'plpgsql' || Object.hasOwn(extensionNames, name)
