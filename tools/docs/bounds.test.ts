import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { limits } from '../../packages/contracts/src/limits.ts'
import { contracts } from './documents.ts'
import { endpointsIn } from './openapi.ts'

const endpoints = endpointsIn(await contracts(join(import.meta.dirname, '../..')))

type Leaf = { readonly path: string; readonly schema: z.ZodType }

/** Every text and every list that a request may bring. */
function* leavesOf(schema: z.ZodType, path: string): Generator<Leaf> {
  if (schema instanceof z.ZodObject)
    for (const [name, part] of Object.entries(schema.shape as Record<string, z.ZodType>))
      yield* leavesOf(part, `${path}.${name}`)
  else if (schema instanceof z.ZodArray) {
    yield { path, schema }
    yield* leavesOf(schema.element as z.ZodType, `${path}[]`)
  } else if (schema instanceof z.ZodUnion)
    for (const option of schema.options as readonly z.ZodType[]) yield* leavesOf(option, path)
  else if ('innerType' in schema.def) yield* leavesOf(schema.def.innerType as z.ZodType, path)
  else if (schema instanceof z.ZodPipe) yield { path, schema }
  else yield { path, schema }
}

const requests = endpoints.flatMap(({ method, path, params, query, body }) =>
  [params, query, body].flatMap((schema) =>
    schema === undefined ? [] : [...leavesOf(schema, `${method} ${path}`)],
  ),
)
const beyond = (accepts: (schema: z.ZodType) => boolean) =>
  requests.filter(({ schema }) => accepts(schema)).map(({ path }) => path)

describe('a request', () => {
  it('is described for every endpoint', () => {
    expect(endpoints.length).toBeGreaterThan(30)
    expect(requests.length).toBeGreaterThan(30)
  })

  it('has an end to every text, which the form shows and the server keeps [SEC-4, SEC-9]', () => {
    const long = 'x'.repeat(limits.ticketLengthMax + 1)
    expect(beyond((schema) => schema.safeParse(long).success)).toEqual([])
    const address = `https://${'x'.repeat(200)}.example/${long}`
    expect(beyond((schema) => schema.safeParse(address).success)).toEqual([])
    const email = `${'x'.repeat(60)}@${'x.'.repeat(limits.ticketLengthMax / 2)}example`
    expect(beyond((schema) => schema.safeParse(email).success)).toEqual([])
  })

  it('has an end to every list', () => {
    const endless = requests.filter(({ schema }) => {
      if (!(schema instanceof z.ZodArray)) return false
      const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
      return shape.maxItems === undefined
    })
    expect(endless.map(({ path }) => path)).toEqual([])
  })

  it('has an end to every number', () => {
    expect(
      beyond((schema) => schema instanceof z.ZodNumber && schema.safeParse(1e15).success),
    ).toEqual([])
  })
})
