import { createHash } from 'node:crypto'
import { withSpelling } from '../backup/pinned-settings.ts'
import type { Query } from '../catalog/query.ts'
import { stableJson } from '../catalog/stable-json.ts'
import type { Value } from '../catalog/fact.ts'
import type { Objection } from '../objection.ts'
import { findObstacles } from './checks.ts'
import { checklistOf } from './checklist.ts'
import { changingSql, openingSql } from './consolidation-sql.ts'
import { type Layout, touchedBy } from './layout.ts'
import { readLayout } from './read-layout.ts'
import type { ConsolidationSpec } from './spec.ts'

/** How long the tables are closed, as far as sizes tell. */
export type DowntimeEstimate = {
  /** Nobody can read or write these meanwhile. */
  readonly tables: readonly {
    readonly name: string
    readonly sizeBytes: number
    /** As the server estimates it; -1 where it never counted. */
    readonly rows: number
  }[]
  readonly sizeBytes: number
  /** Whole seconds, rather too many; a rehearsal measures. */
  readonly seconds: number
}

export type ConsolidationPlan = {
  readonly spec: ConsolidationSpec
  readonly layout: Layout
  /** Of the spec; the ledger keeps it. */
  readonly checksum: string
  /** Locks and crosswalks, then the backup is made. */
  readonly opening: readonly string[]
  readonly statements: readonly string[]
  /** All of it as one script for reading. */
  readonly sql: string
  readonly estimate: DowntimeEstimate
  /** What to do before, meanwhile and after; Markdown, a list. */
  readonly checklist: { readonly en: string; readonly he: string }
}

export type PlanResult =
  | { readonly kind: 'planned'; readonly plan: ConsolidationPlan }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/** Works out what a spec means for this database. Reads only; outside any transaction. */
export async function planConsolidation(
  query: Query,
  spec: ConsolidationSpec,
): Promise<PlanResult> {
  await query('begin isolation level repeatable read read only')
  try {
    return await planInside(query, spec)
  } finally {
    await query('rollback')
  }
}

/** The same in a transaction that is open. */
export async function planInside(query: Query, spec: ConsolidationSpec): Promise<PlanResult> {
  return withSpelling(query, async () => {
    const read = await readLayout(query, spec)
    if (read.kind === 'refused') return read
    const { layout } = read
    const objections = await findObstacles(query, layout)
    if (objections.length > 0) return { kind: 'refused', objections }
    return { kind: 'planned', plan: planOf(layout) }
  })
}

function planOf(layout: Layout): ConsolidationPlan {
  const { spec } = layout
  const opening = openingSql(layout)
  const statements = changingSql(layout)
  const estimate = estimateOf(layout)
  return {
    spec,
    layout,
    checksum: checksumOf(spec),
    opening,
    statements,
    sql: sqlOf(spec, opening, statements),
    estimate,
    checklist: checklistOf(layout, estimate),
  }
}

/** Of what a spec says, not of how it is written. */
export function checksumOf(spec: ConsolidationSpec): string {
  const { why: _why, ...rest } = spec
  const value = JSON.parse(JSON.stringify(rest)) as Value
  return createHash('sha256').update(stableJson(value)).digest('hex')
}

function sqlOf(
  { name, why }: ConsolidationSpec,
  opening: readonly string[],
  statements: readonly string[],
): string {
  const lines = (texts: readonly string[]) => texts.map((text) => `${text};\n`).join('\n')
  return `-- ${name}${why === '' ? '' : `: ${why}`}
begin;

${lines(opening)}
-- Here the tables are kept: JSON lines with a manifest, read back and compared.

${lines(statements)}
-- Here the way back is tried and taken back again, and the ledger is written.

commit;
`
}

const bytesPerSecond = 1_000_000

function estimateOf(layout: Layout): DowntimeEstimate {
  const names = touchedBy(layout)
  const all = [
    ...layout.written,
    ...layout.empty,
    ...layout.targets.flatMap(({ details, sources }) => [
      details,
      ...sources.map((source) => source.details),
    ]),
  ]
  const tables = names.flatMap((name) => {
    const table = all.find((one) => one.table.name === name)?.table
    if (table === undefined) return []
    return [{ name, sizeBytes: table.sizeBytes, rows: table.estimatedRows }]
  })
  const sizeBytes = tables.reduce((sum, table) => sum + table.sizeBytes, 0)
  return { tables, sizeBytes, seconds: 2 + Math.ceil(sizeBytes / bytesPerSecond) }
}
