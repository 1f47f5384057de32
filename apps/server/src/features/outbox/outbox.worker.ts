import type { OperationSystem } from '@studioops/contracts/operations'
import { approvalHash } from '../../platform/approval/approval-hash.ts'
import { type Database, databaseCodeOf, isDatabaseUnavailable } from '../../platform/db/database.ts'
import { OutsideError } from '../../platform/errors/outside-error.ts'
import { type Log, resumedContext, runInContext } from '../../platform/log/log.ts'
import type { EarlierStep, Executor, Executors, Found, Scope } from './outbox.executor.ts'
import * as store from './outbox.store.ts'
import type { Claim } from './outbox.store.ts'

type Dependencies = {
  readonly database: Database
  readonly log: Log
  readonly nodeId: string
  readonly executors: Executors
  /** When to look again for a write whose answer was lost; afterwards a person is asked. */
  readonly lookupAfterMs: readonly number[]
  /** Longest time that one request to the outside may take. */
  readonly deadlineMs?: number
  /** How many people's writes go to one system at a time. */
  readonly slots?: number
}

const retryFirstMs = 1_000
const retryMostMs = 5 * 60_000

/** From this look on, nothing that was sent before can still be under way. */
const provingLook = 2

/**
 * Carries out what waits in the outbox, exactly once (reliability.md 7.2). An ambiguous write is
 * never sent again without having been looked for. Each system has slots of its own, so that a slow
 * one holds up nobody else.
 */
export function createOutboxWorker(dependencies: Dependencies) {
  const { database, log, nodeId, executors, lookupAfterMs } = dependencies
  const { deadlineMs = 10_000, slots = 8 } = dependencies
  // Nothing is sent unless a whole deadline of the lease is left; a successor waits for its end.
  const leaseMs = deadlineMs * 6
  const stopping = new AbortController()
  const working = new Set<Promise<void>>()
  const systems = new Set(Object.values(executors).map(({ system }) => system))
  let wake: () => void = () => undefined
  let running: Promise<void> | undefined

  const change = (claim: Claim, to: Parameters<typeof store.changeClaimed>[2]) =>
    database.asMaintenance((db) => store.changeClaimed(db, claim, to))

  async function finish(claim: Claim, { key, url }: Found): Promise<void> {
    await change(claim, { state: 'done', key, url, errorCode: null })
    log.info({ operation_id: claim.row.id, external_key: key }, 'outside operation done')
  }

  /** An earlier process may have died after the effect and before it wrote that down. */
  async function findEarlier({ row }: Claim, executor: Executor, scope: Scope) {
    return row.attempts > 0 || row.epoch > 1 ? executor.find(row, scope) : undefined
  }

  async function attempt(claim: Claim, executor: Executor): Promise<void> {
    const { row } = claim
    let mayHaveLeft = false
    try {
      const earlier = await earlierSteps(row)
      const scope = { earlier, signal: AbortSignal.timeout(leaseMs - deadlineMs) }
      const before = await findEarlier(claim, executor, scope)
      if (before !== undefined) return await finish(claim, before)
      if (approvalHash(row) !== row.payload_hash) {
        await change(claim, { state: 'refused', errorCode: 'operation.payload-changed' })
        return
      }
      const highWater = await executor.highWater(row, scope)
      if (stopping.signal.aborted) {
        await change(claim, { state: 'planned', nextInMs: 0 })
        return
      }
      // From here on nobody can know any more, but by looking, that it did not happen.
      mayHaveLeft = true
      const mine = await change(claim, {
        attempts: row.attempts + 1,
        sentNow: true,
        leaseLeftMs: deadlineMs,
        ...(highWater === undefined ? {} : { highWater }),
      })
      if (!mine) return
      const found = await executor.send(row, { earlier, signal: AbortSignal.timeout(deadlineMs) })
      await finish(claim, found)
    } catch (error) {
      if (!mayHaveLeft && isDatabaseUnavailable(error)) await afterOutage(claim, error)
      else await afterFailure(claim, { error, executor })
    }
  }

  /** Our own database was away before anything was sent. */
  async function afterOutage({ row, epoch }: Claim, error: unknown): Promise<void> {
    log.warn({ err: error, operation_id: row.id }, 'outbox cannot reach the database')
    const errorCode = databaseCodeOf(error) ?? 'database.unavailable'
    const nextInMs = backoffMs(row.attempts)
    await change({ row, epoch }, { state: 'planned', notSent: true, errorCode, nextInMs })
  }

  async function afterFailure(
    claim: Claim,
    { error, executor }: { error: unknown; executor: Executor },
  ): Promise<void> {
    const { row } = claim
    if (!(error instanceof OutsideError)) {
      // What was sent before it is not known. Where it is not our database, it is a defect of ours.
      if (isDatabaseUnavailable(error))
        log.warn({ err: error, operation_id: row.id }, 'outbox cannot reach the database')
      else log.error({ err: error, operation_id: row.id }, 'outside operation broke')
      await change(claim, {
        state: 'unknown',
        errorCode: databaseCodeOf(error) ?? 'internal',
        nextInMs: lookupAfterMs[0] ?? 0,
      })
      return
    }
    const { certainty, code, facts } = error
    log.warn({ err: error, operation_id: row.id, certainty, code }, 'outside operation not done')
    if (certainty === 'refused')
      await change(claim, { state: 'refused', notSent: true, errorCode: code, errorFacts: facts })
    else if (certainty === 'not-done')
      await change(claim, {
        state: 'planned',
        notSent: true,
        attempts: row.attempts + 1,
        errorCode: code,
        errorFacts: facts,
        nextInMs: error.retryAfterMs ?? backoffMs(row.attempts),
      })
    else
      await change(claim, {
        state: 'unknown',
        lookups: 0,
        errorCode: executor.unclear,
        errorFacts: facts,
        nextInMs: 0,
      })
  }

  /** Looks for a write that may have happened: at once, then after each of `lookupAfterMs`. */
  async function lookUp(claim: Claim, executor: Executor): Promise<void> {
    const { row } = claim
    const later = lookupAfterMs[row.lookups]
    try {
      const scope: Scope = {
        earlier: await earlierSteps(row),
        signal: AbortSignal.timeout(leaseMs),
      }
      const found = await executor.find(row, scope)
      if (found !== undefined) return await finish(claim, found)
      await change(claim, afterAbsence(claim, executor))
    } catch (error) {
      // The other side, or our database, cannot be asked: that proves nothing and is no look.
      if (!(error instanceof OutsideError) && !isDatabaseUnavailable(error))
        log.error({ err: error, operation_id: row.id }, 'look-up broke')
      await change(claim, { ...afterSilence(error, later), state: 'unknown' })
    }
  }

  function afterSilence(error: unknown, later = retryMostMs) {
    if (!(error instanceof OutsideError))
      return {
        errorCode: databaseCodeOf(error) ?? 'internal',
        errorFacts: {},
        nextInMs: later,
      }
    const { code, facts, retryAfterMs = later } = error
    return { errorCode: code, errorFacts: facts, nextInMs: retryAfterMs }
  }

  function afterAbsence({ row }: Claim, executor: Executor) {
    const lookups = row.lookups + 1
    const later = lookupAfterMs[row.lookups]
    const errorCode = executor.unclear
    if (executor.absenceProves && row.lookups >= Math.min(provingLook, lookupAfterMs.length))
      return { state: 'planned', notSent: true, lookups: 0, nextInMs: 0 } as const
    if (later === undefined) return { state: 'needs-user', lookups, errorCode } as const
    return { state: 'unknown', lookups, nextInMs: later, errorCode } as const
  }

  async function earlierSteps(row: store.OperationRow): Promise<EarlierStep[]> {
    const { parent_id: parentId } = row
    if (parentId === null) return []
    const steps = await database.asMaintenance((db) => store.listSteps(db, [parentId]))
    return steps.flatMap((each) =>
      each.state === 'done' && each.step < row.step && each.external_key !== null
        ? [
            {
              kind: each.kind,
              step: each.step,
              target: each.target,
              payload: each.payload,
              key: each.external_key,
              url: each.external_url ?? '',
            },
          ]
        : [],
    )
  }

  async function workOn(claim: Claim): Promise<void> {
    const executor = executors[claim.row.kind]
    if (executor === undefined) {
      await change(claim, { state: 'needs-user', errorCode: 'internal' })
      return
    }
    const { request_id: requestId, trace_id: traceId, user_id: userId } = claim.row
    const context = resumedContext({ requestId, traceId, userId })
    await runInContext(context, () =>
      claim.row.state === 'unknown' ? lookUp(claim, executor) : attempt(claim, executor),
    )
  }

  /** One of a system's hands: takes and works as long as there is something. @returns whether there was */
  async function hand(system: OperationSystem, lane: Lane): Promise<boolean> {
    let hasWorked = false
    while (!stopping.signal.aborted) {
      const { after } = lane
      const claim = await database.asMaintenance((db) =>
        store.claimDue(db, { system, nodeId, leaseMs, after }),
      )
      if (claim === undefined) return hasWorked
      hasWorked = true
      lane.after = claim.row.user_id
      // There may be more; another hand looks while this one works.
      grow(system, lane)
      await workOn(claim)
    }
    return hasWorked
  }

  type Lane = { busy: number; after: string | undefined }
  const lanes = new Map<OperationSystem, Lane>(
    [...systems].map((system) => [system, { busy: 0, after: undefined }]),
  )

  function grow(system: OperationSystem, lane: Lane): void {
    if (lane.busy >= slots || stopping.signal.aborted) return
    lane.busy += 1
    const work = hand(system, lane)
      // What it leaves may be due sooner than the loop knows.
      .then((hasWorked) => (hasWorked ? wake() : undefined))
      .catch((error: unknown) => log.warn({ err: error }, 'outbox cannot reach the database'))
      .finally(() => {
        lane.busy -= 1
        working.delete(work)
      })
    working.add(work)
  }

  async function nextWaitMs(): Promise<number> {
    try {
      return (await database.asMaintenance((db) => store.nextDueInMs(db))) ?? 60_000
    } catch (error) {
      log.warn({ err: error }, 'outbox cannot reach the database')
      return retryFirstMs
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { promise: called, resolve } = Promise.withResolvers<void>()
      wake = resolve
      for (const [system, lane] of lanes) grow(system, lane)
      const waitMs = await nextWaitMs()
      const timer = setTimeout(resolve, Math.min(waitMs + 5, 60_000))
      await called
      clearTimeout(timer)
    }
  }

  return {
    async start(): Promise<void> {
      await database.asMaintenance((db) => store.releaseLeasesOf(db, nodeId))
      running = loop()
    },
    /** Something may be due. */
    wake: () => wake(),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      wake()
      // A request that is on its way is waited for: its answer is worth more than a quick end.
      await Promise.race([
        Promise.all([running, ...working]),
        new Promise((resolve) => setTimeout(resolve, deadlineMs).unref()),
      ])
    },
  }
}

export type OutboxWorker = ReturnType<typeof createOutboxWorker>

/** Full jitter, doubling (reliability.md 3.2), but a person's approval is not given up: it goes on waiting. */
function backoffMs(attempts: number): number {
  const most = Math.min(retryMostMs, retryFirstMs * 2 ** Math.min(attempts, 12))
  return most / 2 + Math.random() * (most / 2)
}
