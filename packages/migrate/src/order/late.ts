import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { nameOfKey } from '../analyse/keys.ts'
import { type Objection, objectTo } from '../objection.ts'
import { type Conflict, conflictBetween } from './conflict.ts'
import { orderReasons } from './order-reasons.ts'
import { placeOf, type Site } from './sites.ts'

/** A pending file that the declared order puts before files which have already run. */
export type LateFile = {
  readonly id: string
  /** Ids of the completed files that it comes too late for. */
  readonly passed: readonly string[]
  /** Why it cannot simply run now; empty: it gives the same schema after them, as far as texts tell. */
  readonly objections: readonly Objection[]
}

/**
 * Finds pending files that stand before completed ones, and whether they commute with them.
 *
 * @param analyses in the declared order
 */
export function findLateFiles(
  analyses: readonly MigrationAnalysis[],
  completed: ReadonlySet<string>,
): LateFile[] {
  return analyses.flatMap((analysis, at) => {
    if (completed.has(analysis.id)) return []
    const passed = analyses.slice(at + 1).filter(({ id }) => completed.has(id))
    if (passed.length === 0) return []
    const objections = passed.flatMap((other) => objectToPassed(analysis, other))
    return [{ id: analysis.id, passed: passed.map(({ id }) => id), objections }]
  })
}

function objectToPassed(late: MigrationAnalysis, done: MigrationAnalysis): Objection[] {
  const rowsCommute = late.header.commutes || done.header.commutes
  const pair = statementsInConflict(late, done, rowsCommute)
  if (pair === undefined) return []
  const { left, right, conflict } = pair
  const reason = conflict.kind === 'rows' ? orderReasons.lateRows : orderReasons.late
  const place = { ...placeOf(left, conflict.key), object: nameOfKey(conflict.key) }
  return [objectTo(reason, place, { other: placeOf(right, conflict.key) })]
}

export type ConflictingStatements = {
  readonly left: Site
  readonly right: Site
  readonly conflict: Conflict
}

/** The first statements of two files whose order matters; undefined: none. */
export function statementsInConflict(
  left: MigrationAnalysis,
  right: MigrationAnalysis,
  rowsCommute = false,
): ConflictingStatements | undefined {
  if (conflictBetween(left, right, { rowsCommute }) === undefined) return undefined
  for (const one of left.statements)
    for (const other of right.statements) {
      const conflict = conflictBetween(one, other, { rowsCommute })
      if (conflict === undefined) continue
      return {
        left: { analysis: left, statement: one, at: 0 },
        right: { analysis: right, statement: other, at: 0 },
        conflict,
      }
    }
  return undefined
}
