import type { Thing } from './world.ts'

/** A name in generated SQL; the rest of a statement is plain text. */
export type NamePart = {
  readonly thing: Thing
  readonly role: 'make' | 'use'
  /** False where PostgreSQL looks only later, or never: a late-bound body, a branch not taken. */
  readonly hard: boolean
  /** As written: quoted where it has to be. */
  readonly text: string
}
export type Part = string | NamePart
export type Parts = readonly Part[]

/** A tagged template that keeps the names in a statement apart from its text. */
export function sql(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | NamePart | Parts)[]
): Part[] {
  return strings.flatMap((text, index) => {
    const value = values[index]
    return value === undefined ? [text] : [text, ...partsOf(value)]
  })
}

function partsOf(value: string | number | NamePart | Parts): Parts {
  if (typeof value === 'object') return 'text' in value ? [value] : value
  return [String(value)]
}

/** Puts a separator between lists of parts. */
export function join(lists: readonly Parts[], separator = ', '): Part[] {
  return lists.flatMap((parts, index) => (index === 0 ? parts : [separator, ...parts]))
}

/** The same parts, whose names PostgreSQL does not check when the statement runs. */
export function unchecked(parts: Parts): Part[] {
  return parts.map((part) => (typeof part === 'string' ? part : { ...part, hard: false }))
}

export function textOf(parts: Parts): string {
  return parts.map((part) => (typeof part === 'string' ? part : part.text)).join('')
}

const plain = /^[a-z_\u0590-\u05ff][a-z0-9_\u0590-\u05ff]*$/
const reserved = new Set(['user', 'order', 'group', 'table', 'check', 'default', 'end', 'select'])

/** Whether an identifier may stand without quotes. */
export function isPlain(name: string): boolean {
  return plain.test(name) && !reserved.has(name)
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
