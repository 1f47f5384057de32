import { createCatalogReader } from '../catalog/catalog-reader.ts'
import type { Fact, Facts } from '../catalog/fact.ts'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import type { Query } from '../catalog/query.ts'
import { stableJson } from '../catalog/stable-json.ts'
import type { MigrationAnalysis } from '../analyse/analysis.ts'
import type {
  HookResult,
  Keeper,
  PreparedMigration,
  Statement,
  StatementRange,
} from '../execute/migration.ts'
import { objectTo } from '../objection.ts'
import type { ElaboratedMigration } from '../plan/elaboration.ts'
import { readServerError } from '../shadow/server-error.ts'
import type { MigrationSource } from '../text/source.ts'
import type { SafeRewrite } from '../rewrite/rewrite.ts'
import { keepingOf, type Keeping } from '../undo/keeper.ts'
import { rollbackScriptOf } from '../undo/rollback-script.ts'
import { engineReasons } from './engine-reasons.ts'
import type { MigratorOptions } from './migrator-options.ts'
import type { ProvenMigration } from './proofs.ts'

/** What a migration is made of, whether it was tried or not. */
export type Preparing = {
  readonly source: MigrationSource
  readonly checksum: string
  readonly analysis: MigrationAnalysis
  readonly options: Pick<
    MigratorOptions,
    'ledgerSchema' | 'backupDirectory' | 'appVersion' | 'rollbackOnFailure'
  >
  /** Ids that it stands after. */
  readonly parents: readonly string[]
  /** Why it may run without proof; stored with it. */
  readonly acceptUnproven?: string | undefined
  /** What the build has proven about it on another version of PostgreSQL. */
  readonly byBuild?: ProvenMigration | undefined
  /** What runs in the place of what stands in the file. */
  readonly rewrite?: SafeRewrite | undefined
}

/** A migration for the executor that nobody could try. */
export function prepareUntried(preparing: Preparing): PreparedMigration {
  const { source, checksum, analysis, parents } = preparing
  const { type, destructive, resume } = source.header
  return {
    type,
    statements: statementsFor(analysis),
    checksum,
    rawSha256: source.rawSha256,
    file: source.file,
    parents,
    destructive,
    ...(resume === undefined ? {} : { resume }),
    ...scriptOf(preparing),
  }
}

function scriptOf({ byBuild, acceptUnproven }: Preparing): { readonly rollbackScript?: string } {
  const proven = byBuild?.prepared.rollbackScript
  if (proven !== undefined) return { rollbackScript: proven }
  if (acceptUnproven === undefined) return {}
  return { rollbackScript: `-- not tried; accepted: ${oneLine(acceptUnproven)}\n` }
}

/** A migration for the executor with what the shadow showed about it. */
export function prepareElaborated(
  preparing: Preparing,
  elaborated: ElaboratedMigration,
  { isVerified }: { readonly isVerified: boolean },
): PreparedMigration {
  const { acceptUnproven, rewrite, options } = preparing
  const { ledgerSchema } = options
  const { inverse, fingerprints, observations } = elaborated
  const fingerprint = fingerprints.at(-1)
  const isWorthVerifying =
    isVerified || elaborated.analysis.opaque || observations.some(({ isNoOp }) => isNoOp)
  const plain: PreparedMigration = {
    ...prepareUntried(preparing),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    rollbackOnFailure: options.rollbackOnFailure ?? 'auto',
    ...(inverse.kind === 'none'
      ? { rollbackScript: noScript(inverse.because, acceptUnproven) }
      : { rollbackScript: rollbackScriptOf(inverse) }),
    ...(isWorthVerifying
      ? { verify: (query: Query) => verify(elaborated, { query, ledgerSchema }) }
      : {}),
  }
  const kept = { ...plain, ...keepingFor(preparing, elaborated) }
  if (rewrite !== undefined) return rewritten(kept, rewrite)
  return {
    ...kept,
    settle: (statementNo, query) => settle(elaborated, { statementNo, query, ledgerSchema }),
  }
}

function noScript(because: string, accepted = 'by the policy of a development environment') {
  return `-- no proven inverse: ${oneLine(because)}\n-- accepted: ${oneLine(accepted)}\n`
}

/** Without a place for backups no data is kept; the policy has spoken about that. */
function keepingFor({ options }: Preparing, elaborated: ElaboratedMigration): Keeping {
  const { backupDirectory, ledgerSchema, appVersion } = options
  return keepingOf({
    migration: elaborated.source.id,
    elaborated,
    directory: backupDirectory,
    ledgerSchema,
    engineVersion: appVersion,
  })
}

/** Other statements run, but the losses are told by the numbers of those in the file. */
function rewritten(prepared: PreparedMigration, { statements, origins }: SafeRewrite) {
  const { keep, rollbackAfter: _, ...rest } = prepared
  const inFile = ({ first, last }: StatementRange): StatementRange => ({
    first: origins[first - 1] ?? first,
    last: origins[last - 1] ?? last,
  })
  const keeper: Keeper | undefined = keep && {
    begin: (query, range) => keep.begin(query, inFile(range)),
    end: (query, range, end) => keep.end(query, inFile(range), end),
    // In other steps than those of the file nobody knows which transaction was the last.
    whole: () => undefined,
  }
  return { ...rest, statements, ...(keeper === undefined ? {} : { keep: keeper }) }
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')

/** The statements as the executor sends them, with the ends of transactions that they need. */
export function statementsFor({ statements }: Pick<MigrationAnalysis, 'statements'>): Statement[] {
  return statements.map(({ no, text, txClass, line, column, boundary }) => ({
    no,
    text,
    txClass,
    line,
    column,
    ...(boundary?.usedBy === undefined ? {} : { boundary: true }),
  }))
}

type Looking = { readonly query: Query; readonly ledgerSchema?: string | undefined }

/** The catalog inside the transaction that is about to commit; after a statement alone there is none. */
async function readInside({ query, ledgerSchema }: Looking): Promise<Facts> {
  const reader = createCatalogReader(query, ledgerSchema === undefined ? {} : { ledgerSchema })
  try {
    return await reader.readAll({ transaction: 'open' })
  } catch (error) {
    if (readServerError(error)?.sqlstate !== '25P01') throw error
    return reader.readAll()
  }
}

/** Whether what the migration touched is now what it was in the shadow. */
async function verify(elaborated: ElaboratedMigration, looking: Looking): Promise<HookResult> {
  const actual = new Map((await readInside(looking)).rows.map((fact) => [fact.key, fact]))
  const expected = new Map(elaborated.after.rows.map((fact) => [fact.key, fact]))
  const differing = touchedKeys(elaborated).filter(
    (key) => !isSame(expected.get(key), actual.get(key)),
  )
  if (differing.length === 0) return { kind: 'fine' }
  const { id, file } = elaborated.source
  const place = {
    migration: id,
    file,
    ...(differing[0] === undefined ? {} : { object: differing[0] }),
  }
  const detail = differing.slice(0, 5).join(', ')
  return {
    kind: 'refused',
    objections: [objectTo(engineReasons.otherThanTried, place, { detail })],
  }
}

function touchedKeys({ observations }: ElaboratedMigration): string[] {
  const keys = observations.flatMap(({ changes: { added, removed, changed } }) => [
    ...added.map(({ key }) => key),
    ...removed.map(({ key }) => key),
    ...changed.map(({ after }) => after.key),
  ])
  return [...new Set(keys)]
}

/** Owners and rights differ between installations; what the schema is does not. */
function isSame(expected: Fact | undefined, actual: Fact | undefined): boolean {
  if (expected === undefined || actual === undefined) return expected === actual
  return stableJson(expected.values) === stableJson(actual.values)
}

/** Whether a statement that was interrupted has taken effect: the catalog is as before or as after it. */
async function settle(
  { fingerprints }: ElaboratedMigration,
  { statementNo, query, ledgerSchema }: Looking & { readonly statementNo: number },
): Promise<'before' | 'after' | 'unclear'> {
  const reader = createCatalogReader(query, ledgerSchema === undefined ? {} : { ledgerSchema })
  const now = fingerprintOf(await reader.readAll()).structure
  const before = fingerprints[statementNo - 1]
  const after = fingerprints[statementNo]
  // A statement that leaves the catalog alone, such as one about rows, cannot be told by it.
  if (before === after) return 'unclear'
  if (now === before) return 'before'
  return now === after ? 'after' : 'unclear'
}
