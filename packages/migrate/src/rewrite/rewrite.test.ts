import { createHash } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { execute } from '../execute/execute.ts'
import { groupStatements } from '../execute/groups.ts'
import type { Migration, Statement } from '../execute/migration.ts'
import { openShadow, type Shadow } from '../shadow/shadow.ts'
import { elaborated } from '../testing/elaborated.ts'
import { executeOn, plainStatements } from '../testing/plain-migration.ts'
import { createTestDatabase, serverMajor, type TestDatabase } from '../testing/test-database.ts'
import { rewriteSafely, type SafeRewrite } from './rewrite.ts'

vi.setConfig({ testTimeout: 120_000 })

const major = await serverMajor()
let shadow: Shadow
beforeAll(async () => {
  shadow = await openShadow()
}, 60_000)
afterAll(() => shadow?.close())

const before = [
  'create table p (id int primary key, code text)',
  `create table t (id int, sub text, a int, b text, "C" int, n int not null default 1,
    primary key (id, sub))`,
  'create table keyless (a int, b int)',
  'create index t_a on t (a)',
  'create table parted (id int, k int) partition by range (id)',
  'create table part1 partition of parted for values from (0) to (10)',
  'create table part2 partition of parted for values from (10) to (50) partition by range (id)',
  'create table part2a partition of part2 for values from (10) to (20)',
  'create table watched (id int primary key, a int)',
  `create table rich (id int, at date, p_id int references p, note text default 'x' check (note <> ''),
    primary key (id, at)) partition by range (at)`,
  'create index rich_note on rich (note)',
  `create function noted() returns trigger language plpgsql as 'begin return new; end'`,
  'create trigger watched_noted before update on watched for each row execute function noted()',
  'create trigger rich_noted before update on rich for each row execute function noted()',
  `insert into p select i, 'c' || i from generate_series(1, 50) i`,
  `insert into t select i, 's' || (i % 3), i % 50 + 1, 'b' || i, i, i from generate_series(1, 3000) i`,
  'insert into parted select i, i from generate_series(0, 19) i',
  'insert into watched select i, i from generate_series(0, 19) i',
]

async function rewritten(sql: string, on = major): Promise<SafeRewrite> {
  const migrations = await elaborated(shadow, { before, files: { '0001_a.sql': sql } })
  const found = (await rewriteSafely(migrations, { major: on })).get('0001_a')
  if (found === undefined) throw new Error('nothing was rewritten')
  return found
}

const migrationOf = (statements: readonly Statement[]): Migration => {
  const checksum = createHash('sha256').update(JSON.stringify(statements)).digest('hex')
  return {
    name: '0001_a',
    checksum,
    prepare: async () => ({ type: 'schema_change', statements, checksum }),
  }
}

async function filled(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  for (const text of before) await database.query(text)
  return database
}

/** The whole catalog, and the rows of every table that was there. */
async function stateOf(database: Pick<TestDatabase, 'query'>) {
  const facts = await readFacts(async (text, values) => ({
    rows: await database.query(text, values),
  }))
  const rows: Record<string, unknown> = {}
  for (const table of ['p', 't', 'parted', 'watched'])
    rows[table] = await database.query(
      `select to_jsonb(whole) - 'filled' - 'u' as row from ${table} whole order by 1`,
    )
  return { fingerprint: fingerprintOf(facts), keys: facts.rows.map(({ key }) => key), rows }
}

async function sameAsPlain(sql: string): Promise<SafeRewrite> {
  const rewrite = await rewritten(sql)
  await using plain = await filled()
  await using safe = await filled()
  const plainly = migrationOf(await plainStatements(sql))
  expect(await executeOn(plain, [plainly])).toMatchObject({ kind: 'done' })
  expect(await executeOn(safe, [migrationOf(rewrite.statements)])).toMatchObject({ kind: 'done' })
  const [expected, actual] = [await stateOf(plain), await stateOf(safe)]
  expect(actual.keys).toEqual(expected.keys)
  expect(actual).toEqual(expected)
  return rewrite
}

describe('what runs instead', () => {
  const changes: readonly (readonly [string, readonly string[]])[] = [
    [
      'alter table t add constraint t_p foreign key (a) references p on delete cascade',
      [
        'alter table public.t add constraint t_p FOREIGN KEY (a) REFERENCES public.p(id) ON DELETE CASCADE not valid',
        'alter table public.t validate constraint t_p',
      ],
    ],
    [
      'alter table t add check (a > 0)',
      [
        'alter table public.t add constraint t_a_check CHECK ((a > 0)) not valid',
        'alter table public.t validate constraint t_a_check',
      ],
    ],
    [
      'alter table t alter b set not null',
      [
        'alter table public.t add constraint t_b_not_null not null b not valid',
        'alter table public.t validate constraint t_b_not_null',
      ],
    ],
    [
      'alter table t add unique nulls not distinct ("C", b) deferrable initially deferred',
      [
        'CREATE UNIQUE INDEX CONCURRENTLY "t_C_b_key" ON public.t USING btree ("C", b) NULLS NOT DISTINCT',
        'alter table public.t add constraint "t_C_b_key" unique using index "t_C_b_key" DEFERRABLE INITIALLY DEFERRED',
      ],
    ],
    [
      'create index on t (lower(b)) where a > 3',
      ['CREATE INDEX CONCURRENTLY t_lower_idx ON public.t USING btree (lower(b)) WHERE (a > 3)'],
    ],
    ['drop index t_a', ['drop index concurrently public.t_a']],
    [
      'create index on parted (k)',
      [
        'CREATE INDEX parted_k_idx ON ONLY public.parted USING btree (k)',
        'CREATE INDEX CONCURRENTLY part1_k_idx ON public.part1 USING btree (k)',
        'alter index public.parted_k_idx attach partition public.part1_k_idx',
        'CREATE INDEX part2_k_idx ON ONLY public.part2 USING btree (k)',
        'CREATE INDEX CONCURRENTLY part2a_k_idx ON public.part2a USING btree (k)',
        'alter index public.part2_k_idx attach partition public.part2a_k_idx',
        'alter index public.parted_k_idx attach partition public.part2_k_idx',
      ],
    ],
    [
      'update t as x set a = a + 1, b = upper(b) where "C" > 5 or n < 3',
      ['update t as x set a = a + 1, b = upper(b) where "C" > 5 or n < 3'],
    ],
    [
      `alter table t add d text default 'x', add check (d <> ''), drop constraint t_pkey, add primary key (id, sub, n)`,
      [
        `ALTER TABLE t ADD COLUMN d text DEFAULT 'x', DROP CONSTRAINT t_pkey RESTRICT`,
        'CREATE UNIQUE INDEX CONCURRENTLY t_pkey ON public.t USING btree (id, sub, n)',
        'alter table public.t add constraint t_pkey primary key using index t_pkey',
        `alter table public.t add constraint t_d_check CHECK ((d <> ''::text)) not valid`,
        'alter table public.t validate constraint t_d_check',
      ],
    ],
  ]
  const known = (sql: string) => major >= 18 || !/nulls not distinct|set not null/.test(sql)
  it.each(changes.filter(([sql]) => known(sql)))('%s', async (sql, texts) => {
    const { rewritten: found } = await sameAsPlain(sql)
    expect(found).toEqual([{ statementNo: 1, from: sql, to: texts }])
  })

  it.runIf(major >= 18)('fills a new column in pieces', async () => {
    const sql = 'alter table t add filled uuid not null default gen_random_uuid()'
    const { statements } = await sameAsPlain(sql)
    expect(statements.map(({ text }) => text)).toEqual([
      'alter table public.t add column filled uuid',
      'alter table public.t alter column filled set default gen_random_uuid()',
      'update public.t set filled = default where filled is null',
      'alter table public.t add constraint t_filled_not_null not null filled not valid',
      'alter table public.t validate constraint t_filled_not_null',
    ])
  })

  it.runIf(major >= 18)('makes a partition by itself and attaches it', async () => {
    const sql = `create table rich_1 partition of rich for values from ('2024-01-01') to ('2025-01-01')`
    const { statements } = await rewritten(sql)
    expect(statements.map(({ text }) => text)).toEqual([
      `create table public.rich_1 (id integer constraint rich_id_not_null not null, at date constraint rich_at_not_null not null, p_id integer, note text default 'x'::text)`,
      `alter table public.rich_1 add constraint rich_note_check CHECK ((note <> ''::text))`,
      'alter table public.rich_1 add constraint rich_1_pkey PRIMARY KEY (id, at)',
      'CREATE INDEX rich_1_note_idx ON public.rich_1 USING btree (note)',
      `alter table public.rich attach partition public.rich_1 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
    ])
    await using plain = await filled()
    await using safe = await filled()
    await plain.query(sql)
    expect(await executeOn(safe, [migrationOf(statements)])).toMatchObject({ kind: 'done' })
    const [expected, actual] = [await stateOf(plain), await stateOf(safe)]
    // Which of the columns it has of its own is a detail that ATTACH decides.
    const { details: _, ...fingerprint } = expected.fingerprint
    expect(actual).toMatchObject({ ...expected, fingerprint })
  })

  it('goes the older way before 18', async () => {
    const { statements } = await rewritten('alter table t alter b set not null', 17)
    expect(statements.map(({ text }) => text)).toEqual([
      'alter table public.t add constraint studioops_not_null_1_4 check (b is not null) not valid',
      'alter table public.t validate constraint studioops_not_null_1_4',
      'alter table public.t alter column b set not null',
      'alter table public.t drop constraint studioops_not_null_1_4',
    ])
    await using plain = await filled()
    await using safe = await filled()
    await plain.query('alter table t alter b set not null')
    expect(await executeOn(safe, [migrationOf(statements)])).toMatchObject({ kind: 'done' })
    expect(await stateOf(safe)).toEqual(await stateOf(plain))
  })

  it.each([
    ['a table without a key', 'update keyless set a = 1'],
    [
      'triggers that only an UPDATE would fire',
      'alter table watched add x uuid default gen_random_uuid()',
    ],
    [
      'a table whose policies bind its owner',
      'alter table t force row level security; alter table t add x uuid default gen_random_uuid()',
    ],
    ['rows that look at others', 'update t set a = (select max(a) from t)'],
    ['rows of another table', 'update t set a = 1 from p where p.id = t.a'],
    ['a key that changes', 'update t set id = id + 1 where a > 0'],
    ['transactions of its own', 'begin; create index on t (b); commit; begin; select 1; commit'],
    ['a lock that is to be kept', 'lock table t; create index on t (b)'],
    ['a table that the file makes', 'create table n (id int); create index on n (id)'],
    ['a partition', 'alter table part1 add check (k > -1)'],
    ['what is quick anyway', 'alter table t add z int; alter table t alter z set default 1'],
    [
      'commands that may depend on each other',
      'alter table t alter a set not null, alter a add generated always as identity',
    ],
  ])('leaves %s alone', async (_, sql) => {
    const { rewritten: changes, statements } = await rewritten(sql)
    expect(changes).toEqual([])
    expect(statements.every(({ batch }) => batch === undefined)).toBe(true)
  })

  it.runIf(major >= 18).each([
    ['alter table t add constraint t_p foreign key (a) references p', ['1', '2']],
    ['alter table t add check (a > 0), alter b set not null', ['1', '2', '3', '4']],
    ['alter table t add z int; alter table t add unique (b)', ['1', '2', '3']],
    ['alter table t add u uuid not null default gen_random_uuid()', ['1,2', '3', '4', '5']],
    ['create index on t (b); alter table t add z int; alter table t add y int', ['1', '2,3']],
  ])('gives every lock back before what takes long: %s', async (sql, transactions) => {
    const { statements } = await rewritten(sql)
    const grouping = groupStatements({ statements }, { name: '0001_a' })
    const units = grouping.kind === 'grouped' ? grouping.units : []
    const numbers = units.map((unit) =>
      (unit.kind === 'group' ? unit.statements : [unit.statement]).map(({ no }) => no).join(),
    )
    expect(numbers).toEqual(transactions)
  })

  it('leaves an UPDATE whole whose rows are kept for the way back', async () => {
    const files = { '0001_a.sql': 'update t set n = n + 1; create index on t (b)' }
    const migrations = await elaborated(shadow, { before, files })
    const found = await rewriteSafely(migrations, { major: 18, keepsRows: true })
    expect(found.get('0001_a')?.rewritten.map(({ statementNo }) => statementNo)).toEqual([2])
    expect(found.get('0001_a')?.statements.map(({ batch }) => batch)).toEqual([
      undefined,
      undefined,
    ])
  })

  it('says where each statement comes from', async () => {
    const sql =
      'create table n (id int);\nalter table t add check (a > 0);\ninsert into n values (1)'
    const { origins, statements } = await rewritten(sql)
    expect(origins).toEqual([1, 2, 2, 3])
    expect(statements.map(({ no, line }) => [no, line])).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 3],
    ])
  })
})

const operations = [
  'alter table t add check (a > 0)',
  'alter table t add constraint big check (n > 0) no inherit',
  'alter table t add foreign key (a) references p',
  'alter table t alter b set not null',
  'alter table t alter "C" set not null, alter a set not null',
  'alter table t add unique (id, b)',
  'alter table t add x int default 3, add constraint t_x check (x = 3)',
  'create index on t (b)',
  'create unique index on t (id, "C" desc)',
  'create index if not exists t_a on t (a)',
  'create index on parted (k)',
  'drop index t_a',
  'alter table t add u text collate "C" default md5(random()::text)',
  `update t set a = n % 40 + 1, b = b || '!'`,
  'update only t set n = n + 1 where a between 3 and 20 -- most of them',
  'update watched set a = a + 1',
  'alter table p add primary_code text',
  `comment on table t is 'x'`,
  'create view v as select id, a from t',
]

it(
  'comes to the same catalog and the same rows as the plain statements [MIG-12] [MIG-9]',
  { timeout: 300_000 },
  async () => {
    const choice = fc.uniqueArray(fc.constantFrom(...operations), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(choice, async (chosen) => {
        const sql = `${chosen.join('\n;\n')}\n;`
        const rewrite = await rewritten(sql)
        await using plain = await filled()
        await using safe = await filled()
        const plainly = migrationOf(await plainStatements(sql))
        expect(await executeOn(plain, [plainly])).toMatchObject({ kind: 'done' })
        const result = await executeOn(safe, [migrationOf(rewrite.statements)])
        expect(result).toMatchObject({ kind: 'done' })
        const [expected, actual] = [await stateOf(plain), await stateOf(safe)]
        expect(actual).toEqual(expected)
      }),
      { numRuns: 12, seed: 20_261_121 },
    )
  },
)

it(
  'comes to the same in PGlite, where nothing runs beside it [MIG-12]',
  { timeout: 300_000 },
  async () => {
    const sql = `alter table t add check (a > 0), alter b set not null;
create index on t (b);
update t set n = n + 1 where a > 3;
alter table t add u uuid not null default gen_random_uuid();
create index on parted (k);
drop index t_a;`
    const states = []
    const { statements } = await rewritten(sql)
    for (const chosen of [await plainStatements(sql), statements]) {
      await using lite = await PGlite.create()
      const { connection, host, port, user, password, database } = createPgConfig(lite)
      const address = { connection, host, port, user, password, database } as pg.PoolConfig
      const pool = new pg.Pool({ ...address, max: 1, idleTimeoutMillis: 0 })
      for (const text of before) await lite.query(text)
      const target = {
        open: () => pool.connect(),
        close: async (client: pg.ClientBase) => (client as pg.PoolClient).release(),
      }
      const result = await execute({
        target,
        migrations: [migrationOf(chosen)],
        appVersion: 'test',
      })
      expect(result).toMatchObject({ kind: 'done' })
      const query = async (text: string, values: readonly unknown[] = []) =>
        (await lite.query<Record<string, unknown>>(text, [...values])).rows
      states.push(await stateOf({ query } as Pick<TestDatabase, 'query'>))
      await pool.end()
    }
    expect(states[1]).toEqual(states[0])
  },
)

describe('pieces', () => {
  const sql = 'update t set n = n + 1'
  const sums = (database: TestDatabase) =>
    database.query('select sum(n)::int as sum, count(*)::int as count from t')

  it('go on where a run was stopped, and change no row twice [MIG-5] [MIG-7]', async () => {
    const { statements } = await rewritten(sql)
    await using database = await filled()
    const [was] = await sums(database)
    let stops = 0
    for (;;) {
      const stop = new AbortController()
      const result = await executeOn(database, [migrationOf(statements)], {
        signal: stop.signal,
        onEvent({ type }) {
          if (type === 'progress') stop.abort()
        },
      })
      if (result.kind !== 'stopped') break
      stops += 1
    }
    expect(stops).toBeGreaterThan(0)
    expect(await sums(database)).toEqual([{ sum: was?.['sum'] + 3_000, count: 3_000 }])
  })

  it('go on behind the last one that worked when one of them failed, and keep what it said', async () => {
    const { statements } = await rewritten(sql)
    await using database = await filled()
    const [was] = await sums(database)
    await database.query('alter table t add check (id <> 2500 or n < 2501)')
    const failed = await executeOn(database, [migrationOf(statements)])
    expect(failed).toMatchObject({ kind: 'failed', statementNo: 1, error: { sqlstate: '23514' } })
    const [journal] = await database.query(
      `select state, progress -> 'batch' ->> 'rows' as rows from schema_migration_statements`,
    )
    expect(journal).toMatchObject({ state: 'failed' })
    expect(Number(journal?.['rows'])).toBeGreaterThanOrEqual(1_000)
    await database.query('alter table t drop constraint t_check')
    expect(await executeOn(database, [migrationOf(statements)])).toMatchObject({ kind: 'done' })
    expect(await sums(database)).toEqual([{ sum: was?.['sum'] + 3_000, count: 3_000 }])
  })

  it('leave rows alone that came while they ran, and let others write meanwhile', async () => {
    const { statements } = await rewritten(sql)
    await using database = await filled()
    let inserted = false
    await executeOn(database, [migrationOf(statements)], {
      onEvent({ type }) {
        if (type !== 'progress' || inserted) return
        inserted = true
        void database.query(`insert into t (id, sub, n) values (9999, 's', 7)`)
      },
    })
    expect(await database.query('select n from t where id = 9999')).toEqual([{ n: 7 }])
  })

  it('are refused when the statement was changed in the middle', async () => {
    const { statements } = await rewritten(sql)
    const { statements: others } = await rewritten('update t set n = n + 2')
    await using database = await filled()
    const stop = new AbortController()
    await executeOn(database, [migrationOf(statements)], {
      signal: stop.signal,
      onEvent({ type }) {
        if (type === 'progress') stop.abort()
      },
    })
    expect(await executeOn(database, [migrationOf(others)])).toMatchObject({
      kind: 'failed',
      remedy: expect.stringContaining('Restore the statement'),
    })
  })
})
