import { expect, it } from 'vitest'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { createTestDatabase, serverMajor, type TestDatabase } from '../testing/test-database.ts'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { openScratchShadow, openShadow } from '../shadow/shadow.ts'
import { applyRepair } from './apply-repair.ts'
import { planRepair } from './plan-repair.ts'

async function queryOf(database: TestDatabase): Promise<Query> {
  const client = await database.connect()
  return (text, values) => client.query(text, values && [...values])
}

type Round = {
  readonly declared: string
  /** Rows and whatever else is there; not declared. */
  readonly lived?: string
  readonly damage: string
}

async function repaired({ declared, lived = '', damage }: Round) {
  await using database = await createTestDatabase()
  const query = await queryOf(database)
  await query(declared)
  const expected = await readFacts(query)
  await query(`${lived}; ${damage}`)
  const plan = await planRepair({ query, expected })
  const result = await applyRepair({ query, expected, plan })
  const again = await planRepair({ query, expected })
  const rows = async (text: string) => (await query(text)).rows
  return { plan, result, again, rows: { t: await rows('select * from t order by 1') } }
}

const declared = `create table t (id serial primary key, a int not null default 7, b text, c varchar(5));
  create index i on t (a); create unique index u on t (b)`

it('brings a missing column, constraint and index back by the least of statements [MIG-6]', async () => {
  const { plan, result, again, rows } = await repaired({
    declared,
    lived: `insert into t (a, b) values (1, 'x'), (2, 'y'); alter table t add mine int default 3`,
    damage: 'drop index i; alter table t drop column a; alter table t alter id drop default',
  })
  expect(plan.statements).toEqual([
    `alter table public.t alter column id set default nextval('public.t_id_seq'::regclass)`,
    expect.stringMatching(/^alter table public.t add column a integer .*not null default 7$/),
    expect.stringContaining('setval'),
  ])
  expect(plan.indexes.map(({ statements }) => statements)).toEqual([
    ['create index concurrently i on public.t USING btree (a)'],
  ])
  expect(result).toMatchObject({ kind: 'repaired', left: [] })
  expect(again).toMatchObject({ kind: 'nothing-to-do', statements: [], indexes: [] })
  expect(rows.t).toEqual([
    { id: 1, b: 'x', c: null, mine: 3, a: 7 },
    { id: 2, b: 'y', c: null, mine: 3, a: 7 },
  ])
})

it('leaves a column nullable where nobody knows its values, and says so [MIG-6] [MIG-14]', async () => {
  const { result, again } = await repaired({
    declared: 'create table t (id int primary key, a int not null)',
    lived: 'insert into t values (1, 2)',
    damage: 'alter table t drop column a',
  })
  expect(result).toMatchObject({
    kind: 'repaired',
    left: [{ key: 'column public.t.a', fields: [{ field: 'notNull' }] }],
  })
  expect(again.kind).toBe('nothing-to-do')
  expect(again.reports).toMatchObject([
    { key: 'column public.t.a', objection: { code: 'probe-failed' }, row: { id: '1' } },
  ])
})

it('brings violated rules back for new rows only, with one of the old ones named [MIG-6]', async () => {
  const { result, again } = await repaired({
    declared: `create table p (id int primary key);
      create table t (id int primary key, p int references p, a int check (a > 0), unique (a))`,
    damage: `alter table t drop constraint t_p_fkey, drop constraint t_a_check, drop constraint t_a_key;
      insert into t values (1, 9, -1), (2, null, -1)`,
  })
  expect(result).toMatchObject({ kind: 'repaired' })
  const { left, reports } = result.kind === 'repaired' ? result : { left: [], reports: [] }
  expect(left.map(({ key, kind }) => [key, kind])).toEqual([
    ['constraint public.t.t_a_check', 'changed'],
    ['constraint public.t.t_a_key', 'missing'],
    ['constraint public.t.t_p_fkey', 'changed'],
    ['index public.t_a_key', 'missing'],
  ])
  expect(reports.map(({ key, row }) => [key, row])).toEqual([
    ['constraint public.t.t_a_check', { id: '1' }],
    ['constraint public.t.t_p_fkey', { id: '1', p: '9' }],
    ['constraint public.t.t_a_key', { a: '-1' }],
  ])
  expect(again).toMatchObject({ kind: 'nothing-to-do' })
})

it('never converts a value that would not come back [MIG-6] [MIG-9]', async () => {
  const { result, rows } = await repaired({
    declared,
    lived: `insert into t (b, c) values ('x', 'short')`,
    damage: `alter table t alter c type text; update t set c = 'much longer than that'`,
  })
  expect(result).toMatchObject({
    kind: 'nothing-to-do',
    reports: [{ key: 'column public.t.c', objection: { code: 'destructive-unflagged' } }],
  })
  expect(rows.t).toMatchObject([{ c: 'much longer than that' }])
  const harmless = await repaired({
    declared,
    lived: `insert into t (b, c) values ('x', 'short')`,
    damage: 'alter table t alter c type text',
  })
  expect(harmless.result).toMatchObject({ kind: 'repaired', left: [] })
  expect(harmless.rows.t).toMatchObject([{ c: 'short' }])
})

it('does not make a table again for the sake of how it is partitioned [MIG-6] [MIG-9]', async () => {
  const { result, rows } = await repaired({
    declared: 'create table t (id int) partition by range (id); create table o (x int)',
    damage: 'drop table t; create table t (id int); insert into t values (4); drop table o',
  })
  expect(result).toMatchObject({
    kind: 'repaired',
    left: [{ key: 'table public.t' }],
    statements: ['create table public.o (x integer)'],
  })
  expect(rows.t).toEqual([{ id: 4 }])
})

it('builds an invalid index anew and replaces another one of the name without a gap [MIG-6]', async () => {
  const { plan, result } = await repaired({
    declared,
    lived: `insert into t (b) select n::text from generate_series(1, 50) n`,
    damage: `update pg_index set indisvalid = false where indexrelid = 'u'::regclass;
      drop index i; create index i on t (b)`,
  })
  expect(plan.indexes.map(({ statements }) => statements)).toEqual([
    [
      'drop index concurrently if exists public.i_repaired',
      'create index concurrently i_repaired on public.t USING btree (a)',
      'drop index concurrently if exists public.i',
      'alter index public.i_repaired rename to i',
    ],
    [
      'drop index concurrently if exists public.u',
      'create unique index concurrently u on public.t USING btree (b)',
    ],
  ])
  expect(result).toMatchObject({ kind: 'repaired', left: [] })
})

it('lets a sequence go on after the highest value, and gives rights back without taking any [MIG-6]', async () => {
  await using database = await createTestDatabase()
  const query = await queryOf(database)
  const role = `reader_${Math.random().toString(36).slice(2)}`
  await query(`create role ${role}; ${declared}; grant select on t to ${role}`)
  const expected = await readFacts(query)
  await query(`insert into t (b) select n::text from generate_series(1, 9) n;
    drop sequence t_id_seq cascade; revoke all on t from ${role}; grant delete on t to ${role}`)
  const result = await applyRepair({ query, expected })
  expect(result).toMatchObject({ kind: 'repaired', left: [] })
  const { rows } = await query(`insert into t (b) values ('next') returning id`)
  expect(rows).toEqual([{ id: 10 }])
  const rights = await query(
    `select has_table_privilege('${role}', 't', 'select') as s, has_table_privilege('${role}', 't', 'delete') as d`,
  )
  expect(rights.rows).toEqual([{ s: true, d: true }])
  await query(`drop owned by ${role}; drop role ${role}`)
})

it('tries the plan in a shadow where there is one, and runs it only on what it was made for [MIG-6]', async () => {
  await using database = await createTestDatabase()
  const query = await queryOf(database)
  await query(`${declared}; create view v as select a, b from t`)
  const expected = await readFacts(query)
  await query(`insert into t (b) values ('x'); drop view v; alter table t alter a drop not null`)
  const isInside = (await serverMajor()) === 18
  const shadow = isInside
    ? await openShadow()
    : await openScratchShadow({ connection: database.target })
  const plan = await planRepair({ query, expected, shadow })
  await shadow.close()
  expect(plan.provenIn).toBe('shadow')
  await query('create table later (id int)')
  expect(await applyRepair({ query, expected, plan })).toMatchObject({
    kind: 'refused',
    objections: [{ code: 'drift' }],
  })
  await query('drop table later')
  expect(await applyRepair({ query, expected, plan })).toMatchObject({ kind: 'repaired', left: [] })
})

it('does not take the half of a migration for drift [MIG-6] [MIG-14]', async () => {
  await using database = await createTestDatabase()
  const query = await queryOf(database)
  const first = plainMigration('0001_a', 'create table t (id int primary key, a int, b int)')
  await executeOn(database, [first])
  const expected = await readFacts(query)
  const second = plainMigration(
    '0002_b',
    'alter table t drop column a; create index concurrently i on t (b); select 1 / 0',
  )
  expect((await executeOn(database, [first, second])).kind).toBe('failed')
  const plan = await planRepair({ query, expected })
  expect(plan).toMatchObject({ kind: 'nothing-to-do', statements: [] })
  expect(plan.reports.map(({ objection }) => objection.migration)).toEqual(['0002_b'])
  expect(await applyRepair({ query, expected })).toMatchObject({ kind: 'nothing-to-do' })
})

it('waits for nobody: while others migrate it refuses [MIG-6] [MIG-8]', async () => {
  await using database = await createTestDatabase()
  const [query, other] = [await queryOf(database), await queryOf(database)]
  await query(declared)
  const expected = await readFacts(query)
  const { lockKey } = await import('../ledger/ledger-names.ts')
  await other('select pg_advisory_lock($1::bigint)', [lockKey({ schema: 'public' })])
  expect(await applyRepair({ query, expected })).toMatchObject({ kind: 'refused' })
})
