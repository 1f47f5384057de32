import { z } from 'zod'
import type { Database } from '../../platform/db/database.ts'
import { defineJob, type JobKinds, type Schedule } from '../../platform/jobs/job.ts'
import type { Jobs } from '../../platform/jobs/job-worker.ts'
import type { Log } from '../../platform/log/log.ts'
import type { ToolService } from './tools.service.ts'
import * as store from './tools.store.ts'

type Dependencies = {
  readonly database: Database
  readonly log: Log
  readonly jobs: Jobs
  readonly tools: Pick<ToolService, 'refreshStored'>
}

/** For so long nobody plans it once more. */
const plannedMs = 5 * 60_000
const planEveryMs = 5 * 60_000
const dueMax = 500

/**
 * Keeps lists of tools fresh (CON-7): the row of a list says when it is next, with a jitter; the
 * job that reads it belongs to its person.
 */
export function createToolRefresher({ database, log, jobs, tools }: Dependencies): {
  readonly kinds: JobKinds
  readonly schedules: readonly Schedule[]
} {
  const kinds: JobKinds = {
    'tools.plan-refreshes': defineJob({
      payload: z.object({}),
      async run() {
        await database.asMaintenance(async (db) => {
          for (const { userId, server } of await store.takeDue(db, { plannedMs, limit: dueMax }))
            await jobs.enqueue(db, {
              kind: 'tools.refresh',
              userId,
              payload: { server },
              cause: 'schedule',
              singleton: `tools.refresh ${userId} ${server}`,
            })
        })
      },
    }),
    'tools.refresh': defineJob({
      payload: z.object({ server: z.string() }),
      async run({ server }, { userId }) {
        if (userId === undefined) return
        const state = await tools.refreshStored(userId, server)
        log.info({ tool_server: server, state }, 'list of tools read')
      },
    }),
  }
  return {
    kinds,
    schedules: [
      {
        name: 'tools.plan-refreshes',
        everyMs: planEveryMs,
        job: {
          kind: 'tools.plan-refreshes',
          payload: {},
          singleton: 'tools.plan-refreshes',
          cause: 'schedule',
        },
      },
    ],
  }
}
