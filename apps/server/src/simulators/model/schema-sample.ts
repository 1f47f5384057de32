import {
  isJsonObject,
  memberText,
  scalarText,
  type JsonObject,
  type JsonValue,
} from '../json-value.ts'

const depthMax = 12

/**
 * The smallest value that a JSON Schema of structured output admits: every property, the first
 * variant, the shortest lists. References are followed within the schema.
 *
 * @param text what strings say
 */
export function sampleOfSchema(schema: JsonObject, text: string): JsonValue {
  return sample(schema, { root: schema, text, depth: 0 })
}

type Sampling = { readonly root: JsonObject; readonly text: string; readonly depth: number }

function sample(given: JsonValue | undefined, sampling: Sampling): JsonValue {
  const schema = resolve(given, sampling.root)
  if (sampling.depth > depthMax) return null
  const deeper = { ...sampling, depth: sampling.depth + 1 }
  if (schema['const'] !== undefined) return schema['const']
  const [first] = [schema['enum'], schema['anyOf'], schema['oneOf']].find(Array.isArray) ?? []
  if (first !== undefined) return Array.isArray(schema['enum']) ? first : sample(first, deeper)
  return samplers[typeOf(schema)]?.(schema, deeper) ?? null
}

function typeOf(schema: JsonObject): string {
  const type = schema['type']
  if (Array.isArray(type)) return scalarText(type.find((one) => one !== 'null')) || 'null'
  return memberText(schema, 'type') || (schema['properties'] === undefined ? 'string' : 'object')
}

type Sampler = (schema: JsonObject, sampling: Sampling) => JsonValue

const number: Sampler = (schema) => Number(memberText(schema, 'minimum') || 1)

const samplers: Readonly<Record<string, Sampler>> = {
  string: (_schema, { text }) => text,
  integer: number,
  number,
  boolean: () => true,
  array: (schema, sampling) =>
    Array.from({ length: Number(memberText(schema, 'minItems') || 0) }, () =>
      sample(schema['items'], sampling),
    ),
  object: (schema, sampling) => {
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {}
    return Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, sample(inner, sampling)]),
    )
  },
}

function resolve(schema: JsonValue | undefined, root: JsonObject): JsonObject {
  const reference = memberText(schema, '$ref')
  if (!reference.startsWith('#')) return isJsonObject(schema) ? schema : {}
  let found: JsonValue | undefined = root
  for (const step of reference.split('/').slice(1))
    found = isJsonObject(found)
      ? found[step.replaceAll('~1', '/').replaceAll('~0', '~')]
      : undefined
  return isJsonObject(found) ? found : {}
}
