import { expect, it } from 'vitest'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'

const ledgerOf = (database: TestDatabase) =>
  database.query(
    `select migration_name as name, status, statements_done as done, statements_total as total, attempt
       from schema_migrations order by 1`,
  )

const journalOf = (database: TestDatabase, name: string) =>
  database.query(
    `select statement_no as no, state, tx_class as class, s.attempt
       from schema_migration_statements s join schema_migrations m on m.id = s.migration_id
      where migration_name = $1 order by 4, 1`,
    [name],
  )

it('applies what is pending, in order, and has nothing to do the second time [MIG-4] [MIG-7]', async () => {
  await using database = await createTestDatabase()
  const migrations = [
    plainMigration('0001_a', 'create table a (id int primary key); insert into a values (1);'),
    plainMigration('0002_b', 'create index concurrently a_id on a (id)'),
    plainMigration('0003_c', '-- nothing'),
    plainMigration('0004_d', 'alter table a add column b text'),
  ]
  const result = await executeOn(database, migrations)
  expect(result).toMatchObject({ kind: 'done', applied: ['0001_a', '0002_b', '0003_c', '0004_d'] })
  expect(await ledgerOf(database)).toEqual([
    { name: '0001_a', status: 'completed', done: 2, total: 2, attempt: 1 },
    { name: '0002_b', status: 'completed', done: 1, total: 1, attempt: 1 },
    { name: '0003_c', status: 'completed', done: 0, total: 0, attempt: 1 },
    { name: '0004_d', status: 'completed', done: 1, total: 1, attempt: 1 },
  ])
  expect(await executeOn(database, migrations)).toEqual({ kind: 'nothing-to-do', events: [] })
})

it('names the statement that failed and its place, keeps nothing of it, and tries it again [MIG-5]', async () => {
  await using database = await createTestDatabase()
  const first = plainMigration('0001_a', 'create table a (id int)')
  const broken = plainMigration(
    '0002_b',
    'create table b (id int);\n\nselect 1,\n  nonsense\nfrom a;',
  )
  const result = await executeOn(database, [first, broken])
  expect(result).toMatchObject({
    kind: 'failed',
    applied: ['0001_a'],
    migration: '0002_b',
    file: '0002_b.sql',
    statementNo: 2,
    line: 4,
    column: 3,
    error: { sqlstate: '42703', message: 'column "nonsense" does not exist' },
    remedy: 'Correct the name of the column, or create it in an earlier migration.',
  })
  expect(await database.query(`select to_regclass('b') as b`)).toEqual([{ b: null }])
  expect(
    await database.query(
      `select status, error_message, failed_statement, error_detail ->> 'sqlstate' as sqlstate,
          error_detail ->> 'line' as line, app_version, host is not null as host, duration_ms is not null as duration
         from schema_migrations where migration_name = '0002_b'`,
    ),
  ).toEqual([
    {
      status: 'failed',
      error_message: 'column "nonsense" does not exist',
      failed_statement: 2,
      sqlstate: '42703',
      line: '4',
      app_version: 'test',
      host: true,
      duration: true,
    },
  ])

  const mended = plainMigration('0002_b', 'create table b (id int);')
  expect(await executeOn(database, [first, mended])).toMatchObject({
    kind: 'done',
    applied: ['0002_b'],
  })
  expect((await ledgerOf(database))[1]).toEqual({
    name: '0002_b',
    status: 'completed',
    done: 1,
    total: 1,
    attempt: 2,
  })
})

it('shows how far a migration came that has statements outside of transactions, and goes on there [MIG-5]', async () => {
  await using database = await createTestDatabase()
  const text = (last: string) => `create table a (id int);
    create index concurrently a_id on a (id);
    ${last}`
  const broken = plainMigration('0001_a', text('alter table a add column b nonsense'))
  expect(await executeOn(database, [broken])).toMatchObject({ kind: 'failed', statementNo: 3 })
  expect(await journalOf(database, '0001_a')).toEqual([
    { no: 1, state: 'done', class: 'tx', attempt: 1 },
    { no: 2, state: 'done', class: 'alone', attempt: 1 },
    { no: 3, state: 'failed', class: 'tx', attempt: 1 },
  ])
  const mended = plainMigration('0001_a', text('alter table a add column b int'))
  const { events, ...result } = await executeOn(database, [mended])
  expect(result).toMatchObject({ kind: 'done' })
  expect(events.filter(({ type }) => type === 'statement-done')).toHaveLength(1)

  const edited = plainMigration(
    '0002_c',
    'create table c (id int); create index concurrently on c (x)',
  )
  await executeOn(database, [mended, edited])
  const other = plainMigration(
    '0002_c',
    'create table d (id int); create index concurrently on d (id)',
  )
  expect(await executeOn(database, [mended, other])).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'checksum-changed', migration: '0002_c', statementNo: 1 }],
  })
})

it('refuses a ledger that knows more or other than the files [MIG-5]', async () => {
  await using database = await createTestDatabase()
  const [a, b] = [
    plainMigration('0001_a', 'create table a (id int)'),
    plainMigration('0002_b', 'create table b (id int)'),
  ]
  await executeOn(database, [a, b])
  expect(await executeOn(database, [a])).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'schema-newer', migration: '0002_b' }],
  })
  expect(await executeOn(database, [b])).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'file-missing', migration: '0001_a' }],
  })
  const edited = plainMigration('0002_b', 'create table b (id bigint)')
  expect(await executeOn(database, [a, edited])).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'checksum-changed', migration: '0002_b' }],
  })
})

it('runs a file that stands for others only where they have not run', async () => {
  await using database = await createTestDatabase()
  const old = [
    plainMigration('0001_a', 'create table a (id int)'),
    plainMigration('0002_b', 'create table b (id int)'),
  ]
  const baseline = {
    ...plainMigration('0003_base', 'create table a (id int); create table b (id int)'),
    replaces: old.map(({ name }) => name),
  }
  await executeOn(database, old)
  expect(await executeOn(database, [baseline])).toMatchObject({ kind: 'nothing-to-do' })
  await using fresh = await createTestDatabase()
  expect(await executeOn(fresh, [baseline])).toMatchObject({ kind: 'done', applied: ['0003_base'] })
})

it('gives every file a fresh session: settings, roles and temporary tables do not leak', async () => {
  await using database = await createTestDatabase()
  await database.query('drop role if exists migrate_leak')
  await database.query('create role migrate_leak')
  const result = await executeOn(database, [
    plainMigration(
      '0001_a',
      `create schema s; set search_path = s; set statement_timeout = '1h';
       create table inside (id int); create temporary table passing (id int);
       grant all on schema s to migrate_leak; set role migrate_leak; create table s.theirs (id int)`,
    ),
    plainMigration(
      '0002_b',
      `create table outside (id int); create table passing (id int);
       create table settings as select current_setting('statement_timeout') as timeout, current_user as name`,
    ),
  ])
  expect(result).toMatchObject({ kind: 'done' })
  expect(
    await database.query(
      `select schemaname || '.' || tablename as name, tableowner = 'migrate_leak' as theirs from pg_tables
        where tablename in ('inside', 'outside', 'passing', 'theirs') order by 1`,
    ),
  ).toEqual([
    { name: 'public.outside', theirs: false },
    { name: 'public.passing', theirs: false },
    { name: 's.inside', theirs: false },
    { name: 's.theirs', theirs: true },
  ])
  expect(await database.query('select timeout from settings')).toEqual([{ timeout: '0' }])
  await database.query('drop schema s cascade; drop role migrate_leak')
})

it('keeps what a file has set when it goes on after a statement outside of transactions', async () => {
  await using database = await createTestDatabase()
  const text = (last: string) => `create schema s; set search_path = s; create table t (id int);
    create index concurrently t_id on t (id); ${last}`
  const broken = plainMigration('0001_a', text('create table u (x nonsense)'))
  expect(await executeOn(database, [broken])).toMatchObject({ kind: 'failed', statementNo: 5 })
  const mended = plainMigration('0001_a', text('create table u (x int)'))
  expect(await executeOn(database, [mended])).toMatchObject({ kind: 'done' })
  expect(await database.query(`select to_regclass('s.u') is not null as there`)).toEqual([
    { there: true },
  ])
})

it('keeps to the transactions that a file opens itself, and refuses those it cannot keep', async () => {
  await using database = await createTestDatabase()
  const text = `create table a (x xid8);
    begin isolation level serializable;
    insert into a values (pg_current_xact_id());
    insert into a values (pg_current_xact_id());
    commit;
    insert into a select pg_current_xact_id() where current_setting('transaction_isolation') = 'read committed'`
  expect(await executeOn(database, [plainMigration('0001_a', text)])).toMatchObject({
    kind: 'done',
  })
  expect(
    await database.query('select count(*)::int as n, count(distinct x)::int as txs from a'),
  ).toEqual([{ n: 3, txs: 2 }])
  const refused = [
    plainMigration('0002_open', 'begin; create table b (id int)'),
    plainMigration('0003_back', 'begin; create table b (id int); rollback'),
    plainMigration('0004_alone', 'begin; create index concurrently a_x on a (x); commit'),
  ]
  expect(await executeOn(database, [plainMigration('0001_a', text), ...refused])).toMatchObject({
    kind: 'refused',
    objections: [
      { code: 'unsupported-statement', migration: '0002_open', line: 1 },
      { code: 'unsupported-statement', migration: '0003_back', line: 1 },
      { code: 'unsupported-statement', migration: '0004_alone', line: 1 },
    ],
  })
})

it('runs a file in the isolation level that it sets, with and without BEGIN', async () => {
  await using database = await createTestDatabase()
  const level = `insert into levels select current_setting('transaction_isolation')`
  const files = [
    `create table levels (level text); ${level}`,
    `set search_path = public; set transaction isolation level repeatable read; ${level}`,
    `begin; set transaction isolation level serializable; ${level}; commit; ${level}`,
  ].map((text, index) => plainMigration(`000${index + 1}_l`, text))
  expect(await executeOn(database, files)).toMatchObject({ kind: 'done' })
  expect(await database.query('select level from levels')).toEqual([
    { level: 'read committed' },
    { level: 'repeatable read' },
    { level: 'serializable' },
    { level: 'read committed' },
  ])
})

it('commits a new value of an enum before a statement that uses it', async () => {
  await using database = await createTestDatabase()
  const migrations = [
    plainMigration('0001_a', `create type mood as enum ('a'); create table t (m mood)`),
    plainMigration('0002_b', `alter type mood add value 'b'; insert into t values ('b')`),
  ]
  expect(await executeOn(database, migrations)).toMatchObject({ kind: 'done' })
  expect(await database.query('select m::text from t')).toEqual([{ m: 'b' }])
})

it('rolls a migration back whose own check refuses, and says why', async () => {
  await using database = await createTestDatabase()
  const objection = {
    code: 'drift',
    migration: '0001_a',
    because: 'a is not what it should be',
    remedy: 'look',
    hebrew: { because: '', remedy: '' },
  } as const
  const seen: unknown[] = []
  const migration = plainMigration('0001_a', 'create table a (id int)', {
    async verify(query) {
      seen.push((await query(`select to_regclass('a') is not null as there`)).rows)
      return { kind: 'refused', objections: [objection] }
    },
  })
  expect(await executeOn(database, [migration])).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'drift' }],
  })
  expect(seen).toEqual([[{ there: true }]])
  expect(await database.query(`select to_regclass('a') as a`)).toEqual([{ a: null }])
  expect((await ledgerOf(database))[0]).toMatchObject({ status: 'failed' })
})

it('remembers the backup that was made in the transaction before its first statement [MIG-9]', async () => {
  await using database = await createTestDatabase()
  const migrations = [
    plainMigration('0001_a', 'create table a (id int)'),
    plainMigration('0002_b', 'drop table a', {
      destructive: true,
      async before(query) {
        await query('lock table a in access exclusive mode')
        return { kind: 'fine', backupLocation: 'file:///backup' }
      },
    }),
  ]
  expect(await executeOn(database, migrations)).toMatchObject({ kind: 'done' })
  expect(
    await database.query(
      `select backup_location from schema_migrations where migration_name = '0002_b'`,
    ),
  ).toEqual([{ backup_location: 'file:///backup' }])
})

it('reports a deferred constraint as the end of the transaction that it is', async () => {
  await using database = await createTestDatabase()
  const text = `create table a (id int primary key);
    create table b (a int references a deferrable initially deferred);
    insert into b values (7)`
  expect(await executeOn(database, [plainMigration('0001_a', text)])).toMatchObject({
    kind: 'failed',
    statementNo: undefined,
    error: { sqlstate: '23503', detail: 'Key (a)=(…) is not present in table "a".' },
  })
})

it('runs on its own schema and as another role where it is told to', async () => {
  await using database = await createTestDatabase()
  await database.query('drop role if exists migrate_owner')
  await database.query(
    `create role migrate_owner; grant create on database ${database.target.database} to migrate_owner`,
  )
  const migration = plainMigration('0001_a', 'create schema app; create table app.a (id int)')
  const options = { ledgerSchema: 'Our Ledger', role: 'migrate_owner', searchPath: 'app' }
  const also = plainMigration('0002_b', 'create table b (id int)')
  expect(await executeOn(database, [migration, also], options)).toMatchObject({ kind: 'done' })
  expect(
    await database.query(
      `select schemaname || '.' || tablename as name, tableowner as owner from pg_tables
        where schemaname in ('app', 'Our Ledger') order by 1`,
    ),
  ).toEqual(
    [
      'Our Ledger.schema_migration_lease',
      'Our Ledger.schema_migration_statements',
      'Our Ledger.schema_migrations',
      'app.a',
      'app.b',
    ].map((name) => ({ name, owner: 'migrate_owner' })),
  )
  expect(await executeOn(database, [migration, also], options)).toMatchObject({
    kind: 'nothing-to-do',
  })
})
