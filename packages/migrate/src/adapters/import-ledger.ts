import type { ClientConfig } from 'pg'
import { readFacts } from '../catalog/read-facts.ts'
import { systemClock } from '../execute/clock.ts'
import { acquireLock } from '../execute/lock.ts'
import { openSession, type Session, type Target } from '../execute/session.ts'
import { detectLedgers, type FoundLedger } from '../ledger/detect-ledgers.ts'
import { ledgerNames } from '../ledger/ledger-names.ts'
import type { Tool } from '../ledger/other-tools.ts'
import { objectionReasons, objectTo, type Objection, type Reason } from '../objection.ts'
import { extensionsIn, findShadow } from '../plan/open-shadow.ts'
import { readTarget } from '../plan/target.ts'
import { loadParser } from '../text/parser.ts'
import { type Claims, readClaims } from './claims.ts'
import { importReasons } from './import-reasons.ts'
import { findHalf, makersOf, type Trial, type TrialContext, tryFiles } from './prove-claims.ts'
import type { ReadDirectory } from './read-directory.ts'
import { writeImport } from './write-import.ts'

export type ImportOptions = {
  readonly target: Target
  readonly directory: ReadDirectory
  /** Whose ledger; default: the tool of the directory, or the only one that is there. */
  readonly from?: Tool | undefined
  /** Where our ledger stands or will stand; default `public`. */
  readonly ledgerSchema?: string | undefined
  readonly role?: string | undefined
  readonly searchPath?: string | undefined
  /** The target's own server, for a scratch database where PGlite does not serve. */
  readonly connection?: ClientConfig | undefined
  readonly shadowServer?: ClientConfig | undefined
  /** Where an image of the empty shadow is kept; without it every trial starts from nothing. */
  readonly imageDirectory?: string | undefined
  readonly appVersion: string
  /** Says what would be taken over and writes nothing; default false. */
  readonly isDryRun?: boolean
  readonly signal?: AbortSignal | undefined
}

/** How taking over another tool's ledger ended. Nothing is ever run again. */
export type ImportResult =
  | {
      /** `proven`: a dry run found that it can be taken over. */
      readonly kind: 'imported' | 'proven'
      readonly tool: Tool
      /** Ids that are completed in our ledger now. */
      readonly applied: readonly string[]
      /** Ids that are not in the database and remain to be run. */
      readonly pending: readonly string[]
      readonly warnings: readonly Objection[]
    }
  /** Nothing was written. */
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/**
 * Takes over a database that another tool has migrated: its ledger says which files it has applied,
 * and a replay of exactly these files in the shadow has to give the live catalog. Its own tables are
 * left alone, except where they stand under the name of ours.
 *
 * @throws the driver's error when the database cannot be reached or read
 */
export async function importLedger(options: ImportOptions): Promise<ImportResult> {
  const { directory, target } = options
  if (directory.objections.length > 0) return { kind: 'refused', objections: directory.objections }
  const session = await openSession(target)
  try {
    return await underLock(session, options, () => importOn(session, options))
  } finally {
    await session.close()
  }
}

const waitMaxMs = 60_000

async function underLock(
  session: Session,
  { ledgerSchema, signal, isDryRun }: ImportOptions,
  work: () => Promise<ImportResult>,
): Promise<ImportResult> {
  if (isDryRun === true) return work()
  const acquired = await acquireLock({
    session,
    ledger: ledgerNames(ledgerSchema),
    clock: systemClock,
    emit: () => undefined,
    signal,
    waitMaxMs,
    isUpToDate: async () => false,
  })
  if (acquired.kind !== 'held') {
    const detail = 'another run of the engine holds the lock'
    return refused(objectTo(objectionReasons.blocked, { migration: '' }, { detail, pid: '<pid>' }))
  }
  try {
    return await work()
  } finally {
    await acquired.lock.release().catch(() => false)
  }
}

const refused = (...objections: readonly Objection[]): ImportResult => ({
  kind: 'refused',
  objections,
})

async function importOn(session: Session, options: ImportOptions): Promise<ImportResult> {
  const { directory, from } = options
  const ledgers = await detectLedgers(session.query)
  const wanted = from ?? (directory.tool === 'plain' ? undefined : directory.tool)
  const ledger = ledgers.find(({ tool }) => wanted === undefined || tool === wanted)
  if (ledger === undefined)
    return refused(told(importReasons.noLedger, { tool: wanted ?? 'any known tool' }))
  const claims = readClaims(ledger, directory)
  const { tool } = ledger
  if (claims === undefined) return refused(told(importReasons.codeOnly, { tool }))
  if (claims.unmatched.length > 0)
    return refused(
      ...claims.unmatched.map(({ id }) => told(importReasons.noFile, { tool, object: id })),
    )
  const lockKey = ledger.lockKey
  if (lockKey === undefined) return proveAndWrite(session, options, { ledger, claims })
  if (!(await tryToolLock(session, lockKey))) return refused(told(importReasons.busy, { tool }))
  try {
    return await proveAndWrite(session, options, { ledger, claims })
  } finally {
    await session.query('select pg_advisory_unlock($1::bigint)', [lockKey]).catch(() => [])
  }
}

function told(reason: Reason, facts: Readonly<Record<string, string>>): Objection {
  const { migration = '', object, ...rest } = facts
  const place = { migration, ...(object === undefined ? {} : { object }) }
  return objectTo(reason, place, rest)
}

async function tryToolLock({ query }: Session, key: string): Promise<boolean> {
  const [row] = await query<{ held: boolean }>('select pg_try_advisory_lock($1::bigint) as held', [
    key,
  ])
  return row?.held === true
}

type Found = { readonly ledger: FoundLedger; readonly claims: Claims }

async function proveAndWrite(
  session: Session,
  options: ImportOptions,
  found: Found,
): Promise<ImportResult> {
  const context = await contextFor(session, options)
  if ('code' in context) return refused(context)
  const proof = await prove(context, found)
  if ('code' in proof) return refused(proof)
  const { applied } = proof
  const { ledger, claims } = found
  const isWritten = options.isDryRun !== true
  if (isWritten) {
    const written = await writeImport(session, {
      ledger: ledgerNames(options.ledgerSchema),
      found: ledger,
      sources: context.sources.filter(({ id }) => applied.includes(id)),
      parser: context.parser,
      appliedAt: claims.appliedAt,
      appVersion: options.appVersion,
    })
    if (written !== undefined) return refused(written)
  }
  const pending = context.sources.map(({ id }) => id).filter((id) => !applied.includes(id))
  const warnings = warningsFor(found, proof)
  const kind = isWritten ? 'imported' : 'proven'
  return { kind, tool: ledger.tool, applied, pending, warnings }
}

async function contextFor(
  session: Session,
  options: ImportOptions,
): Promise<TrialContext | Objection> {
  const { directory, ledgerSchema, connection, shadowServer, imageDirectory } = options
  const target = await readTarget(session.rows, options)
  const source = await findShadow({
    target,
    extensions: extensionsIn(directory.sources.map(({ text }) => text)),
    ledgerSchema,
    connection,
    shadowServer,
    images: imageDirectory === undefined ? undefined : { directory: imageDirectory },
  })
  if (source.kind === 'none')
    return objectTo(objectionReasons['needs-server'], { migration: '' }, { detail: source.because })
  return {
    sources: directory.sources,
    parser: await loadParser(),
    live: await readFacts(session.rows, ledgerSchema === undefined ? {} : { ledgerSchema }),
    open: () => source.open([]),
  }
}

type Proof = { readonly applied: readonly string[]; readonly extra: readonly string[] }

/** Finds the set of files that gives the live catalog, beginning with what the ledger claims. */
async function prove(context: TrialContext, { ledger, claims }: Found): Promise<Proof | Objection> {
  const { applied, failed } = claims
  const candidates = [
    applied,
    ...failed.map((_, index) => [...applied, ...failed.slice(0, index + 1)]),
  ]
  let first: Trial | undefined
  for (const candidate of candidates) {
    const trial = await tryFiles(context, candidate)
    if (trial.kind === 'equal') return { applied: inOrder(context, candidate), extra: trial.extra }
    first ??= trial
  }
  const half = await halfOf(context, { ledger, claims })
  if (half !== undefined) return half
  const without =
    ledger.coverage === 'up-to' ? await withoutSkipped(context, applied, first) : undefined
  return without ?? explain(first, { ledger, claims })
}

function inOrder({ sources }: TrialContext, ids: readonly string[]): string[] {
  return sources.map(({ id }) => id).filter((id) => ids.includes(id))
}

async function halfOf(
  context: TrialContext,
  { ledger: { tool }, claims }: Found,
): Promise<Objection | undefined> {
  for (const begun of claims.failed) {
    const half = await findHalf(context, claims.applied, begun)
    if (half !== undefined)
      return objectTo(
        importReasons.halfApplied,
        { migration: begun, statementNo: half.done + 1 },
        { tool, done: half.done, total: half.total, next: half.done + 1 },
      )
  }
  return undefined
}

/** A single mark claims files that came late and were skipped: what they make is not there. */
async function withoutSkipped(
  context: TrialContext,
  applied: readonly string[],
  first: Trial | undefined,
): Promise<Proof | undefined> {
  const differences = first?.kind === 'different' ? first.differences : []
  const missing = differences.flatMap(({ kind, key }) => (kind === 'missing' ? [key] : []))
  const makers = makersOf(context, applied, missing)
  const rest = applied.filter((id) => !makers.has(id))
  if (makers.size === 0) return undefined
  const trial = await tryFiles(context, rest)
  return trial.kind === 'equal' ? { applied: rest, extra: trial.extra } : undefined
}

function explain(trial: Trial | undefined, { ledger: { tool }, claims }: Found): Objection {
  const [edited] = claims.edited
  if (edited !== undefined) return told(importReasons.edited, { tool, migration: edited })
  if (trial?.kind === 'failed') {
    const { id: migration, error } = trial
    return told(importReasons.noReplay, {
      tool,
      migration,
      detail: `${migration}: ${error.message}`,
    })
  }
  const differences = trial?.kind === 'different' ? trial.differences : []
  const list = differences.slice(0, 5).map(({ kind, key }) => `${key} is ${kind}`)
  const more = differences.length > 5 ? [`and ${differences.length - 5} more`] : []
  return told(importReasons.notEqual, { tool, detail: [...list, ...more].join(', ') })
}

function warningsFor({ ledger: { tool }, claims }: Found, { applied, extra }: Proof): Objection[] {
  const isApplied = (id: string) => applied.includes(id)
  const about = (reason: Reason) => (migration: string) => told(reason, { tool, migration })
  const unclaimed = claims.applied.filter((id) => !isApplied(id))
  return [
    ...claims.edited.filter(isApplied).map(about(importReasons.editedButEqual)),
    ...[...claims.skipped, ...unclaimed].map(about(importReasons.skipped)),
    ...claims.failed.map((id) =>
      about(isApplied(id) ? importReasons.failedDone : importReasons.failedNot)(id),
    ),
    ...extra.map((object) => told(importReasons.extra, { tool, object })),
  ]
}
