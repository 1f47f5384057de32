import { specificationOrSkip, type Skipping, type Verdict } from './referee.ts'

type Shape = {
  readonly type?: string
  readonly shape?: string
  readonly location?: string
  readonly locationName?: string
  readonly payload?: string
  readonly flattened?: boolean
  readonly members?: Readonly<Record<string, Shape>>
  readonly member?: Shape
}

type Model = {
  readonly operations: Readonly<Record<string, { readonly output?: Shape }>>
  readonly shapes: Readonly<Record<string, Shape>>
}

type Judged = {
  readonly operation: string
  readonly headers: Headers
  /** XML, or nothing. */
  readonly body: string
}

/** Of every answer, whatever the operation. */
const common =
  /^(?:x-amz-(?:request-id|id-2)|date|connection|keep-alive|content-(?:length|type)|x-content-type-options)$/

/** Judges answers of an object store by the model that Amazon publishes: no header and no element that it does not know. */
export function s3RefereeOrSkip(skipping: Skipping): (answer: Judged) => Verdict {
  const { operations, shapes } = JSON.parse(
    specificationOrSkip(
      's3/s3-2006-03-01.min.json',
      'f57c7343c93f105932235003c96b2b217c738d890d889d307d5031b745bdbd4c',
      skipping,
    ),
  ) as Model
  const resolved = (shape: Shape): Shape =>
    shape.shape === undefined ? shape : { ...shapes[shape.shape], ...shape }

  const unknownElements = (shape: Shape, xml: string): string[] => {
    const known = new Map(
      Object.entries(resolved(shape).members ?? {})
        .filter(([, member]) => member.location === undefined)
        .map(([name, member]) => [resolved(member).locationName ?? name, resolved(member)]),
    )
    return children(xml).flatMap(({ name, inner }) => {
      const member = known.get(name)
      if (member === undefined) return [`there is no element ${name}`]
      const below = member.flattened === true ? member.member : member
      return below?.members === undefined ? [] : unknownElements(below, inner)
    })
  }

  return ({ operation, headers, body }) => {
    const output = operations[operation]?.output ?? {}
    const members = Object.values(output.members ?? {})
    const names = members.flatMap(({ location, locationName = '' }) =>
      location === 'header' ? [locationName.toLowerCase()] : [],
    )
    const prefixes = members.flatMap(({ location, locationName = '' }) =>
      location === 'headers' ? [locationName.toLowerCase()] : [],
    )
    const unknownHeaders = [...headers.keys()].filter(
      (name) =>
        !common.test(name) &&
        !names.includes(name) &&
        !prefixes.some((prefix) => name.startsWith(prefix)),
    )
    const payload = output.payload === undefined ? output : output.members?.[output.payload]
    const [root] = children(body)
    const errors = [
      ...unknownHeaders.map((name) => `there is no header ${name}`),
      ...(root === undefined ? [] : unknownElements(payload ?? {}, root.inner)),
    ]
    return { ok: errors.length === 0, errors }
  }
}

/** Elements of one level; none of what is judged nests an element in one of the same name. */
function children(xml: string): { readonly name: string; readonly inner: string }[] {
  return [...xml.matchAll(/<(\w+)(?:\s[^>]*)?>([\s\S]*?)<\/\1>/g)].map(
    ([, name = '', inner = '']) => ({
      name,
      inner,
    }),
  )
}
