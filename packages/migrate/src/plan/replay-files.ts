import type { MigrationAnalysis } from '../analyse/analysis.ts'
import type { Replay } from '../shadow/replay.ts'
import type { Shadow } from '../shadow/shadow.ts'
import { shadowStatements } from './shadow-statements.ts'

/** The file at which it ended, and how. */
export type Stuck = {
  readonly analysis: MigrationAnalysis
  readonly failure: Extract<Replay, { kind: 'failed' }>
}

/**
 * Runs whole files one after the other in a shadow and looks at nothing.
 *
 * @returns undefined where all of them ran
 */
export async function replayFiles(
  shadow: Pick<Shadow, 'replay'>,
  analyses: readonly MigrationAnalysis[],
): Promise<Stuck | undefined> {
  for (const analysis of analyses) {
    const replay = await shadow.replay(shadowStatements(analysis), { observe: false })
    if (replay.kind === 'failed') return { analysis, failure: replay }
  }
  return undefined
}
