import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Shadow } from '../shadow/shadow.ts'
import { openShadow } from '../shadow/shadow.ts'
import { elaborated, type Given } from '../testing/elaborated.ts'
import {
  columnProbes,
  constraintProbes,
  type LockProbe,
  otherProbes,
  probeSetup,
  typeProbes,
} from '../testing/lock-probes.ts'
import type { LintFinding, TableSize } from './finding.ts'
import { lint } from './lint.ts'
import { lintRules } from './lint-rules.ts'
import { countFindings, lintText } from './print.ts'
import type { LintedMigration } from './scene.ts'

vi.setConfig({ testTimeout: 120_000 })

let shadow: Shadow
beforeAll(async () => {
  shadow = await openShadow()
}, 60_000)
afterAll(() => shadow?.close())

const migrationsFor = (given: Given) => elaborated(shadow, given)

const withoutShadow = (migrations: readonly LintedMigration[]): LintedMigration[] =>
  migrations.map(({ source, analysis }) => ({ source, analysis }))

async function findings(given: Given, tables: readonly TableSize[] = []) {
  return lint({ migrations: await migrationsFor(given) }, { tables })
}

const rulesOf = (found: readonly LintFinding[]) =>
  found.map(({ rule }) => rule).filter((rule) => rule !== 'missing-why')

const lockRules = new Set([
  'table-rewrite',
  'volatile-default',
  'type-change-rewrite',
  'index-not-concurrent',
  'drop-index-not-concurrent',
  'reindex-not-concurrent',
  'foreign-key-validates',
  'check-validates',
  'not-null-scans',
  'unique-builds-index',
  'exclusion-builds-index',
  'domain-check-scans',
  'attach-scans',
  'partition-of',
  'detach-not-concurrent',
  'refresh-not-concurrent',
  'scan-under-lock',
  'exclusive-lock',
  'write-lock',
])

/** What lint must say about the lock of each probe; those not named must get no lock finding. */
const expectedRules: Readonly<Record<string, string>> = {
  'alter table t add x integer': 'exclusive-lock',
  'alter table t add x integer not null default 5': 'exclusive-lock',
  'alter table t add x timestamptz not null default now()': 'exclusive-lock',
  'alter table t add x timestamptz default clock_timestamp()': 'volatile-default',
  'alter table t add x uuid default gen_random_uuid()': 'volatile-default',
  'alter table t add x serial': 'volatile-default',
  'alter table t add x integer generated always as identity': 'volatile-default',
  'alter table t add x integer generated always as (a + 1) stored': 'volatile-default',
  'alter table t add x positive': 'volatile-default',
  'alter table t add x positive default 3': 'volatile-default',
  'alter table t add x integer generated always as (a + 1) virtual': 'exclusive-lock',
  'alter table t add x integer references p': 'exclusive-lock',
  'alter table t add x integer check (x > 0)': 'check-validates',
  'alter table t add x integer unique': 'unique-builds-index',
  'alter table t drop n': 'exclusive-lock',
  'alter table c drop p_id': 'exclusive-lock',
  'alter table t drop a cascade': 'exclusive-lock',
  'alter table t rename n to n2': 'exclusive-lock',
  'alter table t rename to t2': 'exclusive-lock',
  'alter table c rename constraint c_check to c_checked': 'exclusive-lock',
  'alter table loose set schema elsewhere, after create schema elsewhere': 'exclusive-lock',
  'alter table t owner to current_user': 'exclusive-lock',
  'alter table t replica identity full': 'exclusive-lock',
  'alter table t alter a set default 5': 'exclusive-lock',
  'alter table t alter filled drop not null': 'exclusive-lock',
  'alter table t alter b set storage external': 'exclusive-lock',
  'alter table t alter a set not null': 'not-null-scans',
  'alter table t alter a set not null, after alter table t add constraint a_there check (a is not null)':
    'exclusive-lock',
  'alter table t add constraint a_there not null a not valid': 'exclusive-lock',
  'alter table t alter filled add generated always as identity': 'exclusive-lock',
  'alter table t alter v type varchar(20)': 'exclusive-lock',
  'alter table t alter v type text': 'exclusive-lock',
  'alter table t alter n type numeric(12, 2)': 'exclusive-lock',
  'alter table t alter n type numeric': 'exclusive-lock',
  'alter table t alter filled type integer': 'exclusive-lock',
  'alter table t alter v type varchar(5)': 'type-change-rewrite',
  'alter table t alter b type varchar(5)': 'type-change-rewrite',
  'alter table t alter filled type bigint': 'type-change-rewrite',
  'alter table t alter filled type text': 'type-change-rewrite',
  'alter table t alter n type numeric(8, 2)': 'type-change-rewrite',
  'alter table t alter n type numeric(10, 3)': 'type-change-rewrite',
  'alter table t alter j type jsonb': 'type-change-rewrite',
  'alter table t alter m type text using m::text': 'type-change-rewrite',
  'alter table t alter m type text': 'type-change-rewrite',
  'alter table t alter at type date': 'type-change-rewrite',
  'alter table t alter filled type integer using filled + 1': 'type-change-rewrite',
  "alter table t alter at type timestamptz using at at time zone 'UTC'": 'type-change-rewrite',
  'alter table t alter at type timestamptz, UTC': 'exclusive-lock',
  'alter table t alter at type timestamptz, Asia/Jerusalem': 'type-change-rewrite',
  'alter table t alter v type varchar(10) collate "POSIX"': 'scan-under-lock',
  'alter table t add check (a > 0)': 'check-validates',
  'alter table t add check (a > 0) not valid': 'exclusive-lock',
  'alter table t add foreign key (a) references p': 'foreign-key-validates',
  'alter table t add foreign key (a) references p not valid': 'write-lock',
  'create table fresh (id integer references p)': 'write-lock',
  'alter table c drop constraint c_fk': 'exclusive-lock',
  'alter table c drop constraint c_check': 'exclusive-lock',
  'alter table c alter constraint c_fk deferrable': 'exclusive-lock',
  'alter table t add unique (b)': 'unique-builds-index',
  'alter table refers add primary key (id)': 'unique-builds-index',
  'alter table t add constraint b_once unique using index t_b, after create unique index t_b on t (b)':
    'exclusive-lock',
  'alter table t add exclude (a with =)': 'exclusion-builds-index',
  'create index on t (b)': 'index-not-concurrent',
  'create index on parted (k)': 'index-not-concurrent',
  'create index on only parted (k)': 'write-lock',
  'drop index t_a': 'drop-index-not-concurrent',
  'reindex index t_a': 'reindex-not-concurrent',
  'reindex table t': 'reindex-not-concurrent',
  'create trigger again before update on t for each row execute function noted()': 'write-lock',
  'create trigger again before update on parted for each row execute function noted()':
    'write-lock',
  'alter table t disable trigger t_noted': 'write-lock',
  'alter table t enable trigger t_noted': 'write-lock',
  'drop trigger t_noted on t': 'exclusive-lock',
  'create rule quiet as on delete to t do instead nothing': 'exclusive-lock',
  'alter table t enable row level security': 'exclusive-lock',
  'alter table t disable row level security': 'exclusive-lock',
  'alter table t force row level security': 'exclusive-lock',
  'create policy more on t using (true)': 'exclusive-lock',
  'alter policy t_mine on t using (true)': 'exclusive-lock',
  'drop policy t_mine on t': 'exclusive-lock',
  'alter domain positive add check (value < 100)': 'domain-check-scans',
  'drop table c': 'exclusive-lock',
  'drop table loose': 'exclusive-lock',
  'truncate loose': 'exclusive-lock',
  'truncate p cascade': 'exclusive-lock',
  'cluster t using t_a': 'table-rewrite',
  'alter table loose set unlogged': 'table-rewrite',
  'alter table parted attach partition loose for values from (10) to (20)': 'attach-scans',
  'alter table parted attach partition loose for values from (10) to (20), after alter table loose alter id set not null, add check (id >= 10 and id < 20), after drop table rest':
    'exclusive-lock',
  'create table part2 partition of parted for values from (10) to (20)': 'partition-of',
  'alter table parted detach partition part1': 'detach-not-concurrent',
  'drop table part1': 'exclusive-lock',
  'alter table parted add x integer': 'exclusive-lock',
  'refresh materialized view kept': 'refresh-not-concurrent',
  'refresh materialized view concurrently kept': 'scan-under-lock',
  'create or replace view seen as select id, a from t': 'exclusive-lock',
  'drop view seen': 'exclusive-lock',
  'alter view seen rename to saw': 'exclusive-lock',
}

const titleOf = ({ sql, after = [], timeZone }: LockProbe) =>
  [sql, ...after.map((text) => `after ${text}`), timeZone].filter(Boolean).join(', ')

describe('locks, rewrites and scans as PostgreSQL takes them', () => {
  const probes = [...columnProbes, ...typeProbes, ...constraintProbes, ...otherProbes]
  it.each(probes.map((probe) => [titleOf(probe), probe] as const))(
    'says no more and no less about: %s [MIG-12]',
    async (title, { sql, after = [], timeZone }) => {
      const before = [...probeSetup, ...after]
      const found = await findings({ before, timeZone, files: { '0001_a.sql': sql } })
      const rules = found.filter(({ rule }) => lockRules.has(rule)).map(({ rule }) => rule)
      expect(rules).toEqual(expectedRules[title] === undefined ? [] : [expectedRules[title]])
      await shadow.query('drop publication if exists told')
    },
  )

  it('names the lock that was taken, not a stronger one', async () => {
    const [key] = await findings({
      before: probeSetup,
      files: { '0001_a.sql': '-- why: x\nalter table t add foreign key (a) references p' },
    })
    expect(key).toMatchObject({
      rule: 'foreign-key-validates',
      level: 'warning',
      certainty: 'measured',
      locks: [
        { relation: 'public.p', mode: 'share row exclusive' },
        { relation: 'public.t', mode: 'share row exclusive' },
      ],
    })
    expect(key?.blocks).toBe(
      'SHARE ROW EXCLUSIVE on public.p, public.t: reads go on, writes wait while all rows are read, which grows with the table.',
    )
  })
})

it('lets new tables lock nobody, also over several files and under another name', async () => {
  const found = await findings({
    files: {
      '0001_a.sql': `-- why: x
create table a (id int);
create index on a (id);`,
      '0002_b.sql': `-- why: x
alter table a add b text not null;
create index on a (b);
alter table a rename to c;
alter table c alter b type int using b::int;
update c set b = 1;
drop table c;`,
    },
  })
  expect(found).toEqual([])
})

it('goes on seeing an old table that got another name', async () => {
  const found = await findings({
    before: ['create table a (id int)'],
    files: {
      '0001_a.sql': '-- why: x\n-- phase: contract\nalter table a rename to b;',
      '0002_b.sql': '-- why: x\ncreate index on b (id)',
    },
  })
  expect(rulesOf(found)).toEqual(['exclusive-lock', 'index-not-concurrent'])
})

describe('without a shadow', () => {
  it.each([
    ['create index on t (a)', 'index-not-concurrent'],
    ['alter table t add x uuid default gen_random_uuid()', 'volatile-default'],
    ['alter table t add x bigserial', 'volatile-default'],
    ['alter table t add x timestamptz default now()', 'exclusive-lock'],
    ['alter table t add check (a > 0)', 'check-validates'],
    ['alter table t add check (a > 0) not valid', 'exclusive-lock'],
    ['alter table t add unique (b)', 'unique-builds-index'],
    ['alter table t alter a set not null', 'not-null-scans'],
    ['alter table t alter b type varchar(5)', 'type-change-rewrite'],
    ['alter table t alter a set default 5', 'exclusive-lock'],
    ['alter table t enable row level security', 'exclusive-lock'],
    ['cluster t using t_a', 'table-rewrite'],
    ['alter table t drop n', 'exclusive-lock,data-loss,breaks-running-version'],
    ['drop table loose', 'exclusive-lock,data-loss,breaks-running-version'],
    ['alter table t rename n to n2', 'exclusive-lock,renames'],
    ['alter table t add x int not null', 'exclusive-lock,required-column'],
    ['update t set a = 1', 'large-update'],
  ])('says from the text of %s: %s', async (sql, rules) => {
    const migrations = await migrationsFor({ before: probeSetup, files: { '0001_a.sql': sql } })
    const found = await lint({ migrations: withoutShadow(migrations) })
    expect(rulesOf(found).join()).toBe(rules)
    expect(found.filter(({ statementNo }) => statementNo !== undefined)).toSatisfy(
      (all: LintFinding[]) => all.every(({ certainty }) => certainty === 'derived'),
    )
  })

  it('knows what the files before have made', async () => {
    const files = { '0001_a.sql': 'create table n (id int); create index on n (id)' }
    const found = await lint({ migrations: withoutShadow(await migrationsFor({ files })) })
    expect(rulesOf(found)).toEqual([])
  })
})

const tables = [
  `create table users (id int primary key, name text, email varchar(100), at timestamp,
    note text collate "C")`,
  `create type color as enum ('red', 'blue')`,
  'create table items (id int primary key, user_id int references users, color color)',
  'create view names as select id, name from users',
  `create function touch() returns trigger language plpgsql as 'begin return new; end'`,
  'create trigger items_touch before update on items for each row execute function touch()',
  `create function score(a int) returns int language sql as 'select 1'`,
]

describe('what is lost and who would miss it', () => {
  it.each([
    ['alter table items drop color', 'exclusive-lock,data-loss,breaks-running-version'],
    ['drop table items', 'exclusive-lock,data-loss,breaks-running-version'],
    ['truncate items', 'exclusive-lock,data-loss'],
    ['alter table users alter email type varchar(200)', 'exclusive-lock'],
    [
      'alter table users alter email type varchar(20)',
      'type-change-rewrite,data-loss,narrows-type',
    ],
    ['alter table users rename email to mail', 'exclusive-lock,renames'],
    ['alter table users rename to people', 'exclusive-lock,renames'],
    ['alter table users add age int not null', 'scan-under-lock,required-column'],
    ['alter table users add age int not null default 1', 'exclusive-lock'],
    ['alter table users alter email set not null', 'not-null-scans,becomes-required'],
    ['drop view names', 'exclusive-lock,breaks-running-version'],
    ['drop view names; create view names as select id, name, email from users', 'exclusive-lock'],
    ['drop function score(int)', 'breaks-running-version'],
    ['drop trigger items_touch on items; drop function touch()', 'exclusive-lock'],
    [`alter type color rename value 'red' to 'rouge'`, 'breaks-running-version'],
    ['delete from items where id = 1', 'deletes-rows'],
    ['delete from items', 'deletes-rows,large-update'],
    [
      'alter table users alter at type timestamptz',
      'exclusive-lock,narrows-type,timestamp-without-zone',
    ],
    ['alter table users alter note type varchar', 'exclusive-lock,collation-reset'],
    ['alter table users alter note type varchar collate "C"', 'exclusive-lock'],
    [
      'alter table users drop name cascade',
      'exclusive-lock,data-loss,breaks-running-version,breaks-running-version,cascade',
    ],
    ['create table if not exists items (other text)', 'if-not-exists-hides'],
    ['alter table items add column if not exists color text', 'exclusive-lock,if-not-exists-hides'],
    ['update items set color = null', 'large-update,fires-triggers'],
    ['update items set color = null where id = 5', 'fires-triggers'],
    [
      `alter type color add value 'green'; update items set color = 'green' where id = 1`,
      'enum-value-use,fires-triggers',
    ],
    [`do $$ begin execute 'select ' || 1; end $$`, 'opaque'],
  ])('%s: %s', async (sql, rules) => {
    const found = await findings({
      before: tables,
      timeZone: 'UTC',
      files: { '0001_a.sql': sql },
    })
    expect(rulesOf(found).join()).toBe(rules)
    for (const { because, remedy, blocks, hebrew } of found) {
      for (const text of [because, remedy, blocks ?? '', hebrew.because, hebrew.remedy])
        expect(text).not.toMatch(/[{}]|undefined|\.\. |…\./)
      expect(hebrew.because).toMatch(/[א-ת]/)
    }
  })

  it('is content when the header says that it is meant', async () => {
    const found = await findings({
      before: tables,
      files: {
        '0001_a.sql': `-- why: nobody reads it any more
-- destructive: yes
-- phase: contract
alter table items drop color;`,
      },
    })
    expect(rulesOf(found)).toEqual(['exclusive-lock'])
  })

  it('lists all that CASCADE takes along', async () => {
    const found = await findings({
      before: tables,
      files: { '0001_a.sql': 'drop table users cascade' },
    })
    const cascade = found.find(({ rule }) => rule === 'cascade')
    expect(cascade?.because).toContain('view public.names')
    expect(cascade?.because).toContain('constraint public.items.items_user_id_fkey')
    expect(cascade?.because).not.toContain('column public.users')
  })
})

describe('transactions', () => {
  it('warns of several tables in one, and of long work behind a lock', async () => {
    const found = await findings({
      before: tables,
      files: {
        '0001_a.sql': `-- why: x
alter table users add age int;
alter table items add size int;
update users set age = 1;`,
        '0002_b.sql': `-- why: x
alter table items add constraint big check (size > 0) not valid;
alter table items validate constraint big;`,
        '0003_c.sql': `-- why: x
alter table items add weight int;
create index concurrently items_weight on items (weight);
alter table users add weight int;`,
      },
    })
    expect(found.map(({ migration, statementNo, rule }) => [migration, statementNo, rule])).toEqual(
      [
        ['0001_a', 1, 'exclusive-lock'],
        ['0001_a', 2, 'exclusive-lock'],
        ['0001_a', 2, 'many-tables-locked'],
        ['0001_a', 3, 'work-under-lock'],
        ['0001_a', 3, 'large-update'],
        ['0002_b', 1, 'exclusive-lock'],
        ['0002_b', 2, 'validate-in-same-transaction'],
        ['0003_c', 1, 'exclusive-lock'],
        ['0003_c', 3, 'exclusive-lock'],
      ],
    )
  })
})

describe('with `online: yes`', () => {
  const sql = `create index on items (color);
alter table items add constraint mine foreign key (user_id) references users;
update items set color = null;
alter table users alter email type varchar(20);`

  it('says nothing about what will not happen, and all of the rest', async () => {
    const given = (header: string) => ({
      before: tables.filter((text) => !text.startsWith('create trigger')),
      files: {
        '0001_a.sql': `-- why: x\n-- destructive: yes\n-- phase: contract${header}\n${sql}`,
      },
    })
    const plain = [
      'index-not-concurrent',
      'foreign-key-validates',
      'many-tables-locked',
      'work-under-lock',
      'work-under-lock',
      'large-update',
      'type-change-rewrite',
      'work-under-lock',
    ]
    expect(rulesOf(await findings(given(''))).toSorted()).toEqual(plain.toSorted())
    expect(rulesOf(await findings(given('\n-- online: yes')))).toEqual(['type-change-rewrite'])
    const migrations = await migrationsFor(given(''))
    expect(rulesOf(await lint({ migrations }, { online: true }))).toEqual(['type-change-rewrite'])
  })
})

describe('sizes', () => {
  const files = { '0001_a.sql': '-- why: x\ncreate index on items (color)' }
  const size = (bytes: number, rows: number) => [{ table: 'public.items', bytes, rows }]

  it('estimates how long others wait', async () => {
    const [found] = await findings({ before: tables, files }, size(60 * 2 ** 30, 90_000_000))
    expect(found).toMatchObject({ rule: 'index-not-concurrent', level: 'error' })
    expect(found?.blocks).toBe(
      'SHARE on public.items: reads go on, writes wait while the index is built (60 GB, 90,000,000 rows; roughly 17 min).',
    )
  })

  it('only mentions what is over at once', async () => {
    const [found] = await findings({ before: tables, files }, size(16_384, 12))
    expect(found).toMatchObject({ rule: 'index-not-concurrent', level: 'info' })
  })
})

describe('lint-ignore', () => {
  const text = `-- why: x
-- lint-ignore: exclusive-lock short enough at night

-- lint-ignore: data-loss, breaks-running-version never used
alter table items drop color;
-- lint-ignore: data-loss
alter table users drop email;
-- lint-ignore: large-update not needed
select '
-- lint-ignore: opaque inside a string
';`

  it('accepts findings of a file or a statement, only with a reason, and complains of idle ones', async () => {
    const migrations = await migrationsFor({ before: tables, files: { '0001_a.sql': text } })
    const found = await lint({ migrations })
    expect(found.map(({ rule, line }) => [rule, line])).toEqual([
      ['many-tables-locked', 7],
      ['data-loss', 7],
      ['breaks-running-version', 7],
      ['ignore-without-reason', 6],
      ['ignore-unused', 8],
    ])
    const all = await lint({ migrations }, { withIgnored: true })
    expect(all.filter(({ ignored }) => ignored !== undefined)).toHaveLength(4)
    expect(all.find(({ rule }) => rule === 'data-loss')?.ignored).toBe('never used')
    expect(countFindings(all)).toEqual({ error: 2, warning: 2, info: 1 })
  })
})

it('prints findings with their place in either language', async () => {
  const found = await findings({
    before: tables,
    files: { '0001_a.sql': '-- why: x\n\n  drop table items' },
  })
  const text = lintText(found)
  expect(text).toContain(
    '0001_a.sql:3:3: error data-loss: The table public.items is lost for good.',
  )
  expect(text).toContain('  → If that is meant, add the header line `-- destructive: yes`')
  expect(lintText(found, 'he')).toContain('הטבלה public.items יאבד לתמיד')
})

it('has texts for every rule in both languages with the same placeholders', () => {
  const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([one]) => one)
  for (const [id, { en, he }] of Object.entries(lintRules))
    for (const part of ['because', 'remedy'] as const)
      expect([id, new Set(placeholders(he[part]))]).toEqual([id, new Set(placeholders(en[part]))])
})
