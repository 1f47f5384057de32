import { expect, it } from 'vitest'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { judgeIndex } from './alone-steps.ts'
import { readAloneWork } from './alone-work.ts'

const table = plainMigration(
  '0001_t',
  'create table t (a int, b text); insert into t values (1), (1)',
)

const indexesOf = (database: TestDatabase) =>
  database.query(
    `select c.relname as name, i.indisvalid as valid, i.indisunique as unique
       from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relname not like 'schema_migration%' order by 1`,
  )

/** Makes an index that is not valid, as a build that was ended leaves it. */
async function leaveBroken(database: TestDatabase, text: string): Promise<void> {
  await expect(database.query(text)).rejects.toMatchObject({ code: '23505' })
}

it('leaves no broken index behind when rows are not unique, and no value of them [MIG-5]', async () => {
  await using database = await createTestDatabase()
  const broken = plainMigration('0002_i', 'create unique index concurrently t_a on t (a)')
  expect(await executeOn(database, [table, broken])).toMatchObject({
    kind: 'failed',
    migration: '0002_i',
    statementNo: 1,
    error: { sqlstate: '23505', detail: 'Key (a)=(…) is duplicated.' },
  })
  expect(await indexesOf(database)).toEqual([])
  await database.query('delete from t where ctid = (select min(ctid) from t)')
  expect(await executeOn(database, [table, broken])).toMatchObject({ kind: 'done' })
  expect(await indexesOf(database)).toEqual([{ name: 't_a', valid: true, unique: true }])
})

it('says in the journal what it is about to do before a statement that no transaction holds [MIG-5] [MIG-6]', async () => {
  await using database = await createTestDatabase()
  await executeOn(database, [table])
  const blocker = await database.connect()
  await blocker.query('begin; insert into t values (2)')
  const build = plainMigration('0002_i', 'create index concurrently t_a on t (a)')
  const running = executeOn(database, [table, build])
  const journal = () =>
    database.query(
      `select s.state, s.sha256 is not null as hashed from schema_migration_statements s
         join schema_migrations m on m.id = s.migration_id where m.migration_name = '0002_i'`,
    )
  try {
    await expect.poll(journal, { timeout: 20_000 }).toEqual([{ state: 'started', hashed: true }])
  } finally {
    await blocker.query('commit')
  }
  expect(await running).toMatchObject({ kind: 'done' })
  expect(await journal()).toEqual([{ state: 'done', hashed: true }])
})

it('replaces a broken index of the declared name, also where the statement would be content with it [MIG-7]', async () => {
  await using database = await createTestDatabase()
  await executeOn(database, [table])
  await leaveBroken(database, 'create unique index concurrently t_a on t (a)')
  await database.query('update t set a = 2 where ctid = (select min(ctid) from t)')
  const build = plainMigration(
    '0002_i',
    'create unique index concurrently if not exists t_a on t (a)',
  )
  expect(await executeOn(database, [table, build])).toMatchObject({ kind: 'done' })
  expect(await indexesOf(database)).toEqual([{ name: 't_a', valid: true, unique: true }])
})

it('does not take an index of somebody else for its own', async () => {
  await using database = await createTestDatabase()
  await executeOn(database, [table])
  await database.query('create index t_a on t (b)')
  for (const text of [
    'create index concurrently if not exists t_a on t (a)',
    'create index concurrently t_a on t (a)',
  ])
    expect(await executeOn(database, [table, plainMigration('0002_i', text)])).toMatchObject({
      kind: 'failed',
      error: { sqlstate: '42P07' },
    })
  const same = plainMigration('0002_i', 'create index concurrently if not exists t_a on t (b)')
  expect(await executeOn(database, [table, same])).toMatchObject({ kind: 'done' })
})

it('lets the server choose a name, and keeps to it when it goes on later', async () => {
  await using database = await createTestDatabase()
  const build = plainMigration(
    '0002_i',
    `create index concurrently on t (a);
     create index concurrently on t (a);
     create index concurrently on t (lower(b)) where a > 1`,
  )
  expect(await executeOn(database, [table, build])).toMatchObject({ kind: 'done' })
  expect((await indexesOf(database)).map(({ name }) => name)).toEqual([
    't_a_idx',
    't_a_idx1',
    't_lower_idx',
  ])
})

it('builds an index of a partitioned table one partition at a time', async () => {
  await using database = await createTestDatabase()
  const partitions = plainMigration(
    '0001_p',
    `create schema s;
     create table s.p (a int, b int) partition by range (a);
     create table s.p1 partition of s.p for values from (0) to (10);
     create table s.p2 partition of s.p for values from (10) to (20) partition by list (b);
     create table s.p21 partition of s.p2 for values in (1);
     create table s.p22 partition of s.p2 default`,
  )
  const build = plainMigration('0002_i', 'create index concurrently p_b on s.p (b)')
  expect(await executeOn(database, [partitions, build])).toMatchObject({ kind: 'done' })
  expect(
    await database.query(
      `select c.relname as name, i.indisvalid as valid, h.inhparent::regclass::text as above
         from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
         left join pg_inherits h on h.inhrelid = c.oid
        where n.nspname = 's' order by 1`,
    ),
  ).toEqual([
    { name: 'p1_p_b', valid: true, above: 's.p_b' },
    { name: 'p21_p2_p_b', valid: true, above: 's.p2_p_b' },
    { name: 'p22_p2_p_b', valid: true, above: 's.p2_p_b' },
    { name: 'p2_p_b', valid: true, above: 's.p_b' },
    { name: 'p_b', valid: true, above: null },
  ])
})

it('drops, rebuilds and detaches without transactions', async () => {
  await using database = await createTestDatabase()
  const text = `create index t_a on t (a); create index t_b on t (b);
    drop index concurrently t_a;
    reindex index concurrently t_b;
    reindex table concurrently t;
    create table p (a int) partition by range (a);
    create table p1 partition of p for values from (0) to (10);
    alter table p detach partition p1 concurrently;
    vacuum t`
  expect(await executeOn(database, [table, plainMigration('0002_x', text)])).toMatchObject({
    kind: 'done',
  })
  expect((await indexesOf(database)).map(({ name }) => name)).toEqual(['t_b'])
  expect(await database.query(`select count(*)::int as n from pg_inherits`)).toEqual([{ n: 0 }])
})

it('runs a statement that commits by itself once, and never again without being told', async () => {
  await using database = await createTestDatabase()
  const make = plainMigration(
    '0001_p',
    `create table n (x int);
     create procedure add_two(fails bool) language plpgsql as $$
     begin insert into n values (1); commit; if fails then raise exception 'no'; end if; insert into n values (2); end $$`,
  )
  expect(
    await executeOn(database, [make, plainMigration('0002_c', 'call add_two(false)')]),
  ).toMatchObject({ kind: 'done' })
  const half = [make, plainMigration('0002_c', 'call add_two(false)')]
  const fails = plainMigration('0003_c', 'call add_two(true)')
  expect(await executeOn(database, [...half, fails])).toMatchObject({
    kind: 'failed',
    statementNo: 1,
  })
  expect(await executeOn(database, [...half, fails])).toMatchObject({
    kind: 'failed',
    error: { message: 'an earlier run began this statement, and nothing shows how far it came' },
  })
  expect(await database.query('select count(*)::int as n from n')).toEqual([{ n: 3 }])
  const again = plainMigration('0003_c', 'call add_two(false)', { resume: 'idempotent' })
  expect(await executeOn(database, [...half, again])).toMatchObject({ kind: 'done' })
  expect(await database.query('select count(*)::int as n from n')).toEqual([{ n: 5 }])
})

it('asks the plan what an interrupted statement came to, where the plan can tell', async () => {
  await using database = await createTestDatabase()
  const make = plainMigration(
    '0001_p',
    `create procedure boom() language plpgsql as $$ begin raise exception 'no'; end $$`,
  )
  const call = (settle: 'before' | 'after') =>
    plainMigration('0002_c', 'call boom()', { settle: async () => settle })
  expect(await executeOn(database, [make, call('before')])).toMatchObject({ kind: 'failed' })
  expect(await executeOn(database, [make, call('before')])).toMatchObject({
    kind: 'failed',
    error: { sqlstate: 'P0001' },
  })
  expect(await executeOn(database, [make, call('after')])).toMatchObject({ kind: 'done' })
})

const whole = { onTable: true, isWhole: true, backsConstraint: false, definition: 'btree (a)' }

it.each([
  { is: 'build', state: undefined },
  { is: 'conflict', state: { ...whole, onTable: false, isWhole: false } },
  { is: 'conflict', state: { ...whole, isWhole: false, backsConstraint: true } },
  { is: 'rebuild', state: { ...whole, isWhole: false } },
  { is: 'done', state: whole, isWelcome: true },
  { is: 'conflict', state: whole },
  { is: 'conflict', state: { ...whole, definition: 'btree (b)' }, isWelcome: true },
  { is: 'rebuild', state: { ...whole, definition: 'btree (b)' }, isOurs: true, isWelcome: true },
])('judges an index under the declared name: $is', ({ is, state, isOurs, isWelcome }) => {
  const known = { expected: 'btree (a)', isOurs: isOurs ?? false, isWelcome: isWelcome ?? false }
  expect(judgeIndex(state, known)).toBe(is)
})

it.each([
  [
    'create unique index concurrently if not exists "I x" on only "S".t using btree (a) where b',
    {
      kind: 'create-index',
      table: { schema: 'S', name: 't' },
      index: 'I x',
      unique: true,
      ifNotExists: true,
      rest: 'using btree (a) where b',
    },
  ],
  [
    'drop index concurrently if exists s.i',
    { kind: 'drop-index', index: { schema: 's', name: 'i' }, ifExists: true },
  ],
  [
    'reindex table concurrently s.t',
    { kind: 'reindex', of: { what: 'table', name: { schema: 's', name: 't' } } },
  ],
  ['reindex schema concurrently s', { kind: 'reindex', of: undefined }],
  [
    'alter table p detach partition s.c concurrently',
    {
      kind: 'detach',
      parent: { schema: undefined, name: 'p' },
      partition: { schema: 's', name: 'c' },
    },
  ],
  ['vacuum full t', { kind: 'repeatable' }],
  ['alter system set work_mem = 1', { kind: 'other' }],
  ['not sql', { kind: 'other' }],
])('reads what %s wants', async (text, work) => {
  expect(await readAloneWork(text)).toEqual(work)
})

it('removes what an ended REINDEX has left, also of the long values [MIG-6]', async () => {
  await using database = await createTestDatabase()
  const empty = plainMigration('0001_t', 'create table t (a int, b text)')
  await executeOn(database, [empty])
  const [blocker, ended] = [await database.connect(), await database.connect()]
  await blocker.query('begin; insert into t values (1)')
  const { rows } = await ended.query<{ pid: number }>('select pg_backend_pid() as pid')
  const reindex = ended.query('reindex table concurrently t').catch((error: unknown) => error)
  const broken = () =>
    database.query(`select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
      where not i.indisvalid`)
  await expect.poll(broken, { timeout: 20_000 }).toHaveLength(1)
  await blocker.query('select pg_terminate_backend($1)', [rows[0]?.pid])
  expect(await reindex).toBeInstanceOf(Error)
  await blocker.query('rollback')
  expect((await broken())[0]?.['relname']).toMatch(/^pg_toast_\d+_index_ccnew$/)
  const build = plainMigration('0002_i', 'reindex table concurrently t')
  expect(await executeOn(database, [empty, build])).toMatchObject({ kind: 'done' })
  expect(await broken()).toEqual([])
})
