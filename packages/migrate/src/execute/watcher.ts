import { beat, type Holder } from '../ledger/lease.ts'
import type { Writer } from '../ledger/ledger-writes.ts'
import type { ServerError } from '../ledger/error-detail.ts'
import type { Query } from '../ledger/query.ts'
import { readBlockers } from './blockers.ts'
import type { Clock } from './clock.ts'
import type { Blocker, OnEvent, Step } from './events.ts'
import { openSession, type Session, type Target } from './session.ts'

/** What the executor is at, as its watcher needs to know it. */
export type Current = {
  readonly holder: Holder
  readonly step: Step | undefined
}

/** Why a statement was ended from outside. */
export type Cancelled = 'deadline' | 'stopped' | 'fenced'

/** A second connection that looks after the first. */
export type Watcher = {
  /** The latest news from `pg_blocking_pids`. */
  blockers(): readonly Blocker[]
  /** From now, the executor's statement may take so long; undefined: as long as it likes. */
  limit(deadlineMs: number | undefined): void
  /** Why the statement that has just failed was ended by us; forgets it. */
  takeCancelled(error?: Pick<ServerError, 'code'>): Cancelled | undefined
  stop(): Promise<void>
}

type Options = {
  readonly target: Target
  readonly writer: Writer
  readonly executorPid: number
  readonly applicationName: string
  readonly clock: Clock
  readonly heartbeatMs: number
  readonly emit: OnEvent
  /** Ends the statement at hand. */
  readonly signal: AbortSignal | undefined
  readonly current: () => Current
}

/**
 * Starts to send heartbeats and to look for what keeps the executor waiting. Its own statements are
 * short and stand outside of transactions: a snapshot that it held would hold up CREATE INDEX
 * CONCURRENTLY. When its connection fails, it opens another; the run never fails because of it.
 */
export function startWatcher(options: Options): Watcher {
  const { clock, heartbeatMs, signal } = options
  const stopping = new AbortController()
  const wake = () => waking.abort()
  let waking = new AbortController()
  let blockers: readonly Blocker[] = []
  let deadline: number | undefined
  let cancelled: Cancelled | undefined
  let session: Session | undefined

  const cancel = async (query: Query, reason: Cancelled) => {
    cancelled = reason
    await query('select pg_cancel_backend($1)', [options.executorPid])
  }
  const look = async (query: Query) => {
    const { holder, step } = options.current()
    const holds = await beat(query, options.writer.ledger, { token: options.writer.token, holder })
    if (!holds) return cancel(query, 'fenced')
    if (signal?.aborted === true) return cancel(query, 'stopped')
    if (deadline !== undefined && clock.now() > deadline) {
      deadline = undefined
      return cancel(query, 'deadline')
    }
    blockers = await readBlockers(query, options.executorPid)
    if (step === undefined) return
    if (blockers.length > 0) options.emit({ type: 'blocked', ...step, blockedBy: blockers })
    await reportProgress(query, options, step)
  }
  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        session ??= await openWatching(options)
        await look(session.query)
      } catch {
        await session?.close()
        session = undefined
      }
      waking = new AbortController()
      await clock.wait(heartbeatMs, AbortSignal.any([stopping.signal, waking.signal]))
    }
    await session?.close()
  }
  signal?.addEventListener('abort', wake)
  const running = run()

  return {
    blockers: () => blockers,
    limit(deadlineMs) {
      deadline = deadlineMs === undefined ? undefined : clock.now() + deadlineMs
    },
    takeCancelled(error) {
      const reason = cancelled
      cancelled = undefined
      // A second cancellation for the same stop may meet whatever is sent last.
      const isStop = signal?.aborted === true && error?.code === '57014'
      return reason ?? (isStop ? 'stopped' : undefined)
    },
    async stop() {
      signal?.removeEventListener('abort', wake)
      stopping.abort()
      await running
    },
  }
}

async function openWatching({ target, applicationName }: Options): Promise<Session> {
  const session = await openSession(target)
  await session.query(
    `select set_config('application_name', $1, false), set_config('lock_timeout', '500', false),
        set_config('statement_timeout', '5000', false), set_config('synchronous_commit', 'off', false)`,
    [applicationName],
  )
  return session
}

async function reportProgress(
  query: Query,
  { executorPid, emit }: Options,
  step: Step,
): Promise<void> {
  const [row] = await query<{ phase: string; done: string; of: string }>(
    `select phase, blocks_done::text as done, blocks_total::text as of
       from pg_catalog.pg_stat_progress_create_index where pid = $1`,
    [executorPid],
  )
  if (row !== undefined)
    emit({
      type: 'progress',
      ...step,
      phase: row.phase,
      done: Number(row.done),
      of: Number(row.of),
    })
}
