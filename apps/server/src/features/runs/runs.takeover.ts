import type { Database } from '../../platform/db/database.ts'
import type { Log } from '../../platform/log/log.ts'
import * as store from './runs.store.ts'

export type AbandonedRun = Awaited<ReturnType<typeof store.findAbandonedRuns>>[number]

type Dependencies = {
  readonly database: Database
  readonly log: Log
  /** `<node>/<process>`: how this process signs the runs that it writes. */
  readonly writer: string
  /** Goes on with a run on which nobody works any more. */
  readonly adopt: (run: AbandonedRun) => Promise<void>
  readonly onOthers: (count: number) => void
  readonly sayEveryMs?: number
}

/**
 * Which processes write runs, and what one that is gone has left. A process says that it lives; one
 * that has not said so three times is taken for dead. Where it was only slow, its epoch is over and
 * nothing that it still writes is stored.
 */
export function createTakeover(dependencies: Dependencies) {
  const { database, log, writer, adopt, onOthers, sayEveryMs = 2_000 } = dependencies
  const goneAfterMs = 3 * sayEveryMs
  const ownNode = `${writer.split('/')[0]}/%`
  let timer: NodeJS.Timeout | undefined
  let saying: Promise<void> | undefined

  async function look(own: string | undefined): Promise<void> {
    const abandoned = await database.asMaintenance((db) =>
      store.findAbandonedRuns(db, { goneAfterMs, own }),
    )
    await Promise.all(abandoned.map(adopt))
  }

  async function say(): Promise<void> {
    try {
      onOthers(await database.asMaintenance((db) => store.sayAlive(db, writer, goneAfterMs)))
      await look(undefined)
    } catch (error) {
      log.warn({ err: error }, 'other writers of runs not looked for, trying again')
    }
  }

  function sayLater(): void {
    timer = setTimeout(() => {
      saying = say().then(sayLater)
    }, sayEveryMs).unref()
  }

  return {
    /** Takes up what was left behind; from then on also what others leave. */
    async start(): Promise<void> {
      await database.asMaintenance((db) => store.forgetWriters(db, { like: ownNode, but: writer }))
      onOthers(await database.asMaintenance((db) => store.sayAlive(db, writer, goneAfterMs)))
      await look(writer)
      if (timer === undefined) sayLater()
    },

    /** Others go on with what is open here at once. */
    async stop(): Promise<void> {
      clearTimeout(timer)
      await saying
      clearTimeout(timer)
      await database
        .asMaintenance((db) => store.forgetWriters(db, { like: writer }))
        .catch((error: unknown) => log.warn({ err: error }, 'end as a writer of runs not said'))
    },
  }
}
