import { type ForeignKey, readForeignKeys } from '../backup/foreign-keys.ts'
import { existingNames, readTables } from '../backup/tables.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { type Objection, objectTo, type Reason } from '../objection.ts'
import { nearestName } from '../text/nearest.ts'
import { consolidateReasons as reasons } from './consolidate-reasons.ts'
import type {
  Layout,
  Link,
  Origin,
  Overlay,
  Repointed,
  SourceLayout,
  TargetLayout,
  TargetValue,
} from './layout.ts'
import type { AddedColumn, ConsolidationSpec, SourceSpec, TargetSpec } from './spec.ts'
import { type Column, readDetails, type TableDetails } from './table-details.ts'

export type LayoutResult =
  | { readonly kind: 'layout'; readonly layout: Layout }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

type Reading = {
  readonly query: Query
  readonly spec: ConsolidationSpec
  readonly details: Map<string, TableDetails>
  readonly keys: readonly ForeignKey[]
  readonly objections: Objection[]
  /** The types of added columns as PostgreSQL writes them. */
  readonly types: ReadonlyMap<string, string>
}

/** Puts a spec and the catalog together; the settings of a backup are in force. Reads only. */
export async function readLayout(query: Query, spec: ConsolidationSpec): Promise<LayoutResult> {
  const objections: Objection[] = []
  const names = namesOf(spec)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) {
    const detail = 'a table is one target, one source, or has to be empty'
    objections.push(objectTo(reasons.usedTwice, placeOf(spec, twice), { detail }))
  }
  const known = await existingNames(query, names)
  const tables = await readTables(query, { names: [...known] })
  for (const name of names)
    if (!tables.some((table) => table.name === name))
      objections.push(objectTo(reasons.unknownTable, placeOf(spec, name)))
  if (objections.length > 0) return { kind: 'refused', objections }
  const own = await readDetails(query, tables)
  const keys = await readForeignKeys(query, names)
  const others = [...new Set(keys.map(({ child }) => child))].filter((name) => !own.has(name))
  const children = await readDetails(query, await readTables(query, { names: others }))
  const details = new Map([...own, ...children])
  const types = await readTypes(query, spec)
  const reading: Reading = { query, spec, details, keys, objections, types }
  const layout = layoutOf(reading)
  return objections.length > 0 ? { kind: 'refused', objections } : { kind: 'layout', layout }
}

function namesOf({ targets, expectEmpty }: ConsolidationSpec): string[] {
  return [
    ...targets.flatMap(({ table, sources }) => [table, ...sources.map((source) => source.table)]),
    ...expectEmpty,
  ]
}

function placeOf({ name }: ConsolidationSpec, object: string) {
  return { migration: name, object }
}

async function readTypes(query: Query, { targets }: ConsolidationSpec) {
  const types = targets.flatMap(({ addColumns }) => addColumns.map(({ type }) => type))
  const known = new Map<string, string>()
  for (const type of new Set(types)) {
    await query('savepoint studioops_type')
    const { rows } = await query(
      `select pg_catalog.format_type(pg_catalog.to_regtype($1), null) as t`,
      [type],
    ).catch(() => ({ rows: [] }))
    await query('rollback to savepoint studioops_type')
    await query('release savepoint studioops_type')
    const name = rows[0]?.['t']
    if (typeof name === 'string') known.set(type, name)
  }
  return known
}

function layoutOf(reading: Reading): Layout {
  const { spec, details } = reading
  let no = 0
  const targets = spec.targets.flatMap((target) => {
    const found = details.get(target.table)
    if (found === undefined) return []
    const layout = targetOf(reading, target, found)
    const sources = target.sources.flatMap((source) => {
      no += 1
      const origin = details.get(source.table)
      return origin === undefined ? [] : [sourceOf(reading, { source, origin, no, layout })]
    })
    return [{ ...layout, sources }]
  })
  const empty = spec.expectEmpty.flatMap((name) => details.get(name) ?? [])
  const dropped = [
    ...targets.flatMap(({ sources }) => sources.map((one) => one.details.table.name)),
    ...spec.expectEmpty,
  ].filter((name) => !spec.keep.includes(name))
  const repointed = repointedOf(reading, targets, dropped)
  const released = reading.keys.filter(
    ({ child, parent }) => spec.expectEmpty.includes(parent) && !dropped.includes(child),
  )
  for (const name of dropped) objectToReaders(reading, name, dropped)
  const writtenNames = new Set([
    ...targets.map((target) => target.details.table.name),
    ...repointed.map(({ key }) => key.child),
    ...released.map(({ child }) => child),
  ])
  const written = [...writtenNames].flatMap((name) => details.get(name) ?? [])
  return { spec, targets, empty, dropped, repointed, released, written }
}

/** A view would have to go with the table that it reads. */
function objectToReaders(reading: Reading, name: string, dropped: readonly string[]): void {
  const readers = reading.details.get(name)?.readers ?? []
  const staying = readers.filter((reader) => !dropped.includes(reader))
  if (staying.length === 0) return
  const detail = staying.join(', ')
  refuse(reading, reasons.readers, { object: name, detail })
}

type Told = { readonly object: string } & Readonly<Record<string, string | number>>

function refuse({ objections, spec }: Reading, reason: Reason, { object, ...facts }: Told): void {
  objections.push(objectTo(reason, placeOf(spec, object), facts))
}

function targetOf(
  reading: Reading,
  spec: TargetSpec,
  details: TableDetails,
): Omit<TargetLayout, 'sources'> {
  const { table, columns: there } = details
  if (details.isRelated) refuse(reading, reasons.partitioned, { object: table.name })
  const added = spec.addColumns.flatMap((column) => addedOf(reading, details, column))
  const columns = [...there, ...added]
  for (const name of Object.keys(spec.own)) {
    const object = `${table.name}.${quoteName(name)}`
    if (!added.some((column) => column.name === name))
      refuse(reading, reasons.ownNotAdded, { object })
  }
  const key = table.key.flatMap((name) => columns.find((column) => column.name === name) ?? [])
  if (key.length === 0) refuse(reading, reasons.noKey, { object: table.name })
  return { spec, details, columns, added, key }
}

function addedOf(
  reading: Reading,
  { table, columns }: TableDetails,
  { name, type, notNull, default: fresh }: AddedColumn,
) {
  const object = `${table.name}.${quoteName(name)}`
  const known = reading.types.get(type)
  if (known === undefined) {
    const detail = `There is no type ${type}`
    refuse(reading, reasons.unknownType, { object, detail })
    return []
  }
  const there = columns.find((column) => column.name === name)
  if (there !== undefined) {
    if (baseOf(there.type) === baseOf(known)) return []
    refuse(reading, reasons.otherType, { object, detail: there.type })
    return []
  }
  return [
    {
      name,
      type,
      isPlain: false,
      isGenerated: false,
      isNotNull: notNull,
      fresh,
      sequence: undefined,
      default: fresh,
    },
  ]
}

/** `character varying(20)` without the part in parentheses. */
function baseOf(type: string): string {
  return type.replace(/\(.*?\)/, '')
}

type SourceReading = {
  readonly source: SourceSpec
  readonly origin: TableDetails
  readonly no: number
  readonly layout: Omit<TargetLayout, 'sources'>
}

function sourceOf(reading: Reading, one: SourceReading): SourceLayout {
  const { origin, no, layout, source } = one
  const { table } = origin
  if (origin.isRelated) refuse(reading, reasons.partitioned, { object: table.name })
  const assignments = assignmentsOf(reading, one)
  const values = valuesOf(reading, assignments, one)
  const given = new Set(values.map(({ column }) => column.name))
  const newKeys = layout.key.filter(({ name }) => !given.has(name))
  for (const { name, fresh } of newKeys) {
    const object = `${layout.details.table.name}.${quoteName(name)}`
    if (fresh === undefined) refuse(reading, reasons.noNewKey, { object, detail: source.table })
  }
  const names = new Set([
    ...table.key,
    ...reading.keys
      .filter(({ parent }) => parent === table.name)
      .flatMap((key) => key.parentColumns),
  ])
  const referred = origin.columns.filter(({ name }) => names.has(name))
  return { no, details: origin, values, newKeys, referred }
}

type Assignment = { readonly place: string; readonly origin: Origin; readonly isText: boolean }

/** Each column of the source and each constant with its place; what has none is said. */
function assignmentsOf(reading: Reading, { source, origin, layout }: SourceReading): Assignment[] {
  const { table, columns } = origin
  const named = [...Object.keys(source.map), ...source.leave, ...source.asText]
  for (const name of named)
    if (!columns.some((column) => column.name === name))
      refuseColumn(reading, table.name, { name, columns })
  const constants = Object.entries(source.constants).map(([place, value]): Assignment => ({
    place,
    origin: { kind: 'constant', value },
    isText: false,
  }))
  const taken = new Set([...Object.values(source.map), ...Object.keys(source.constants)])
  const moved = columns.flatMap((column): Assignment[] => {
    const { name, isGenerated } = column
    const isDirect =
      source.direct &&
      !source.leave.includes(name) &&
      !taken.has(name) &&
      layout.columns.some((other) => other.name === name && !other.isGenerated)
    const place = source.map[name] ?? (isDirect ? name : undefined)
    const isText = source.asText.includes(name)
    if (place !== undefined) return [{ place, origin: { kind: 'column', column }, isText }]
    if (!isGenerated && !source.leave.includes(name))
      refuse(reading, reasons.forgotten, { object: `${table.name}.${quoteName(name)}` })
    return []
  })
  return [...moved, ...constants]
}

function refuseColumn(
  reading: Reading,
  table: string,
  { name, columns }: { readonly name: string; readonly columns: readonly Column[] },
): void {
  const names = columns.map((column) => column.name)
  const meant = nearestName(name, names)
  const detail = meant === undefined ? '' : `${quoteName(meant)} is meant?`
  const object = `${table}.${quoteName(name)}`
  refuse(reading, reasons.unknownColumn, { object, detail, columns: names.join(', ') })
}

function valuesOf(
  reading: Reading,
  assignments: readonly Assignment[],
  { layout, origin }: SourceReading,
): TargetValue[] {
  const values = new Map<string, { column: Column; base?: Origin; overlays: Overlay[] }>()
  const twice = new Set<string>()
  for (const { place, origin: from, isText } of assignments) {
    const found = placeIn(reading, layout, place)
    if (found === undefined) continue
    const { column, path } = found
    const value = values.get(column.name) ?? { column, overlays: [] }
    values.set(column.name, value)
    const isTaken =
      path.length === 0
        ? value.base !== undefined
        : value.overlays.some((one) => meet(one.path, path))
    if (isTaken) twice.add(place)
    if (path.length > 0) value.overlays.push({ path, origin: from, isText })
    else value.base = withLink(reading, origin, from)
  }
  for (const place of twice) {
    const detail = `rows of ${origin.table.name} would have two values there`
    refuse(reading, reasons.usedTwice, { object: place, detail })
  }
  return [...values.values()].map(({ column, base, overlays }) => ({ column, base, overlays }))
}

/** One is the other, or lies inside it. */
function meet(one: readonly string[], other: readonly string[]): boolean {
  return one.every((key, at) => other[at] === undefined || other[at] === key)
}

function placeIn(
  reading: Reading,
  { columns, details }: Omit<TargetLayout, 'sources'>,
  place: string,
): { readonly column: Column; readonly path: readonly string[] } | undefined {
  const whole = columns.find(({ name }) => name === place)
  const [first = '', ...path] = whole === undefined ? place.split('.') : [place]
  const column = whole ?? columns.find(({ name }) => name === first)
  if (column === undefined) {
    refuseColumn(reading, details.table.name, { name: first, columns })
    return undefined
  }
  if (path.length === 0) return { column, path }
  const isJson = column.type === 'jsonb' || column.type === 'json'
  if (!isJson) refuse(reading, reasons.notJson, { object: place, detail: column.type })
  if (path.includes('')) refuse(reading, reasons.spec, { object: place, detail: 'a key is empty' })
  return isJson ? { column, path } : undefined
}

/** A value that refers to a row of a source has to refer to what becomes of that row. */
function withLink({ spec, keys }: Reading, { table }: TableDetails, origin: Origin): Origin {
  if (origin.kind === 'constant') return origin
  const sources = spec.targets.flatMap(({ sources: all }) => all.map((source) => source.table))
  const key = keys.find(
    ({ child, columns, parent }) =>
      child === table.name &&
      sources.includes(parent) &&
      columns.length === 1 &&
      columns[0] === origin.column.name,
  )
  const [column] = key?.parentColumns ?? []
  if (key === undefined || column === undefined) return origin
  const through: Link = { source: key.parent, column }
  return { ...origin, through }
}

function repointedOf(
  reading: Reading,
  targets: readonly TargetLayout[],
  dropped: readonly string[],
): Repointed[] {
  return targets.flatMap((target) =>
    target.sources.flatMap((source) =>
      reading.keys
        .filter(
          ({ parent, child }) => parent === source.details.table.name && !dropped.includes(child),
        )
        .flatMap((key) => repoint(reading, { key, source, target })),
    ),
  )
}

function repoint(
  reading: Reading,
  one: Omit<Repointed, 'definition' | 'from' | 'to'>,
): Repointed[] {
  const { key, target } = one
  const child = reading.details.get(key.child)
  const column = child?.columns.find(({ name }) => name === key.columns[0])
  const [to] = target.key
  const object = `${key.child}.${quoteName(key.name)}`
  if (key.columns.length !== 1 || target.key.length !== 1 || to === undefined) {
    const detail = 'it has, or the key of the target has, more than one column'
    refuse(reading, reasons.keyOfOtherType, { object, detail })
    return []
  }
  if (column === undefined || (column.type !== to.type && column.fresh !== undefined)) {
    const detail = `the referring column is another type than ${to.type} and has a default`
    refuse(reading, reasons.keyOfOtherType, { object, detail })
    return []
  }
  const rest = key.definition.slice(
    key.definition.indexOf(' REFERENCES ') +
      ' REFERENCES '.length +
      `${key.parent}(${key.parentColumns.map(quoteName).join(', ')})`.length,
  )
  const definition = `${target.details.table.name} (${quoteName(to.name)})${ruleOf(reading.spec, rest)}`
  return [{ ...one, definition, from: column.type, to: to.type }]
}

const deletes =
  / ON DELETE (?:CASCADE|RESTRICT|NO ACTION|SET NULL(?: \([^)]*\))?|SET DEFAULT(?: \([^)]*\))?)/

/** What stood after the columns, with the rule of the spec in it. */
function ruleOf({ onDelete }: ConsolidationSpec, rest: string): string {
  if (onDelete === undefined) return rest
  return ` on delete ${onDelete}${rest.replace(deletes, '')}`
}
