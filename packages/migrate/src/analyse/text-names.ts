import type { Node } from 'libpg-query'
import type { Context } from './effects.ts'
import { readRelation, readTypeNamed } from './resolve.ts'

export const sequenceFunctions = new Set(['nextval', 'currval', 'setval', 'pg_get_serial_sequence'])

/** `nextval('app.ids')` names a relation although it is text. */
export function readNamesInText(
  context: Context,
  name: string,
  args: readonly Node[] | undefined,
): void {
  if (!sequenceFunctions.has(name)) return
  const text = constantText(args?.[0])
  if (text !== undefined) readRelationText(context, text)
}

export function constantText(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined
  if ('A_Const' in node) return node.A_Const.sval?.sval
  return 'TypeCast' in node ? constantText(node.TypeCast.arg) : undefined
}

/** `'app.ids'::regclass`, `'mood'::regtype`. */
export function readRegistered(context: Context, type: string, arg: Node | undefined): void {
  const text = constantText(arg)
  if (text === undefined) return
  if (type === 'regclass') readRelationText(context, text)
  const parts = identifiersOf(text)
  if (type === 'regtype') readTypeNamed(context, { schema: parts.at(-2), name: parts.at(-1) ?? '' })
}

export function readRelationText(context: Context, text: string): void {
  const parts = identifiersOf(text)
  const schemaname = parts.at(-2)
  readRelation(context, {
    relname: parts.at(-1) ?? '',
    ...(schemaname === undefined ? {} : { schemaname }),
  })
}

/** Identifiers of a dotted name in text; unquoted ones are folded to lower case, as the server does. */
export function identifiersOf(text: string): string[] {
  const parts = text.trim().match(/"(?:[^"]|"")*"|[^."\s]+/g) ?? []
  return parts.map((part) =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase(),
  )
}
