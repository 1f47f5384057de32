import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { createImageDirectory, exportRows, structureOf, undoable } from '../testing/undoable.ts'
import { redo } from './redo.ts'
import { undo, type UndoOptions } from './undo.ts'

const optionsFor = (database: TestDatabase) => ({
  target: { open: () => database.connect() },
  appVersion: 'test',
})

function down(database: TestDatabase, options: Partial<UndoOptions> = {}) {
  return undo({
    ...optionsFor(database),
    selection: { kind: 'steps', count: 1 },
    ...options,
  })
}

const now = async (database: TestDatabase) => ({
  rows: await exportRows(database),
  structure: await structureOf(database),
})

const statuses = async (database: TestDatabase) =>
  Object.fromEntries(
    (
      await database.query<{ name: string; status: string }>(
        'select migration_name as name, status from public.schema_migrations',
      )
    ).map(({ name, status }) => [name, status]),
  )

it('says which rows something else wrote meanwhile, such as a trigger, and fires no trigger itself [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { migrations } = await undoable(
    {
      '0001_a': `create table t (id int primary key, v text); create table audit (what text);
        create function note() returns trigger language plpgsql as
          $$ begin insert into public.audit values (tg_op || ' ' || new.v); return new; end $$;
        create trigger note after update on t for each row execute function note();`,
      '0002_b': `update t set v = upper(v);`,
    },
    { ...images, given: 1 },
  )
  await executeOn(database, migrations.slice(0, 1))
  await database.query(`insert into t values (1, 'a'), (2, 'b')`)
  await executeOn(database, migrations)
  expect(await down(database)).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'inverse-lossy', object: 'public.audit' }],
  })
  expect(await down(database, { acceptLoss: 'the log may stay' })).toMatchObject({ kind: 'done' })
  expect(await database.query('select v from public.t order by id')).toEqual([
    { v: 'a' },
    { v: 'b' },
  ])
  expect(await database.query('select what from public.audit order by 1')).toEqual([
    { what: 'UPDATE A' },
    { what: 'UPDATE B' },
  ])
  expect(
    await database.query(`select tgenabled as state from pg_trigger where tgname = 'note'`),
  ).toEqual([{ state: 'O' }])
})

it('brings rows back as a role that owns the tables and nothing else, with foreign keys awake [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const role = `owner_${database.target.database.slice(-12)}`
  await database.query(`create role ${role}`)
  await database.query(`grant create, usage on schema public to ${role}`)
  try {
    const { migrations } = await undoable(
      {
        '0001_a': `create table p (id int primary key, v text);
          create table c (id int primary key, p int references p on delete cascade, v text);`,
        '0002_b': `insert into p values (9, 'nine'); update c set p = 9 where id = 1;
          delete from p where id = 2; update p set v = v || '!';`,
      },
      { ...images, given: 1 },
    )
    await executeOn(database, migrations.slice(0, 1), { role })
    await database.query(`insert into p values (1, 'one'), (2, 'two')`)
    await database.query(`insert into c values (1, 1, 'a'), (2, 2, 'b'), (3, 2, null)`)
    const before = await now(database)
    expect(await executeOn(database, migrations, { role })).toMatchObject({ kind: 'done' })
    expect(await down(database, { role })).toEqual({ kind: 'done', undone: ['0002_b'] })
    expect(await now(database)).toEqual(before)
  } finally {
    await database.query(`drop owned by ${role} cascade`)
    await database.query(`drop role ${role}`)
  }
})

it('goes back without kept data only when that is accepted, and never with damaged data [MIG-9] [MIG-14]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { migrations } = await undoable(
    { '0001_a': 'create table t (id int primary key, v text)', '0002_b': 'alter table t drop v' },
    { ...images, given: 1 },
  )
  await executeOn(database, migrations.slice(0, 1))
  await database.query(`insert into t values (1, 'a')`)
  await executeOn(database, migrations)
  const [backup = ''] = await readdir(images.directory)
  const files = await readdir(join(images.directory, backup))
  const file = files.find((name) => name.endsWith('.gz')) ?? ''
  await rm(join(images.directory, backup, file))
  expect(await down(database)).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'backup-failed' }],
  })
  await rm(join(images.directory, backup), { recursive: true })
  expect(await down(database)).toMatchObject({ kind: 'refused' })
  await database.query('update public.schema_migrations set backup_location = null')
  expect(await down(database)).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'inverse-lossy', object: 'public.t.v' }],
  })
  expect(await down(database, { acceptLoss: 'nobody used it' })).toMatchObject({ kind: 'done' })
  expect(await database.query('select * from public.t')).toEqual([{ id: 1, v: null }])
})

it('removes what the migration has filled itself, but not what was written since [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { migrations } = await undoable(
    {
      '0001_a': 'create table t (id int primary key)',
      '0002_b': `create table made (id int primary key, v text); insert into made values (1, 'seed');
        alter table t add column c text default 'd'; update t set c = 'e' where id = 1;`,
    },
    { ...images, given: 1 },
  )
  await executeOn(database, migrations.slice(0, 1))
  await database.query('insert into t values (1), (2)')
  const before = await now(database)
  await executeOn(database, migrations)
  await database.query(`insert into public.made values (2, 'since')`)
  expect(await down(database)).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'inverse-lossy', object: 'public.made' }],
  })
  await database.query('delete from public.made where id = 2')
  expect(await down(database)).toMatchObject({ kind: 'done' })
  expect(await now(database)).toEqual(before)
})

type Scripted = { readonly up: string; readonly back: string; readonly parents?: readonly string[] }

const scripted = (name: string, { up, back, parents = [] }: Scripted) =>
  plainMigration(name, up, { rollbackScript: back, parents })

it('refuses to take back what another one stands on, and takes back what nobody needs [MIG-6]', async () => {
  await using database = await createTestDatabase()
  const migrations = [
    scripted('0001_a', { up: 'create table a (id int)', back: 'drop table a' }),
    scripted('0002_b', { up: 'create table b (id int)', back: 'drop table b' }),
    scripted('0003_c', {
      up: 'alter table a add c int',
      back: 'alter table a drop c',
      parents: ['0001_a'],
    }),
  ]
  await executeOn(database, migrations)
  const ids = (...names: string[]) => ({ selection: { kind: 'ids', migrations: names } as const })
  expect(await down(database, ids('0001_a'))).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'order-conflict', migration: '0001_a' }],
  })
  expect(
    await down(database, {
      ...ids('0002_b'),
      dependsOn: (later, earlier) =>
        later === '0003_c' && earlier === '0002_b' ? 'it reads b' : undefined,
    }),
  ).toMatchObject({ kind: 'refused' })
  expect(await down(database, ids('0004_d'))).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'file-missing' }],
  })
  expect(await down(database, ids('0002_b'))).toEqual({ kind: 'done', undone: ['0002_b'] })
  expect(await down(database, ids('0001_a', '0003_c'))).toEqual({
    kind: 'done',
    undone: ['0003_c', '0001_a'],
  })
  expect(await down(database)).toEqual({ kind: 'nothing-to-do' })
  expect(await executeOn(database, migrations)).toMatchObject({
    kind: 'done',
    applied: ['0001_a', '0002_b', '0003_c'],
  })
})

it('has no way back where the ledger knows none, and says so before anything happens [MIG-6]', async () => {
  await using database = await createTestDatabase()
  const migrations = [
    scripted('0001_a', { up: 'create table a (id int)', back: '-- nothing was found\n' }),
    scripted('0002_b', { up: 'create table b (id int)', back: 'drop table b' }),
  ]
  await executeOn(database, migrations)
  expect(await down(database, { selection: { kind: 'to', migration: '' } })).toMatchObject({
    kind: 'refused',
    undone: ['0002_b'],
    objections: [{ code: 'inverse-unproven', migration: '0001_a' }],
  })
  expect(await statuses(database)).toEqual({ '0001_a': 'completed', '0002_b': 'rolled_back' })
})

it('keeps the schema when a way back does not lead to what was before [MIG-14]', async () => {
  await using database = await createTestDatabase()
  const tried = await createTestDatabase()
  const texts = ['create table a (id int)', 'alter table a add c int; alter table a add d int']
  const migrations = []
  for (const [index, text] of texts.entries()) {
    await tried.query(text)
    migrations.push(
      plainMigration(`000${index + 1}_a`, text, {
        rollbackScript: 'alter table a drop c',
        fingerprint: await structureOf(tried),
      }),
    )
    await tried.query('set search_path = public')
  }
  await tried[Symbol.asyncDispose]()
  await executeOn(database, migrations)
  const before = await now(database)
  expect(await down(database)).toMatchObject({ kind: 'refused', objections: [{ code: 'drift' }] })
  expect(await now(database)).toEqual(before)
})

it('says what the server refused on the way back, changes nothing, and goes on when it can', async () => {
  await using database = await createTestDatabase()
  const migrations = [
    scripted('0001_a', {
      up: 'create table a (id int)',
      back: 'drop table a; drop table elsewhere',
    }),
  ]
  await executeOn(database, migrations)
  expect(await down(database)).toMatchObject({
    kind: 'failed',
    migration: '0001_a',
    statementNo: 2,
    error: { sqlstate: '42P01' },
  })
  expect(await statuses(database)).toEqual({ '0001_a': 'completed' })
  expect(await database.query(`select to_regclass('public.a') is not null as there`)).toEqual([
    { there: true },
  ])
})

it('ends a way back of several transactions that was interrupted, whoever starts next [MIG-6] [MIG-7]', async () => {
  await using database = await createTestDatabase()
  const migrations = [
    scripted('0001_a', { up: 'create table t (a int, b int)', back: 'drop table t' }),
    scripted('0002_b', {
      up: 'create index t_a on t (a); alter table t add c int',
      back: `alter table t drop c;
        drop index concurrently t_a;
        create index concurrently t_b on t (b);
        drop table elsewhere; drop index t_b;`,
    }),
  ]
  await executeOn(database, migrations)
  expect(await down(database)).toMatchObject({ kind: 'failed', statementNo: 4 })
  expect(await statuses(database)).toMatchObject({ '0002_b': 'in_progress' })
  expect(await executeOn(database, migrations)).toMatchObject({ kind: 'failed', statementNo: 4 })
  await database.query('create table public.elsewhere (id int)')
  expect(await executeOn(database, migrations)).toMatchObject({
    kind: 'done',
    applied: ['0002_b'],
  })
  expect(
    await database.query(`select indexname as name from pg_indexes where tablename = 't'`),
  ).toEqual([{ name: 't_a' }])
})

it('runs a migration again as the file has it now [MIG-7]', async () => {
  await using database = await createTestDatabase()
  const first = scripted('0001_a', { up: 'create table a (id int)', back: 'drop table a' })
  await executeOn(database, [first])
  const edited = scripted('0001_a', { up: 'create table a (id bigint)', back: 'drop table a' })
  expect(
    await redo({
      ...optionsFor(database),
      selection: { kind: 'steps', count: 1 },
      migrations: [edited],
    }),
  ).toEqual({
    down: { kind: 'done', undone: ['0001_a'] },
    up: { kind: 'done', applied: ['0001_a'] },
  })
  expect(
    await database.query(
      `select attempt, status, checksum = '${edited.checksum}' as edited from public.schema_migrations`,
    ),
  ).toEqual([{ attempt: 2, status: 'completed', edited: true }])
})

it('keeps every row that others write until the very moment in which the table goes [MIG-9] [MIG-14]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { migrations } = await undoable(
    { '0001_a': 'create table t (id int primary key)', '0002_b': 'drop table t' },
    { ...images, given: 1 },
  )
  await executeOn(database, migrations.slice(0, 1))
  const acknowledged: number[] = []
  const writer = await database.connect()
  let isOver = false
  const writing = (async () => {
    for (let id = 1; !isOver; id += 1) {
      const written = await writer
        .query('insert into public.t values ($1)', [id])
        .catch(() => undefined)
      if (written === undefined) return
      acknowledged.push(id)
    }
  })()
  const blocker = await database.connect()
  await blocker.query('begin; lock table public.t in row exclusive mode')
  setTimeout(() => void blocker.query('commit').catch(() => undefined), 1_500)
  expect(await executeOn(database, migrations)).toMatchObject({ kind: 'done' })
  isOver = true
  await writing
  expect(await readdir(images.directory)).toHaveLength(1)
  expect(await down(database)).toMatchObject({ kind: 'done' })
  const kept = await database.query<{ id: number }>('select id from public.t order by id')
  expect(kept.map(({ id }) => id)).toEqual(acknowledged)
  expect(acknowledged.length).toBeGreaterThan(10)
})

it('does not take back over what somebody wrote between two transactions of a migration [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { migrations } = await undoable(
    {
      '0001_a': 'create table t (id int primary key, v text)',
      '0002_b': `update t set v = v || '1'; create index concurrently t_v on t (v);
        update t set v = v || '2';`,
    },
    { ...images, given: 1 },
  )
  await executeOn(database, migrations.slice(0, 1))
  await database.query(`insert into t values (1, 'a'), (2, 'b')`)
  const disturbed = migrations.slice(1).map((migration) => ({
    ...migration,
    async prepare() {
      const prepared = await migration.prepare()
      const { keep } = prepared
      if (keep === undefined) throw new Error('nothing would be kept')
      const begin: typeof keep.begin = async (query, range) => {
        if (range.first > 1) await database.query(`update public.t set v = 'between' where id = 2`)
        return keep.begin(query, range)
      }
      return { ...prepared, keep: { ...keep, begin } }
    },
  }))
  const up = await executeOn(database, [...migrations.slice(0, 1), ...disturbed])
  expect(up).toMatchObject({ kind: 'done' })
  const refused = await down(database)
  expect(refused).toHaveProperty(
    'objections.0.because',
    expect.stringMatching(/^1 rows .*\["2"\]\./),
  )
  expect(await down(database, { acceptLoss: 'known' })).toMatchObject({ kind: 'done' })
  expect(await database.query('select * from public.t order by id')).toEqual([
    { id: 1, v: 'a' },
    { id: 2, v: 'between2' },
  ])
})

it('keeps and restores rows of a table whose owner is held to its policies [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const role = `owner_${database.target.database.slice(-12)}`
  await database.query(`create role ${role}`)
  await database.query(`grant create, usage on schema public to ${role}`)
  try {
    const { migrations } = await undoable(
      {
        '0001_a': `create table t (id int primary key, v text, n numeric);
          create policy later on t using (id > 1);
          alter table t enable row level security; alter table t force row level security;`,
        '0002_b': 'alter table t drop column v; alter table t alter n type int using n::int',
      },
      { ...images, given: 1 },
    )
    await executeOn(database, migrations.slice(0, 1), { role })
    await database.query(`insert into t values (1, 'hidden', 1.5), (2, 'seen', null)`)
    const before = await now(database)
    expect(await executeOn(database, migrations, { role })).toMatchObject({ kind: 'done' })
    expect(await down(database, { role })).toEqual({ kind: 'done', undone: ['0002_b'] })
    expect(await now(database)).toEqual(before)
  } finally {
    await database.query(`drop owned by ${role} cascade`)
    await database.query(`drop role ${role}`)
  }
})

it('names the column that rows have no value for which came since, and where it went [MIG-9] [MIG-14]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { migrations } = await undoable(
    {
      '0001_a': 'create table t (id int primary key, v text not null, w text)',
      '0002_b': 'alter table t drop column w; alter table t drop column v',
    },
    { ...images, given: 1 },
  )
  await executeOn(database, migrations.slice(0, 1))
  await database.query(`insert into t values (1, 'a')`)
  await executeOn(database, migrations)
  await database.query('insert into public.t values (2)')
  const before = await now(database)
  expect(await down(database)).toMatchObject({
    kind: 'refused',
    objections: [
      {
        code: 'inverse-lossy',
        migration: '0002_b',
        object: 'v',
        because: expect.stringMatching(/Rows of t need .*statements 1 to 2.*step \d.*alter table/i),
        remedy: expect.stringContaining('Remove those rows'),
      },
    ],
  })
  expect(await now(database)).toEqual(before)
  await database.query('delete from public.t where id = 2')
  expect(await down(database)).toMatchObject({ kind: 'done' })
  expect(await database.query('select v from public.t')).toEqual([{ v: 'a' }])
})

it('says who refers to a table whose key comes back only while foreign keys sleep, and changes nothing [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const role = `owner_${database.target.database.slice(-12)}`
  await database.query(`create role ${role}`)
  await database.query(`grant create, usage on schema public to ${role}`)
  try {
    const { migrations } = await undoable(
      {
        '0001_a': `create table t (id int primary key, code int unique not null);
          create table child (t int references t (code));`,
        '0002_b': `alter table t alter id type text using 'k' || id`,
      },
      { ...images, given: 1 },
    )
    await executeOn(database, migrations.slice(0, 1), { role })
    await database.query('insert into t values (1, 10), (2, 20); insert into child values (20)')
    const first = await now(database)
    await executeOn(database, migrations, { role })
    const before = await now(database)
    expect(await down(database, { role })).toMatchObject({
      kind: 'refused',
      objections: [
        {
          code: 'inverse-lossy',
          object: 'public.t',
          because: expect.stringContaining('public.child refers'),
        },
      ],
    })
    expect(await now(database)).toEqual(before)
    expect(await down(database)).toMatchObject({ kind: 'done' })
    expect((await now(database)).rows).toEqual(first.rows)
  } finally {
    await database.query(`drop owned by ${role} cascade`)
    await database.query(`drop role ${role}`)
  }
})
