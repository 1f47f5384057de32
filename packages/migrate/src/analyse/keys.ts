/**
 * Names of what a statement reads and writes, as text that can be compared and shown:
 *
 * | key | stands for |
 * |---|---|
 * | `t:schema.name` | table, view, materialized view, sequence, index: one namespace |
 * | `c:schema.relation.column`, `c:schema.relation.*` | a column; all of them |
 * | `k:schema.relation.name` | constraint |
 * | `pk:schema.relation(a,b)`, `pk:schema.relation` | a unique key on exactly these columns; the primary one |
 * | `ty:schema.name`, `f:schema.name(types)` | type, function; `f:schema.name(*)` any of that name |
 * | `tg:` `pol:` `ru:` `st:` | trigger, policy, rule, statistics object, below their relation |
 * | `s:` `ext:` `role:` `o:kind:name` | schema, extension, role, anything rarer |
 * | `d:schema.relation`, `d:schema.relation.column` | rows; the values of one column |
 * | `tok:word` | a word in text that nobody can read |
 *
 * An aspect may follow: `c:public.t.a#default`. Names that are not plain stand in double quotes.
 */
export type Key = string

const plain = /^[\p{Ll}_\u0080-\uffff][\p{Ll}\d_$\u0080-\uffff]*$/u

/** An identifier as SQL would write it; reserved words are left bare, for messages only. */
export function quoteName(name: string): string {
  const isLower = plain.test(name) && name === name.toLowerCase()
  return isLower ? name : `"${name.replaceAll('"', '""')}"`
}

export function dotted(...parts: readonly string[]): string {
  return parts.map(quoteName).join('.')
}

export type RelationName = { readonly schema: string; readonly name: string }

export const relationKey = ({ schema, name }: RelationName): Key => `t:${dotted(schema, name)}`
export const columnKey = ({ schema, name }: RelationName, column: string): Key =>
  `c:${dotted(schema, name, column)}`
export const starKey = ({ schema, name }: RelationName): Key => `c:${dotted(schema, name)}.*`
export const rowsKey = ({ schema, name }: RelationName): Key => `d:${dotted(schema, name)}`
export const valuesKey = ({ schema, name }: RelationName, column: string): Key =>
  `d:${dotted(schema, name, column)}`
export const allValuesKey = ({ schema, name }: RelationName): Key => `d:${dotted(schema, name)}.*`
export const typeKey = ({ schema, name }: RelationName): Key => `ty:${dotted(schema, name)}`
export const functionKey = ({ schema, name }: RelationName, types: string): Key =>
  `f:${dotted(schema, name)}(${types})`
export const uniqueKey = ({ schema, name }: RelationName, columns: readonly string[]): Key =>
  `pk:${dotted(schema, name)}(${columns.map(quoteName).toSorted(byText).join(',')})`
export const primaryKey = ({ schema, name }: RelationName): Key => `pk:${dotted(schema, name)}`
export const schemaKey = (schema: string): Key => `s:${quoteName(schema)}`

/** Kinds of things that live below a relation and have its name in their key. */
export type PartPrefix = 'c' | 'k' | 'tg' | 'pol' | 'ru'
export const partKey = (prefix: PartPrefix, { schema, name }: RelationName, part: string): Key =>
  `${prefix}:${dotted(schema, name, part)}`

const byText = (left: string, right: string) => (left < right ? -1 : Number(left > right))

/** The key without its aspect: `c:public.t.a#default` is `c:public.t.a`. */
export function withoutAspect(key: Key): Key {
  const at = aspectStart(key)
  return at === -1 ? key : key.slice(0, at)
}

function aspectStart(key: Key): number {
  if (!key.includes('#')) return -1
  return key.lastIndexOf('#') > key.lastIndexOf('"')
    ? key.lastIndexOf('#')
    : key.indexOf('"#') + 1 || -1
}

/** `public.t.a` of `c:public.t.a#default`. */
export function nameOfKey(key: Key): string {
  const bare = withoutAspect(key)
  return bare.slice(bare.indexOf(':') + 1)
}

/** The last name of a key, without quotes: `a` of `c:public.t.a`; what a word in a text could mean. */
export function lastName(key: Key): string {
  const name = nameOfKey(key).replace(/\(.*$/s, '')
  const parts = partsOfName(name)
  return parts.at(-1) ?? name
}

/** Splits `"a.b".c` into its identifiers, without quotes. */
export function partsOfName(name: string): string[] {
  const found = name.match(/"(?:[^"]|"")*"|[^.]+/g) ?? []
  return found.map((part) =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part,
  )
}

const starred: Readonly<Record<string, (key: Key) => Key>> = {
  c: (key) => `${withoutLast(key)}.*`,
  t: (key) => `${withoutLast(key)}.*`,
  d: (key) => `${withoutLast(key)}.*`,
  f: (key) => `${key.slice(0, key.indexOf('('))}(*)`,
}

/** The key that stands for all siblings of this one, `c:public.t.*` for a column; undefined for most. */
export function starOf(key: Key): Key | undefined {
  const bare = withoutAspect(key)
  if (bare !== key && !key.endsWith('#type')) return undefined
  return starred[bare.slice(0, bare.indexOf(':'))]?.(bare)
}

/** Cuts the last identifier and its dot. */
function withoutLast(key: Key): Key {
  const match = /\.(?:"(?:[^"]|"")*"|[^."]+)$/.exec(key)
  return match === null ? key : key.slice(0, match.index)
}
