import { connectionSystem } from '@studioops/contracts/connections'
import { z } from 'zod'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { defineJob, type JobKinds, type Schedule } from '../../platform/jobs/job.ts'
import type { Jobs } from '../../platform/jobs/job-worker.ts'
import type { Log } from '../../platform/log/log.ts'
import * as store from './connections.checks.store.ts'
import type { ConnectionService } from './connections.service.ts'

type Dependencies = {
  readonly database: Database
  readonly log: Log
  readonly jobs: Jobs
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
/** For so long nobody plans it once more. */
const plannedMs = 5 * 60_000
const planEveryMs = 10 * 60_000

const planning = { kind: 'connections.plan-checks', singleton: 'connections.plan-checks' }
const checked = z.object({ system: connectionSystem.exclude(['object-store']) })

/**
 * Tries every stored credential once a week (OPS-9). The row of the credential says when it is next;
 * the job that tries it belongs to its person.
 */
export function createCredentialChecks(dependencies: Dependencies) {
  const { database, log, jobs, connections, companyModel, periodMs = weekMs } = dependencies

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
      if (!(error instanceof AppError)) throw error
      // Removed meanwhile, or locked by another master key: nothing that trying soon would mend.
      log.info({ err: error, system: due.system }, 'check not possible')
      return nextInMs()
    }
  }

  const kinds: JobKinds = {
    'connections.plan-checks': defineJob({
      payload: z.object({ isAsked: z.boolean().optional() }),
      async run({ isAsked = false }) {
        await database.asMaintenance(async (db) => {
          await store.planChecks(db, periodMs)
          for (const { userId, system } of await store.takeDue(db, plannedMs))
            await jobs.enqueue(db, {
              kind: 'connections.check',
              userId,
              payload: { system },
              cause: isAsked ? 'button' : 'schedule',
              singleton: `connections.check ${userId} ${system}`,
            })
        })
      },
    }),
    'connections.check': defineJob({
      payload: checked,
      async run({ system }, { userId, asHolder }) {
        if (userId === undefined) return
        const inMs = await check({ userId, system })
        // Whoever has the job by now says when the next one is due.
        await asHolder((db) => store.finishCheck(db, { userId, system }, inMs))
      },
    }),
  }
  const schedules: readonly Schedule[] = [
    {
      name: 'connections.plan-checks',
      everyMs: planEveryMs,
      job: { ...planning, cause: 'schedule' },
    },
  ]

  return {
    kinds,
    schedules,

    /** What became due while nothing ran is not left to the next round. */
    async start(): Promise<void> {
      await database.asMaintenance((db) => jobs.enqueue(db, { ...planning, cause: 'schedule' }))
    },

    /** Makes every check due now. @returns how many */
    async checkAll(): Promise<number> {
      return database.asMaintenance(async (db) => {
        await store.planChecks(db, periodMs)
        const due = await store.makeAllDue(db)
        await jobs.enqueue(db, {
          ...planning,
          payload: { isAsked: true },
          cause: 'button',
          isUrgent: true,
        })
        return due
      })
    },
  }
}

export type CredentialChecks = ReturnType<typeof createCredentialChecks>
