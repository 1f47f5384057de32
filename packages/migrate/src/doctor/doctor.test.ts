import { describe, expect, it } from 'vitest'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { elaborateTexts, idOfText } from '../testing/elaborate-texts.ts'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { findAilments } from './ailments.ts'
import { diagnose } from './diagnose.ts'
import { validateForeignKeys } from './foreign-keys.ts'
import { adviseOnIndexes } from './index-advice.ts'
import { verifyDatabase } from './verify-database.ts'

async function queryOf(database: TestDatabase): Promise<Query> {
  const client = await database.connect()
  return (text, values) => client.query(text, values && [...values])
}

const first = 'create table t (id int primary key, a int)'

describe('an interrupted migration', () => {
  const second = `create index concurrently i on t (a);
    alter table t add b int;
    create unique index concurrently u on t (a);
    create table last (id int)`

  /** Runs both files; the unique index fails on the rows. */
  async function interrupted() {
    const database = await createTestDatabase()
    const query = await queryOf(database)
    await executeOn(database, [plainMigration(idOfText(0), first)])
    await query('insert into t values (1, 5), (2, 5)')
    const result = await executeOn(database, [
      plainMigration(idOfText(0), first),
      plainMigration(idOfText(1), second),
    ])
    expect(result.kind).toBe('failed')
    const { elaboration } = await elaborateTexts(query, {
      done: [first],
      pending: [second],
      connection: database.target,
    })
    return { database, query, elaboration }
  }

  it('says which of its statements took effect, how to go on and how to go back [MIG-5] [MIG-6] [MIG-14]', async () => {
    const { database, query, elaboration } = await interrupted()
    await using _database = database
    const { kind, unfinished, drift } = await diagnose({ query, elaboration })
    expect(kind).toBe('ailing')
    expect(drift).toEqual([])
    expect(unfinished).toMatchObject([
      {
        migration: '0002_file',
        status: 'failed',
        error: { sqlstate: '23505' },
        total: 4,
        journalDone: 2,
        verdict: { kind: 'half-done', done: 2 },
      },
    ])
    const remedies = new Map(unfinished[0]?.remedies.map((remedy) => [remedy.kind, remedy]))
    expect(remedies.get('finish')?.statements).toHaveLength(2)
    const undo = remedies.get('undo')
    expect(undo).toMatchObject({ discards: ['column public.t.b'] })
    for (const text of undo?.statements ?? []) await query(text)
    const facts = await readFacts(query)
    expect(facts.rows.map(({ key }) => key)).not.toContain('index public.i')
    const { unfinished: after } = await diagnose({ query, elaboration })
    expect(after).toMatchObject([{ fits: [0], verdict: { kind: 'nothing-happened' } }])
  })

  it('sees what somebody has finished by hand, and says how the ledger learns of it [MIG-6] [MIG-14]', async () => {
    const { database, query, elaboration } = await interrupted()
    await using _database = database
    await query('update t set a = id')
    await query('drop index if exists u')
    await query('create unique index u on t (a); create table last (id int)')
    const { unfinished } = await diagnose({ query, elaboration })
    expect(unfinished).toMatchObject([{ fits: [4], verdict: { kind: 'all-done' } }])
    const mark = unfinished[0]?.remedies.find(({ kind }) => kind === 'mark')
    for (const text of mark?.statements ?? []) await query(text)
    expect((await diagnose({ query, elaboration })).unfinished).toEqual([])
  })

  it('names the objects that no statement leaves behind as they are [MIG-6]', async () => {
    const { database, query, elaboration } = await interrupted()
    await using _database = database
    await query('alter table t alter b type bigint')
    const { unfinished } = await diagnose({ query, elaboration })
    expect(unfinished).toMatchObject([
      { verdict: { kind: 'matches-nothing', objects: ['column public.t.b'] }, remedies: [] },
    ])
  })
})

describe('verification', () => {
  it('tells equal, extended and different databases apart, with the names [MIG-3] [MIG-12]', async () => {
    await using database = await createTestDatabase()
    const query = await queryOf(database)
    await query(`${first}; create index i on t (a)`)
    const expected = await readFacts(query)
    expect(await verifyDatabase({ query, expected })).toMatchObject({
      kind: 'equal',
      findings: [],
      objections: [],
    })
    await query('create table tmp_1 (id int); alter table t add mine int')
    const extended = await verifyDatabase({ query, expected })
    expect(extended.kind).toBe('extended')
    expect(extended.objections.map(({ object }) => object)).toEqual([
      'public.t.mine',
      'public.tmp_1',
    ])
    const ignore = ['public.tmp_*', 'column public.t.mine']
    expect((await verifyDatabase({ query, expected, ignore })).kind).toBe('equal')
    await query('drop index i')
    expect(await verifyDatabase({ query, expected, ignore })).toMatchObject({
      kind: 'different',
      objections: [{ code: 'drift', object: 'public.i' }],
    })
  })
})

describe('ailments', () => {
  it('finds what is half made or switched off, with the SQL that mends it [MIG-6] [OPS-8]', async () => {
    await using database = await createTestDatabase()
    const query = await queryOf(database)
    await query(`create table p (id serial primary key);
      create table c (id int primary key, p int, a int check (a > 0));
      alter table c add constraint fk foreign key (p) references p not valid;
      create index i on c (a); create index c_pkey_ccnew on c (p);
      create function f() returns trigger language plpgsql as 'begin return new; end';
      create trigger g before insert on c for each row execute function f();
      alter table c disable trigger g;
      update pg_index set indisvalid = false where indexrelid in ('i'::regclass, 'c_pkey_ccnew'::regclass);
      insert into p values (7)`)
    const found = await findAilments(query)
    expect(found.map(({ kind, object }) => `${kind} ${object}`)).toEqual([
      'disabled-trigger public.c.g',
      'invalid-index public.i',
      'leftover-index public.c_pkey_ccnew',
      'unchecked-constraint public.c.fk',
      'sequence-behind public.p_id_seq',
    ])
    for (const text of found.flatMap(({ statements }) => statements)) await query(text)
    expect(await findAilments(query)).toEqual([])
    const { rows } = await query('insert into p default values returning id')
    expect(rows).toEqual([{ id: 8 }])
  })

  it('says nothing about rules that are declared as unchecked [MIG-6]', async () => {
    await using database = await createTestDatabase()
    const query = await queryOf(database)
    await query('create table c (a int); alter table c add constraint k check (a > 0) not valid')
    expect(await findAilments(query)).toHaveLength(1)
    expect(await findAilments(query, { expected: await readFacts(query) })).toEqual([])
  })

  it('names who holds the lock of the migrations and since when [MIG-8] [MIG-14]', async () => {
    await using database = await createTestDatabase()
    const [query, other] = [await queryOf(database), await queryOf(database)]
    const { lockKey } = await import('../ledger/ledger-names.ts')
    await other(`select set_config('application_name', 'somebody', false)`)
    await other('select pg_advisory_lock($1::bigint)', [lockKey({ schema: 'public' })])
    const { holder } = await diagnose({ query })
    expect(holder).toMatchObject({ application: 'somebody', state: 'idle', lease: undefined })
  })
})

describe('advice', () => {
  it('finds indexes that do the same, that others cover, and keys without one [OPS-8]', async () => {
    await using database = await createTestDatabase()
    const query = await queryOf(database)
    await query(`create table p (id int primary key);
      create table c (id int primary key, p int references p, q int references p, a int, b text);
      create index same_1 on c (a); create index same_2 on c (a);
      create index wide on c (a, b); create index other_way on c (a desc);
      create unique index rule on c (b); create index rule_too on c (b);
      create index part on c (a) where b is null; create index q_index on c (q, b)`)
    const advice = await adviseOnIndexes(query)
    expect(advice.map(({ kind, object }) => `${kind} ${object}`).toSorted()).toEqual([
      'covered-index public.same_1',
      'duplicate-index public.rule_too',
      'duplicate-index public.same_2',
      'key-without-index public.c.c_p_fkey',
    ])
    expect(advice.every(({ explanation }) => !explanation.because.includes('–'))).toBe(true)
    for (const text of advice.flatMap(({ statements }) => statements)) await query(text)
    expect(await adviseOnIndexes(query)).toEqual([])
  })

  it('calls an index unused only after the server has counted long enough [OPS-8]', async () => {
    await using database = await createTestDatabase()
    const query = await queryOf(database)
    await query('create table t (id int primary key, a int); create index i on t (a)')
    expect(await adviseOnIndexes(query, { unusedFromBytes: 0 })).toEqual([])
    const found = await adviseOnIndexes(query, { unusedFromBytes: 0, unusedFromDays: 0 })
    expect(found.map(({ kind, object }) => `${kind} ${object}`)).toEqual(['unused-index public.i'])
  })

  it('finds rows that refer to nothing, also where the catalog calls the key valid [OPS-8]', async () => {
    await using database = await createTestDatabase()
    const query = await queryOf(database)
    await query(`create table p (id int primary key, k int, unique (id, k));
      create table c (id int primary key, p int references p, k int, foreign key (p, k) references p (id, k) match full);
      insert into p values (1, 1); insert into c values (1, 1, 1), (2, null, null)`)
    expect((await validateForeignKeys(query)).map(({ result }) => result.kind)).toEqual([
      'holds',
      'holds',
    ])
    await query(`set session_replication_role = replica; insert into c values (3, 9, 1), (4, 1, null);
      reset session_replication_role`)
    const checks = await validateForeignKeys(query)
    expect(checks.map(({ constraint, result }) => [constraint, result])).toEqual([
      ['public.c.c_p_fkey', { kind: 'broken', orphans: 1, isAtLeast: false }],
      ['public.c.c_p_k_fkey', { kind: 'broken', orphans: 2, isAtLeast: false }],
    ])
    const { rows } = await query(checks[0]?.query ?? '')
    expect(rows).toEqual([{ id: 3, p: 9, k: 1 }])
  })
})
