import type { AnalysedStatement } from '../analyse/analysis.ts'
import type { Facts } from '../catalog/fact.ts'
import { groupStatements } from '../execute/groups.ts'
import { deriveInverse } from '../inverse/derive-inverse.ts'
import type { ProvenInverse } from '../plan/elaboration.ts'
import type { DataLoss } from '../shadow/losses.ts'
import type { Moment } from '../shadow/replay.ts'

/** Finds what undoes the first statements of a migration while it is being tried. */
export type PrefixWatcher = {
  /** To be called after each statement that is observed. */
  onStatement(moment: Moment): Promise<void>
  /** By the number of the statement after which a transaction ends; not for the whole. */
  readonly prefixes: ReadonlyMap<number, ProvenInverse>
}

type Analysed = Pick<AnalysedStatement, 'no' | 'text' | 'txClass' | 'line' | 'column' | 'boundary'>

/**
 * A migration that is committed in parts can stop between two of them. This finds the inverse of
 * every part that can be left behind, and nothing for a migration of one transaction.
 */
export function watchPrefixes({
  name,
  statements,
  before,
  ledgerSchema,
}: {
  readonly name: string
  readonly statements: readonly Analysed[]
  readonly before: Facts
  readonly ledgerSchema?: string | undefined
}): PrefixWatcher {
  const ends = partEnds(name, statements)
  const prefixes = new Map<number, ProvenInverse>()
  const losses: DataLoss[] = []
  return {
    prefixes,
    async onStatement({ observation, query, transaction, after }) {
      losses.push(...observation.losses)
      // What stands between two ends may be a BEGIN or COMMIT, which nobody observes.
      const end = ends.find((no) => no >= observation.no)
      if (end === undefined || !ends.some((no) => no === observation.no)) return
      const inverse = await deriveInverse({
        query,
        transaction,
        before,
        after,
        losses: [...losses],
        ...(ledgerSchema === undefined ? {} : { ledgerSchema }),
      })
      prefixes.set(
        end,
        inverse.kind === 'none'
          ? inverse
          : {
              kind: inverse.kind,
              origin: 'generated',
              steps: inverse.steps,
              losses: inverse.kind === 'lossy' ? inverse.losses : [],
              discards: inverse.discards,
            },
      )
    },
  }
}

function partEnds(name: string, analysed: readonly Analysed[]): number[] {
  const statements = analysed.map(({ boundary, ...statement }) => ({
    ...statement,
    boundary: boundary?.usedBy !== undefined,
  }))
  const grouping = groupStatements({ statements }, { name })
  if (grouping.kind === 'refused') return []
  const ends = grouping.units.map((unit) =>
    unit.kind === 'group' ? (unit.statements.at(-1)?.no ?? 0) : unit.statement.no,
  )
  return ends.filter((no) => no > 0 && no < statements.length)
}
