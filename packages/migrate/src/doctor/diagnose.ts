import type { MigrationAnalysis } from '../analyse/analysis.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { ledgerNames } from '../ledger/ledger-names.ts'
import type { Elaboration } from '../plan/elaboration.ts'
import { type LiveBlocker, readLiveBlockers } from '../preflight/live-blockers.ts'
import { expectedNow } from '../preflight/plan-flow.ts'
import { type DriftFinding, findDrift } from '../preflight/drift.ts'
import { type Ailment, findAilments } from './ailments.ts'
import { type ForeignKeyCheck, validateForeignKeys } from './foreign-keys.ts'
import { adviseOnIndexes, type IndexAdvice, type IndexAdviceOptions } from './index-advice.ts'
import { type LockHolder, readLockHolder } from './lock-holder.ts'
import { findUnfinished, type UnfinishedMigration } from './unfinished.ts'

export type { Ailment } from './ailments.ts'
export type { ForeignKeyCheck } from './foreign-keys.ts'
export type { IndexAdvice } from './index-advice.ts'
export type { LockHolder } from './lock-holder.ts'
export type { Remedy, UnfinishedMigration } from './unfinished.ts'

export type DiagnoseOptions = {
  /** A connection to the live database, in no transaction. */
  readonly query: Query
  /** Default `public`. */
  readonly ledgerSchema?: string | undefined
  /**
   * What has not run, tried on what is declared: `elaborate` without `live`. Without it nothing is
   * said about drift and about which statements of an interrupted migration took effect.
   */
  readonly elaboration?: Elaboration | undefined
  readonly roleOf?: ((role: string) => string) | undefined
  readonly ignore?: readonly string[] | undefined
  readonly completed?: readonly MigrationAnalysis[] | undefined
  /** Also reads the rows of every foreign key, which takes its time. Default false. */
  readonly checksForeignKeys?: boolean | undefined
  readonly indexAdvice?: IndexAdviceOptions | undefined
  /** Seconds from which on a transaction counts as old; default 60. */
  readonly oldTransactionS?: number | undefined
}

/** Everything that is known about the health of a database and of its ledger. */
export type Diagnosis = {
  /** `ailing`: something is unfinished, broken or another way than declared. */
  readonly kind: 'healthy' | 'ailing'
  readonly unfinished: readonly UnfinishedMigration[]
  readonly ailments: readonly Ailment[]
  /** Missing and changed objects; those of an interrupted migration are told above. */
  readonly drift: readonly DriftFinding[]
  readonly holder: LockHolder | undefined
  /** Old transactions, dumps and prepared ones that would keep a migration waiting. */
  readonly blockers: readonly LiveBlocker[]
  readonly indexAdvice: readonly IndexAdvice[]
  /** Empty where nobody asked. */
  readonly foreignKeys: readonly ForeignKeyCheck[]
}

/** Examines a database. Nothing is changed; what an undo would do is tried and rolled back. */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const { query, ledgerSchema, elaboration } = options
  const ledger = ledgerNames(ledgerSchema)
  const live = await readFacts(query, { ledgerSchema: ledger.schema })
  const unfinished = await findUnfinished({
    query,
    ledger,
    migrations: elaboration?.migrations ?? [],
    live,
  })
  const expected = elaboration === undefined ? undefined : expectedWith(elaboration, unfinished)
  const drift =
    expected === undefined ? [] : await readDrift(options, { expected, live, unfinished })
  const ailments = await findAilments(query, { expected })
  const foreignKeys = options.checksForeignKeys === true ? await validateForeignKeys(query) : []
  const holder = await readLockHolder(query, ledger)
  const blockers = await readLiveBlockers(query, {
    wanted: new Map(
      live.rows.flatMap(({ kind, address }) =>
        kind === 'table' ? [[address.oid, 'access exclusive'] as const] : [],
      ),
    ),
    waitsForSnapshots: true,
    oldS: options.oldTransactionS ?? 60,
  })
  const isBroken = foreignKeys.some(({ result }) => result.kind === 'broken')
  const isHealthy = unfinished.length + ailments.length + drift.length === 0 && !isBroken
  return {
    kind: isHealthy ? 'healthy' : 'ailing',
    unfinished,
    ailments,
    drift,
    holder,
    blockers: blockers.filter(({ pid }) => pid !== holder?.pid),
    indexAdvice: await adviseOnIndexes(query, options.indexAdvice),
    foreignKeys,
  }
}

/** Of a migration that stopped in the middle, the part that took effect belongs to what is expected. */
function expectedWith(elaboration: Elaboration, unfinished: readonly UnfinishedMigration[]) {
  const [first] = unfinished
  if (first === undefined) return elaboration.expected
  const { verdict, total, migration, journalDone } = first
  const done =
    verdict.kind === 'half-done' ? verdict.done : verdict.kind === 'all-done' ? total : journalDone
  return expectedNow(elaboration, { migration, done })
}

type Comparing = {
  readonly expected: Parameters<typeof findDrift>[0]['expected']
  readonly live: Parameters<typeof findDrift>[0]['live']
  readonly unfinished: readonly UnfinishedMigration[]
}

async function readDrift(
  { roleOf, ignore, completed }: DiagnoseOptions,
  { expected, live, unfinished }: Comparing,
): Promise<DriftFinding[]> {
  const { findings } = await findDrift({
    expected,
    live,
    ...(roleOf !== undefined && { roleOf }),
    ...(ignore !== undefined && { ignore }),
    ...(completed !== undefined && { completed }),
  })
  const told = new Set(
    unfinished.flatMap(({ verdict }) =>
      verdict.kind === 'matches-nothing' ? verdict.objects : [],
    ),
  )
  return findings.filter(({ blocks, key }) => blocks && !told.has(key))
}
