import type { Fact, Facts } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import type { DataLoss } from '../shadow/losses.ts'
import { parentOf, textOf } from './object-words.ts'
import type { PlannedStatement } from './plan-round.ts'

/** What has to be kept before a migration runs, so that its inverse can bring data back. */
export type PreImagePlan =
  /** All rows of a table that goes. */
  | {
      readonly kind: 'table'
      /** Qualified and quoted, as it is called before the migration. */
      readonly table: string
      /** Unquoted, in their order. Computed ones are left out. */
      readonly columns: readonly string[]
    }
  /** Values of columns that go or are converted. */
  | {
      readonly kind: 'columns'
      readonly table: string
      readonly columns: readonly string[]
      /** Unquoted columns of the primary key; empty where there is none, and the values have no home. */
      readonly key: readonly string[]
    }
  /** Rows that are inserted, changed or removed: old and new row, key and operation. */
  | { readonly kind: 'rows'; readonly table: string; readonly key: readonly string[] }
  /** `last_value` and `is_called`. */
  | { readonly kind: 'sequence'; readonly sequence: string }

/** Why an inverse cannot bring everything back by itself. */
export type InverseLoss = {
  readonly loss: DataLoss
  /** With this it can; undefined where nothing would help. */
  readonly preImage: PreImagePlan | undefined
}

/** What each loss needs. Conversions that give every value back exactly lose nothing. */
export function lossesWithPlans(
  losses: readonly DataLoss[],
  before: Facts,
  after: Facts,
): InverseLoss[] {
  const byKey = new Map(before.rows.map((fact) => [fact.key, fact]))
  const later = new Map(after.rows.map((fact) => [fact.key, fact]))
  const places = new Map(
    before.rows
      .filter(({ kind }) => kind === 'table' || kind === 'column')
      .map((fact) => [placeOf(fact.address.oid, fact.address.column), fact]),
  )
  // Under another name than it has before, nobody can tell which column it was.
  const isAnyComputed = losses.some(
    ({ isComputed, object }) => isComputed === true && !byKey.has(`column ${object}`),
  )
  const computed = new Set(
    losses.flatMap(({ isComputed, object }) => (isComputed === true ? [object] : [])),
  )
  const seen = new Set<string>()
  return losses.flatMap((found): InverseLoss[] => {
    const loss = asBefore(found, places)
    const name = `${loss.kind} ${loss.object}`
    if (seen.has(name)) return []
    seen.add(name)
    if (isMadeHere(loss, byKey)) return []
    const isCast = !isAnyComputed && !computed.has(loss.object)
    if (isCast && isReversible(loss, byKey, later)) return []
    return [{ loss, preImage: planFor(loss, before) }]
  })
}

/** A column has its table's number; the table itself is column 0. */
const placeOf = (oid: number, attnum: number) => `${oid} ${attnum}`

/** What a statement wrote or took away may have had another name before the migration. */
function asBefore(loss: DataLoss, places: ReadonlyMap<string, Fact>): DataLoss {
  const { oid, attnum } = loss
  const table = oid === undefined ? undefined : places.get(placeOf(oid, 0))
  if (oid === undefined || table === undefined) return loss
  if (attnum === undefined) return { ...loss, object: nameOf(table), table: nameOf(table) }
  const column = places.get(placeOf(oid, attnum))
  return column === undefined ? loss : { ...loss, object: nameOf(column), table: nameOf(table) }
}

/** What the migration makes and empties again was never anybody's. */
function isMadeHere(
  { kind, object, table, attnum }: DataLoss,
  before: ReadonlyMap<string, Fact>,
): boolean {
  if (kind === 'sequence') return !before.has(`sequence ${object}`)
  if (kind === 'enum-label') return !before.has(`enum ${object}`)
  if (attnum !== undefined && !before.has(`column ${object}`)) return true
  return table !== undefined && !before.has(`table ${table}`)
}

function planFor(
  { kind, object, table = object }: DataLoss,
  before: Facts,
): PreImagePlan | undefined {
  const key = keyOf(table, before)
  switch (kind) {
    case 'table':
      return { kind: 'table', table, columns: columnsOf(table, before) }
    case 'column':
    case 'retyped-column': {
      const column = before.rows.find((fact) => fact.kind === 'column' && nameOf(fact) === object)
      if (column === undefined) return undefined
      // A key that changes itself does not say which row was which; the rest of the row does.
      const others = key.includes(column.name) ? [] : key
      return { kind: 'columns', table, columns: [column.name], key: others }
    }
    case 'rows':
      return { kind: 'rows', table, key }
    case 'sequence':
      return { kind: 'sequence', sequence: object }
    case 'enum-label':
      return undefined
  }
}

function columnsOf(table: string, { rows }: Facts): string[] {
  return rows
    .filter((fact) => fact.kind === 'column' && parentOf(fact) === table)
    .filter(({ values }) => values['generated'] === undefined)
    .toSorted((a, b) => Number(a.details['position']) - Number(b.details['position']))
    .map(({ name }) => name)
}

function keyOf(table: string, { rows }: Facts): string[] {
  const primary = rows.find(
    (fact) =>
      fact.kind === 'constraint' &&
      fact.values['type'] === 'primary key' &&
      parentOf(fact) === table,
  )
  const list = /^PRIMARY KEY \((.*?)\)(?: INCLUDE| WITH| DEFERRABLE|$)/.exec(
    textOf(primary?.values['definition']),
  )?.[1]
  return [...(list ?? '').matchAll(/"((?:[^"]|"")*)"|[^,\s"]+/g)].map(([plain, quoted]) =>
    quoted === undefined ? plain : quoted.replaceAll('""', '"'),
  )
}

function isReversible(
  loss: DataLoss,
  before: ReadonlyMap<string, Fact>,
  after: ReadonlyMap<string, Fact>,
): boolean {
  if (loss.kind !== 'retyped-column') return false
  const [from, to] = [before, after].map((facts) =>
    textOf(facts.get(`column ${loss.object}`)?.values['type']),
  )
  return from !== undefined && to !== undefined && isExactBothWays(from, to)
}

const wider: readonly (readonly string[])[] = [
  ['smallint', 'integer', 'bigint', 'numeric'],
  ['real', 'double precision'],
  ['date', 'timestamp without time zone'],
]

/** Whether every value comes back as it was when it is converted there and back again. */
export function isExactBothWays(from: string, to: string): boolean {
  const chain = wider.find((types) => types.includes(from) && types.includes(to))
  if (chain !== undefined) return chain.indexOf(from) <= chain.indexOf(to)
  if (isText(from) && isText(to)) return widthOf(from) <= widthOf(to)
  const [numeric, widened] = [numericOf(from), numericOf(to)]
  if (numeric !== undefined && widened !== undefined)
    return numeric.scale <= widened.scale && numeric.digits <= widened.digits
  // What is written as text is read back as what it was; blanks of json and char(n) are not kept.
  return to === 'text' && /^(?:smallint|integer|bigint|boolean|uuid|date|numeric|json)\b/.test(from)
}

function isText(type: string): boolean {
  return type === 'text' || type.startsWith('character varying')
}

function widthOf(type: string): number {
  return Number(/\((\d+)\)/.exec(type)?.[1] ?? Number.POSITIVE_INFINITY)
}

function numericOf(type: string): { digits: number; scale: number } | undefined {
  if (type === 'numeric')
    return { digits: Number.POSITIVE_INFINITY, scale: Number.POSITIVE_INFINITY }
  const [, precision, scale = '0'] = /^numeric\((\d+)(?:,(-?\d+))?\)$/.exec(type) ?? []
  return precision === undefined
    ? undefined
    : { digits: Number(precision) - Number(scale), scale: Number(scale) }
}

/** One step of an inverse. */
export type InverseStep =
  | { readonly kind: 'sql'; readonly text: string }
  /** Here the kept data is put back, before what it has to satisfy is demanded of it. */
  | { readonly kind: 'restore'; readonly preImage: PreImagePlan }

/** Puts the restoring of data where its table or column has just been made. */
export function withRestores(
  statements: readonly PlannedStatement[],
  losses: readonly InverseLoss[],
): InverseStep[] {
  const waiting = losses.flatMap(({ preImage }) => (preImage === undefined ? [] : [preImage]))
  const places = new Map(waiting.map((plan) => [plan, placeIn(statements, plan)]))
  const steps = statements.flatMap(({ text }, index): InverseStep[] => [
    { kind: 'sql', text },
    ...waiting
      .filter((plan) => places.get(plan) === index)
      .map((preImage) => ({ kind: 'restore' as const, preImage })),
  ])
  const rest = waiting.filter((plan) => places.get(plan) === -1)
  // Rows that were only changed are put back where the tables still are what the images were of.
  const images = rest.filter(({ kind }) => kind === 'rows')
  const others = rest.filter(({ kind }) => kind !== 'rows')
  const restore = (preImage: PreImagePlan) => ({ kind: 'restore' as const, preImage })
  return [...images.map(restore), ...steps, ...others.map(restore)]
}

/** @returns -1 where no statement makes what the data belongs to */
function placeIn(statements: readonly PlannedStatement[], plan: PreImagePlan): number {
  const made = statements.findIndex(({ makes }) => makes !== undefined && fits(plan, makes))
  const text = statements[made]?.text ?? ''
  if (plan.kind !== 'table' || !/\b(?:inherits|partition of)\b/i.test(text)) return made
  // A column that its parent gets back comes to the table with it.
  const last = statements.findLastIndex(
    ({ makes }) => makes?.kind === 'column' && plan.columns.includes(makes.name),
  )
  return Math.max(made, last)
}

function fits(plan: PreImagePlan, made: Fact): boolean {
  if (plan.kind === 'table') return made.kind === 'table' && nameOf(made) === plan.table
  if (plan.kind !== 'columns' || made.kind !== 'column') return false
  return parentOf(made) === plan.table && plan.columns.includes(made.name)
}
