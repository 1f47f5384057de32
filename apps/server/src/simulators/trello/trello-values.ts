import { invalidValue } from './trello-refusal.ts'
import { positionStep } from './trello-state.ts'

/** What came with a request, from the query and from whichever body, by name. */
export type Values = Readonly<Record<string, unknown>>

export type UploadedFile = {
  readonly filename: string
  readonly mimeType: string
  readonly bytes: Buffer
}

const textMax = 16_384

export function textValue(values: Values, name: string): string | undefined {
  const value = values[name]
  if (value === undefined || value === null) return undefined
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text.length > textMax) throw invalidValue(name)
  return text
}

/** @throws TrelloRefusal 400 */
export function neededText(values: Values, name: string): string {
  const text = textValue(values, name)?.trim()
  if (text === undefined || text === '') throw invalidValue(name)
  return text
}

/** @throws TrelloRefusal 400 */
export function flagValue(values: Values, name: string): boolean | undefined {
  const text = textValue(values, name)
  if (text === undefined || text === '') return undefined
  if (text !== 'true' && text !== 'false') throw invalidValue(name)
  return text === 'true'
}

/** `null` and an empty text take a date away. @throws TrelloRefusal 400 */
export function dateValue(values: Values, name: string): string | null | undefined {
  if (!(name in values)) return undefined
  const text = textValue(values, name) ?? ''
  if (text === '' || text === 'null') return null
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) throw invalidValue(name)
  return date.toISOString()
}

/** @throws TrelloRefusal 400 */
export function numberValue(values: Values, name: string): number | undefined {
  const text = textValue(values, name)
  if (text === undefined || text === '') return undefined
  const number = Number(text)
  if (!Number.isFinite(number)) throw invalidValue(name)
  return number
}

/** As a list or separated by commas. */
export function idsValue(values: Values, name: string): string[] | undefined {
  const value = values[name]
  if (value === undefined || value === null) return undefined
  const ids = Array.isArray(value) ? value.map(String) : (textValue(values, name) ?? '').split(',')
  return ids.map((one) => one.trim()).filter((one) => one !== '')
}

/**
 * A place among neighbours.
 *
 * @throws TrelloRefusal 400 for anything but `top`, `bottom` and a positive number
 */
export function positionValue(
  values: Values,
  neighbours: readonly { readonly pos: number }[],
): number | undefined {
  const text = textValue(values, 'pos')
  if (text === undefined || text === '') return undefined
  const taken = neighbours.map(({ pos }) => pos)
  if (text === 'top') return Math.min(positionStep * 2, ...taken) / 2
  if (text === 'bottom') return bottomOf(neighbours)
  const number = Number(text)
  if (!Number.isFinite(number) || number <= 0) throw invalidValue('pos')
  return number
}

export function bottomOf(neighbours: readonly { readonly pos: number }[]): number {
  return Math.max(0, ...neighbours.map(({ pos }) => pos)) + positionStep
}

export type Part = { readonly name: string; readonly file?: UploadedFile; readonly text: string }

/** The parts of a form with files (RFC 7578). */
export function readParts(contentType: string, body: Buffer): Part[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined) return []
  const raw = body.toString('latin1')
  return raw
    .split(`--${boundary}`)
    .slice(1, -1)
    .flatMap((part) => {
      const [head = '', ...rest] = part.replace(/^\r\n/, '').split('\r\n\r\n')
      const content = Buffer.from(rest.join('\r\n\r\n').replace(/\r\n$/, ''), 'latin1')
      const headers = Buffer.from(head, 'latin1').toString('utf8')
      const name = /\bname="([^"]*)"/i.exec(headers)?.[1]
      if (name === undefined) return []
      const filename = /filename="([^"]*)"/i.exec(headers)?.[1]
      if (filename === undefined) return [{ name, text: content.toString('utf8') }]
      const mimeType = /content-type:\s*([^\r\n]+)/i.exec(headers)?.[1] ?? ''
      return [{ name, text: '', file: { filename, mimeType, bytes: content } }]
    })
}
