/** The form of a JSON pointer that points at a member (RFC 6901); the root has no use here. */
export const pointerForm = /^(?:\/(?:[^/~]|~[01])*)+$/

/** Writes the way to a member as a JSON pointer (RFC 6901 §4). */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/**
 * The value that a pointer points at.
 *
 * @returns undefined when there is none, also inside a value that has no members. Never throws.
 */
export function valueAt(value: unknown, pointer: string): unknown {
  let at: unknown = value
  for (const part of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return undefined
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!Object.hasOwn(at, name)) return undefined
    at = Reflect.get(at, name)
  }
  return at
}

/** The text that a pointer points at; undefined when there is none, or none that is a text. */
export function textAt(value: unknown, pointer: string | undefined): string | undefined {
  const found = pointer === undefined ? undefined : valueAt(value, pointer)
  return typeof found === 'string' ? found : undefined
}
