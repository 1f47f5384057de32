import { readLease } from '../ledger/lease.ts'
import { type LedgerNames, lockKey } from '../ledger/ledger-names.ts'
import type { Query } from '../ledger/query.ts'
import { readBlockers } from './blockers.ts'
import type { Clock } from './clock.ts'
import type { MigrationEvent, OnEvent } from './events.ts'
import type { Session } from './session.ts'

/** Whoever holds it may write; `release` tells whether it was still ours. */
export type Lock = { release(): Promise<boolean> }

export type Acquired =
  | { readonly kind: 'held'; readonly lock: Lock }
  /** While we waited, somebody else did what there was to do. */
  | { readonly kind: 'nothing-to-do' }
  | { readonly kind: 'timed-out'; readonly waiting: Waiting }
  | { readonly kind: 'stopped' }

/** What a waiting runner knows. */
export type Waiting = Extract<MigrationEvent, { type: 'waiting' }>

type Options = {
  readonly session: Session
  readonly ledger: LedgerNames
  readonly clock: Clock
  readonly emit: OnEvent
  readonly signal: AbortSignal | undefined
  readonly waitMaxMs: number
  /** Asked about once a second while somebody else works. */
  readonly isUpToDate: () => Promise<boolean>
}

const pollMs = 250
const reportEveryMs = 1_000

/**
 * Asks for the lock again and again, each time in a statement of its own. A call that waits inside
 * the server would hold a snapshot, CREATE INDEX CONCURRENTLY of the holder would wait for that, and
 * the server would end one of the two as a deadlock.
 */
export async function acquireLock(options: Options): Promise<Acquired> {
  const { clock, emit, signal, waitMaxMs } = options
  const tryLock = await trierFor(options)
  const began = clock.now()
  let reported = -Infinity
  for (;;) {
    const lock = await tryLock()
    if (lock !== undefined) return { kind: 'held', lock }
    if (signal?.aborted === true) return { kind: 'stopped' }
    const waitedMs = clock.now() - began
    if (clock.now() - reported >= reportEveryMs || waitedMs > waitMaxMs) {
      reported = clock.now()
      const waiting = await lookAround(options, waitedMs)
      if (waiting === undefined) return { kind: 'nothing-to-do' }
      emit(waiting)
      if (waitedMs > waitMaxMs) return { kind: 'timed-out', waiting }
    }
    await clock.wait(pollMs * (0.5 + clock.random()), signal)
  }
}

/** @returns undefined when there is nothing left to wait for */
async function lookAround(options: Options, waitedMs: number): Promise<Waiting | undefined> {
  // In a single session every question would become part of the holder's transaction.
  if (await isSingle(options.session))
    return { type: 'waiting', waitedMs, holder: undefined, blockedBy: [] }
  if (await options.isUpToDate()) return undefined
  return describeHolder(options, waitedMs)
}

async function trierFor({ session, ledger }: Options): Promise<() => Promise<Lock | undefined>> {
  const key = lockKey(ledger)
  // One session gets its own advisory lock as often as it asks.
  if (await isSingle(session)) return async () => tryInProcess(key)
  return async () => {
    const [row] = await session.query<{ held: boolean }>(
      'select pg_catalog.pg_try_advisory_lock($1::bigint) as held',
      [key],
    )
    if (row?.held !== true) return undefined
    return {
      async release() {
        const [released] = await session.query<{ held: boolean }>(
          'select pg_catalog.pg_advisory_unlock($1::bigint) as held',
          [key],
        )
        return released?.held === true
      },
    }
  }
}

/** PGlite: everybody in this process shares one session. */
export async function isSingle(session: Session): Promise<boolean> {
  return session.greetedPid === undefined && (await session.facts()).isSingle
}

const heldInProcess = new Set<string>()

function tryInProcess(key: string): Lock | undefined {
  if (heldInProcess.has(key)) return undefined
  heldInProcess.add(key)
  return { release: async () => heldInProcess.delete(key) }
}

/** Says who works and what keeps them, from the lease and from the sessions of the server. */
async function describeHolder(
  { session, ledger }: Pick<Options, 'session' | 'ledger'>,
  waitedMs: number,
): Promise<Waiting> {
  const lease = await readLease(session.query, ledger)
  const pid = (await lockHolderPid(session.query, lockKey(ledger))) ?? lease?.backendPid
  const blockedBy = pid === undefined ? [] : await readBlockers(session.query, pid)
  // Who worked last is written there still when somebody else has only begun to plan.
  const isHeld = lease?.backendPid !== undefined && lease.backend !== 'gone'
  return { type: 'waiting', waitedMs, holder: isHeld ? lease.holder : undefined, blockedBy }
}

async function lockHolderPid(query: Query, key: string): Promise<number | undefined> {
  const [row] = await query<{ pid: number }>(
    `select pid from pg_catalog.pg_locks
      where locktype = 'advisory' and granted and objsubid = 1
        and database = (select oid from pg_catalog.pg_database where datname = current_database())
        and classid::bigint = ($1::bigint >> 32) & 4294967295 and objid::bigint = $1::bigint & 4294967295`,
    [key],
  )
  return row?.pid
}
