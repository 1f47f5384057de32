import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { analyseHistory } from '../analyse/analyse.ts'
import { elaborate } from '../plan/elaborate.ts'
import { readTarget } from '../plan/target.ts'
import { createTestDatabase, serverMajor, type TestDatabase } from '../testing/test-database.ts'
import { elaborateOnServer } from '../testing/elaborate-texts.ts'
import { checksumOf } from '../text/checksum.ts'
import { sourcesOf } from '../text/directory.ts'
import { loadParser, type Parser } from '../text/parser.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { findDrift, objectionsOfDrift } from './drift.ts'
import { type Preflight, preflight, type PreflightOptions } from './preflight.ts'

let parser: Parser
let images: string
beforeAll(async () => {
  parser = await loadParser()
  images = await mkdtemp(join(tmpdir(), 'studioops-images-'))
})
afterAll(() => rm(images, { recursive: true }))

type Trial = {
  /** What has run, by files and by the operator's hand afterwards. */
  readonly done: string
  readonly byHand?: string
  /** One file for each text. */
  readonly pending: readonly string[]
  readonly options?: Partial<PreflightOptions>
  readonly meanwhile?: () => Promise<void>
}

async function tryPlan(database: TestDatabase, trial: Trial) {
  const { done, byHand = '', pending, options } = trial
  const client = await database.connect()
  const query: PreflightOptions['query'] = (text, values) =>
    client.query(text, values && [...values])
  await client.query(`${done};${byHand}`)
  const { sources } = sourcesOf(
    [done, ...pending].map((text, index) => ({
      name: `${String(index + 1).padStart(4, '0')}_file.sql`,
      bytes: Buffer.from(text),
    })),
  )
  const analyses = analyseHistory(sources, { parser })
  const all = sources.flatMap((source, index) => {
    const analysis = analyses[index]
    return analysis === undefined
      ? []
      : [{ source, analysis, checksum: checksumOf(source, parser) }]
  })
  const elaboration = await elaborate({
    parser,
    completed: all.slice(0, 1),
    pending: all.slice(1),
    target: await readTarget(query),
    connection: database.target,
    images: { directory: images },
    findsInverses: false,
  })
  expect(elaboration.objections).toEqual([])
  await trial.meanwhile?.()
  return preflight({
    query,
    elaboration,
    completed: all.slice(0, 1).map(({ analysis }) => analysis),
    ...options,
  })
}

async function flown(trial: Trial) {
  await using database = await createTestDatabase()
  return await tryPlan(database, trial)
}

const idOf = (index: number) => `${String(index + 2).padStart(4, '0')}_file`

const short = ({ objections }: { objections: readonly { code: string; object?: string }[] }) =>
  objections.map(({ code, object }) => `${code} ${object}`)

describe('data probes', () => {
  const done = `create extension btree_gist;
    create type mood as enum ('calm', 'wild');
    create domain age as integer;
    create domain years as integer;
    create table parent (id int primary key, code text, unique (id, code));
    create table child (id int primary key, parent_id int, other_id int, name text, word text, mood mood,
      at date, during tstzrange, room int, age age, years years, short text, number text);
    create table parts (id int, at date) partition by range (at);
    create table parts_rest partition of parts default;
    create table loose (id int, at date);
    create table old (id int primary key, name text);
    create table grown (id int primary key)`
  const byHand = `insert into parent values (1, 'a');
    insert into child values
      (1, 1, 1, 'same', 'x5', 'calm', '2026-01-01', '[2026-01-01, 2026-01-05)', 1, 30, 30, 'four', '1'),
      (2, 9, null, 'same', 'xa', 'wild', '2025-01-01', '[2026-01-03, 2026-01-08)', 1, -4, 3, 'abc', 'b'),
      (3, null, null, 'x7', 'x7', null, null, null, null, null, null, null, null);
    insert into parts values (1, '2026-03-03');
    insert into loose values (1, '2030-01-01');
    insert into old values (1, 'same'), (2, 'same');
    insert into grown values (7)`

  const failing: readonly (readonly [string, string, object])[] = [
    ['alter table child alter parent_id set not null', 'public.child.parent_id', { id: '3' }],
    ['alter table child add constraint c1 check (parent_id > 1)', 'public.child.c1', { id: '1' }],
    ['alter table child add unique (name)', 'public.child.child_name_key', { name: 'same' }],
    [
      'create unique index i1 on child (lower(name), room) where room = 1',
      'public.i1',
      { 'lower(name)': 'same', room: '1' },
    ],
    [
      'alter table child add constraint f1 foreign key (parent_id) references parent',
      'public.child.f1',
      { id: '2', parent_id: '9' },
    ],
    [
      'create table fresh (id int primary key); alter table child add constraint f2 foreign key (parent_id) references fresh',
      'public.child.f2',
      { id: '1', parent_id: '1' },
    ],
    [
      'alter table child add constraint f3 foreign key (other_id, name) references parent (id, code) match full',
      'public.child.f3',
      { id: '1', other_id: '1', name: 'same' },
    ],
    ['alter domain age add constraint old check (value >= 0)', 'public.age.old', { id: '2' }],
    ['alter domain years set not null', 'public.years', { id: '3' }],
    ['alter table child alter word type int using substr(word, 2)::int', 'public.child.word', {}],
    ['alter table child alter short type varchar(3)', 'public.child.short', { id: '1' }],
    ['alter table child add check (number::int > 0)', 'public.child.child_number_check', {}],
    [
      "create type feeling as enum ('calm'); alter table child alter mood type feeling using mood::text::feeling",
      'public.child.mood',
      { id: '2' },
    ],
    [
      'alter table child add exclude using gist (room with =, during with &&)',
      'public.child.child_room_during_excl',
      { id: '1' },
    ],
    ['alter table child add needed int not null', 'public.child.needed', { id: '1' }],
    [
      "create table parts_26 partition of parts for values from ('2026-01-01') to ('2027-01-01')",
      'public.parts_rest',
      { ctid: '(0,1)' },
    ],
    [
      "alter table parts attach partition loose for values from ('2025-01-01') to ('2026-01-01')",
      'public.loose',
      { ctid: '(0,1)' },
    ],
    [
      'alter table old rename name to title; alter table old rename to older; alter table older add unique (title)',
      'public.older.older_title_key',
      { title: 'same' },
    ],
    [
      'alter table grown add extra int; alter table grown rename id to number; alter table grown alter extra set not null',
      'public.grown.extra',
      { id: '7' },
    ],
  ]
  let refused: Preflight
  beforeAll(async () => {
    refused = await flown({ done, byHand, pending: failing.map(([text]) => text) })
  }, 300_000)
  it.each(failing.map((row, index) => [...row, index] as const))(
    'refuses %s because of the rows that are there [MIG-3]',
    (...row) => {
      const [, object, key, index] = row
      const migration = idOf(index)
      const own = refused.objections.filter((one) => one.migration === migration)
      expect(short({ objections: own })).toEqual([`probe-failed ${object}`])
      const failed = refused.probes.filter(
        (probe) => probe.migration === migration && probe.outcome.kind === 'failed',
      )
      expect(failed.map(({ outcome }) => outcome)).toMatchObject([{ key }])
    },
  )

  it('lets everything pass that the rows allow [MIG-3]', async () => {
    const found = await flown({
      done,
      byHand,
      pending: [
        'alter table child alter id set not null',
        'alter table child add constraint nn check (parent_id > 0)',
        'alter table child add unique (parent_id)',
        'create unique index i on child (name) where room is null',
        'alter table child add constraint fk foreign key (other_id) references parent',
        'alter table child add constraint fl foreign key (parent_id) references parent not valid',
        'alter domain age add constraint old check (value > -10)',
        'alter table child alter short type varchar(4)',
        'alter table child alter other_id type bigint',
        'alter table child add needed int not null default 5',
        'alter table child add exclude using gist (id with =, during with &&)',
        "create table parts_27 partition of parts for values from ('2027-01-01') to ('2028-01-01')",
        "alter table parts attach partition loose for values from ('2029-01-01') to ('2031-01-01')",
        'create table fresh (id int primary key, c int not null unique)',
      ],
    })
    expect(found.objections).toEqual([])
    expect(found.warnings).toEqual([])
    expect(found.probes.map(({ outcome }) => outcome.kind)).toEqual(Array(11).fill('passed'))
  })

  it('is not misled by rows that an earlier statement changes [MIG-3]', async () => {
    const tables = Array.from({ length: 7 }, (_, index) => `t${index + 1}`)
    const found = await flown({
      done: tables
        .map((table) => `create table ${table} (id int primary key, parent_id int, name text)`)
        .join(';'),
      byHand: tables
        .map((table) => `insert into ${table} values (1, 9, 'same'), (2, null, 'same')`)
        .join(';'),
      pending: [
        'alter table t1 alter name type text using id::text; alter table t1 add unique (name)',
        'alter table t2 drop column name; alter table t2 add name text; alter table t2 add unique (name)',
        "create function good(text) returns boolean language sql immutable as 'select true'; alter table t3 add check (good(name))",
        'update t4 set parent_id = 1; alter table t4 alter parent_id set not null',
        'delete from t5; alter table t5 add unique (name)',
        'insert into t6 values (9); alter table t7 add foreign key (parent_id) references t6',
        "do $$ begin execute 'update t7 set name = id::text'; end $$; alter table t7 add unique (name)",
      ],
    })
    expect(found.objections).toEqual([])
    expect(found.probes.map(({ outcome }) => outcome.kind)).toEqual([
      'skipped',
      'passed',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
    ])
  })

  it('names the row only to whoever asks for it [MIG-14]', async () => {
    const trial = { done, byHand, pending: ['alter table child add unique (name)'] }
    const [hidden] = (await flown(trial)).objections
    expect(hidden?.because).not.toContain('same')
    const [shown] = (await flown({ ...trial, options: { showsKeys: true } })).objections
    expect(shown?.because).toContain('name = same')
    expect(shown?.remedy).toContain('having count(*) > 1')
  })
})

describe('drift', () => {
  const done =
    'create table t (id int primary key, a int not null, b text default 5); create index i on t (a)'

  it('names every declared object that is missing or changed, and who wrote it [MIG-3] [MIG-6]', async () => {
    const found = await flown({
      done,
      byHand:
        'alter table t alter a drop not null, alter b set default 6; drop index i; create table mine (x int)',
      pending: ['create table u (id int)'],
    })
    expect(short(found)).toEqual(['drift public.t.a', 'drift public.t.b', 'drift public.i'])
    expect(found.objections.map(({ migration }) => migration)).toEqual(Array(3).fill('0001_file'))
    expect(found.objections[1]?.because).toContain('default: 5 → 6')
    expect(found.drift.filter(({ kind }) => kind === 'extra').map(({ blocks }) => blocks)).toEqual([
      false,
      false,
    ])
  })

  it('says one word about a table that is gone, and none about what is to be ignored [MIG-3]', async () => {
    const trial = { done, byHand: 'drop table t', pending: ['create table u (id int)'] }
    expect(short(await flown(trial))).toEqual(['drift public.t'])
    const ignore = ['public.t*', 'index public.*']
    expect(short(await flown({ ...trial, options: { ignore } }))).toEqual([])
  })

  it('says one word about a constraint and its index [MIG-3]', async () => {
    await using database = await createTestDatabase()
    await database.query(done)
    const client = await database.connect()
    const query: PreflightOptions['query'] = (text, values) =>
      client.query(text, values && [...values])
    const expected = await readFacts(query)
    await query('alter table t drop constraint t_pkey')
    const { findings } = await findDrift({ expected, live: await readFacts(query) })
    expect(findings.map(({ key }) => key)).toContain('index public.t_pkey')
    expect(short({ objections: objectionsOfDrift(findings) })).toEqual(['drift public.t.t_pkey'])
  })

  it('refuses what would silently skip another table of the name [MIG-3]', async () => {
    const found = await flown({
      done,
      byHand: 'create table old (id int)',
      pending: ['create table if not exists old (id int, project_id int)'],
    })
    expect(short(found)).toEqual(['drift public.old'])
    expect(found.objections[0]?.because).toContain('column project_id')
  })

  it('refuses to make what is there, and to drop what nobody declared without a word [MIG-9]', async () => {
    const byHand = 'create table old (id int); insert into old values (1)'
    const made = await flown({ done, byHand, pending: ['create table old (id int)'] })
    expect(short(made)).toEqual(['drift public.old'])
    const dropped = await flown({ done, byHand, pending: ['drop table if exists old'] })
    expect(short(dropped)).toEqual(['destructive-unflagged public.old'])
    expect(dropped.backupNeeded).toMatchObject([
      { object: 'public.old', isUndeclared: true, isEmpty: false },
    ])
  })
})

describe('surroundings', () => {
  const done = `create table t (id int primary key, a int, b int); create table empty (id int)`
  const byHand = `insert into t select n from generate_series(1, 500) n; analyze t`

  it('tells what has to be kept before the plan destroys it [MIG-9] [MIG-14]', async () => {
    const found = await flown({
      done,
      byHand,
      pending: [
        '-- destructive: yes\nalter table t rename to s; alter table s rename b to c; alter table s drop column c; delete from s; drop table empty; alter table s alter a type bigint',
      ],
    })
    expect(found.backupNeeded).toMatchObject([
      { kind: 'column', object: 'public.t.b', table: 'public.t', rows: 500, isEmpty: false },
      { kind: 'rows', object: 'public.t', statementNo: 4 },
      { kind: 'table', object: 'public.empty', isEmpty: true },
    ])
    expect(found.tables.map(({ table }) => table)).toEqual(['public.empty', 'public.t'])
  })

  it('sees who holds what the plan needs [MIG-14]', async () => {
    await using database = await createTestDatabase()
    const other = await database.connect()
    const found = await tryPlan(database, {
      done,
      pending: ['alter table t add c int', 'create index concurrently i on empty (id)'],
      options: { limits: { oldTransactionS: 0 } },
      async meanwhile() {
        await other.query('begin')
        await other.query('select from t')
      },
    })
    await other.query('rollback')
    expect(found.blockers).toMatchObject([
      { kind: 'idle-transaction', relations: ['public.t'], state: 'idle in transaction' },
    ])
    expect(found.warnings.map(({ code }) => code)).toEqual(['blocked'])
    expect(found.objections).toEqual([])
  })

  it('refuses a plan whose rights the role does not have [MIG-14]', async () => {
    const role = `worker_${Math.random().toString(36).slice(2)}`
    await using database = await createTestDatabase()
    await database.query(`create role ${role} nologin`)
    const found = await tryPlan(database, {
      done,
      pending: [
        'alter table t add c int',
        'create schema s',
        'create table u (id int primary key, a int references t)',
        'insert into t values (1)',
        'create extension file_fdw',
      ],
      options: { role },
    })
    await database.query(`drop role ${role}`)
    // Until 14 everybody may make things in `public`.
    const inPublic = (await serverMajor()) < 15 ? [] : ['missing-right schema public']
    expect(short(found)).toEqual([
      'missing-right public.t',
      'missing-right database',
      ...inPublic,
      'missing-right public.t',
      'missing-right public.t',
      'missing-right file_fdw',
      ...inPublic,
    ])
  })

  it('knows the roles that an earlier statement of the plan makes', async () => {
    await using database = await createTestDatabase()
    const found = await tryPlan(database, {
      done,
      pending: [
        'do $$ begin create role made_by_the_plan nologin; end $$',
        'grant select on t to made_by_the_plan',
      ],
    })
    expect(short(found)).toEqual([])
  })

  it('looks up every name of a plan that could not be tried anywhere [MIG-3] [MIG-10]', async () => {
    await using database = await createTestDatabase()
    const client = await database.connect()
    await client.query(done)
    const { sources } = sourcesOf([
      { name: '0001_a.sql', bytes: Buffer.from(done) },
      {
        name: '0002_b.sql',
        bytes: Buffer.from(`create table fresh (id int references t);
          create index on fresh (id); create index on t (a);
          alter table empty add c int; create index on empty (c); select x from "Gone"`),
      },
    ])
    const [, untried] = analyseHistory(sources, { parser })
    await client.query('alter table t drop column a')
    const found = await preflight({
      query: (text, values) => client.query(text, values && [...values]),
      elaboration: {
        shadow: { kind: 'none', because: 'test' },
        expected: undefined,
        migrations: [],
        objections: [],
      },
      untried: untried === undefined ? [] : [untried],
    })
    expect(short(found)).toEqual([
      'unknown-reference public.t.a',
      'unknown-reference public."Gone"',
    ])
    expect(found.objections[0]).toMatchObject({ file: '0002_b.sql', statementNo: 3, line: 2 })
  })

  it('names a role that the server lacks, but none that the plan makes itself [MIG-14]', async () => {
    await using database = await createTestDatabase()
    const client = await database.connect()
    await client.query(done)
    const query: PreflightOptions['query'] = (text, values) =>
      client.query(text, values && [...values])
    const [lacking, made] = ['lacking', 'made'].map(
      (name) => `${name}_${Math.random().toString(36).slice(2)}`,
    )
    await client.query(`create role ${lacking}`)
    const elaboration = await elaborateOnServer(database.target, {
      done: [done],
      pending: [
        `create role ${made}`,
        `grant select on t to ${made}`,
        `grant select on t to ${lacking}`,
      ],
    })
    await client.query(`drop owned by ${made}, ${lacking}`).catch(() => undefined)
    await client.query(`drop role if exists ${made}, ${lacking}`)
    const found = await preflight({ query, elaboration })
    expect(short(found)).toEqual([`unknown-reference ${lacking}`])
  })

  it('writes nothing and leaves the session as it was [MIG-14]', async () => {
    await using database = await createTestDatabase()
    await tryPlan(database, { done, pending: ['alter table t add check (a > 0)'] })
    const client = await database.connect()
    await client.query('begin')
    const query: PreflightOptions['query'] = (text, values) =>
      client.query(text, values && [...values])
    const elaboration = {
      shadow: { kind: 'none', because: 'test' },
      expected: undefined,
      migrations: [],
      objections: [],
    } as const
    await client.query(`set local statement_timeout = 12345; create table kept (id int)`)
    await preflight({ query, elaboration, transaction: 'open' })
    const { rows } = await client.query(
      `select current_setting('statement_timeout') as timeout, to_regclass('kept') is not null as kept`,
    )
    expect(rows).toEqual([{ timeout: '12345ms', kept: true }])
    await client.query('rollback')
  })
})
