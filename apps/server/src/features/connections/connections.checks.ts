import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { type Log, newContext, runInContext } from '../../platform/log/log.ts'
import * as store from './connections.checks.store.ts'
import type { ConnectionService } from './connections.service.ts'

type Dependencies = {
  readonly database: Database
  readonly log: Log
  readonly connections: Pick<ConnectionService, 'checkStored'>
  readonly companyModel: {
    checkStored(userId: string): ReturnType<ConnectionService['checkStored']>
  }
  /** How often each credential is tried. Default: a week. */
  readonly periodMs?: number
}

const weekMs = 7 * 24 * 60 * 60_000
/** After a check that came to no verdict, such as one that timed out. */
const againAfterMs = 60 * 60_000
/** Longer than any test may take; a process that died gives its work back after this. */
const leaseMs = 2 * 60_000
const lookEveryMs = 60_000

/**
 * Tries every stored credential once a week (OPS-9). The job is the row of the credential, with the
 * time when it is next and a lease: it survives a restart, and one of many processes does it.
 */
export function createCredentialChecks(dependencies: Dependencies) {
  const { database, log, connections, companyModel, periodMs = weekMs } = dependencies
  const stopping = new AbortController()
  let wake: () => void = () => undefined
  let running: Promise<void> | undefined

  /** Within a tenth of the period, so that those of one evening do not stay together for ever. */
  const nextInMs = () => periodMs * (0.95 + Math.random() * 0.1)

  async function tryStored({ userId, system }: store.Due) {
    if (system !== 'company-model') return connections.checkStored({ userId, system })
    const outcome = await companyModel.checkStored(userId)
    await database.asMaintenance(store.takeUpCookies)
    return outcome
  }

  async function check(due: store.Due): Promise<number> {
    try {
      const outcome = await tryStored(due)
      log.info({ system: due.system, outcome }, 'stored credential checked')
      return outcome === 'no-verdict' ? Math.min(againAfterMs, nextInMs()) : nextInMs()
    } catch (error) {
      // Removed meanwhile, or locked by another master key: nothing that trying soon would mend.
      const isExpected = error instanceof AppError
      log[isExpected ? 'info' : 'error']({ err: error, system: due.system }, 'check not possible')
      return nextInMs()
    }
  }

  async function drain(): Promise<void> {
    await database.asMaintenance((db) => store.planChecks(db, periodMs))
    while (!stopping.signal.aborted) {
      const due = await database.asMaintenance((db) => store.claimDue(db, leaseMs))
      if (due === undefined) return
      const inMs = await runInContext(newContext(undefined, due.userId), () => check(due))
      await database.asMaintenance((db) => store.finishCheck(db, due, inMs))
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const woken = Promise.withResolvers<void>()
      wake = woken.resolve
      let waitMs = lookEveryMs
      try {
        await drain()
        waitMs = (await database.asMaintenance(store.nextDueInMs)) ?? lookEveryMs
      } catch (error) {
        log.warn({ err: error }, 'checks of credentials cannot reach the database')
      }
      if (stopping.signal.aborted) return
      const timer = setTimeout(woken.resolve, Math.min(waitMs + 50, lookEveryMs))
      await woken.promise
      clearTimeout(timer)
    }
  }

  return {
    start(): void {
      running = loop()
    },

    /** Makes every check due now. @returns how many */
    async checkAll(): Promise<number> {
      const due = await database.asMaintenance(async (db) => {
        await store.planChecks(db, periodMs)
        return store.makeAllDue(db)
      })
      wake()
      return due
    },

    async [Symbol.asyncDispose]() {
      stopping.abort()
      wake()
      await running
    },
  }
}

export type CredentialChecks = ReturnType<typeof createCredentialChecks>
