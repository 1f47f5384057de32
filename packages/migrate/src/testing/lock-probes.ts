import type { LockMode } from '../shadow/lock-modes.ts'

/** Strongest lock on each table, view or sequence; relations lie in `public`. */
export type LockProbe = {
  readonly sql: string
  readonly locks?: Readonly<Record<string, keyof typeof modes>>
  readonly rewrites?: readonly string[]
  readonly rebuilds?: readonly string[]
  readonly scans?: readonly string[]
  /** Run before, in transactions of their own. */
  readonly after?: readonly string[]
  /** A setting of the session. */
  readonly timeZone?: string
}

/** Lock modes by their usual short forms. */
export const modes = {
  AS: 'access share',
  RS: 'row share',
  RX: 'row exclusive',
  SUE: 'share update exclusive',
  S: 'share',
  SRX: 'share row exclusive',
  X: 'exclusive',
  AE: 'access exclusive',
} as const satisfies Record<string, LockMode>

/** What there is before a probe. */
export const probeSetup: readonly string[] = [
  `create type mood as enum ('sad', 'glad')`,
  `create domain positive as integer check (value > 0)`,
  `create table p (id integer primary key, v integer)`,
  `create table t (id integer primary key, a integer, b text, v varchar(10), n numeric(10, 2),
    at timestamp, j json, m mood, d positive, filled integer not null)`,
  `create index t_a on t (a)`,
  `create index t_v on t (v)`,
  `create table c (id integer primary key, p_id integer constraint c_fk references p,
    other integer, constraint c_check check (other > 0))`,
  `create table parted (id integer, k integer) partition by range (id)`,
  `create table part1 partition of parted for values from (0) to (10)`,
  `create table rest partition of parted default`,
  `create table loose (id integer, k integer)`,
  `create table refers (id integer)`,
  `create view seen as select id, a from t`,
  `create materialized view kept as select id, a from t`,
  `create unique index kept_id on kept (id)`,
  `create sequence s`,
  `create function noted() returns trigger language plpgsql as 'begin return new; end'`,
  `create trigger t_noted before insert on t for each row execute function noted()`,
  `create policy t_mine on t using (id > 0)`,
]

export const columnProbes: readonly LockProbe[] = [
  { sql: 'alter table t add x integer', locks: { t: 'AE' } },
  { sql: 'alter table t add x integer not null default 5', locks: { t: 'AE' } },
  { sql: 'alter table t add x timestamptz not null default now()', locks: { t: 'AE' } },
  {
    sql: 'alter table t add x timestamptz default clock_timestamp()',
    locks: { t: 'AE' },
    rewrites: ['t'],
    rebuilds: ['t_a', 't_pkey', 't_v'],
    scans: ['t'],
  },
  ...['x uuid default gen_random_uuid()', 'x serial', 'x integer generated always as identity'].map(
    (column): LockProbe => ({
      sql: `alter table t add ${column}`,
      locks: { t: 'AE' },
      rewrites: ['t'],
      rebuilds: ['t_a', 't_pkey', 't_v'],
      scans: ['t'],
    }),
  ),
  ...['x integer generated always as (a + 1) stored', 'x positive', 'x positive default 3'].map(
    (column): LockProbe => ({
      sql: `alter table t add ${column}`,
      locks: { t: 'AE' },
      rewrites: ['t'],
      rebuilds: ['t_a', 't_pkey', 't_v'],
      scans: ['t'],
    }),
  ),
  { sql: 'alter table t add x integer generated always as (a + 1) virtual', locks: { t: 'AE' } },
  { sql: 'alter table t add x integer references p', locks: { t: 'AE', p: 'SRX' } },
  { sql: 'alter table t add x integer check (x > 0)', locks: { t: 'AE' }, scans: ['t'] },
  { sql: 'alter table t add x integer unique', locks: { t: 'AE' }, scans: ['t'] },
  { sql: 'alter table t drop n', locks: { t: 'AE' } },
  { sql: 'alter table c drop p_id', locks: { c: 'AE', p: 'AE' } },
  { sql: 'alter table t drop a cascade', locks: { t: 'AE', seen: 'AE', kept: 'AE' } },
  { sql: 'alter table t rename n to n2', locks: { t: 'AE' } },
  { sql: 'alter table t rename to t2', locks: { t: 'AE' } },
  { sql: 'alter table c rename constraint c_check to c_checked', locks: { c: 'AE' } },
  {
    sql: 'alter table loose set schema elsewhere',
    after: ['create schema elsewhere'],
    locks: { loose: 'AE' },
  },
  { sql: 'alter table t owner to current_user', locks: { t: 'AE' } },
  { sql: 'alter table t replica identity full', locks: { t: 'AE' } },
  { sql: 'alter table t alter a set default 5', locks: { t: 'AE' } },
  { sql: 'alter table t alter filled drop not null', locks: { t: 'AE' } },
  { sql: 'alter table t alter b set storage external', locks: { t: 'AE' } },
  { sql: 'alter table t alter a set not null', locks: { t: 'AE' }, scans: ['t'] },
  {
    sql: 'alter table t alter a set not null',
    after: ['alter table t add constraint a_there check (a is not null)'],
    locks: { t: 'AE' },
  },
  { sql: 'alter table t add constraint a_there not null a not valid', locks: { t: 'AE' } },
  {
    sql: 'alter table t validate constraint a_there',
    after: ['alter table t add constraint a_there not null a not valid'],
    locks: { t: 'SUE' },
    scans: ['t'],
  },
  { sql: 'alter table t alter a set statistics 200', locks: { t: 'SUE' } },
  { sql: 'alter table t alter a set (n_distinct = 5)', locks: { t: 'SUE' } },
  { sql: 'alter table t alter filled add generated always as identity', locks: { t: 'AE' } },
]

const rewritten = { locks: { t: 'AE' }, rewrites: ['t'], scans: ['t'] } as const

export const typeProbes: readonly LockProbe[] = [
  { sql: 'alter table t alter v type varchar(20)', locks: { t: 'AE' } },
  { sql: 'alter table t alter v type text', locks: { t: 'AE' } },
  { sql: 'alter table t alter n type numeric(12, 2)', locks: { t: 'AE' } },
  { sql: 'alter table t alter n type numeric', locks: { t: 'AE' } },
  { sql: 'alter table t alter filled type integer', locks: { t: 'AE' } },
  {
    sql: 'alter table t alter v type varchar(5)',
    ...rewritten,
    rebuilds: ['t_a', 't_pkey', 't_v'],
  },
  ...[
    'b type varchar(5)',
    'filled type bigint',
    'filled type text',
    'n type numeric(8, 2)',
    'n type numeric(10, 3)',
    'j type jsonb',
    'm type text using m::text',
    'm type text',
    'at type date',
    'filled type integer using filled + 1',
    `at type timestamptz using at at time zone 'UTC'`,
  ].map((change): LockProbe => ({
    sql: `alter table t alter ${change}`,
    ...rewritten,
    rebuilds: ['t_a', 't_pkey', 't_v'],
  })),
  { sql: 'alter table t alter at type timestamptz', locks: { t: 'AE' }, timeZone: 'UTC' },
  {
    sql: 'alter table t alter at type timestamptz',
    ...rewritten,
    rebuilds: ['t_a', 't_pkey', 't_v'],
    timeZone: 'Asia/Jerusalem',
  },
  {
    sql: 'alter table t alter v type varchar(10) collate "POSIX"',
    locks: { t: 'AE' },
    rebuilds: ['t_v'],
    scans: ['t'],
  },
]

export const constraintProbes: readonly LockProbe[] = [
  { sql: 'alter table t add check (a > 0)', locks: { t: 'AE' }, scans: ['t'] },
  { sql: 'alter table t add check (a > 0) not valid', locks: { t: 'AE' } },
  {
    sql: 'alter table t validate constraint a_positive',
    after: ['alter table t add constraint a_positive check (a > 0) not valid'],
    locks: { t: 'SUE' },
    scans: ['t'],
  },
  {
    sql: 'alter table t validate constraint a_fk',
    after: ['alter table t add constraint a_fk foreign key (a) references p not valid'],
    locks: { t: 'SUE', p: 'RS' },
    scans: ['p', 't'],
  },
  {
    sql: 'alter table t add foreign key (a) references p',
    locks: { t: 'SRX', p: 'SRX' },
    scans: ['p', 't'],
  },
  {
    sql: 'alter table t add foreign key (a) references p not valid',
    locks: { t: 'SRX', p: 'SRX' },
  },
  { sql: 'create table fresh (id integer references p)', locks: { p: 'SRX' } },
  { sql: 'alter table c drop constraint c_fk', locks: { c: 'AE', p: 'AE' } },
  { sql: 'alter table c drop constraint c_check', locks: { c: 'AE' } },
  { sql: 'alter table c alter constraint c_fk deferrable', locks: { c: 'AE' } },
  { sql: 'alter table t add unique (b)', locks: { t: 'AE' }, scans: ['t'] },
  { sql: 'alter table refers add primary key (id)', locks: { refers: 'AE' }, scans: ['refers'] },
  {
    sql: 'alter table t add constraint b_once unique using index t_b',
    after: ['create unique index t_b on t (b)'],
    locks: { t: 'AE' },
  },
  { sql: 'alter table t add exclude (a with =)', locks: { t: 'AE' }, scans: ['t'] },
  { sql: 'create index on t (b)', locks: { t: 'S' }, scans: ['t'] },
  {
    sql: 'create index on parted (k)',
    locks: { parted: 'S', part1: 'S', rest: 'S' },
    scans: ['part1', 'rest'],
  },
  { sql: 'create index on only parted (k)', locks: { parted: 'S' } },
  { sql: 'drop index t_a', locks: { t: 'AE' } },
  { sql: 'reindex index t_a', locks: { t: 'S' }, rebuilds: ['t_a'], scans: ['t'] },
  {
    sql: 'reindex table t',
    locks: { t: 'S' },
    rebuilds: ['t_a', 't_pkey', 't_v'],
    scans: ['t'],
  },
  { sql: 'alter index t_a rename to t_a2' },
  { sql: 'alter index t_a set (fillfactor = 70)' },
  {
    sql: 'create trigger again before update on t for each row execute function noted()',
    locks: { t: 'SRX' },
  },
  {
    sql: 'create trigger again before update on parted for each row execute function noted()',
    locks: { parted: 'SRX', part1: 'SRX', rest: 'SRX' },
  },
  { sql: 'alter table t disable trigger t_noted', locks: { t: 'SRX' } },
  { sql: 'alter table t enable trigger t_noted', locks: { t: 'SRX' } },
  { sql: 'drop trigger t_noted on t', locks: { t: 'AE' } },
  { sql: 'create rule quiet as on delete to t do instead nothing', locks: { t: 'AE' } },
  { sql: 'alter table t enable row level security', locks: { t: 'AE' } },
  { sql: 'alter table t disable row level security', locks: { t: 'AE' } },
  { sql: 'alter table t force row level security', locks: { t: 'AE' } },
  { sql: 'create policy more on t using (true)', locks: { t: 'AE' } },
  { sql: 'alter policy t_mine on t using (true)', locks: { t: 'AE' } },
  { sql: 'drop policy t_mine on t', locks: { t: 'AE' } },
  { sql: 'create statistics t_stats on a, b from t', locks: { t: 'SUE' } },
  { sql: 'create publication told for table t', locks: { t: 'SUE' } },
  { sql: `comment on table t is 'x'`, locks: { t: 'SUE' } },
  { sql: `comment on column t.a is 'x'`, locks: { t: 'SUE' } },
  { sql: 'alter table t set (fillfactor = 70)', locks: { t: 'SUE' } },
  { sql: 'alter table t set (autovacuum_enabled = false)', locks: { t: 'SUE' } },
  { sql: 'alter table t cluster on t_a', locks: { t: 'SUE' } },
  { sql: 'analyze t', locks: { t: 'SUE' } },
  { sql: 'alter domain positive add check (value < 100)', locks: { t: 'S' }, scans: ['t'] },
  { sql: 'alter domain positive add check (value < 100) not valid' },
]

export const otherProbes: readonly LockProbe[] = [
  { sql: 'drop table c', locks: { c: 'AE', p: 'AE' } },
  { sql: 'drop table loose', locks: { loose: 'AE' } },
  { sql: 'truncate loose', locks: { loose: 'AE' }, rewrites: ['loose'] },
  {
    sql: 'truncate p cascade',
    locks: { p: 'AE', c: 'AE' },
    rewrites: ['c', 'p'],
    rebuilds: ['c_pkey', 'p_pkey'],
  },
  {
    sql: 'cluster t using t_a',
    locks: { t: 'AE' },
    rewrites: ['t'],
    rebuilds: ['t_a', 't_pkey', 't_v'],
    scans: ['t'],
  },
  {
    sql: 'alter table loose set unlogged',
    locks: { loose: 'AE' },
    rewrites: ['loose'],
    scans: ['loose'],
  },
  {
    sql: 'alter table parted attach partition loose for values from (10) to (20)',
    locks: { parted: 'SUE', loose: 'AE', rest: 'AE' },
    scans: ['loose', 'rest'],
  },
  {
    sql: 'alter table parted attach partition loose for values from (10) to (20)',
    after: [
      'alter table loose alter id set not null, add check (id >= 10 and id < 20)',
      'drop table rest',
    ],
    locks: { parted: 'SUE', loose: 'AE' },
  },
  {
    sql: 'create table part2 partition of parted for values from (10) to (20)',
    locks: { parted: 'AE', rest: 'AE' },
    scans: ['rest'],
  },
  {
    sql: 'alter table parted detach partition part1',
    locks: { parted: 'AE', part1: 'AE', rest: 'AE' },
  },
  { sql: 'drop table part1', locks: { parted: 'AE', part1: 'AE', rest: 'AE' } },
  { sql: 'alter table parted add x integer', locks: { parted: 'AE', part1: 'AE', rest: 'AE' } },
  {
    sql: 'refresh materialized view kept',
    locks: { kept: 'AE', t: 'AS' },
    rewrites: ['kept'],
    rebuilds: ['kept_id'],
    scans: ['t'],
  },
  {
    sql: 'refresh materialized view concurrently kept',
    locks: { kept: 'X', t: 'AS' },
    scans: ['kept', 't'],
  },
  { sql: 'create or replace view seen as select id, a from t', locks: { seen: 'AE', t: 'AS' } },
  { sql: 'drop view seen', locks: { seen: 'AE' } },
  { sql: 'alter view seen rename to saw', locks: { seen: 'AE' } },
  { sql: 'create view more as select id from t', locks: { t: 'AS' } },
  {
    sql: `create or replace function noted() returns trigger language plpgsql as 'begin return old; end'`,
  },
  { sql: `alter type mood add value 'angry'` },
  { sql: `alter type mood rename value 'sad' to 'blue'` },
  { sql: 'grant select on t to public', locks: { t: 'AS' } },
  { sql: 'alter sequence s restart', locks: { s: 'SRX' } },
  { sql: 'alter sequence s owned by t.id', locks: { s: 'SRX', t: 'AS' } },
  { sql: 'update t set a = 1', locks: { t: 'RX' }, scans: ['t'] },
  { sql: 'insert into loose values (1, 1)', locks: { loose: 'RX' } },
  { sql: 'delete from loose', locks: { loose: 'RX' }, scans: ['loose'] },
  { sql: 'select from loose for update', locks: { loose: 'RS' }, scans: ['loose'] },
]
