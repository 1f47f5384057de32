import { modelReply } from '@studioops/contracts/story-content'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { strictSchema } from './strict-schema.ts'

type Node = { readonly [keyword: string]: unknown }

function* nodes(node: unknown): Generator<Node> {
  if (typeof node !== 'object' || node === null) return
  yield node as Node
  for (const value of Object.values(node)) yield* nodes(value)
}

const strict = (schema: z.ZodType) => strictSchema(z.toJSONSchema(schema))

describe('a schema for strict structured output', () => {
  const reply = strict(modelReply)

  it('is an object at the top although the reply is a choice, with what tells the choices apart first', () => {
    expect(reply['type']).toBe('object')
    expect(Object.entries(reply['properties'] as object)[0]).toEqual([
      'kind',
      { type: 'string', enum: ['story', 'clarify'] },
    ])
  })

  it('requires every member of every object and allows no other', () => {
    const objects = [...nodes(reply)].filter(({ type }) => type === 'object')
    expect(objects.length).toBeGreaterThan(3)
    for (const { properties, required, additionalProperties } of objects) {
      expect(required).toEqual(Object.keys(properties as object))
      expect(additionalProperties).toBe(false)
    }
  })

  it('has no keyword that strict servers refuse', () => {
    const text = JSON.stringify(reply)
    for (const keyword of ['$schema', 'oneOf', 'maxLength', 'minLength', 'maxItems', 'maximum'])
      expect(text).not.toContain(`"${keyword}"`)
  })

  it.each([
    {
      kind: 'story',
      summary: 'כניסה',
      narrative: { asA: 'a', iWant: 'b', soThat: 'c' },
      acceptanceCriteria: ['d'],
      scenarios: [],
      sections: [],
      stlcNotes: {
        scope: '',
        data: '',
        environments: '',
        cases: '',
        entryCriteria: '',
        exitCriteria: '',
      },
      storyPoints: 2,
      question: null,
      options: null,
    },
    {
      kind: 'clarify',
      question: 'Which?',
      options: ['x'],
      summary: null,
      narrative: null,
      acceptanceCriteria: null,
      scenarios: null,
      sections: null,
      stlcNotes: null,
      storyPoints: null,
    },
  ])('describes an answer of kind $kind that the reply then reads', (answer) => {
    const validate = new Ajv({ strict: false }).compile(reply)
    expect(validate(answer), JSON.stringify(validate.errors)).toBe(true)
    const { kind } = modelReply.parse(answer)
    expect(kind).toBe(answer.kind)
  })

  it('lets what was optional be null, keeps references, and turns every choice into anyOf', () => {
    const node = z
      .object({ name: z.string().max(9), size: z.number().optional() })
      .meta({ id: 'N' })
    const schema = z.object({ one: node, two: z.array(node), choice: z.union([z.string(), node]) })
    const made = strict(schema)
    const validate = new Ajv({ strict: false }).compile(made)
    const leaf = { name: 'a', size: null }
    expect(validate({ one: leaf, two: [leaf], choice: 'x' })).toBe(true)
    expect(validate({ one: { name: 'a' }, two: [], choice: 'x' })).toBe(false)
    expect(validate({ one: leaf, two: [], choice: 'x', more: 1 })).toBe(false)
  })
})
