import fc from 'fast-check'

export type Shape = { readonly [member: string]: unknown }

const shapeOf = (value: unknown) =>
  (typeof value === 'object' && value !== null ? value : {}) as Shape

/**
 * A value that a JSON Schema of our own API accepts, as far as its keywords tell; custom rules of the
 * contracts are not in the schema and may still refuse it.
 *
 * @param random from 0 to 1; the same numbers give the same value
 */
export function sampleOf(shape: Shape, random: () => number): unknown {
  const options = (shape['anyOf'] ?? shape['oneOf']) as Shape[] | undefined
  if (options !== undefined) return sampleOf(shapeOf(pick(options, random)), random)
  if ('const' in shape) return shape['const']
  if (Array.isArray(shape['enum'])) return pick(shape['enum'] as unknown[], random)
  const make = makers[String(shape['type'])] ?? sampleOfText
  return make(shape, random)
}

type Maker = (shape: Shape, random: () => number) => unknown

const sampleOfNumber: Maker = ({ minimum, maximum }) =>
  Math.max(Number(minimum ?? 1), Math.min(2, Number(maximum ?? 2)))

const makers: Readonly<Record<string, Maker>> = {
  object: (shape, random) => sampleOfObject(shape, random),
  array: (shape, random) => [sampleOf(shapeOf(shape['items']), random)],
  integer: sampleOfNumber,
  number: sampleOfNumber,
  boolean: (_, random) => random() < 0.5,
  null: () => null,
}

function sampleOfObject(shape: Shape, random: () => number): Shape {
  const required = (shape['required'] ?? []) as readonly string[]
  const parts = Object.entries(shapeOf(shape['properties']))
    .filter(([name]) => required.includes(name) || random() < 0.7)
    .map(([name, part]) => [name, sampleOf(shapeOf(part), random)])
  return Object.fromEntries(parts) as Shape
}

function sampleOfText(shape: Shape, random: () => number): string {
  const { format, pattern, minLength = 1, maxLength = 200 } = shape
  const seed = Math.floor(random() * 0x7fffffff)
  switch (format) {
    case 'uuid':
      return uuidFrom(random)
    case 'uri':
      return 'https://nowhere.invalid/'
    case 'email':
      return `someone${seed}@nowhere.invalid`
    case 'date-time':
      return '2026-01-01T00:00:00.000Z'
    default:
  }
  if (typeof pattern === 'string')
    // oxlint-disable-next-line house/bans -- the pattern is one of our own contracts
    return (
      fc.sample(fc.stringMatching(new RegExp(pattern), { size: 'xsmall' }), {
        seed,
        numRuns: 1,
      })[0] ?? ''
    )
  const text = `words ${seed} `.padEnd(Number(minLength), 'x')
  return text.slice(0, Math.max(1, Math.min(Number(maxLength), 200)))
}

function uuidFrom(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16))
  digits[12] = '4'
  digits[16] = '8'
  const text = digits.join('')
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** @param items not empty */
export function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T
}

/** The same numbers from the same seed (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** Where a text stands in a value: a list of keys each. */
export function textPlaces(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value === 'string') return [[...path]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => textPlaces(part, [...path, key]))
}

/** The value with something else at a place. */
export function withAt(value: unknown, [key, ...rest]: readonly string[], put: unknown): unknown {
  if (key === undefined) return put
  if (Array.isArray(value))
    return value.map((part, index) => (String(index) === key ? withAt(part, rest, put) : part))
  return { ...(value as Shape), [key]: withAt((value as Shape)[key], rest, put) }
}
