import { literal } from '../ledger/ledger-names.ts'

/** A statement that changes many rows, cut along the primary key; one transaction for each piece. */
export type BatchPlan = {
  /** Qualified and quoted. */
  readonly table: string
  /** What the statement calls the table: its alias, or the table itself. */
  readonly alias: string
  /** Columns of the primary key in order: quoted names, and types as SQL writes them. */
  readonly key: readonly { readonly column: string; readonly type: string }[]
  /** The statement up to where a condition on the key belongs, such as `update t set a = 1 where `. */
  readonly before: string
  /** The rest of the statement. */
  readonly after: string
}

/** Values of the key as text, in the order of its columns. */
export type KeyValues = readonly string[]

/** How far the pieces have come; in the journal it commits with each of them. */
export type BatchProgress = {
  /** The last key that there was at the beginning: rows that came later are none of ours. */
  readonly upper: KeyValues
  /** The last key that is done; undefined before the first piece. */
  readonly last?: KeyValues | undefined
  /** Rows that were gone through. */
  readonly rows: number
}

/** The journal's word as progress; undefined where it says nothing about pieces. */
export function readBatchProgress(
  progress: Readonly<Record<string, unknown>> | undefined,
): BatchProgress | undefined {
  const batch = progress?.['batch']
  if (typeof batch !== 'object' || batch === null || !('upper' in batch)) return undefined
  return batch as BatchProgress
}

type Bounds = Pick<BatchProgress, 'upper' | 'last'>

function columnsOf({ key }: Pick<BatchPlan, 'key'>, alias?: string): string {
  const names = key.map(({ column }) => (alias === undefined ? column : `${alias}.${column}`))
  return names.length === 1 ? (names[0] ?? '') : `(${names.join(', ')})`
}

function valuesOf({ key }: Pick<BatchPlan, 'key'>, values: KeyValues): string {
  const texts = key.map(({ type }, index) => `${literal(values[index] ?? '')}::${type}`)
  return texts.length === 1 ? (texts[0] ?? '') : `(${texts.join(', ')})`
}

/** Keys behind the last one and up to the upper one. */
function conditionOf(plan: BatchPlan, { upper, last }: Bounds, alias?: string): string {
  const columns = columnsOf(plan, alias)
  const behind = last === undefined ? [] : [`${columns} > ${valuesOf(plan, last)}`]
  return [...behind, `${columns} <= ${valuesOf(plan, upper)}`].join(' and ')
}

/** The statement for one piece. */
export function batchText(plan: BatchPlan, bounds: Bounds): string {
  return `${plan.before}${conditionOf(plan, bounds, plan.alias)}${plan.after}`
}

const order = ({ key }: BatchPlan, direction = '') =>
  key.map(({ column }) => `${column}${direction}`).join(', ')
const asText = ({ key }: BatchPlan) =>
  `array[${key.map(({ column }) => `${column}::text`).join(', ')}]`

/** Asks for the last key of the table: one row with `key`, or none. */
export function upperKeyText(plan: BatchPlan): string {
  return `select ${asText(plan)} as key from ${plan.table} order by ${order(plan, ' desc')} limit 1`
}

/** Asks for the last key of the next piece: one row with `key` and `rows`, or none at the end. */
export function nextKeyText(plan: BatchPlan, bounds: Bounds, rows: number): string {
  return `with piece as materialized (
      select ${order(plan)} from ${plan.table}
       where ${conditionOf(plan, bounds)} order by ${order(plan)} limit ${rows})
    select ${asText(plan)} as key, (select count(*) from piece)::integer as rows
      from piece order by ${order(plan, ' desc')} limit 1`
}
