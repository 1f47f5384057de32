import fc from 'fast-check'
import { expect, it } from 'vitest'
import { crashHistory } from '../testing/crash-history.ts'
import { failingStatements } from '../testing/failing-statements.ts'
import { hold } from '../testing/hold.ts'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { Migration } from './migration.ts'

const secret = 'hunter2-of-somebody'

it.each(failingStatements)(
  'stores %s with name, statement, hint and remedy, and no value: %s [MIG-5] [MIG-12]',
  async (sqlstate, text) => {
    await using database = await createTestDatabase()
    await executeOn(database, [plainMigration('0001_t', 'create table t (s text primary key)')])
    await database.query('insert into t values ($1)', [secret])
    const { events, ...result } = await executeOn(database, [
      plainMigration('0001_t', 'create table t (s text primary key)'),
      plainMigration('0002_bad', text),
    ])
    expect(result).toMatchObject({
      kind: 'failed',
      migration: '0002_bad',
      remedy: expect.any(String),
    })
    const [row] = await database.query(
      `select status, error_message is not null as message, error_detail ->> 'sqlstate' as sqlstate,
        error_detail ->> 'remedy' is not null as remedy,
        failed_statement is not distinct from (error_detail ->> 'statement_no')::int as statement,
        row_to_json(m)::text as everything from schema_migrations m where migration_name = '0002_bad'`,
    )
    expect(row).toMatchObject({ status: 'failed', message: true, remedy: true, statement: true })
    const journal = await database.query('select * from schema_migration_statements')
    for (const said of [row, result, events, journal])
      expect(JSON.stringify(said)).not.toContain(secret.slice(0, 7))
    expect(row?.['sqlstate']).toBe(sqlstate)
    expect(await database.query('select s from t')).toEqual([{ s: secret }])
  },
)

const failing = fc.record({
  seed: fc.nat(1_000_000),
  files: fc.nat(4),
  /** Which file the failing one follows, and what fails in it. */
  after: fc.nat(),
  failure: fc.nat(failingStatements.length - 1),
  /** What the failing file does before: some of it is committed, some of it is not. */
  done: fc.array(
    fc.constantFrom('create table half (id int)', 'create index concurrently on t (s)'),
    { maxLength: 2 },
  ),
})

it(
  'stores every failure in whatever history, and leaves nothing of it half visible [MIG-5] [MIG-12] [TST-5]',
  { timeout: 7_200_000 },
  async () => {
    await hold(
      fc.asyncProperty(failing, async ({ seed, files, after, failure, done }) => {
        await using database = await createTestDatabase()
        const history = await crashHistory(seed, files)
        const earlier: Migration[] = history
          .map((migration) => ({ ...migration, prepare: async () => migration }))
          .slice(0, 1 + (after % history.length))
        const table = plainMigration('9000_t', 'create table t (s text primary key)')
        expect(await executeOn(database, [...earlier, table])).toMatchObject({ kind: 'done' })
        await database.query('insert into t values ($1)', [secret])
        const [sqlstate = '', text = ''] = failingStatements[failure] ?? []
        const bad = plainMigration('9001_bad', [...new Set(done), text].join(';\n'))
        const result = await executeOn(database, [...earlier, table, bad])
        expect(result).toMatchObject({ kind: 'failed', migration: '9001_bad' })
        const [row] = await database.query(
          `select status, statements_done::int as done, error_detail ->> 'sqlstate' as sqlstate,
              error_detail ->> 'remedy' is not null as remedy, error_message is not null as message,
              failed_statement is not distinct from (error_detail ->> 'statement_no')::int as statement
             from schema_migrations where migration_name = '9001_bad'`,
        )
        const committed = done.lastIndexOf('create index concurrently on t (s)') === -1 ? 0 : 1
        expect(row).toMatchObject({
          status: 'failed',
          sqlstate,
          remedy: true,
          message: true,
          statement: true,
        })
        const [seen] = await database.query(
          `select to_regclass('half') is not null as half,
              (select count(*) from schema_migration_statements j join schema_migrations m on m.id = j.migration_id
                where migration_name = '9001_bad' and state = 'done')::int as journal`,
        )
        const isCommitted = committed === 1 && done[0] === 'create table half (id int)'
        expect(seen?.['half']).toBe(isCommitted)
        expect(seen?.['journal']).toBe(row?.['done'])
        const everything = await database.query(
          `select row_to_json(m)::text from schema_migrations m
            union all select row_to_json(s)::text from schema_migration_statements s`,
        )
        expect(JSON.stringify([result, everything])).not.toContain(secret.slice(0, 7))
      }),
    )
  },
)
