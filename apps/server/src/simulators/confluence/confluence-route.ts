import { jsonAnswer, type Answer, type Sendable } from '../exchange.ts'
import { isJsonObject, memberText, type JsonObject, type JsonValue } from '../json-value.ts'
import type { SentFile } from './confluence-changes.ts'
import { ConfluenceRefusal, type ConfluenceWorld, type Viewer } from './confluence-world.ts'

export type ConfluenceCall = {
  readonly world: ConfluenceWorld
  readonly viewer: Viewer
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Null where none was sent. */
  readonly body: JsonValue
  readonly files: readonly SentFile[]
}

export type ConfluenceRoute = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the mount point; `:name` stands for one segment. */
  readonly path: string
  /** Absent: both. */
  readonly flavour?: 'dc' | 'cloud'
  readonly changes?: true
  /** @throws ConfluenceRefusal */
  readonly answer: (call: ConfluenceCall) => Answer
}

export const ok = (value: Sendable): Answer => jsonAnswer(200, value)

export function parameter({ parameters }: ConfluenceCall, name = 'id'): string {
  return parameters[name] ?? ''
}

/** A member of the body by its path. */
export function member(body: JsonValue | undefined, ...path: string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (value, name) => (isJsonObject(value) ? value[name] : undefined),
    body,
  )
}

export function textIn(body: JsonValue, ...path: string[]): string {
  const last = path.at(-1) ?? ''
  return memberText(member(body, ...path.slice(0, -1)), last)
}

export function optionalText(body: JsonValue, ...path: string[]): string | undefined {
  const text = textIn(body, ...path)
  return text === '' ? undefined : text
}

export function listIn(body: JsonValue, name: string): JsonObject[] {
  const list = member(body, name)
  return Array.isArray(list) ? list.filter(isJsonObject) : []
}

export function flag(body: JsonValue, ...path: string[]): boolean {
  return textIn(body, ...path) === 'true'
}

/** @throws ConfluenceRefusal 400 */
export function requireObject(body: JsonValue): JsonObject {
  if (isJsonObject(body)) return body
  throw new ConfluenceRefusal(400, 'Could not read JSON: the body must be an object')
}

export function limitIn(query: URLSearchParams, standard = 25): number {
  const limit = Number(query.get('limit') ?? standard)
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, 250) : standard
}

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}
