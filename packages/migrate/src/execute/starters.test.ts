import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRandom } from '../testing/choices.ts'
import { crashHistory, type CrashMigration } from '../testing/crash-history.ts'
import { hold } from '../testing/hold.ts'
import { startWriter } from '../testing/inbox-writer.ts'
import { executeOn } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { systemClock } from './clock.ts'
import type { MigrationEvent } from './events.ts'
import type { Target } from './session.ts'

const limits = {
  lockTimeoutMinMs: 200,
  lockTimeoutMaxMs: 1_000,
  pauseMaxMs: 100,
  heartbeatMs: 50,
  waitMaxMs: 60_000,
}

type Starting = {
  readonly database: TestDatabase
  readonly history: readonly CrashMigration[]
  readonly random: () => number
  /** Hears every statement that begins. */
  readonly heard: (statement: string) => void
}

/** A connection whose messages leave late now and then, as in a process that the machine holds up. */
function haltingTarget({ database, random }: Starting): Target {
  return {
    async open() {
      const client = await database.connect()
      const query = client.query.bind(client) as (...given: unknown[]) => unknown
      client.query = ((...given: unknown[]) => {
        if (typeof given[0] !== 'string' || random() > 0.05) return query(...given)
        return sleep(random() * 40).then(() => query(...given))
      }) as never
      return client
    },
  }
}

/** One process as it may come: late, halting, and told to stop in the middle now and then. */
async function startOne(starting: Starting) {
  const { database, history, random, heard } = starting
  const stopping = new AbortController()
  const patience = random() < 0.3 ? Math.floor(random() * 6) : Infinity
  await sleep(random() * 150)
  let begun = 0
  const { kind } = await executeOn(
    database,
    history.map((migration) => ({ ...migration, prepare: async () => migration })),
    {
      target: haltingTarget(starting),
      limits,
      clock: { ...systemClock, random },
      signal: stopping.signal,
      onEvent(event: MigrationEvent) {
        if (event.type !== 'statement-started') return
        heard(`${event.migration} ${event.statementNo}`)
        begun += 1
        if (begun > patience) stopping.abort()
      },
    },
  )
  return kind
}

/** Whether everybody's work is one piece: nobody begins between two steps of another. */
function isInTurns(starters: readonly number[]): boolean {
  const turns = starters.filter((starter, index) => starter !== starters[index - 1])
  return new Set(turns).size === turns.length
}

it(
  'lets starters neither interleave nor lose what others write, however many there are [MIG-8] [MIG-9] [MIG-12] [TST-5]',
  { timeout: 7_200_000 },
  async () => {
    await hold(
      fc.asyncProperty(
        fc.nat(1_000_000),
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 1, max: 6 }),
        async (seed, starters, files) => {
          await using database = await createTestDatabase()
          await using writer = startWriter(database)
          const history = await crashHistory(seed, files)
          const random = createRandom(seed)
          const order: number[] = []
          const statements: string[] = []
          const kinds = await Promise.all(
            Array.from({ length: starters }, (_, starter) =>
              startOne({
                database,
                history,
                random,
                heard(statement) {
                  order.push(starter)
                  statements.push(statement)
                },
              }),
            ),
          )
          const last = await startOne({ database, history, random: () => 0.5, heard: () => {} })
          expect(['done', 'nothing-to-do']).toContain(last)
          for (const kind of kinds) expect(['done', 'nothing-to-do', 'stopped']).toContain(kind)
          expect(isInTurns(order), `seed ${seed}: ${order.join(' ')}`).toBe(true)
          const marks = await database.query(
            'select name, no, count(*)::int as times from chaos.trace group by name, no',
          )
          expect(marks.filter(({ times }) => times !== 1)).toEqual([])
          expect(marks).toHaveLength(history.flatMap(({ traced }) => traced).length)
          expect(await writer.missing()).toEqual([])
        },
      ),
    )
  },
)
