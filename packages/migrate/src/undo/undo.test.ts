import { expect, it } from 'vitest'
import { executeOn } from '../testing/plain-migration.ts'
import { createTestDatabase, serverMajor, type TestDatabase } from '../testing/test-database.ts'
import {
  createImageDirectory,
  exportRows,
  type Files,
  structureOf,
  undoable,
  type UndoableOptions,
} from '../testing/undoable.ts'
import { undo, type UndoOptions } from './undo.ts'

function down(database: TestDatabase, options: Partial<UndoOptions> = {}) {
  return undo({
    target: { open: () => database.connect() },
    appVersion: 'test',
    selection: { kind: 'steps', count: 1 },
    ...options,
  })
}

/** Runs all but the last file, then gives what there is, runs the last, and gives a way back. */
async function upAndDown(
  database: TestDatabase,
  files: Files,
  options: UndoableOptions & { readonly fill?: string },
) {
  const { fill, ...keeping } = options
  const { migrations, elaborated } = await undoable(files, keeping)
  await executeOn(database, migrations.slice(0, -1))
  if (fill !== undefined) await database.query(fill)
  const before = { rows: await exportRows(database), structure: await structureOf(database) }
  const up = await executeOn(database, migrations)
  return { up, before, migrations, elaborated }
}

const now = async (database: TestDatabase) => ({
  rows: await exportRows(database),
  structure: await structureOf(database),
})

const statusOf = async (database: TestDatabase, name: string) =>
  (
    await database.query(
      `select status, statements_done as done, error_detail from public.schema_migrations where migration_name = $1`,
      [name],
    )
  )[0]

it('takes the last migrations back in one transaction each, with their rows of the ledger [MIG-6]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { migrations } = await undoable(
    {
      '0001_a': 'create table a (id int primary key);',
      '0002_b': 'alter table a add column b text; create index a_b on a (b);',
      '0003_c': 'create view v as select b from a;',
    },
    images,
  )
  await executeOn(database, migrations.slice(0, 1))
  const before = await now(database)
  await executeOn(database, migrations)
  expect(await down(database, { selection: { kind: 'to', migration: '0001_a' } })).toEqual({
    kind: 'done',
    undone: ['0003_c', '0002_b'],
  })
  expect(await now(database)).toEqual(before)
  expect(await statusOf(database, '0003_c')).toEqual({
    status: 'rolled_back',
    done: 0,
    error_detail: null,
  })
  expect(
    await database.query(
      `select state, count(*)::int as count from public.schema_migration_statements group by 1 order by 1`,
    ),
  ).toEqual([
    { state: 'done', count: 1 },
    { state: 'undone', count: 3 },
  ])
  expect(await executeOn(database, migrations)).toMatchObject({
    kind: 'done',
    applied: ['0002_b', '0003_c'],
  })
})

it('gives a dropped table back with its rows, its sequence and all that hung on it [MIG-9] [MIG-14]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { up, before } = await upAndDown(
    database,
    {
      '0001_a': `create table p (id int primary key);
        create table t (id int generated always as identity primary key, p int references p,
          note text not null default 'x', double int generated always as (id * 2) stored);
        create index t_note on t (note);`,
      '0002_b': 'drop table t;',
    },
    {
      ...images,
      fill: `insert into p values (1); insert into t (p, note) values (1, 'one'), (null, 'שתיים'), (1, E'a\\tb\\n"')`,
    },
  )
  expect(up.kind).toBe('done')
  expect(await down(database)).toEqual({ kind: 'done', undone: ['0002_b'] })
  expect(await now(database)).toEqual(before)
  await database.query(`insert into public.t (note) values ('next')`)
  expect(await database.query(`select id from public.t where note = 'next'`)).toEqual([{ id: 4 }])
})

it('gives a dropped column back by the primary key, before it has to be filled [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { before } = await upAndDown(
    database,
    {
      '0001_a': `create table "Mixed Name" (id int, "חלק" text, amount numeric not null, primary key (id, "חלק"));`,
      '0002_b': 'alter table "Mixed Name" drop column amount;',
    },
    {
      ...images,
      fill: `insert into "Mixed Name" values (1, 'a', 'NaN'), (1, 'ב', 1.50), (2, 'a', 1e40)`,
    },
  )
  expect(await down(database)).toEqual({ kind: 'done', undone: ['0002_b'] })
  expect(await now(database)).toEqual(before)
})

it('gives a column of a table without a key back by what the rows hold [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { before } = await upAndDown(
    database,
    {
      '0001_a': 'create table t (a int, b text, c jsonb)',
      '0002_b': 'alter table t drop column c',
    },
    {
      ...images,
      fill: `insert into t values (1, 'x', '{"a": 1}'), (1, 'x', '{"a": 2}'), (1, 'x', null), (2, null, '[]')`,
    },
  )
  expect(await down(database)).toEqual({ kind: 'done', undone: ['0002_b'] })
  expect(await now(database)).toEqual(before)
})

it('gives converted values back as they were, also where the conversion loses something [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { before } = await upAndDown(
    database,
    {
      '0001_a': 'create table t (id int primary key, n numeric, s text)',
      '0002_b':
        'alter table t alter n type int using n::int, alter s type int using length(s); alter table t rename n to m',
    },
    { ...images, fill: `insert into t values (1, 1.25, 'abc'), (2, null, null), (3, -7.999, '')` },
  )
  expect(await down(database)).toEqual({ kind: 'done', undone: ['0002_b'] })
  expect(await now(database)).toEqual(before)
})

it.runIf((await serverMajor()) >= 15)(
  'applies the images of rows backwards: inserted, changed, removed, merged, truncated [MIG-9] [MIG-14]',
  async () => {
    await using database = await createTestDatabase()
    await using images = await createImageDirectory()
    const { before, up } = await upAndDown(
      database,
      {
        '0001_a': `create table p (id int primary key, name text unique);
        create table c (id int primary key, p int references p on update cascade on delete cascade, note text);
        create table k (a int, b text);
        create table z (id serial primary key, v text);`,
        '0002_b': `insert into p values (10, 'ten');
        update p set name = name || '!' where id = 1;
        update p set id = 22 where id = 2;
        delete from p where id = 3;
        merge into p using (values (1, 'uno'), (11, 'eleven')) as v(id, name) on p.id = v.id
          when matched then update set name = v.name when not matched then insert values (v.id, v.name);
        update k set b = 'same' where a = 1; delete from k where a = 2; insert into k values (1, 'y'), (1, 'y');
        truncate z restart identity; insert into z (v) values ('new');`,
      },
      {
        ...images,
        fill: `insert into p values (1, 'one'), (2, 'two'), (3, 'three'), (4, null);
        insert into c values (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c'), (4, 3, null);
        insert into k values (1, 'x'), (1, 'x'), (2, null), (2, null), (3, 'y');
        insert into z (v) values ('old'), ('older');`,
      },
    )
    expect(up).toMatchObject({ kind: 'done' })
    const result = await down(database)
    expect(result).toEqual({ kind: 'done', undone: ['0002_b'] })
    expect(await now(database)).toEqual(before)
    await database.query(`insert into public.z (v) values ('next')`)
    expect(await database.query(`select id from public.z where v = 'next'`)).toEqual([{ id: 3 }])
  },
)

it('refuses to undo rows that were changed since, names their keys, and leaves them when that is accepted [MIG-9]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  await upAndDown(
    database,
    {
      '0001_a': 'create table t (id int primary key, v text)',
      '0002_b': `update t set v = upper(v)`,
    },
    { ...images, fill: `insert into t select g, 'v' || g from generate_series(1, 9) g` },
  )
  await database.query(`update public.t set v = 'since' where id in (3, 5)`)
  const refused = await down(database)
  expect(refused).toMatchObject({
    kind: 'refused',
    undone: [],
    objections: [{ code: 'inverse-lossy', migration: '0002_b', object: 'public.t' }],
  })
  expect(refused).toHaveProperty(
    'objections.0.because',
    expect.stringMatching(/^2 rows of public.t were changed since .* keys: \["3"\], \["5"\]\./),
  )
  expect(await statusOf(database, '0002_b')).toMatchObject({ status: 'completed' })
  expect(await down(database, { acceptLoss: 'the two were mended by hand' })).toMatchObject({
    kind: 'done',
  })
  expect(await database.query('select id, v from public.t order by id limit 5')).toEqual([
    { id: 1, v: 'v1' },
    { id: 2, v: 'v2' },
    { id: 3, v: 'since' },
    { id: 4, v: 'v4' },
    { id: 5, v: 'since' },
  ])
  expect(await statusOf(database, '0002_b')).toMatchObject({
    error_detail: { accepted_loss: 'the two were mended by hand' },
  })
})

it('brings rows back through several transactions, the last one first [MIG-9] [MIG-14]', async () => {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { before } = await upAndDown(
    database,
    {
      '0001_a': `create table t (id int primary key, c text not null, d text);
        create table u (id int primary key, v text);`,
      '0002_b': `update t set c = upper(c), d = 'first' where id < 4; update u set v = 'u' || v;
        create index concurrently t_d on t (d);
        update t set d = d || ' second'; delete from t where id = 2; alter table t drop column c;
        create index concurrently u_v on u (v);
        delete from u where id = 1; drop table u; alter table t rename to tt;
        create index concurrently tt_id on tt (id);
        update tt set d = d || ' third' where id = 3; alter table tt rename d to e;`,
    },
    {
      ...images,
      fill: `insert into t select g, 'c' || g, case when g > 1 then 'd' || g end from generate_series(1, 5) g;
        insert into u values (1, 'a'), (2, null)`,
    },
  )
  expect(await down(database)).toEqual({ kind: 'done', undone: ['0002_b'] })
  expect(await now(database)).toEqual(before)
})
