import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { nameOfKey } from '../analyse/keys.ts'
import { conflictBetween } from './conflict.ts'
import type { Edge } from './graph.ts'

/**
 * Edges that keep the order of all files whose order matters.
 *
 * @param analyses in their order; every pair is compared, so hand over only those in question
 */
export function touchEdges(analyses: readonly MigrationAnalysis[]): Edge[] {
  return analyses.flatMap((later, index) =>
    analyses.slice(0, index).flatMap((earlier): Edge[] => {
      const rowsCommute = earlier.header.commutes || later.header.commutes
      const conflict = conflictBetween(earlier, later, { rowsCommute })
      if (conflict === undefined) return []
      return [{ from: earlier.id, to: later.id, kind: 'derived', object: nameOfKey(conflict.key) }]
    }),
  )
}
