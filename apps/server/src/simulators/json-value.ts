export type JsonValue =
  | string
  | number
  | boolean
  | null
  | JsonValue[]
  | { [member: string]: JsonValue }

export type JsonObject = { [member: string]: JsonValue }

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @returns the first of these members that is there, as text; empty when none is */
export function memberText(value: JsonValue | undefined, ...members: readonly string[]): string {
  if (!isJsonObject(value)) return ''
  return scalarText(members.map((name) => value[name]).find((one) => scalarText(one) !== ''))
}

/** @returns empty for lists, objects, null and nothing */
export function scalarText(value: JsonValue | undefined): string {
  return typeof value === 'object' || value === undefined ? '' : String(value)
}
