import { objectionReasons, objectTo, type Objection } from '../objection.ts'
import type { Fact, Facts } from '../catalog/fact.ts'
import type { ElaboratedMigration, Elaboration } from '../plan/elaboration.ts'
import type { Preflight } from '../preflight/preflight.ts'
import type { MigrationSource } from '../text/source.ts'
import { engineReasons } from './engine-reasons.ts'
import type { Policy } from './migrator-options.ts'

export type PolicyOptions = {
  readonly policy: Policy
  /** The operator's reason to run what nobody has proven. */
  readonly acceptUnproven?: string | undefined
  /** The build has tried these very files on another version of PostgreSQL. */
  readonly isProvenByBuild?: boolean
  /** What runs has just been taken back. */
  readonly isAgain?: boolean | undefined
}

export type Judgement = {
  readonly refusals: readonly Objection[]
  readonly warnings: readonly Objection[]
}

/** What the environment has against what the shadow has shown. */
export function judgeElaboration(
  elaboration: Elaboration,
  { policy, acceptUnproven, isProvenByBuild = false, isAgain = false }: PolicyOptions,
): Judgement {
  const unproven = [...startObjections(elaboration), ...elaboration.migrations.flatMap(noInverse)]
  const destroying = [
    ...elaboration.migrations.flatMap(unflagged),
    ...(isAgain ? [] : inUse(elaboration)),
  ]
  const lossy = elaboration.migrations.flatMap(notRestorable)
  if (policy === 'development')
    return { refusals: [], warnings: [...unproven, ...destroying, ...lossy] }
  if (isProvenByBuild && elaboration.shadow.kind === 'none')
    return { refusals: [], warnings: unproven }
  return acceptUnproven === undefined
    ? { refusals: [...unproven, ...destroying], warnings: lossy }
    : { refusals: destroying, warnings: [...unproven, ...lossy] }
}

/** What the environment has against what the live database has said. */
export function judgePreflight(
  {
    objections,
    warnings,
    backupNeeded,
  }: Pick<Preflight, 'objections' | 'warnings' | 'backupNeeded'>,
  { policy, acceptUnproven, keepsData }: PolicyOptions & { readonly keepsData: boolean },
): Judgement {
  const lost = keepsData ? [] : backupNeeded.filter(({ isEmpty }) => isEmpty !== true)
  const unkept = lost.map(({ migration, statementNo, object, kind }) =>
    objectTo(engineReasons.notKept, { migration, statementNo, object }, { kind }),
  )
  const all = [...objections, ...unkept]
  const isTolerated = ({ code }: Objection) =>
    policy === 'development'
      ? ['drift', 'destructive-unflagged', 'backup-failed'].includes(code)
      : acceptUnproven !== undefined && code === 'drift'
  return {
    refusals: all.filter((one) => !isTolerated(one)),
    warnings: [...warnings, ...all.filter(isTolerated)],
  }
}

function startObjections({ shadow, start }: Elaboration): Objection[] {
  if (shadow.kind === 'none')
    return [objectTo(engineReasons.notTried, { migration: '' }, { detail: shadow.because })]
  if (start?.kind !== 'unlike-live') return []
  const detail = start.left.slice(0, 5).join(', ')
  const [object] = start.left
  const place = { migration: '', ...(object === undefined ? {} : { object }) }
  return [objectTo(engineReasons.unlikeLive, place, { detail })]
}

function noInverse({ source, inverse }: ElaboratedMigration): Objection[] {
  if (inverse.kind !== 'none') return []
  const place = { migration: source.id, file: source.file }
  return [objectTo(objectionReasons['inverse-unproven'], place, { detail: inverse.because })]
}

/** What no copy of rows brings back, such as the label of an enum that rows hold by then. */
function notRestorable({ source, inverse }: ElaboratedMigration): Objection[] {
  if (inverse.kind === 'none') return []
  return inverse.losses.flatMap(({ loss, preImage }) =>
    preImage !== undefined
      ? []
      : [
          objectTo(
            objectionReasons['inverse-lossy'],
            { migration: source.id, file: source.file, object: loss.object },
            { detail: `${loss.kind} ${loss.object}` },
          ),
        ],
  )
}

const removers = new Set(['TruncateStmt', 'DeleteStmt'])

/** Tables and columns that go, and rows that are removed, where they were there before this file. */
function unflagged(elaborated: ElaboratedMigration): Objection[] {
  const { source, analysis, observations, inverse } = elaborated
  if (source.header.destructive) return []
  const known = inverse.kind === 'none' ? [] : inverse.losses.map(({ loss }) => loss)
  const isKnown = (object: string) => known.some((loss) => loss.object === object)
  return analysis.statements.flatMap((statement, index) => {
    const lost = (observations[index]?.losses ?? []).filter(
      ({ kind, object }) =>
        (kind === 'table' ||
          kind === 'column' ||
          (kind === 'rows' && removers.has(statement.kind))) &&
        (inverse.kind === 'none' || isKnown(object)),
    )
    const [first] = lost
    if (first === undefined) return []
    const { no: statementNo, line, column } = statement
    const place = { migration: source.id, file: source.file, statementNo, line, column }
    const detail = lost.map(({ kind, object }) => `${kind} ${object}`).join(', ')
    return [objectTo(engineReasons.unflagged, { ...place, object: first.object }, { detail })]
  })
}

/** Tables and columns that go while the version that is running may use them. */
function inUse({ migrations }: Elaboration): Objection[] {
  const [first] = migrations
  if (first === undefined) return []
  return migrations
    .filter(({ source }) => source.header.phase !== 'contract')
    .flatMap((one) => takenFrom(first.before, one))
}

function takenFrom(start: Facts, elaborated: ElaboratedMigration): Objection[] {
  const { source, analysis, observations, before, after } = elaborated
  const existed = new Set(start.rows.flatMap((fact) => [fact.key, placeOf(fact)]))
  const stays = new Set(after.rows.map(({ key }) => key))
  const places = new Map(before.rows.map((fact) => [fact.key, placeOf(fact)]))
  return analysis.statements.flatMap((statement, index) => {
    const lost = (observations[index]?.losses ?? []).filter(({ kind, object }) => {
      const key = `${kind} ${object}`
      const isUsed = existed.has(key) || existed.has(places.get(key) ?? '')
      return (kind === 'table' || kind === 'column') && isUsed && !stays.has(key)
    })
    const [first] = lost
    if (first === undefined) return []
    const { no: statementNo, line, column } = statement
    const place = { migration: source.id, file: source.file, statementNo, line, column }
    const detail = lost.map(({ kind, object }) => `${kind} ${object}`).join(', ')
    return [objectTo(engineReasons.needsContract, { ...place, object: first.object }, { detail })]
  })
}

const placeOf = ({ kind, address }: Fact) => `${kind} at ${address.oid}.${address.column}`

/**
 * Contract migrations wait for the operator's word, and what comes after them waits with them: the
 * declared order is law.
 *
 * @returns which of the sources may run, in their order, and which wait
 */
export function holdContracts(
  sources: readonly MigrationSource[],
  { policy, contract }: { readonly policy: Policy; readonly contract: boolean },
): { readonly free: readonly MigrationSource[]; readonly held: readonly MigrationSource[] } {
  const isHeld = policy === 'production' && !contract
  const first = isHeld ? sources.findIndex(({ header }) => header.phase === 'contract') : -1
  if (first === -1) return { free: sources, held: [] }
  return { free: sources.slice(0, first), held: sources.slice(first) }
}

/** The objection that the first of the waiting ones is told with. */
export function objectToHeld(held: readonly MigrationSource[]): Objection[] {
  const [first, ...rest] = held
  if (first === undefined) return []
  const detail = rest.length === 0 ? '' : `Behind it: ${rest.map(({ id }) => id).join(', ')}.`
  return [objectTo(engineReasons.contract, { migration: first.id, file: first.file }, { detail })]
}
