import { readDatabase, type DatabaseState } from '../engine/read-database.ts'
import { type ReadFiles, readFiles } from '../engine/read-files.ts'
import type { Facts } from '../catalog/fact.ts'
import { readFacts } from '../catalog/read-facts.ts'
import type { MigrationAnalysis } from '../analyse/analysis.ts'
import { openSession, type Session } from '../execute/session.ts'
import { type Objection, objectTo } from '../objection.ts'
import { judgeOrder } from '../order/verdict.ts'
import { elaborate, pathOf, type PendingMigration } from '../plan/elaborate.ts'
import type { Elaboration } from '../plan/elaboration.ts'
import { engineReasons } from '../engine/engine-reasons.ts'
import type { Engine } from './context.ts'

/** The files, the database, and what the shadow says of the two. */
export type Look = {
  readonly session: Session
  readonly files: ReadFiles
  readonly database: DatabaseState
  /** What the database holds. */
  readonly live: Facts
  readonly elaboration: Elaboration
  /** Of what has run, in that order. */
  readonly completed: readonly MigrationAnalysis[]
  /** Why the declared order of what is pending cannot work. */
  readonly orderObjections: readonly Objection[]
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Looks at the database beside what its migrations declare. Nothing is written.
 *
 * @param wants `declared`: only what should be there; `pending`: also what the others would do
 */
export async function look(
  { migratorOptions: options }: Engine,
  wants: 'declared' | 'pending',
): Promise<Look> {
  const session = await openSession(options.target)
  try {
    const files = await readFiles(options)
    const ids = files.sources.map(({ id }) => id)
    const database = await readDatabase(session, options, ids)
    const { ledgerSchema } = options
    const live = await readFacts(session.rows, ledgerSchema === undefined ? {} : { ledgerSchema })
    const ran = new Set(database.ledger.ran)
    const verdict = judgeOrder(files.sources, {
      parser: files.parser,
      completed: ran,
      searchPath: pathOf(database.target),
    })
    const analyses = new Map(verdict.analyses.map((analysis) => [analysis.id, analysis]))
    const known = new Map(files.sources.map((source) => [source.id, source]))
    const withChecksum = (id: string): PendingMigration[] => {
      const [source, checksum, analysis] = [
        known.get(id),
        files.checksums.get(id),
        analyses.get(id),
      ]
      if (source === undefined || checksum === undefined || analysis === undefined) return []
      return [{ source, checksum, analysis }]
    }
    const pending = verdict.order.filter((id) => !ran.has(id)).flatMap(withChecksum)
    const elaboration = await elaborate({
      ...options,
      parser: files.parser,
      completed: database.ledger.ran.flatMap(withChecksum),
      pending: wants === 'pending' && verdict.kind === 'ordered' ? pending : [],
      target: database.target,
      live: wants === 'pending' ? live : undefined,
      images:
        options.imageDirectory === undefined ? undefined : { directory: options.imageDirectory },
      findsInverses: false,
    })
    return {
      session,
      files,
      database,
      live,
      elaboration,
      completed: database.ledger.ran.flatMap((id) => analyses.get(id) ?? []),
      orderObjections: verdict.objections.filter(({ migration }) => !ran.has(migration)),
      [Symbol.asyncDispose]: () => session.close(),
    }
  } catch (error) {
    await session.close()
    throw error
  }
}

/** Why nobody can say what should be there. */
export function untriedObjections({ elaboration }: Look): readonly Objection[] {
  const { shadow, objections, expected } = elaboration
  if (expected !== undefined) return []
  if (shadow.kind !== 'none') return objections
  return [objectTo(engineReasons.notTried, { migration: '' }, { detail: shadow.because })]
}
