import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { consolidate, type ConsolidateOptions } from './consolidate.ts'
import { rollbackConsolidation } from './rollback-consolidation.ts'
import { type ConsolidationSpec, parseSpec, readSpec } from './spec.ts'

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'migrate-consolidate-refusals-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const base = `create table target (id int primary key, name text, small smallint, doc jsonb);
  create table source (id int primary key, name text, amount numeric, doc jsonb, at timestamptz);
  insert into target values (1, 'one', 1, '{}');
  insert into source values (2, 'two', 2, '{"a": 1}', '2026-01-01'), (3, 'three', null, null, null)`

type Source = Readonly<Record<string, unknown>>

function specWith(source: Source, rest: Readonly<Record<string, unknown>> = {}): ConsolidationSpec {
  const read = parseSpec({
    name: 'put-together',
    targets: [{ table: 'public.target', sources: [{ table: 'public.source', ...source }] }],
    ...rest,
  })
  if (read.kind === 'refused') throw new Error(read.objections[0]?.because)
  return read.spec
}

async function run(
  database: TestDatabase,
  spec: ConsolidationSpec,
  options: Partial<ConsolidateOptions> = {},
) {
  return consolidate({
    target: { open: () => database.connect() },
    spec,
    backupDirectory: directory,
    mode: 'apply',
    fullBackup: false,
    ...options,
  })
}

async function contentsOf({ query }: TestDatabase) {
  return [
    await query('select t::text from target t order by 1'),
    await query('select s::text from source s order by 1'),
    await query(`select attrelid::regclass::text as t, attname from pg_attribute
      where attrelid in ('target'::regclass, 'source'::regclass) and attnum > 0 order by 1, 2`),
  ]
}

const whole = { direct: true, map: { amount: 'small', at: 'doc.at' } }

const refusals: readonly {
  readonly why: string
  readonly spec: ConsolidationSpec
  readonly sql?: string
  readonly told: Readonly<Record<string, unknown>>
}[] = [
  {
    why: 'a column has no place',
    spec: specWith({ direct: true, map: { amount: 'small' } }),
    told: { code: 'destructive-unflagged', object: 'public.source.at' },
  },
  {
    why: 'a column is misspelt',
    spec: specWith({ ...whole, map: { ...whole.map, amout: 'small' } }),
    told: { code: 'unknown-reference', object: 'public.source.amout' },
  },
  {
    why: 'a table is missing',
    spec: specWith(whole, { expectEmpty: ['public.nowhere'] }),
    told: { code: 'unknown-reference', object: 'public.nowhere' },
  },
  {
    why: 'a path leads into a column that is not JSON',
    spec: specWith({ ...whole, map: { amount: 'small', at: 'name.at' } }),
    told: { code: 'unparsable', object: 'name.at' },
  },
  {
    why: 'two columns go to one place',
    spec: specWith({ direct: true, map: { amount: 'small', at: 'small' } }),
    told: { code: 'unparsable', object: 'small' },
  },
  {
    why: 'a key of JSON would be overwritten',
    spec: specWith({ direct: true, map: { amount: 'small', at: 'doc.a' } }),
    told: { code: 'probe-failed', because: expect.stringContaining('1 rows of public.source') },
  },
  {
    why: 'JSON is no object',
    sql: `update source set doc = '[1]' where id = 2`,
    spec: specWith(whole),
    told: { code: 'probe-failed', because: expect.stringContaining('no object') },
  },
  {
    why: 'JSON says a key twice, and the target could keep one',
    sql: `alter table source alter column doc type json using doc::json;
      update source set doc = '{"b": [{"k": 1, "k": 2}]}' where id = 2`,
    spec: specWith(whole),
    told: { code: 'probe-failed', because: expect.stringContaining('a key twice') },
  },
  {
    why: 'JSON that goes into JSON says a key twice',
    sql: `alter table source add more json; update source set more = '{"k": 1, "k": 1}'`,
    spec: specWith({ ...whole, map: { ...whole.map, more: 'doc.more' } }),
    told: { code: 'probe-failed', object: 'public.source.more' },
  },
  {
    why: 'a key is taken',
    sql: `update source set id = 1 where id = 2`,
    spec: specWith(whole),
    told: { code: 'probe-failed', because: expect.stringContaining('public.target') },
  },
  {
    why: 'a view reads what goes',
    sql: 'create view reader as select name from source',
    spec: specWith(whole),
    told: { code: 'unsupported-statement', because: expect.stringContaining('reader') },
  },
  {
    why: 'nothing says what the new key is',
    spec: specWith({
      ...whole,
      direct: false,
      leave: ['id'],
      map: { name: 'name', doc: 'doc', ...whole.map },
    }),
    told: { code: 'unsupported-statement', object: 'public.target.id' },
  },
  {
    why: 'an added column is there with another type',
    spec: parsed({
      name: 'put-together',
      targets: [
        {
          table: 'public.target',
          addColumns: [{ name: 'small', type: 'text' }],
          sources: [{ table: 'public.source', ...whole }],
        },
      ],
    }),
    told: { code: 'unsupported-statement', object: 'public.target.small' },
  },
  {
    why: 'an added column has a type that nobody knows',
    spec: parsed({
      name: 'put-together',
      targets: [{ table: 'public.target', addColumns: [{ name: 'x', type: 'txet' }] }],
    }),
    told: { code: 'unknown-reference', object: 'public.target.x' },
  },
]

function parsed(value: unknown): ConsolidationSpec {
  const read = parseSpec(value)
  if (read.kind === 'refused') throw new Error(read.objections[0]?.because)
  return read.spec
}

it.each(refusals)('changes nothing when $why', async ({ spec, sql, told }) => {
  await using database = await createTestDatabase()
  await database.query(base)
  if (sql !== undefined) await database.query(sql)
  const before = await contentsOf(database)
  const result = await run(database, spec)
  expect(result).toMatchObject({ kind: 'refused' })
  const objections = 'objections' in result ? result.objections : []
  expect(objections).toContainEqual(expect.objectContaining(told))
  for (const { hebrew } of objections) expect(hebrew.because).toMatch(/[א-ת]/)
  expect(await contentsOf(database)).toEqual(before)
})

const misfits = [
  {
    why: 'a number is too large',
    sql: 'update source set amount = 40000 where id = 2',
    told: 'out of range',
  },
  {
    why: 'a number would be rounded',
    sql: 'update source set amount = 2.5 where id = 2',
    told: 'invalid input syntax',
  },
  {
    why: 'a text would be cut',
    sql: `alter table target alter name type varchar(3)`,
    told: 'every value that they had: 1 with other values of name',
  },
  {
    why: 'a rule swallows a row',
    sql: `create rule swallow as on insert to target where new.id = 3 do instead nothing`,
    told: 'every value that they had: 1 missing',
  },
  {
    why: 'a check of the target says no',
    sql: `alter table target add check (id < 3)`,
    told: 'violates check constraint',
  },
]

it.each(misfits)('changes nothing when $why [CNS-5] [MIG-9]', async ({ sql, told }) => {
  await using database = await createTestDatabase()
  await database.query(base)
  await database.query(sql)
  const before = await contentsOf(database)
  const spec = specWith(whole)
  const had = await readdir(directory)
  expect(await run(database, spec, { mode: 'rehearse' })).toMatchObject({ kind: 'refused' })
  expect(await run(database, spec)).toMatchObject({
    kind: 'failed',
    migration: 'put-together',
    error: { message: expect.stringContaining(told) },
  })
  expect(await readdir(directory)).toEqual(had)
  expect(await contentsOf(database)).toEqual(before)
  const [row] = await database.query('select status, rollback_script from schema_migrations')
  expect(row).toEqual({ status: 'failed', rollback_script: null })
})

it('goes on when what was in the way is gone, and refuses another spec of the same name', async () => {
  await using database = await createTestDatabase()
  await database.query(base)
  await database.query('update source set amount = 2.5')
  expect(await run(database, specWith(whole))).toMatchObject({ kind: 'failed' })
  await database.query('update source set amount = 2')
  expect(await run(database, specWith(whole))).toMatchObject({ kind: 'done' })
  expect(await run(database, specWith(whole))).toEqual({ kind: 'nothing-to-do' })
  const other = specWith({ ...whole, constants: { 'doc.more': true } })
  expect(await run(database, other)).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'checksum-changed' }],
  })
})

it('changes nothing when there is no space for the backup [CNS-1]', async () => {
  await using database = await createTestDatabase()
  await database.query(base)
  const before = await contentsOf(database)
  const had = await readdir(directory)
  const full = async () => 10
  const spec = specWith(whole)
  for (const fullBackup of [true, false])
    expect(await run(database, spec, { freeBytes: full, fullBackup })).toMatchObject({
      kind: 'refused',
      objections: [{ code: 'no-space' }],
    })
  expect(await contentsOf(database)).toEqual(before)
  expect(await readdir(directory)).toEqual(had)
})

it('keeps JSON that says a key twice when it goes as text, or to a column of type json', async () => {
  await using database = await createTestDatabase()
  await database.query(`create table target (id int primary key, plain json, doc jsonb);
    create table source (id int primary key, plain json, more json);
    insert into source values (1, '{"k": 1,  "k": 2}', '{"k": 1,  "k": 2}')`)
  const spec = specWith({ direct: true, map: { more: 'doc.more' }, asText: ['more'] })
  expect(await run(database, spec)).toMatchObject({ kind: 'done' })
  const rows = await database.query(`select plain::text, doc ->> 'more' as more from target`)
  expect(rows).toEqual([{ plain: '{"k": 1,  "k": 2}', more: '{"k": 1,  "k": 2}' }])
})

it('wakes no trigger, and leaves each as it was', async () => {
  await using database = await createTestDatabase()
  await database.query(base)
  await database.query(`create function spoil() returns trigger language plpgsql as
      $$ begin new.name := 'spoilt'; return new; end $$;
    create trigger a before insert or update on target for each row execute function spoil();
    create trigger b before insert or update on target for each row execute function spoil();
    alter table target enable always trigger b`)
  expect(await run(database, specWith(whole))).toMatchObject({ kind: 'done' })
  expect(await database.query('select name from target order by id')).toEqual([
    { name: 'one' },
    { name: 'two' },
    { name: 'three' },
  ])
  expect(
    await database.query(
      'select tgname, tgenabled from pg_trigger where not tgisinternal order by 1',
    ),
  ).toEqual([
    { tgname: 'a', tgenabled: 'O' },
    { tgname: 'b', tgenabled: 'A' },
  ])
})

it('does not go back when rows of a later table refer to what would go', async () => {
  await using database = await createTestDatabase()
  await database.query(base)
  await run(database, specWith(whole))
  await database.query(`create table later (ref int references target on delete cascade);
    insert into later values (3)`)
  const target = { open: () => database.connect() }
  expect(await rollbackConsolidation({ target, name: 'put-together' })).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'inverse-lossy', because: expect.stringContaining('public.later') }],
  })
  await database.query('update later set ref = 1')
  expect(await rollbackConsolidation({ target, name: 'put-together' })).toMatchObject({
    kind: 'rolled-back',
  })
  expect(await database.query('select * from later')).toEqual([{ ref: 1 }])
  expect(await rollbackConsolidation({ target, name: 'put-together' })).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'file-missing' }],
  })
})

it('needs no more than the role that owns the tables', async () => {
  await using database = await createTestDatabase()
  const role = `owner_${randomUUID().replaceAll('-', '')}`
  await database.query(`create role ${role} nosuperuser`)
  await database.query(`grant create, usage on schema public to ${role}`)
  await database.query(`set role ${role}`)
  await database.query(base)
  await database.query(`create table follower (id int primary key, s int references source on delete cascade);
    insert into follower values (1, 2), (2, 3);
    create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger touch before insert on follower for each row execute function touch();
    create trigger touch before insert or update on target for each row execute function touch()`)
  const target = { open: () => database.connect() }
  const before = await contentsOf(database)
  expect(await run(database, specWith(whole), { role, fullBackup: true })).toMatchObject({
    kind: 'done',
  })
  const [row] = await database.query('select rolsuper from pg_roles where rolname = current_user')
  expect(row).toEqual({ rolsuper: false })
  expect(await rollbackConsolidation({ target, name: 'put-together', role })).toMatchObject({
    kind: 'rolled-back',
  })
  expect(await contentsOf(database)).toEqual(before)
  const [owner] = await database.query(
    `select tableowner as name from pg_tables where tablename = 'source'`,
  )
  expect(owner).toEqual({ name: role })
  await database.query('reset role')
  await database.query(`drop owned by ${role} cascade`)
  await database.query(`drop role ${role}`)
})

it('works in PGlite, where everything shares one connection', async () => {
  await using lite = await PGlite.create()
  const { connection, host, port, user, password, database } = createPgConfig(lite)
  const address = { connection, host, port, user, password, database } as pg.PoolConfig
  const pool = new pg.Pool({ ...address, max: 1, idleTimeoutMillis: 0 })
  const target = {
    open: () => pool.connect(),
    close: async (client: pg.ClientBase) => (client as pg.PoolClient).release(),
  }
  await lite.exec(base)
  const options = {
    target,
    spec: specWith(whole),
    backupDirectory: directory,
    mode: 'apply',
  } as const
  expect(await consolidate(options)).toMatchObject({ kind: 'done' })
  expect(await rollbackConsolidation({ target, name: 'put-together' })).toMatchObject({
    kind: 'rolled-back',
  })
  const { rows } = await lite.query('select count(*)::int as n from source')
  expect(rows).toEqual([{ n: 2 }])
  await pool.end()
}, 240_000)

it('says everything that is wrong with a spec, each with its place', () => {
  const read = parseSpec({
    name: 'a b',
    targets: [{ table: 'issues', sorces: [], sources: [{ table: 'public.x', map: { a: 1 } }] }],
    onDelete: 'destroy',
    expectEmpty: 'public.y',
  })
  const told = read.kind === 'refused' ? read.objections.map(({ object }) => object) : []
  expect(told.toSorted((a = '', b = '') => (a < b ? -1 : 1))).toEqual([
    'expectEmpty',
    'name',
    'onDelete',
    'targets[0].sorces',
    'targets[0].sources[0].map.a',
    'targets[0].table',
  ])
  const meant = read.kind === 'refused' ? read.objections.map(({ because }) => because) : []
  expect(meant.join('\n')).toContain('"sources" is meant?')
  expect(readSpec('{', 'x.json')).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'unparsable', file: 'x.json' }],
  })
  expect(parseSpec({ name: 'x', targets: [] })).toMatchObject({ kind: 'refused' })
})
