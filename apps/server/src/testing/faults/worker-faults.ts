import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { z } from 'zod'
import { defineJob, type JobKinds } from '../../platform/jobs/job.ts'

export const deeds = [
  'killed-before',
  'killed-after',
  'blocked',
  'stopped',
  'clock-ahead',
  'clock-behind',
  'poison',
] as const
export type Deed = (typeof deeds)[number]

/** A cell of reliability.md 5.6: what befalls the worker that has the job first. */
export type WorkerFault = {
  readonly deed: Deed
  /** By how much the clock of the first worker is wrong. */
  readonly skewMs?: number
  readonly expect: {
    readonly state: 'done' | 'dead'
    /** How often the effect stands there. */
    readonly effects: 0 | 1
    readonly attempts: number
  }
}

const once = (attempts: number) => ({ state: 'done', effects: 1, attempts }) as const
const dayMs = 86_400_000

export const workerFaults: readonly WorkerFault[] = [
  { deed: 'killed-before', expect: once(2) },
  { deed: 'killed-after', expect: once(2) },
  { deed: 'blocked', expect: once(2) },
  { deed: 'stopped', expect: once(2) },
  { deed: 'clock-ahead', skewMs: dayMs, expect: once(1) },
  { deed: 'clock-behind', skewMs: -dayMs, expect: once(1) },
  { deed: 'poison', expect: { state: 'dead', effects: 0, attempts: 6 } },
]

/** Short, but longer than a busy machine needs for a heartbeat. */
export const leaseMs = 1_500
const blockedMs = leaseMs * 2

/** What a process says whose effect was refused. */
export const refusedEffect = 'refused'

/** The same for the worker that suffers and for the one that takes over. */
export function faultyKinds(): JobKinds {
  const payload = z.object({ deed: z.enum(deeds) })
  return {
    'fault.suffer': defineJob({
      payload,
      async run({ deed }, { id, attempt, asHolder }) {
        const isFirst = attempt === 1
        await before(deed, isFirst)
        // The id makes a repetition harmless; what was taken over must not even be tried.
        await asHolder((db) =>
          sql`insert into fault_effects values (${id}, ${attempt}) on conflict (id) do nothing`.execute(
            db,
          ),
        ).catch((error: unknown) => {
          process.send?.(refusedEffect)
          throw error
        })
        if (isFirst && deed === 'killed-after') process.kill(process.pid, 'SIGKILL')
      },
    }),
  }
}

async function before(deed: Deed, isFirst: boolean): Promise<void> {
  if (deed === 'poison') throw new Error('it never works')
  if (!isFirst) return
  if (deed === 'killed-before') process.kill(process.pid, 'SIGKILL')
  // Nothing runs here meanwhile, no heartbeat either.
  if (deed === 'blocked') block(blockedMs)
  if (deed === 'stopped') await sleep(blockedMs)
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
