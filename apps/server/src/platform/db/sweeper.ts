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
  readonly clock?: () => Date
}

export type Sweeper = {
  /** Sweeps once, with the rights of maintenance. A sweep that fails is logged and tried again the next time. */
  sweep(): Promise<void>
}

export function createSweeper(dependencies: Dependencies): Sweeper {
  const { database, log, sweeps, chores = {} } = dependencies
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

  return { sweep }
}
