import { hostname } from 'node:os'
import { readForeignKeys } from '../backup/foreign-keys.ts'
import type { BackupManifest } from '../backup/manifest.ts'
import { verifyBackup } from '../backup/verify-backup.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { type Clock, systemClock } from '../execute/clock.ts'
import type { OnEvent } from '../execute/events.ts'
import { acquireLock } from '../execute/lock.ts'
import { openSession, type Session, type Target } from '../execute/session.ts'
import { isMissing } from '../ledger/chain.ts'
import { fenceText, giveUpLease, takeToken } from '../ledger/lease.ts'
import { type LedgerNames, ledgerNames } from '../ledger/ledger-names.ts'
import { type Objection, objectionReasons, objectTo } from '../objection.ts'
import { readServerError } from '../shadow/server-error.ts'
import { consolidateReasons as reasons } from './consolidate-reasons.ts'
import { readStamps } from './prove-rollback.ts'
import { type ConsolidationRollback, readRollback } from './rollback-script.ts'
import { openRollback, runRollback } from './run-rollback.ts'

export type RollbackOptions = {
  readonly target: Target
  /** Of the spec. */
  readonly name: string
  /** Go back although rows that were written since are lost; default false. */
  readonly acceptsLoss?: boolean
  readonly appVersion?: string
  readonly ledgerSchema?: string
  readonly role?: string
  /** For somebody else's run to end, in milliseconds; default half an hour. */
  readonly waitMaxMs?: number
  readonly onEvent?: OnEvent
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

export type RollbackResult =
  /** `location`: the backup whose rows are back; it is still there. */
  | { readonly kind: 'rolled-back'; readonly location: string }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }
  | { readonly kind: 'waiting-timed-out' | 'stopped' }

/**
 * Goes back behind a consolidation, in one transaction: the old tables with their rows, the foreign
 * keys as they were, the target without what it got. Refuses when that would lose what was written
 * since, and when anything does not fit any more; nothing is changed then.
 */
export async function rollbackConsolidation(options: RollbackOptions): Promise<RollbackResult> {
  const { clock = systemClock, onEvent = () => undefined, waitMaxMs = 1_800_000 } = options
  const session = await openSession(options.target)
  const ledger = ledgerNames(options.ledgerSchema)
  try {
    const { isPooled } = await session.facts()
    if (isPooled) return refuse(objectionReasons.pooler, { migration: options.name }, pooled)
    const acquired = await acquireLock({
      session,
      ledger,
      clock,
      emit: onEvent,
      signal: options.signal,
      waitMaxMs,
      isUpToDate: async () => false,
    })
    if (acquired.kind === 'timed-out') return { kind: 'waiting-timed-out' }
    if (acquired.kind !== 'held') return { kind: 'stopped' }
    try {
      return await underLock(options, session, ledger)
    } finally {
      await acquired.lock.release().catch(() => undefined)
    }
  } finally {
    await session.close()
  }
}

const pooled = { detail: 'the server answers from another session than the one that greeted us' }

function refuse(...told: Parameters<typeof objectTo>): RollbackResult {
  return { kind: 'refused', objections: [objectTo(...told)] }
}

async function underLock(
  options: RollbackOptions,
  session: Session,
  ledger: LedgerNames,
): Promise<RollbackResult> {
  const { name, role } = options
  if (role !== undefined)
    await session.query(`select pg_catalog.set_config('role', $1, false)`, [role])
  const recorded = await readRecorded(session.rows, ledger, name)
  if (recorded === undefined) return refuse(reasons.notDone, { migration: name })
  const { id, location, rollback } = recorded
  if (rollback === undefined)
    return refuse(
      reasons.notProven,
      { migration: name },
      { detail: 'the ledger has no such script' },
    )
  const verified = await verifyBackup(location)
  if (verified.kind === 'refused') return verified
  const { backend } = await session.facts()
  const holder = {
    host: hostname(),
    pid: process.pid,
    run: 'rollback',
    appVersion: options.appVersion ?? '',
  }
  const token = await takeToken(session.query, ledger, { holder, backend })
  await session.query('begin')
  try {
    await session.query(fenceText(ledger, token))
    const work: GoingBack = { options, location, manifest: verified.manifest, rollback }
    const objections = await goBack(session.rows, work)
    if (objections.length === 0) await record(session.rows, ledger, id)
    await session.query(objections.length === 0 ? 'commit' : 'rollback')
    return objections.length === 0
      ? { kind: 'rolled-back', location }
      : { kind: 'refused', objections }
  } catch (error) {
    await session.query('rollback').catch(() => undefined)
    return { kind: 'refused', objections: [explain(error, name)] }
  } finally {
    await giveUpLease(session.query, ledger, token).catch(() => undefined)
  }
}

/** @throws the error itself where the connection is lost or the mistake is ours */
function explain(error: unknown, migration: string): Objection {
  const said = readServerError(error)
  if (said === undefined || /^(08|57P)/.test(said.sqlstate)) throw error
  const object = said.table ?? said.constraint ?? migration
  const detail = `${said.message} (${said.sqlstate})`
  return objectTo(reasons.wayBackFails, { migration, object }, { detail })
}

type Recorded = {
  readonly id: string
  readonly location: string
  readonly rollback: ConsolidationRollback | undefined
}

async function readRecorded(
  query: Query,
  { migrations }: LedgerNames,
  name: string,
): Promise<Recorded | undefined> {
  const { rows } = await query(
    `select id::text, backup_location, rollback_script from ${migrations}
      where migration_name = $1 and migration_type = 'consolidation' and status = 'completed'`,
    [name],
  ).catch((error: unknown) => {
    if (isMissing(error)) return { rows: [] }
    throw error
  })
  const [row] = rows
  if (row === undefined) return undefined
  const script = row['rollback_script']
  return {
    id: String(row['id']),
    location: String(row['backup_location']),
    rollback: typeof script === 'string' ? readRollback(script) : undefined,
  }
}

type GoingBack = {
  readonly options: RollbackOptions
  readonly location: string
  readonly manifest: BackupManifest
  readonly rollback: ConsolidationRollback
}

async function goBack(
  query: Query,
  { options, location, manifest, rollback }: GoingBack,
): Promise<readonly Objection[]> {
  const backup = { location, manifest }
  await query(`lock table ${rollback.locked.join(', ')} in access exclusive mode`)
  const refused = await openRollback(query, backup, rollback)
  if (refused.length > 0) return refused
  if (options.acceptsLoss !== true) {
    const losses = await findLosses(query, rollback)
    if (losses.length > 0) {
      const place = { migration: options.name }
      return losses.map((detail) => objectTo(reasons.usedSince, place, { detail }))
    }
  }
  return runRollback(query, backup, rollback)
}

/** What the way back would take away and the consolidation did not bring. */
async function findLosses(query: Query, rollback: ConsolidationRollback): Promise<string[]> {
  const now = await readStamps(query, rollback)
  const losses = rollback.stamps.flatMap((stamp, at) => {
    const { moved, others } = now[at] ?? stamp
    return [
      ...(moved.rows === stamp.moved.rows && moved.sum === stamp.moved.sum
        ? []
        : [
            `rows that came to ${stamp.table} were changed or removed (${stamp.moved.rows} then, ${moved.rows} now)`,
          ]),
      ...(others.rows === stamp.others.rows && others.sum === stamp.others.sum
        ? []
        : [
            `${stamp.table} has other rows, or other values in added columns, than then (${stamp.others.rows} then, ${others.rows} now)`,
          ]),
    ]
  })
  return [...losses, ...(await findFollowers(query, rollback))]
}

/** Rows of other tables that refer to rows which go; with CASCADE they would go, too. */
async function findFollowers(query: Query, rollback: ConsolidationRollback): Promise<string[]> {
  const followers: string[] = []
  for (const { table, isMoved } of rollback.stampSql)
    for (const key of await readForeignKeys(query, [table])) {
      const { child, parent, columns, parentColumns } = key
      if (parent !== table || child === table || rollback.written.includes(child)) continue
      const same = columns.map(
        (column, at) => `c.${quoteName(column)} = t.${quoteName(parentColumns[at] ?? '')}`,
      )
      const { rows } = await query(
        `select exists (select 1 from ${child} c join ${table} t on ${same.join(' and ')}
          where ${isMoved}) as found`,
      )
      if (rows[0]?.['found'] === true) followers.push(`rows of ${child} refer to ${table}`)
    }
  return followers
}

async function record(query: Query, ledger: LedgerNames, id: string): Promise<void> {
  await query(
    `update ${ledger.statements} s set state = 'undone', finished_at = clock_timestamp()
      from ${ledger.migrations} m
      where m.id = $1 and s.migration_id = m.id and s.attempt = m.attempt`,
    [id],
  )
  await query(
    `update ${ledger.migrations} set status = 'rolled_back', statements_done = 0 where id = $1`,
    [id],
  )
}
