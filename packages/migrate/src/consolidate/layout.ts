import type { ForeignKey } from '../backup/foreign-keys.ts'
import type { Constant, ConsolidationSpec, TargetSpec } from './spec.ts'
import type { Column, TableDetails } from './table-details.ts'

/** Where a value of a row of a source comes from. */
export type Origin =
  | {
      readonly kind: 'column'
      readonly column: Column
      /** It refers to a row of a source, whose new key takes its place. */
      readonly through?: Link
    }
  | { readonly kind: 'constant'; readonly value: Constant }

/** A reference to a source by one of its columns. */
export type Link = { readonly source: string; readonly column: string }

/** What is added to a JSON column. */
export type Overlay = {
  /** Keys from the outside to the inside; at least one. */
  readonly path: readonly string[]
  readonly origin: Origin
  /** The text that PostgreSQL writes, and not JSON. */
  readonly isText: boolean
}

/** What a column of the target gets from the rows of a source. */
export type TargetValue = {
  readonly column: Column
  /** Undefined where there are overlays only. */
  readonly base: Origin | undefined
  readonly overlays: readonly Overlay[]
}

export type SourceLayout = {
  /** 1-based, among all sources. */
  readonly no: number
  readonly details: TableDetails
  readonly values: readonly TargetValue[]
  /** Columns of the target's key that rows get anew. */
  readonly newKeys: readonly Column[]
  /** Columns of the source by which rows are referred to, in the order of the crosswalk. */
  readonly referred: readonly Column[]
}

export type TargetLayout = {
  readonly spec: TargetSpec
  readonly details: TableDetails
  /** Of the table as it will be. */
  readonly columns: readonly Column[]
  /** Those of the spec that are not there yet. */
  readonly added: readonly (Column & { readonly default: string | undefined })[]
  /** In the order of the primary key. */
  readonly key: readonly Column[]
  readonly sources: readonly SourceLayout[]
}

/** A foreign key that leads to a source now and to its target then. */
export type Repointed = {
  readonly key: ForeignKey
  readonly source: SourceLayout
  readonly target: TargetLayout
  /** After REFERENCES. */
  readonly definition: string
  /** Type of the referring column, and of the key that it refers to then. */
  readonly from: string
  readonly to: string
}

/** A spec and the tables that it is about. */
export type Layout = {
  readonly spec: ConsolidationSpec
  readonly targets: readonly TargetLayout[]
  readonly empty: readonly TableDetails[]
  /** Qualified and quoted; dropped together. */
  readonly dropped: readonly string[]
  readonly repointed: readonly Repointed[]
  /** Foreign keys of tables that stay to tables that go and have no rows. */
  readonly released: readonly ForeignKey[]
  /** Tables that are written and stay. */
  readonly written: readonly TableDetails[]
}

/** Everything that is locked, kept and compared. */
export function touchedBy({ targets, empty, written }: Layout): string[] {
  const names = [
    ...targets.map(({ details }) => details.table.name),
    ...targets.flatMap(({ sources }) => sources.map(({ details }) => details.table.name)),
    ...empty.map(({ table }) => table.name),
    ...written.map(({ table }) => table.name),
  ]
  return [...new Set(names)]
}
