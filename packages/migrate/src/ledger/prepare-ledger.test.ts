import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { ledgerNames } from './ledger-names.ts'
import { prescribedColumns } from './ledger-tables.ts'
import { prepareLedger } from './prepare-ledger.ts'
import { shapeOf } from './ledger-shape.ts'

const describeColumns = (database: TestDatabase) =>
  database.query<{ name: string; type: string; nullable: boolean; fallback: string | null }>(
    `select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable,
        pg_get_expr(d.adbin, d.adrelid) as fallback
       from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where attrelid = 'schema_migrations'::regclass and attnum > 0 and not attisdropped order by attnum`,
  )

const prepare = (database: TestDatabase, names: readonly string[] = []) =>
  prepareLedger((text, values) => database.query(text, values), ledgerNames(), { names })

it('makes the table with exactly the columns that are asked for, and details that may be null [MIG-4] [D-11]', async () => {
  await using database = await createTestDatabase()
  expect(await prepare(database)).toEqual({ kind: 'ready', adopted: [] })
  const columns = await describeColumns(database)
  const prescribed = columns.slice(0, 10)
  expect(prescribed).toEqual([
    { name: 'id', type: 'uuid', nullable: false, fallback: 'gen_random_uuid()' },
    { name: 'migration_name', type: 'text', nullable: false, fallback: null },
    { name: 'migration_type', type: 'text', nullable: false, fallback: null },
    { name: 'status', type: 'text', nullable: false, fallback: `'pending'::text` },
    { name: 'started_at', type: 'timestamp with time zone', nullable: true, fallback: null },
    { name: 'completed_at', type: 'timestamp with time zone', nullable: true, fallback: null },
    { name: 'error_message', type: 'text', nullable: true, fallback: null },
    { name: 'backup_location', type: 'text', nullable: true, fallback: null },
    { name: 'rollback_script', type: 'text', nullable: true, fallback: null },
    { name: 'created_at', type: 'timestamp with time zone', nullable: true, fallback: 'now()' },
  ])
  expect(columns.slice(10).every(({ nullable }) => nullable)).toBe(true)
  for (const [column, value] of [
    ['status', 'dirty'],
    ['migration_type', 'other'],
  ])
    await expect(
      database.query(
        `insert into schema_migrations (migration_name, migration_type, ${column === 'status' ? 'status' : 'host'})
         values ('x', '${column === 'status' ? 'schema_change' : value}', '${value}')`,
      ),
    ).rejects.toMatchObject({ code: '23514' })
  expect(await prepare(database)).toEqual({ kind: 'ready', adopted: [] })
})

/** As the runner made it with which the product began. */
const simpleTable = `create table schema_migrations (
  id uuid primary key default gen_random_uuid(),
  migration_name text not null unique,
  migration_type text not null check (migration_type in ('consolidation', 'schema_change', 'data_migration')),
  status text not null default 'pending'
    check (status in ('pending', 'in_progress', 'completed', 'failed', 'rolled_back')),
  started_at timestamptz, completed_at timestamptz, error_message text, backup_location text,
  rollback_script text, created_at timestamptz not null default now(),
  checksum text, duration_ms integer, app_version text, host text)`

it('takes over the table of the first version in place, and runs nothing of it again [D-11] [MIG-7]', async () => {
  await using database = await createTestDatabase()
  const text = 'create table a (id int)'
  const former = createHash('sha256').update(text).digest('hex')
  await database.query(simpleTable)
  await database.query(
    `insert into schema_migrations (migration_name, migration_type, status, completed_at, checksum, duration_ms)
     values ('0001_a', 'schema_change', 'completed', now(), $1, 7), ('0002_b', 'schema_change', 'failed', null, 'x', 1)`,
    [former],
  )
  const migrations = [
    { ...plainMigration('0001_a', text), checksum: 'by tokens', formerChecksums: [former] },
    plainMigration('0002_b', 'create table b (id int)'),
  ]
  expect(await executeOn(database, migrations)).toMatchObject({ kind: 'done', applied: ['0002_b'] })
  expect(
    await database.query(
      `select migration_name as name, status, checksum, raw_sha256, duration_ms > 0 as ran from schema_migrations order by 1`,
    ),
  ).toMatchObject([
    { name: '0001_a', status: 'completed', checksum: 'by tokens', raw_sha256: former, ran: true },
    { name: '0002_b', status: 'completed', raw_sha256: null },
  ])
  expect(await executeOn(database, migrations)).toMatchObject({ kind: 'nothing-to-do' })
  const types = await describeColumns(database)
  expect(types.find(({ name }) => name === 'duration_ms')?.type).toBe('bigint')
})

it.each([
  [
    'version, applied_at',
    'version bigint primary key, applied_at timestamptz not null default now()',
  ],
  ['version, inserted_at (Ecto)', 'version bigint primary key, inserted_at timestamp(0)'],
  ['version (dbmate)', 'version varchar(128) primary key'],
  [
    'version, name, run_at',
    'name text not null, version bigint unique not null, run_at timestamptz not null',
  ],
])('takes over %s in place, under the names of the files [D-11]', async (_, columns) => {
  await using database = await createTestDatabase()
  await database.query(`create table schema_migrations (${columns})`)
  const isNamed = columns.startsWith('name')
  await database.query(
    `insert into schema_migrations (${isNamed ? 'name, run_at, ' : ''}version)
     values ${['1', '20240102030405', '99'].map((version) => `(${isNamed ? `'n', now(), ` : ''}'${version}')`).join(', ')}`,
  )
  await database.query('create table a (id int)')
  const migrations = [
    plainMigration('0001_a', 'create table a (id int)'),
    plainMigration('20240102030405_b', 'create table never (id int)'),
    plainMigration('20250102030405_c', 'create table c (id int)'),
  ]
  expect(await executeOn(database, migrations)).toMatchObject({
    kind: 'done',
    applied: ['20250102030405_c'],
  })
  expect(
    await database.query(
      `select migration_name as name, status, origin is not null as adopted from schema_migrations order by 1`,
    ),
  ).toEqual([
    { name: '0001_a', status: 'completed', adopted: true },
    { name: '20240102030405_b', status: 'completed', adopted: true },
    { name: '20250102030405_c', status: 'completed', adopted: false },
    { name: 'legacy_99', status: 'completed', adopted: true },
  ])
  const names = (await describeColumns(database)).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining([...Object.keys(prescribedColumns), 'version']))
})

it('asks for proof before it believes a single number, and changes nothing without it [D-11]', async () => {
  await using database = await createTestDatabase()
  await database.query(
    'create table schema_migrations (version bigint primary key, dirty boolean not null)',
  )
  await database.query('insert into schema_migrations values (2, false)')
  const migrations = [1, 2, 3].map((n) =>
    plainMigration(`000${n}_x`, `create table t${n} (id int)`),
  )
  expect(await executeOn(database, migrations)).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'drift', remedy: expect.stringContaining('--ledger-schema') }],
  })
  expect((await describeColumns(database)).map(({ name }) => name)).toEqual(['version', 'dirty'])
  const claims: (readonly string[])[] = []
  const proveClaims = async (names: readonly string[]) => {
    claims.push(names)
    return undefined
  }
  expect(await executeOn(database, migrations, { proveClaims })).toMatchObject({
    kind: 'done',
    applied: ['0003_x'],
  })
  expect(claims).toEqual([['0001_x', '0002_x']])

  await using dirty = await createTestDatabase()
  await dirty.query(
    'create table schema_migrations (version bigint primary key, dirty boolean not null)',
  )
  await dirty.query('insert into schema_migrations values (2, true)')
  expect(await executeOn(dirty, migrations, { proveClaims })).toMatchObject({ kind: 'refused' })
})

it.each([
  ['columns that nobody knows', 'create table schema_migrations (version bigint, surprise text)'],
  [
    'the table of Rails',
    'create table schema_migrations (version varchar primary key); create table ar_internal_metadata (key text)',
  ],
  [
    'a later ledger',
    `create table schema_migrations (id int); comment on table schema_migrations is 'studioops-migrate ledger 2'`,
  ],
])('leaves %s alone, and can keep its ledger elsewhere [D-11]', async (_, text) => {
  await using database = await createTestDatabase()
  await database.query(text)
  const before = await describeColumns(database)
  const migrations = [plainMigration('0001_a', 'create table a (id int)')]
  expect(await executeOn(database, migrations)).toMatchObject({ kind: 'refused' })
  expect(await describeColumns(database)).toEqual(before)
  expect(await executeOn(database, migrations, { ledgerSchema: 'ours' })).toMatchObject({
    kind: 'done',
  })
})

it.each([
  [[], undefined, 'absent'],
  [['id'], 'studioops-migrate ledger 1', 'ours'],
  [['id'], 'studioops-migrate ledger 9', 'newer'],
  [Object.keys(prescribedColumns), undefined, 'prescribed'],
  [[...Object.keys(prescribedColumns), 'checksum', 'host'], undefined, 'prescribed'],
  [[...Object.keys(prescribedColumns), 'surprise'], undefined, 'unknown'],
  [['version'], undefined, 'versions'],
  [['version', 'applied_at', 'name'], undefined, 'versions'],
  [['version', 'applied_at', 'run_on'], undefined, 'unknown'],
  [['version', 'dirty'], undefined, 'high-water-mark'],
  [['version', 'statements', 'name'], undefined, 'unknown'],
])('knows a table with the columns %j and the comment %s as %s', (columns, comment, kind) => {
  expect(shapeOf({ columns, comment }).kind).toBe(kind)
})
