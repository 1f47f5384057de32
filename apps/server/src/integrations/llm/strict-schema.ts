import { asRecord } from './vendor-refusal.ts'

/** A JSON schema of an object or of a choice between objects, as `z.toJSONSchema` makes it. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Limits of length and number are not among them: some servers refuse these, and we check again. */
const keywords: ReadonlySet<string> = new Set([
  'type',
  'description',
  'enum',
  'const',
  'properties',
  'items',
  'anyOf',
  '$ref',
  '$defs',
])

/**
 * The form that strict structured output takes: an object at the top, every member required, none
 * besides them (`external-apis.md` 5). A choice between objects at the top becomes one object: what
 * a choice does not have is `null` there, and what tells the choices apart comes first. A schema
 * library that ignores unknown members reads such an answer as the choice that it is; a member that
 * was optional must also admit `null`.
 */
export function strictSchema(schema: JsonSchema): JsonSchema {
  const known = strictSchemas.get(schema)
  if (known !== undefined) return known
  const choices = choicesOf(schema)
  const strict = tidy(choices === undefined ? schema : merge(choices))
  strictSchemas.set(schema, strict)
  return strict
}

/** A schema is made once and asked for with every question. */
const strictSchemas = new WeakMap<JsonSchema, JsonSchema>()

function choicesOf(schema: JsonSchema): JsonSchema[] | undefined {
  const choices = schema['oneOf'] ?? schema['anyOf']
  if (!Array.isArray(choices)) return undefined
  return choices.map(asRecord).filter((choice) => choice !== undefined)
}

function merge(choices: readonly JsonSchema[]): JsonSchema {
  const names = new Set(choices.flatMap((choice) => Object.keys(propertiesOf(choice))))
  const merged = [...names].map((name) => {
    const variants = choices
      .map((choice) => propertiesOf(choice)[name])
      .filter((variant) => variant !== undefined)
    const together = oneOfThem(variants)
    return { name, schema: variants.length < choices.length ? nullable(together) : together }
  })
  const tells = merged.filter(({ schema }) => schema['enum'] !== undefined)
  const properties = [...tells, ...merged.filter((entry) => !tells.includes(entry))]
  return {
    type: 'object',
    properties: Object.fromEntries(properties.map(({ name, schema }) => [name, schema])),
    required: [...names],
  }
}

function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  return (asRecord(schema['properties']) ?? {}) as Record<string, JsonSchema>
}

function oneOfThem(variants: readonly JsonSchema[]): JsonSchema {
  const [first, ...others] = [...new Set(variants.map((variant) => JSON.stringify(variant)))]
  if (first === undefined) return {}
  if (others.length === 0) return JSON.parse(first) as JsonSchema
  const constants = variants.flatMap((variant) => variant['const'] ?? [])
  if (constants.length === variants.length) return { type: 'string', enum: [...new Set(constants)] }
  return { anyOf: variants }
}

function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] }
}

function tidy(schema: JsonSchema): JsonSchema {
  const kept = Object.entries({ ...schema, ...renamed(schema) })
    .filter(([keyword]) => keywords.has(keyword))
    .map(([keyword, value]) => [keyword, tidyValue(keyword, value, schema)])
  const tidied = Object.fromEntries(kept) as JsonSchema
  if (tidied['properties'] === undefined) return tidied
  const required = Object.keys(propertiesOf(tidied))
  return { ...tidied, required, additionalProperties: false }
}

function renamed({ oneOf }: JsonSchema): JsonSchema {
  return oneOf === undefined ? {} : { anyOf: oneOf }
}

function tidyValue(keyword: string, value: unknown, parent: JsonSchema): unknown {
  switch (keyword) {
    case 'properties':
      return tidyProperties(parent)
    case '$defs':
      return mapValues(asRecord(value) ?? {}, (entry) => tidy(asRecord(entry) ?? {}))
    case 'items':
      return tidy(asRecord(value) ?? {})
    case 'anyOf':
      return Array.isArray(value) ? value.map((entry) => tidy(asRecord(entry) ?? {})) : value
    default:
      return value
  }
}

function tidyProperties(parent: JsonSchema): unknown {
  const required = Array.isArray(parent['required']) ? parent['required'] : []
  return mapValues(propertiesOf(parent), (schema, name) =>
    required.includes(name) ? tidy(schema) : nullable(tidy(schema)),
  )
}

function mapValues<V, W>(
  record: Readonly<Record<string, V>>,
  change: (value: V, name: string) => W,
): Record<string, W> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, change(value, name)]),
  )
}
