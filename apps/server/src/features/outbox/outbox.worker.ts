import type { Database } from '../../platform/db/database.ts'
import { type Log, newContext, runInContext } from '../../platform/log/log.ts'
import { OutsideError } from '../../platform/errors/outside-error.ts'
import type { Executor, Found } from './outbox.executor.ts'
import * as store from './outbox.store.ts'
import type { Claim } from './outbox.store.ts'

type Dependencies = {
  readonly database: Database
  readonly log: Log
  readonly nodeId: string
  readonly executors: Readonly<Record<string, Executor>>
  /** When to look again for a write whose answer was lost; afterwards a person is asked. */
  readonly lookupAfterMs: readonly number[]
  /** Longest time that one request to the outside may take. */
  readonly deadlineMs?: number
}

const retryFirstMs = 1_000
const retryMostMs = 5 * 60_000

/**
 * Carries out what waits in the outbox, exactly once (reliability.md 7.2). An ambiguous write is
 * never sent again without having been looked for, and never at all by itself.
 */
export function createOutboxWorker(dependencies: Dependencies) {
  const { database, log, nodeId, executors, lookupAfterMs, deadlineMs = 10_000 } = dependencies
  // Nothing is sent unless a whole deadline of the lease is left; a successor waits for its end.
  const leaseMs = deadlineMs * 6
  const stopping = new AbortController()
  let wake: () => void = () => undefined
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined

  const change = (claim: Claim, to: Parameters<typeof store.changeClaimed>[2]) =>
    database.asMaintenance((db) => store.changeClaimed(db, claim, to))

  async function finish(claim: Claim, { key, url }: Found): Promise<void> {
    await change(claim, { state: 'done', key, url, errorCode: null })
    log.info({ operation_id: claim.row.id, external_key: key }, 'outside operation done')
  }

  async function attempt(claim: Claim, executor: Executor): Promise<void> {
    const { row } = claim
    try {
      // An earlier process may have died after the effect and before it wrote that down.
      if (row.attempts > 0 || row.epoch > 1) {
        const found = await executor.find(row)
        if (found !== undefined) return await finish(claim, found)
      }
      const highWater = await executor.highWater(row)
      if (stopping.signal.aborted) return
      // From here on nobody can know any more, but by looking, that it did not happen.
      const mine = await change(claim, {
        attempts: row.attempts + 1,
        sentNow: true,
        leaseLeftMs: deadlineMs,
        ...(highWater === undefined ? {} : { highWater }),
      })
      if (!mine) return
      const found = await executor.send(row, AbortSignal.timeout(deadlineMs))
      await finish(claim, found)
    } catch (error) {
      await afterFailure(claim, error)
    }
  }

  async function afterFailure(claim: Claim, error: unknown): Promise<void> {
    const { row } = claim
    if (!(error instanceof OutsideError)) {
      // A defect of ours: what was sent before it is not known.
      log.error({ err: error, operation_id: row.id }, 'outside operation broke')
      await change(claim, {
        state: 'unknown',
        errorCode: 'internal',
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
        errorCode: 'jira.unclear',
        errorFacts: facts,
        nextInMs: 0,
      })
  }

  /** Looks for a write that may have happened: at once, then after each of `lookupAfterMs`. */
  async function lookUp(claim: Claim, executor: Executor): Promise<void> {
    const { row } = claim
    const lookups = row.lookups + 1
    const later = lookupAfterMs[row.lookups]
    try {
      const found = await executor.find(row)
      if (found !== undefined) return await finish(claim, found)
      if (later === undefined)
        await change(claim, { state: 'needs-user', lookups, errorCode: 'jira.unclear' })
      else
        await change(claim, {
          state: 'unknown',
          lookups,
          nextInMs: later,
          errorCode: 'jira.unclear',
        })
    } catch (error) {
      // The other side cannot be asked: that proves nothing and does not count as a look.
      const code = error instanceof OutsideError ? error.code : 'internal'
      const facts = error instanceof OutsideError ? error.facts : {}
      const retryAfterMs = error instanceof OutsideError ? error.retryAfterMs : undefined
      if (!(error instanceof OutsideError))
        log.error({ err: error, operation_id: row.id }, 'look-up broke')
      await change(claim, {
        state: 'unknown',
        errorCode: code,
        errorFacts: facts,
        nextInMs: retryAfterMs ?? later ?? retryMostMs,
      })
    }
  }

  async function workOn(claim: Claim): Promise<void> {
    const executor = executors[claim.row.kind]
    if (executor === undefined) {
      await change(claim, { state: 'needs-user', errorCode: 'internal' })
      return
    }
    const context = newContext(undefined, claim.row.user_id)
    await runInContext(context, () =>
      claim.row.state === 'unknown' ? lookUp(claim, executor) : attempt(claim, executor),
    )
  }

  async function drain(): Promise<void> {
    while (!stopping.signal.aborted) {
      const claim = await database.asMaintenance((db) => store.claimDue(db, { nodeId, leaseMs }))
      if (claim === undefined) return
      await workOn(claim)
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      let waitMs = retryFirstMs
      let woken = false
      const called = new Promise<void>((resolve) => {
        wake = () => {
          woken = true
          resolve()
        }
      })
      try {
        await drain()
        waitMs = (await database.asMaintenance((db) => store.nextDueInMs(db))) ?? 60_000
      } catch (error) {
        log.warn({ err: error }, 'outbox cannot reach the database')
      }
      if (!woken && !stopping.signal.aborted) {
        timer = setTimeout(() => wake(), Math.min(waitMs + 5, 60_000))
        await called
        clearTimeout(timer)
      }
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
        running,
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
