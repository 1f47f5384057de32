import { quoteName, quoteText } from '../catalog/identifier.ts'
import type { Link, Origin, Overlay, SourceLayout, TargetLayout, TargetValue } from './layout.ts'
import type { Constant } from './spec.ts'
import type { Column } from './table-details.ts'

/** The crosswalk of a source: where its rows are, what referred to them, and their keys in the target. */
export type Crosswalk = {
  /** Temporary table. */
  readonly table: string
  /** Columns of the crosswalk by columns of the source. */
  readonly referred: ReadonlyMap<string, string>
  /** Columns of the crosswalk by key columns of the target. */
  readonly keys: ReadonlyMap<string, string>
}

export function crosswalkOf(
  { no, referred }: SourceLayout,
  { key }: Pick<TargetLayout, 'key'>,
): Crosswalk {
  return {
    table: `pg_temp.consolidation_${no}`,
    referred: new Map(referred.map(({ name }, at) => [name, `was_${at + 1}`])),
    keys: new Map(key.map(({ name }, at) => [name, `is_${at + 1}`])),
  }
}

/** What gives the text of a value, as a backup has it; NULL for NULL. */
export function textSql(value: string): string {
  return `case when pg_catalog.num_nulls(${value}) = 0 then pg_catalog.concat(${value}) end`
}

/** Finds the new value of a reference; `s` is the source. */
export type FindNew = (link: Link, value: string) => string

const of = (alias: string, name: string) => `${alias}.${quoteName(name)}`

/** What a column of the target gets. `s` is the source, `x` its crosswalk. */
export function valueSql({ column, base, overlays }: TargetValue, findNew: FindNew): string {
  if (overlays.length === 0) return base === undefined ? 'null' : baseSql(base, column, findNew)
  const added = objectSql(treeOf(overlays))
  const all = base === undefined ? added : mergedSql(jsonSql(base, column, findNew), added)
  return column.type === 'json' ? `(${all})::json` : all
}

/** NULL stays NULL where nothing is added to it. */
function mergedSql(base: string, added: string): string {
  return `case when ${base} is null and ${added} = '{}'::jsonb then null
      else coalesce(${base}, '{}'::jsonb) || ${added} end`
}

function baseSql(origin: Origin, { type }: Column, findNew: FindNew): string {
  if (origin.kind === 'constant') return `${constantText(origin.value)}::${type}`
  const { column, through } = origin
  const value = of('s', column.name)
  if (through !== undefined) return findNew(through, value)
  return column.type === type ? value : `(${textSql(value)})::${type}`
}

function jsonSql(origin: Origin, column: Column, findNew: FindNew): string {
  if (origin.kind === 'constant') return `${constantText(origin.value)}::jsonb`
  const value = baseSql(origin, { ...column, type: origin.column.type }, findNew)
  return origin.column.type === 'jsonb' ? value : `(${textSql(value)})::jsonb`
}

/** As the text that a column takes. */
export function constantText(value: Constant): string {
  return quoteText(String(value))
}

type Tree = Map<string, Tree | Overlay>

function treeOf(overlays: readonly Overlay[]): Tree {
  const root: Tree = new Map()
  for (const overlay of overlays) {
    let tree = root
    for (const key of overlay.path.slice(0, -1)) {
      const inner = tree.get(key)
      const next: Tree = inner instanceof Map ? inner : new Map()
      tree.set(key, next)
      tree = next
    }
    tree.set(overlay.path.at(-1) ?? '', overlay)
  }
  return root
}

/** NULL leaves no key behind. */
function objectSql(tree: Tree): string {
  const parts = [...tree].map(([key, inner]) => {
    if (inner instanceof Map) {
      const object = objectSql(inner)
      return `case when ${object} <> '{}'::jsonb then ${pairSql(key, object)} else '{}'::jsonb end`
    }
    const { origin } = inner
    if (origin.kind === 'constant') return pairSql(key, `${jsonText(origin.value)}::jsonb`)
    const value = of('s', origin.column.name)
    const json = inner.isText
      ? `pg_catalog.to_jsonb(pg_catalog.concat(${value}))`
      : `pg_catalog.to_jsonb(${value})`
    return `case when pg_catalog.num_nulls(${value}) = 0 then ${pairSql(key, json)} else '{}'::jsonb end`
  })
  return `(${parts.join(' || ')})`
}

function pairSql(key: string, value: string): string {
  return `pg_catalog.jsonb_build_object(${quoteText(key)}::text, ${value})`
}

function jsonText(value: Constant): string {
  return quoteText(JSON.stringify(value))
}

/** Texts that are equal when a value has arrived: as it was, and as it can be read again. */
export type Arrival = {
  /** Column of the source, or place of a constant, for messages. */
  readonly what: string
  readonly was: string
  readonly is: string
}

/**
 * How every value of a source is found in the target again: it is read there, turned back into the
 * type that it had, and has to be the text that it was. `s` is the source, `t` the target.
 *
 * @param source qualified and quoted; its row type turns JSON back into the types of its columns
 */
export function arrivalsOf(
  { column, base, overlays }: TargetValue,
  { source, findNew }: { readonly source: string; readonly findNew: FindNew },
): Arrival[] {
  const there = of('t', column.name)
  const whole = overlays.length === 0
  const what = base?.kind === 'column' ? base.column.name : column.name
  const first =
    base === undefined ? [] : [{ what, ...baseArrival({ base, column, overlays }, findNew) }]
  if (whole) return first
  const added = overlays.map((overlay) => ({
    what: overlay.origin.kind === 'column' ? overlay.origin.column.name : overlay.path.join('.'),
    ...overlayArrival(overlay, { there, source }),
  }))
  return [...first, ...added]
}

type Texts = Omit<Arrival, 'what'>

function baseArrival(value: TargetValue & { readonly base: Origin }, findNew: FindNew): Texts {
  const { column, base, overlays } = value
  const there = of('t', column.name)
  if (overlays.length > 0) return remainderArrival(value, findNew)
  if (base.kind === 'constant')
    return { was: textSql(`${constantText(base.value)}::${column.type}`), is: textSql(there) }
  const origin = base.column
  const here = of('s', origin.name)
  if (base.through !== undefined)
    return { was: textSql(findNew(base.through, here)), is: textSql(there) }
  if (origin.type === column.type) return { was: textSql(here), is: textSql(there) }
  // Blanks of `json` are no part of what it says.
  if (origin.type === 'json')
    return { was: textSql(`${here}::jsonb`), is: textSql(`(${textSql(there)})::jsonb`) }
  return { was: textSql(here), is: textSql(`(${textSql(there)})::${origin.type}`) }
}

/** What is left of a JSON object when everything that was added is taken away. */
function remainderArrival(
  { column, base, overlays }: TargetValue & { readonly base: Origin },
  findNew: FindNew,
): Texts {
  const keys = [...new Set(overlays.map(({ path }) => path[0] ?? ''))]
  const list = `array[${keys.map(quoteText).join(', ')}]::text[]`
  const here = jsonSql(base, column, findNew)
  return {
    was: textSql(`nullif(${here}, '{}'::jsonb)`),
    is: textSql(`nullif((${of('t', column.name)}::jsonb - ${list}), '{}'::jsonb)`),
  }
}

function overlayArrival(
  { path, origin, isText }: Overlay,
  { there, source }: { readonly there: string; readonly source: string },
): Texts {
  const list = `array[${path.map(quoteText).join(', ')}]::text[]`
  const value = `(${there}::jsonb #> ${list})`
  if (origin.kind === 'constant')
    return { was: `${jsonText(origin.value)}::jsonb::text`, is: `${value}::text` }
  const { name, type } = origin.column
  const here = of('s', name)
  if (isText) return { was: textSql(here), is: `(${there}::jsonb #>> ${list})` }
  if (type === 'json' || type === 'jsonb')
    return { was: `(${textSql(here)})::jsonb::text`, is: `${value}::text` }
  const row = `pg_catalog.jsonb_build_object(${quoteText(name)}::text, ${value})`
  const back = `(pg_catalog.jsonb_populate_record(null::${source}, ${row})).${quoteName(name)}`
  return { was: textSql(here), is: textSql(back) }
}

/** One hash for all values of a row. */
export function hashSql(texts: readonly string[]): string {
  const list = `array[${texts.join(', ')}]::text[]`
  return `pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.to_json(${list})::text, 'UTF8'))`
}

/** A sum over rows that does not depend on their order. */
export function sumSql(texts: readonly string[]): string {
  const hash = `('x' || pg_catalog.md5(pg_catalog.to_json(array[${texts.join(', ')}]::text[])::text))`
  return `coalesce(sum((${hash}::bit(60))::bigint::numeric), 0)::text`
}
