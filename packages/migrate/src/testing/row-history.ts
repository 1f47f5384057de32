import { createRandom } from './choices.ts'
import type { Files } from './undoable.ts'

/** A migration on tables with rows of every kind. */
export type RowHistory = {
  readonly files: Files
  /** Puts rows into the tables of the first file. */
  readonly fill: string
}

/** Column, type and values as SQL, at the edges of what the type holds. */
const columns: readonly (readonly [name: string, type: string, values: readonly string[]])[] = [
  [
    'num',
    'numeric',
    [`'NaN'`, `'Infinity'`, `'-Infinity'`, '0.00', '-1e-30', '12345678901234567890.123456789'],
  ],
  ['money2', 'numeric(12,2)', ['0', '-99.99', '1234567890.12']],
  [
    'real8',
    'double precision',
    [`'NaN'`, `'-0'`, `'infinity'`, '5e-324', '1.7976931348623157e308', '0.1'],
  ],
  ['real4', 'real', [`'NaN'`, '1e-45', '0.1', '-3.4028235e38']],
  ['small', 'smallint', ['-32768', '32767', '0']],
  ['big', 'bigint', ['-9223372036854775808', '9223372036854775807', '0']],
  ['flag', 'boolean', ['true', 'false']],
  [
    'words',
    'text',
    [
      `''`,
      `' '`,
      `E'tab\\tline\\nback\\\\slash "quote" (a,b) {c}'`,
      `'עברית ‏ימין'`,
      `E'\\u2028'`,
      `'null'`,
      `repeat('long ', 3000)`,
    ],
  ],
  ['padded', 'char(5)', [`'a'`, `''`, `'abcde'`, `' b'`]],
  ['short', 'varchar(10)', [`'trailing  '`, `''`]],
  ['one', '"char"', [`'x'`, `' '`]],
  ['bytes', 'bytea', [`''`, `'\\x00ff5c'`, `'\\xdeadbeef'`]],
  [
    'stamp',
    'timestamptz',
    [`'infinity'`, `'-infinity'`, `'2026-03-27 02:30:00.123456+02'`, `'0044-03-15 12:00:00+00 BC'`],
  ],
  ['local', 'timestamp', [`'1999-12-31 23:59:59.999999'`, `'infinity'`]],
  ['day', 'date', [`'-infinity'`, `'4713-01-01 BC'`, `'2024-02-29'`]],
  ['clock', 'timetz', [`'24:00:00+14'`, `'00:00:00.000001-12'`]],
  ['span', 'interval', [`'-1 year +3 mons -4 days 05:06:07.891234'`, `'0'`, `'178000000 years'`]],
  [
    'id128',
    'uuid',
    [`'00000000-0000-0000-0000-000000000000'`, `'ffffffff-ffff-ffff-ffff-ffffffffffff'`],
  ],
  ['asjson', 'json', [`'{"b": 1,   "a": 2, "b": 3}'`, `'null'`, `'[1.10, "x"]'`]],
  ['asjsonb', 'jsonb', [`'{"b": 1, "a": [null, 1.10]}'`, `'null'`, `'""'`]],
  ['list', 'int[]', [`'{}'`, `'{{1,2},{3,NULL}}'`, `'[0:1]={7,8}'`]],
  ['texts', 'text[]', [`array['a,b', '"', E'\\\\', null, 'NULL', '']`, `'{}'`]],
  [
    'parts',
    'app.part',
    [
      `row(1, 'x "y", (z)', row(null, null)::app.leaf)`,
      `row(null, null, null)`,
      `row(2, '', null)`,
    ],
  ],
  ['partlist', 'app.part[]', [`array[row(1, 'a,b', row(2, '{}')::app.leaf)::app.part, null]`]],
  ['mood', 'app.mood', [`'sad'`, `'ok'`, `'very happy'`, `'שמח'`]],
  ['moods', 'app.mood[]', [`array['ok', 'שמח']::app.mood[]`]],
  ['positive', 'app.positive', ['1', '2147483647']],
  ['within', 'int4range', [`'empty'`, `'(,5]'`, `'[1,1]'`]],
  ['times', 'tstzrange', [`'[2020-01-01 00:00+00,infinity)'`]],
  ['many', 'nummultirange', [`'{}'`, `'{[1,2),(5.5,)}'`]],
  ['address', 'inet', [`'10.0.0.1/8'`, `'::1'`]],
  ['bits', 'bit varying', [`B''`, `B'0101'`]],
  ['place', 'point', [`'(-0,1e300)'`]],
  ['vector', 'tsvector', [`'a:1A fat:2,4 ''quo te'''`]],
  ['price', 'money', [`'-92233720368547758.08'`, `'0.01'`]],
  ['markup', 'xml', [`'<a b="1">x &amp; y</a>'`]],
]

const base = `create schema app;
create type app.mood as enum ('sad', 'ok', 'very happy', 'שמח');
create type app.leaf as (a int, b text);
create type app.part as (n int, t text, l app.leaf);
create domain app.positive as int check (value > 0);
create table app."Kinds" (id bigint generated always as identity primary key,
  ${columns.map(([name, type]) => `${name} ${type}`).join(',\n  ')},
  touched int not null default 0, twice bigint generated always as (small * 2) stored);
create table app."ילדים" (id serial primary key,
  kind bigint references app."Kinds" on delete cascade on update cascade,
  note text not null default 'x', unique (note));
create table app.loose (a int, b text, c numeric, d app.mood);
create table app.parted (region text not null, id int not null, val text, primary key (region, id))
  partition by list (region);
create table app.parted_il partition of app.parted for values in ('il');
create table app.parted_rest partition of app.parted default;
create table app.child_of_loose (extra text) inherits (app.loose);
create function app.touch() returns trigger language plpgsql as $$
  begin new.touched := old.touched + 1; return new; end $$;
create trigger touch before update on app."Kinds" for each row execute function app.touch();
create index on app."Kinds" (words) where flag;
alter table app.loose enable row level security;
alter table app.loose force row level security;
create table app.checked (id int primary key);
create view app.seen as select id, small from app."Kinds";`

/** What a migration may do, and the tables that it needs and that are gone afterwards. */
type Operation = {
  readonly sql: string
  readonly needs: readonly string[]
  readonly ends?: readonly string[]
  /** Major version of PostgreSQL that has it first; default: all that are supported. */
  readonly since?: number
}

const kinds = 'app."Kinds"'
const children = 'app."ילדים"'

const droppable = columns.map(([name]) => name).filter((name) => name !== 'small')

const operations: readonly Operation[] = [
  ...droppable.map((name) => ({
    sql: `alter table ${kinds} drop column ${name}`,
    needs: [kinds, name],
    ends: [name],
  })),
  { sql: 'drop table app.child_of_loose', needs: ['child'], ends: ['child'] },
  { sql: 'drop table app.loose cascade', needs: ['loose', 'child'], ends: ['loose', 'child'] },
  { sql: `drop table ${children}`, needs: [children], ends: [children] },
  { sql: 'drop table app.parted', needs: ['parted'], ends: ['parted'] },
  { sql: 'alter table app.loose drop column c', needs: ['loose', 'c'], ends: ['c'] },
  { sql: 'alter table app.loose drop column d cascade', needs: ['loose', 'd'], ends: ['d'] },
  {
    sql: `alter table ${kinds} alter num type text using num::text`,
    needs: [kinds, 'num'],
    ends: ['num'],
  },
  {
    sql: `alter table ${kinds} alter words type int using length(words)`,
    needs: [kinds, 'words'],
    ends: ['words'],
  },
  {
    sql: `alter table ${kinds} alter stamp type date using null`,
    needs: [kinds, 'stamp'],
    ends: ['stamp'],
  },
  {
    sql: `alter table ${kinds} alter mood type text using mood::text`,
    needs: [kinds, 'mood'],
    ends: ['mood'],
  },
  {
    sql: `alter table ${kinds} alter asjson type jsonb using asjson::jsonb`,
    needs: [kinds, 'asjson'],
    ends: ['asjson'],
  },
  {
    sql: `alter table app.loose alter a type text using 'n' || a`,
    needs: ['loose', 'a'],
    ends: ['a'],
  },
  {
    sql: `update ${kinds} set big = null, flag = not flag where id % 2 = 0`,
    needs: [kinds, 'big', 'flag'],
  },
  {
    sql: `update ${kinds} set texts = array_append(texts, 'more'), parts = null`,
    needs: [kinds, 'texts', 'parts'],
  },
  { sql: `delete from ${kinds} where id % 3 = 0`, needs: [kinds] },
  { sql: `insert into ${kinds} (small) values (7), (null)`, needs: [kinds] },
  {
    sql: `insert into ${children} (kind, note) select id, 'new ' || id from ${kinds} where id % 2 = 1`,
    needs: [kinds, children],
  },
  {
    sql: `update ${children} set note = note || '!', kind = null where id % 2 = 0`,
    needs: [children],
  },
  { sql: `update ${children} set id = id + 1000 where id % 4 = 1`, needs: [children] },
  { sql: `truncate ${kinds} cascade`, needs: [kinds, children] },
  { sql: 'truncate app.loose', needs: ['loose'] },
  { sql: `delete from app.loose where b is null`, needs: ['loose'] },
  { sql: `update app.loose set b = coalesce(b, 'none')`, needs: ['loose'] },
  { sql: `insert into app.loose (b) values ('same'), ('same')`, needs: ['loose'] },
  { sql: `update app.parted set region = 'us' where id % 2 = 0`, needs: ['parted'] },
  { sql: `delete from app.parted where region = 'il'`, needs: ['parted'] },
  {
    sql: `merge into app.parted p using (values ('il', 1), ('eu', 99)) v (r, i) on p.region = v.r and p.id = v.i
      when matched then update set val = 'merged' when not matched then insert values (v.r, v.i, 'made')`,
    needs: ['parted'],
    since: 15,
  },
  {
    sql: `alter table ${kinds} add column fresh text default 'f'; update ${kinds} set fresh = 'g' where id % 2 = 1`,
    needs: [kinds, 'fresh'],
    ends: ['fresh'],
  },
  {
    sql: `alter table ${children} rename to "Kids"; update app."Kids" set note = upper(note)`,
    needs: [children],
    ends: [children],
  },
  {
    sql: `alter table app.loose rename column b to bb; update app.loose set bb = bb || bb`,
    needs: ['loose', 'b2'],
    ends: ['loose'],
  },
  {
    sql: `do $$ begin update app.loose set a = a; delete from app.parted where id = 2; end $$`,
    needs: ['loose', 'parted', 'a'],
  },
  {
    sql: `create table app.copy as select id, small from ${kinds}`,
    needs: [kinds, 'copy'],
    ends: ['copy'],
  },
  // What cannot be in a transaction cuts the migration into parts that are committed one by one.
  {
    sql: 'create index concurrently loose_a on app.loose (a)',
    needs: ['loose', 'a', 'loose_a'],
    ends: ['loose_a'],
  },
  {
    sql: `create index concurrently kinds_small on ${kinds} (small)`,
    needs: [kinds, 'kinds_small'],
    ends: ['kinds_small'],
  },
  { sql: `alter type app.mood add value 'new mood'`, needs: ['label'], ends: ['label'] },
]

const strictTables = `create table app.strict (id int primary key, must text not null,
  other int not null, free text, only_one int not null unique);
create table app.bare (a int not null, b text not null, c int not null);`

const strictFill = `
  insert into app.strict select g, 'm' || g, g * 2, 'f' || g, -g from generate_series(1, 9) g;
  insert into app.bare select g % 2, 'b' || g % 3, g from generate_series(1, 9) g;
  insert into app.bare select * from app.bare where c = 4;`

const onStrict = (sql: string, columns: readonly string[], ends: readonly string[] = []) => ({
  sql,
  needs: ['strict', ...columns],
  ends,
})

/** Columns that may not be empty go before rows and after them, with transactions ending in between. */
const strictOperations: readonly Operation[] = [
  ...['must', 'other', 'free', 'only_one'].map((name) =>
    onStrict(`alter table app.strict drop column ${name}`, [name], [name]),
  ),
  onStrict('alter table app.strict alter must type int using length(must)', ['must'], ['must']),
  onStrict('delete from app.strict where id % 3 = 0', []),
  onStrict('delete from app.strict where id % 4 = 1', []),
  onStrict(`update app.strict set free = free || '!' where id % 2 = 0`, ['free']),
  onStrict('update app.strict set other = -id where id > 4', ['other']),
  onStrict('update app.strict set id = id + 100 where id % 4 = 2', []),
  onStrict('alter table app.strict add column more int not null default 3', ['more'], ['more']),
  onStrict('drop table app.strict', [], ['strict']),
  { sql: 'alter table app.bare drop column b', needs: ['b'], ends: ['b'] },
  { sql: 'delete from app.bare where a = 0', needs: [] },
  ...[1, 2, 3].map((no) => ({
    sql: `create index concurrently kinds_part_${no} on ${kinds} (id)`,
    needs: [`part ${no}`],
    ends: [`part ${no}`],
  })),
]

type RowHistoryOptions = {
  readonly last?: string
  readonly isStrict?: boolean
  readonly major?: number
}

/**
 * Makes a migration of some operations and rows for it to work on. The same numbers give the same.
 *
 * @param choices one number for each operation
 * @param options `last`: a statement to end with; `isStrict`: on tables whose columns may not be empty;
 *   `major`: version of the server that runs it
 */
export function rowHistory(
  seed: number,
  choices: readonly number[],
  { last, isStrict = false, major = 18 }: RowHistoryOptions = {},
): RowHistory {
  const all = isStrict ? strictOperations : operations
  const known = all.filter(({ since = 0 }) => since <= major)
  const texts = chosenFrom(known, choices)
  const change = [...texts, ...(last === undefined ? [] : [last])].join('\n')
  return {
    files: { '0001_base': isStrict ? `${base}\n${strictTables}` : base, '0002_change': change },
    fill: isStrict ? `${fillFrom(seed)}${strictFill}` : fillFrom(seed),
  }
}

function chosenFrom(all: readonly Operation[], choices: readonly number[]): string[] {
  const gone = new Set<string>()
  const texts: string[] = []
  for (const choice of choices) {
    const possible = all.filter(({ needs }) => needs.every((name) => !gone.has(name)))
    const operation = possible[choice % possible.length]
    if (operation === undefined) continue
    texts.push(`${operation.sql};`)
    for (const name of operation.ends ?? []) gone.add(name)
  }
  return texts
}

function fillFrom(seed: number): string {
  const random = createRandom(seed)
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  const names = columns.map(([name]) => name).join(', ')
  const row = (at: number | undefined) =>
    columns.map(([, type, values]) => {
      const value = at === undefined ? (random() < 0.2 ? 'null' : pick(values)) : values[at]
      return value === undefined || value === 'null' ? 'null' : `(${value})::${type}`
    })
  const rows = [
    ...Array.from({ length: 7 }, (_, at) => row(at)),
    ...Array.from({ length: 6 }, () => row(undefined)),
  ]
  const insert = (values: readonly string[]) =>
    `insert into ${kinds} (${names}) values (${values.join(', ')});`
  return `set search_path = pg_catalog; ${rows.map(insert).join('\n')}
    insert into app.checked values (1), (2);
    insert into ${kinds} default values;
    insert into ${children} (kind, note) select case when g % 5 = 0 then null else 1 + g % 13 end, 'note ' || g from generate_series(1, ${8 + Math.floor(random() * 8)}) g;
    insert into app.loose select g % 3, case when g % 4 = 0 then null else 'b' || g % 2 end, (g % 2)::numeric / 3, case when g % 2 = 0 then 'ok'::app.mood end from generate_series(1, 12) g;
    insert into app.child_of_loose values (1, null, 'NaN', 'שמח', 'e'), (1, null, 'NaN', 'שמח', 'e');
    insert into app.parted select (array['il', 'us', 'eu'])[1 + g % 3], g, case when g % 4 > 0 then 'v' || g end from generate_series(1, 9) g;`
}
