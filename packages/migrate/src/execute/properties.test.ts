import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { crashHistory, type CrashMigration } from '../testing/crash-history.ts'
import { hold } from '../testing/hold.ts'
import { executeOn } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import type { MigrationEvent } from './events.ts'
import type { Migration } from './migration.ts'

const asMigrations = (history: readonly CrashMigration[]): Migration[] =>
  history.map((migration) => ({ ...migration, prepare: async () => migration }))

async function stateOf(database: TestDatabase) {
  const client = await database.connect()
  const facts = await readFacts((text, values) => client.query(text, values && [...values]))
  const ledger = await database.query(
    `select migration_name, status, attempt, checksum, statements_done, completed_at::text from schema_migrations order by 1`,
  )
  return { fingerprint: fingerprintOf(facts), ledger }
}

it(
  'does nothing the second time, whatever the history is [MIG-7] [MIG-12] [TST-5]',
  { timeout: 7_200_000 },
  async () => {
    await hold(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 0, max: 8 }),
        async (seed, files) => {
          await using database = await createTestDatabase()
          const migrations = asMigrations(await crashHistory(seed, files))
          expect(await executeOn(database, migrations)).toMatchObject({ kind: 'done' })
          const first = await stateOf(database)
          const { events, ...second } = await executeOn(database, migrations)
          expect(second).toEqual({ kind: 'nothing-to-do' })
          expect(events).toEqual([])
          expect(await stateOf(database)).toEqual(first)
        },
      ),
    )
  },
)

/** What the journal calls done, among the statements that leave a mark, and the marks. */
async function marksOf(database: TestDatabase, history: readonly CrashMigration[]) {
  const traced = new Set(
    history.flatMap(({ name, traced: numbers }) => numbers.map((no) => `${name} ${no}`)),
  )
  const [there] = await database.query(`select to_regclass('chaos.trace') is not null as trace`)
  const done = await database.query<{ mark: string }>(
    `select migration_name || ' ' || statement_no as mark from schema_migration_statements s
       join schema_migrations m on m.id = s.migration_id and m.attempt = s.attempt where s.state = 'done'`,
  )
  const seen =
    there?.['trace'] === true
      ? await database.query<{ mark: string }>(`select name || ' ' || no as mark from chaos.trace`)
      : []
  return {
    done: done
      .map(({ mark }) => mark)
      .filter((mark) => traced.has(mark))
      .toSorted(),
    seen: seen.map(({ mark }) => mark).toSorted(),
  }
}

it(
  'records exactly what has happened, at whichever statement it is interrupted [MIG-5] [MIG-12] [TST-5]',
  { timeout: 7_200_000 },
  async () => {
    await hold(
      fc.asyncProperty(
        fc.record({
          seed: fc.integer({ min: 0, max: 1_000_000 }),
          files: fc.integer({ min: 0, max: 6 }),
          stops: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 }),
        }),
        async ({ seed, files, stops }) => {
          await using database = await createTestDatabase()
          const history = await crashHistory(seed, files)
          const migrations = asMigrations(history)
          for (const stop of stops) {
            const controller = new AbortController()
            let seen = 0
            const onEvent = ({ type }: MigrationEvent) => {
              if (type === 'statement-started' && seen++ === stop) controller.abort()
            }
            const result = await executeOn(database, migrations, {
              signal: controller.signal,
              onEvent,
            })
            expect(['stopped', 'done', 'nothing-to-do']).toContain(result.kind)
            const { done, seen: marks } = await marksOf(database, history)
            expect(done).toEqual(marks)
          }
          expect(['done', 'nothing-to-do']).toContain((await executeOn(database, migrations)).kind)
          const expected = history
            .flatMap(({ name, traced }) => traced.map((no) => `${name} ${no}`))
            .toSorted()
          expect(await marksOf(database, history)).toEqual({ done: expected, seen: expected })
        },
      ),
    )
  },
)
