import type { Query } from '../catalog/query.ts'
import { elaborate } from '../plan/elaborate.ts'
import type { Elaboration } from '../plan/elaboration.ts'
import { extensionsIn, findShadow } from '../plan/open-shadow.ts'
import { preflight, type DriftFinding } from '../preflight/preflight.ts'
import { analyseHistory } from '../analyse/analyse.ts'
import { pathOf } from '../plan/elaborate.ts'
import type { Shadow } from '../shadow/shadow.ts'
import { ranSources, type Planning } from './make-plan.ts'

/** What the live database holds, compared with what its completed migrations declare. */
export type DriftReport = {
  readonly findings: readonly DriftFinding[]
  /** `none`: the migrations could not be replayed anywhere; `structural`: on another version only. */
  readonly comparison: 'exact' | 'structural' | 'none'
  /** Why nothing could be compared. */
  readonly because: string | undefined
}

/** Replays what has run, and nothing else. */
export function elaborateDeclared(planning: Planning): Promise<Elaboration> {
  const { files, options, database } = planning
  return elaborate({
    parser: files.parser,
    completed: ranSources(planning),
    pending: [],
    target: database.target,
    images:
      options.imageDirectory === undefined ? undefined : { directory: options.imageDirectory },
    connection: options.connection,
    shadowServer: options.shadowServer,
    ledgerSchema: options.ledgerSchema,
  })
}

/** Every difference, also the harmless ones. Writes nothing. */
export async function findDriftOf(planning: Planning, query: Query): Promise<DriftReport> {
  const { options, database, files } = planning
  const elaboration = await elaborateDeclared(planning)
  const completed = analyseHistory(
    ranSources(planning).map(({ source }) => source),
    { parser: files.parser, searchPath: pathOf(database.target) },
  )
  const { drift, comparison } = await preflight({
    query,
    elaboration,
    ledgerSchema: options.ledgerSchema,
    role: options.role,
    searchPath: database.target.searchPath,
    completed,
    ignore: options.ignore,
  })
  const { shadow, objections } = elaboration
  const because = shadow.kind === 'none' ? shadow.because : objections[0]?.because
  return { findings: drift, comparison, because }
}

/** A database to try a repair on; undefined where there is no place for one. The caller closes it. */
export async function openTrial({
  files,
  options,
  database,
}: Planning): Promise<Shadow | undefined> {
  const source = await findShadow({
    target: database.target,
    extensions: extensionsIn(files.sources.map(({ text }) => text)),
    ledgerSchema: options.ledgerSchema,
    images:
      options.imageDirectory === undefined ? undefined : { directory: options.imageDirectory },
    connection: options.connection,
    shadowServer: options.shadowServer,
  })
  return source.kind === 'none' ? undefined : source.open([])
}
