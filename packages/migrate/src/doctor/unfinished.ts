import type { Fact, Facts } from '../catalog/fact.ts'
import type { Query } from '../catalog/query.ts'
import { stableJson } from '../catalog/stable-json.ts'
import { createCatalogReader } from '../catalog/catalog-reader.ts'
import { converge } from '../inverse/converge.ts'
import { isMissing } from '../ledger/chain.ts'
import { type LedgerNames, literal } from '../ledger/ledger-names.ts'
import { type LedgerRow, readLedger } from '../ledger/ledger-rows.ts'
import { objectTo, type Objection, type Reason } from '../objection.ts'
import type { ElaboratedMigration } from '../plan/elaboration.ts'
import { factsAfter } from '../preflight/plan-flow.ts'
import { doctorReasons } from './doctor-reasons.ts'

/** What may be done about a migration that ended in the middle. */
export type Remedy =
  /** Go on; `migrate up` does exactly this. */
  | { readonly kind: 'finish'; readonly statements: readonly string[] }
  /** Take back what took effect, as tried on this database and rolled back. */
  | {
      readonly kind: 'undo'
      readonly statements: readonly string[]
      /** Tables and columns that go, with what has been written into them, by key. */
      readonly discards: readonly string[]
    }
  /** Say in the ledger what is true; nothing else is changed. */
  | {
      readonly kind: 'mark'
      readonly as: 'completed' | 'statement-done' | 'statement-not-done'
      readonly statements: readonly string[]
    }

/** A migration that the ledger does not call completed although it began. */
export type UnfinishedMigration = {
  readonly migration: string
  readonly status: LedgerRow['status']
  /** What the ledger says of its last failure; without any value of a row. */
  readonly error: { readonly message: string; readonly sqlstate: string | undefined } | undefined
  readonly total: number
  /** Statements that the journal calls done, from the first on. */
  readonly journalDone: number
  /** Statement that was begun and of which nobody wrote the end. */
  readonly started: number | undefined
  /** Numbers of statements after which the catalog looks as it does now; 0: before the first. */
  readonly fits: readonly number[]
  readonly verdict:
    | { readonly kind: 'nothing-happened' }
    | { readonly kind: 'half-done'; readonly done: number }
    | { readonly kind: 'all-done' }
    /** The catalog cannot tell, because the statements in question leave no trace in it. */
    | { readonly kind: 'unclear' }
    /** By key: objects that are as no statement leaves them. */
    | { readonly kind: 'matches-nothing'; readonly objects: readonly string[] }
    /** The migration could not be tried anywhere; only the journal is known. */
    | { readonly kind: 'untried' }
  readonly remedies: readonly Remedy[]
  readonly explanation: Objection
}

export type UnfinishedOptions = {
  readonly query: Query
  readonly ledger: LedgerNames
  /** What would run next, tried on what is declared and not on what is there. */
  readonly migrations: readonly ElaboratedMigration[]
  readonly live: Facts
}

/** Compares, for every migration that ended in the middle, what the ledger says with the catalog. */
export async function findUnfinished(options: UnfinishedOptions): Promise<UnfinishedMigration[]> {
  const { query, ledger, migrations, live } = options
  const rows = await readRows(query, ledger)
  const found: UnfinishedMigration[] = []
  for (const row of rows) {
    const migration = migrations.find(({ source }) => source.id === row.name)
    const isSilent = row.status === 'pending' || row.status === 'rolled_back'
    if (row.status === 'completed') continue
    const judged = judge(row, migration, live)
    // One that never began is no patient, unless somebody has run it by hand.
    if (isSilent && (judged.verdict.kind !== 'all-done' || isTraceless(migration))) continue
    found.push(await describe(options, { row, migration, judged }))
  }
  return found
}

type Row = LedgerRow & { readonly error: UnfinishedMigration['error'] }

async function readRows(query: Query, ledger: LedgerNames): Promise<Row[]> {
  try {
    const rows = await readLedger(
      async (text, values) => (await query(text, values)).rows as never[],
      ledger,
    )
    const errors = await query(
      `select migration_name as name, error_message as message, error_detail ->> 'sqlstate' as sqlstate
         from ${ledger.migrations} where error_message is not null`,
    )
    const byName = new Map(errors.rows.map((row) => [row['name'], row]))
    return rows.map((row) => {
      const error = byName.get(row.name)
      return {
        ...row,
        error:
          error === undefined
            ? undefined
            : {
                message: String(error['message']),
                sqlstate: typeof error['sqlstate'] === 'string' ? error['sqlstate'] : undefined,
              },
      }
    })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

type Judged = Pick<UnfinishedMigration, 'journalDone' | 'started' | 'fits' | 'verdict' | 'total'>

function judge(row: LedgerRow, migration: ElaboratedMigration | undefined, live: Facts): Judged {
  const done = new Set(row.journal.filter(({ state }) => state === 'done').map(({ no }) => no))
  let journalDone = 0
  while (done.has(journalDone + 1)) journalDone += 1
  const started = row.journal.find((entry) => entry.no === journalDone + 1 && isOpen(entry))?.no
  const journal = { journalDone, started }
  if (migration === undefined)
    return { ...journal, fits: [], total: row.journal.length, verdict: { kind: 'untried' } }
  const total = migration.observations.length
  const fits = fittingStates(migration, live)
  const verdict = verdictOf({ fits, total, ...journal }, () =>
    differing(migration, { live, done: journalDone }),
  )
  return { ...journal, fits, total, verdict }
}

/** Whether a statement may have had an effect although nobody wrote that it is done. */
function isOpen({ state, txClass }: LedgerRow['journal'][number]): boolean {
  return state === 'started' || (state === 'failed' && (txClass === 'opaque' || txClass === 'own'))
}

/** Keys of everything that any statement of the migration changes. */
function touchedKeys({ observations }: ElaboratedMigration): ReadonlySet<string> {
  return new Set(
    observations.flatMap(({ changes: { added, removed, changed } }) => [
      ...added.map(({ key }) => key),
      ...removed.map(({ key }) => key),
      ...changed.map(({ after }) => after.key),
    ]),
  )
}

function isTraceless(migration: ElaboratedMigration | undefined): boolean {
  return migration === undefined || touchedKeys(migration).size === 0
}

/** Other drift of the database is nobody's business here: only what the migration touches counts. */
function fittingStates(migration: ElaboratedMigration, live: Facts): number[] {
  const numbers = Array.from({ length: migration.observations.length + 1 }, (_, index) => index)
  return numbers.filter((done) => differing(migration, { live, done }).length === 0)
}

function differing(
  migration: ElaboratedMigration,
  { live, done }: { readonly live: Facts; readonly done: number },
): string[] {
  const state = byKey(factsAfter(migration, done))
  const there = byKey(live)
  return [...touchedKeys(migration)].filter(
    (key) => stableJson(state.get(key)?.values) !== stableJson(there.get(key)?.values),
  )
}

function byKey({ rows }: Pick<Facts, 'rows'>): ReadonlyMap<string, Fact> {
  return new Map(rows.map((fact) => [fact.key, fact]))
}

function verdictOf(
  { fits, total, journalDone, started }: Omit<Judged, 'verdict'>,
  objects: () => readonly string[],
): UnfinishedMigration['verdict'] {
  if (fits.length === 0) return { kind: 'matches-nothing', objects: objects() }
  // What runs in a transaction has its journal row in it, so only a begun statement leaves a doubt.
  const possible = started === undefined ? [journalDone] : [journalDone, started]
  const agreed = fits.filter((done) => possible.includes(done))
  const states = agreed.length > 0 ? agreed : fits
  const [only] = states
  if (states.length > 1 || only === undefined) return { kind: 'unclear' }
  if (only === total) return { kind: 'all-done' }
  return only === 0 ? { kind: 'nothing-happened' } : { kind: 'half-done', done: only }
}

type Case = {
  readonly row: Row
  readonly migration: ElaboratedMigration | undefined
  readonly judged: Judged
}

async function describe(
  options: UnfinishedOptions,
  { row, migration, judged }: Case,
): Promise<UnfinishedMigration> {
  const remedies =
    migration === undefined ? [] : await remediesFor(options, { row, migration, judged })
  return {
    migration: row.name,
    status: row.status,
    error: row.error,
    ...judged,
    remedies,
    explanation: explain({ row, migration, judged }, remedies),
  }
}

async function remediesFor(
  options: UnfinishedOptions,
  { row, migration, judged }: Case & { readonly migration: ElaboratedMigration },
): Promise<Remedy[]> {
  const { verdict, journalDone, started } = judged
  const marks = createMarks(options.ledger, row)
  const texts = migration.analysis.statements.map(({ text }) => text)
  switch (verdict.kind) {
    case 'nothing-happened':
      return [{ kind: 'finish', statements: texts }]
    case 'half-done': {
      const undo = await undoFor(options, migration)
      return [
        { kind: 'finish', statements: texts.slice(verdict.done) },
        ...undo,
        ...(verdict.done === started ? [marks.done(started)] : []),
      ]
    }
    case 'all-done':
      return [marks.completed(migration), ...(await undoFor(options, migration))]
    case 'unclear': {
      const doubtful = started ?? journalDone + 1
      return [marks.done(doubtful), marks.notDone(doubtful)]
    }
    default:
      return []
  }
}

function createMarks({ migrations, statements }: LedgerNames, { id, name, attempt }: Row) {
  return {
    completed: ({ checksum, observations }: ElaboratedMigration): Remedy => ({
      kind: 'mark',
      as: 'completed',
      statements: [
        `update ${migrations} set status = 'completed', completed_at = clock_timestamp(),
  statements_done = ${observations.length}, checksum = ${literal(checksum)}, error_message = null,
  error_detail = null, failed_statement = null where migration_name = ${literal(name)}`,
      ],
    }),
    done: (no: number): Remedy => ({
      kind: 'mark',
      as: 'statement-done',
      statements: [
        `update ${statements} set state = 'done', finished_at = clock_timestamp()
  where migration_id = ${literal(id)} and attempt = ${attempt} and statement_no = ${no}`,
      ],
    }),
    notDone: (no: number): Remedy => ({
      kind: 'mark',
      as: 'statement-not-done',
      statements: [
        `delete from ${statements}
  where migration_id = ${literal(id)} and attempt = ${attempt} and statement_no = ${no}`,
      ],
    }),
  }
}

/** Tried on the database itself, in a transaction that is rolled back, with little patience. */
async function undoFor(
  { query, live, ledger }: UnfinishedOptions,
  migration: ElaboratedMigration,
): Promise<Remedy[]> {
  const wanted = byKey(migration.before)
  const touched = touchedKeys(migration)
  const target = [
    ...live.rows.filter(({ key }) => !touched.has(key)),
    ...[...touched].flatMap((key) => wanted.get(key) ?? []),
  ].toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const reader = createCatalogReader(query, { ledgerSchema: ledger.schema })
  await query('begin')
  try {
    await query(
      `select set_config('search_path', '', true), set_config('lock_timeout', '2s', true),
        set_config('check_function_bodies', 'off', true)`,
    )
    const route = await converge({
      query,
      readFacts: () => reader.refresh({ transaction: 'open' }),
      target: { major: live.major, rows: target },
      sameDatabase: false,
    })
    const after = byKey(await reader.refresh({ transaction: 'open' }))
    const isBack = [...touched].every(
      (key) => stableJson(after.get(key)?.values) === stableJson(wanted.get(key)?.values),
    )
    if (!isBack) return []
    const discards = live.rows
      .filter(({ kind, values }) => kind === 'table' || (kind === 'column' && !values['of']))
      .filter(({ key }) => !after.has(key))
      .map(({ key }) => key)
    return [{ kind: 'undo', statements: route.statements.map(({ text }) => text), discards }]
  } finally {
    await query('rollback')
  }
}

function explain({ row, migration, judged }: Case, remedies: readonly Remedy[]): Objection {
  const { verdict, total, journalDone, fits } = judged
  const reasons: Readonly<Record<UnfinishedMigration['verdict']['kind'], Reason>> = {
    'nothing-happened': doctorReasons.nothingHappened,
    'half-done': doctorReasons.halfDone,
    'all-done': doctorReasons.allDone,
    unclear: doctorReasons.unclear,
    'matches-nothing': doctorReasons.matchesNothing,
    untried: doctorReasons.unclear,
  }
  const done = verdict.kind === 'half-done' ? verdict.done : journalDone
  const sqlstate = row.error?.sqlstate
  return objectTo(
    reasons[verdict.kind],
    {
      migration: row.name,
      ...(migration !== undefined && { file: migration.source.file }),
    },
    {
      cause: sqlstate === undefined ? '' : ` (${sqlstate})`,
      done,
      next: done + 1,
      total,
      status: row.status,
      states: fits.length === 0 ? '–' : fits.join(', '),
      sql: remedies
        .flatMap((remedy) => (remedy.kind === 'mark' ? remedy.statements : []))
        .join('; '),
      detail: verdict.kind === 'matches-nothing' ? verdict.objects.join(', ') : undefined,
    },
  )
}
