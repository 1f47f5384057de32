import { expect, it } from 'vitest'
import { executeOn } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { createImageDirectory, exportRows, structureOf, undoable } from '../testing/undoable.ts'

const now = async (database: TestDatabase) => ({
  rows: await exportRows(database),
  structure: await structureOf(database),
})

const rowOf = async (database: TestDatabase) =>
  (
    await database.query(
      `select status, statements_done as done, failed_statement as failed, error_message as message,
          error_detail ->> 'sqlstate' as sqlstate, error_detail ->> 'rolled_back' as rolled_back
         from public.schema_migrations where migration_name = '0002_b'`,
    )
  )[0]

const journalOf = (database: TestDatabase) =>
  database.query(
    `select s.attempt, statement_no as no, state from public.schema_migration_statements s
       join public.schema_migrations m on m.id = s.migration_id where migration_name = '0002_b'
      order by 1, 2`,
  )

const files = {
  '0001_a': 'create table t (id int primary key, a text, b text)',
  '0002_b': `update t set a = upper(a); alter table t drop column b; create table u (id int);
    create index concurrently t_a on t (a);
    create unique index concurrently t_a_once on t (a);
    alter table t add column c int;`,
}

const fill = `insert into public.t values (1, 'x', 'one'), (2, 'X', 'two'), (3, 'y', null)`

it('takes the committed statements of a failed migration back, and the next start simply tries again [MIG-6] [MIG-14]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { migrations } = await undoable(files, { ...images, rollbackOnFailure: 'auto' })
  await executeOn(database, migrations.slice(0, 1))
  await database.query(fill)
  const before = await now(database)
  const failed = await executeOn(database, migrations)
  expect(failed).toMatchObject({ kind: 'failed', migration: '0002_b', statementNo: 5 })
  expect(await now(database)).toEqual(before)
  expect(await rowOf(database)).toEqual({
    status: 'failed',
    done: 0,
    failed: 5,
    message: expect.stringContaining('could not create unique index'),
    sqlstate: '23505',
    rolled_back: 'rolled back statements 1…4',
  })
  expect(await journalOf(database)).toEqual([
    ...[1, 2, 3, 4].map((no) => ({ attempt: 1, no, state: 'undone' })),
    { attempt: 1, no: 5, state: 'failed' },
  ])
  await database.query(`delete from public.t where id = 2`)
  expect(await executeOn(database, migrations)).toMatchObject({
    kind: 'done',
    applied: ['0002_b'],
  })
  expect(await database.query(`select id, a from public.t order by 1`)).toEqual([
    { id: 1, a: 'X' },
    { id: 3, a: 'Y' },
  ])
})

it('leaves what is committed where that is the policy, and goes on behind it [MIG-6]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { migrations } = await undoable(files, { ...images, rollbackOnFailure: 'keep' })
  await executeOn(database, migrations.slice(0, 1))
  await database.query(fill)
  await executeOn(database, migrations)
  expect(await rowOf(database)).toMatchObject({ status: 'failed', done: 4, rolled_back: null })
  await database.query(`delete from public.t where id = 2`)
  expect(await executeOn(database, migrations)).toMatchObject({ kind: 'done' })
})

it('takes back what a killed run left of a file that was edited since, and runs the new one [MIG-6]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const options = { ...images, rollbackOnFailure: 'auto' } as const
  const { migrations } = await undoable(files, { ...options, rollbackOnFailure: 'keep' })
  await executeOn(database, migrations.slice(0, 1))
  await database.query(fill)
  const before = await now(database)
  await executeOn(database, migrations)
  // As a kill leaves it: nobody has said that it failed.
  await database.query(
    `update public.schema_migrations set status = 'in_progress', error_detail = null, error_message = null where migration_name = '0002_b'`,
  )
  await database.query(`delete from public.schema_migration_statements where state = 'failed'`)
  const edited = await undoable(
    { ...files, '0002_b': 'alter table t add column other int default 5' },
    options,
  )
  expect(await executeOn(database, edited.migrations)).toMatchObject({
    kind: 'done',
    applied: ['0002_b'],
  })
  expect(await database.query(`select id, a, b, other from public.t order by 1`)).toEqual([
    { id: 1, a: 'x', b: 'one', other: 5 },
    { id: 2, a: 'X', b: 'two', other: 5 },
    { id: 3, a: 'y', b: null, other: 5 },
  ])
  expect(before.rows['public.t']).toHaveLength(3)
})
