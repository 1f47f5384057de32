import type { Log } from '../log/log.ts'
import type { Database, Db } from './database.ts'

/** Removes what nobody can ask for any more. @returns how many rows went */
export type Sweep = (db: Db, now: Date) => Promise<number>

type Dependencies = {
  readonly database: Database
  readonly log: Log
  /** By what they remove, as the log says it. */
  readonly sweeps: Readonly<Record<string, Sweep>>
  /** The same for what takes more than one transaction. */
  readonly chores?: Readonly<Record<string, (now: Date) => Promise<number>>>
  readonly everyMs?: number
  readonly clock?: () => Date
}

export type Sweeper = {
  /** Sweeps once. A sweep that fails is logged and tried again the next time. */
  sweep(): Promise<void>
  [Symbol.dispose](): void
}

/** Sweeps at the start and from then on every hour, with the rights of maintenance. */
export function startSweeper(dependencies: Dependencies): Sweeper {
  const { database, log, sweeps, chores = {}, everyMs = 3_600_000 } = dependencies
  const clock = dependencies.clock ?? (() => new Date())

  async function sweep(): Promise<void> {
    for (const [name, run] of Object.entries(sweeps))
      await note(name, () => database.asMaintenance((db) => run(db, clock())))
    for (const [name, run] of Object.entries(chores)) await note(name, () => run(clock()))
  }

  async function note(name: string, run: () => Promise<number>): Promise<void> {
    try {
      const rows = await run()
      if (rows > 0) log.info({ swept: name, rows }, 'old rows removed')
    } catch (error) {
      log.warn({ err: error, swept: name }, 'old rows not removed')
    }
  }

  const timer = setInterval(() => void sweep(), everyMs).unref()
  // Not at once: the first seconds belong to the people who wait for the start.
  const first = setTimeout(() => void sweep(), Math.min(everyMs, 60_000)).unref()
  return {
    sweep,
    [Symbol.dispose]() {
      clearInterval(timer)
      clearTimeout(first)
    },
  }
}
