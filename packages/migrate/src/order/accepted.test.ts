import { beforeAll, expect, it } from 'vitest'
import { sourcesOfTrial } from '../testing/order-trials.ts'
import { loadParser, type Parser } from '../text/parser.ts'
import { judgeOrder } from './verdict.ts'

let parser: Parser
beforeAll(async () => {
  parser = await loadParser()
})

const judge = (...texts: readonly string[]) =>
  judgeOrder(sourcesOfTrial(texts.map((text, index) => ({ id: `000${index + 1}_t`, text }))), {
    parser,
  }).objections.map(({ object, because }) => object ?? because)

/** What public histories do, and a reader of texts is tempted to refuse. */
const accepted: readonly (readonly [what: string, ...texts: string[]])[] = [
  [
    'a type that went under another name before it was replaced and dropped with CASCADE',
    `create type mood as enum ('a'); create table t (mood mood);`,
    `alter type mood rename to mood__; create type mood as enum ('a', 'b');
     alter table t alter column mood type mood using mood::text::mood;
     drop type mood__ cascade; update t set mood = 'b'`,
  ],
  [
    'a row type of a table with a quoted name in a declaration',
    `create table "Kind" (id int); create function f() returns void language plpgsql as
     $$ declare one "Kind"%rowtype; other public."Kind".id%type; begin null; end $$`,
  ],
  [
    'a rule about a column that a later part of the same statement adds',
    `create table u (id int primary key); create table t (a int not null)`,
    `alter table t add constraint one check ((a is null) <> (b is null)), alter column a drop not null,
       add foreign key (b) references u, add unique (b), add column b int null`,
  ],
  [
    'a column that the same statement adds before it drops the one of that name',
    `create table t (a int, b int)`,
    `alter table t add column a text not null default '', drop column a; create index on t (a)`,
  ],
  [
    'what a block does not reach, because it has returned before',
    `do $$ begin if not exists (select from pg_namespace where nspname = 'other') then return; end if;
       create function other.f() returns int language sql as 'select 1';
       update other.t set a = 1; alter table other.t add column b int; end $$`,
  ],
  [
    'what a function makes under a name that only its caller knows',
    `create function make(t text) returns void language plpgsql as
     $$ begin execute format('create table %I (a int)', t); end $$;
     create function make_all() returns void language plpgsql as $$ begin perform make('t'); end $$`,
    `select make_all(); create index on t (a)`,
  ],
  [
    'what a function makes under a name of its own',
    `create function make() returns void language plpgsql as $$ begin create table t (a int); end $$`,
    `select make(); create index on t (a)`,
  ],
  [
    'views that hang on each other and go in one statement, and come again',
    `create table t (a int); create view v as select a from t; create view w as select a from v`,
    `drop view v, w; create view v as select a from t; create view w as select a from v`,
    `drop view w`,
  ],
  [
    'an index whose name the server chose',
    `create table t (a int); create table u (like t including all)`,
    `alter index u_a_idx rename to u_a; drop index u_a_idx1`,
  ],
]

it.each(accepted)('does not object to %s [MIG-1]', (_, ...texts) => {
  expect(judge(...texts)).toEqual([])
})

const refused: readonly (readonly [what: string, object: string, ...texts: string[]])[] = [
  [
    'a declaration with a type that nobody makes',
    'public."Kind"',
    `create table kind (id int); create function f() returns void language plpgsql as
     $$ declare one "Kind"%rowtype; begin null; end $$`,
  ],
  [
    'what a function does not make unless it is called',
    'public.t',
    `create function make() returns void language plpgsql as $$ begin create table t (a int); end $$;
     create index on t (a)`,
  ],
  [
    'an index that is misspelt',
    'public.t_on_aa',
    'create table t (a int); create index t_on_a on t (a); drop index t_on_aa',
  ],
]

it.each(refused)('objects to %s [MIG-3]', (_, object, ...texts) => {
  expect(judge(...texts)).toEqual([object])
})

it('proposes to make a view before a file that drops it and makes it again [MIG-2]', () => {
  const texts = [
    'create table t (a int, b int)',
    'drop view v; create view v as select b from t',
    'create view v as select a from t',
  ].map((text, index) => ({ id: `000${index + 1}_t`, text }))
  const { proposal } = judgeOrder(sourcesOfTrial(texts), { parser })
  expect(proposal?.order).toEqual(['0001_t', '0003_t', '0002_t'])
})

it('says which policy was probably meant [MIG-3]', () => {
  const text = 'create table t (a int); create policy readers on t; drop policy reeders on t'
  const { objections } = judgeOrder(sourcesOfTrial([{ id: '0001_t', text }]), { parser })
  expect(objections.map(({ because, remedy }) => because + remedy)).toEqual([
    expect.stringContaining('readers'),
  ])
})

it('warns of a name in a body that nobody makes, and not of one that is made before anybody can look [MIG-3]', () => {
  const warnings = (text: string) =>
    judgeOrder(sourcesOfTrial([{ id: '0001_t', text }]), { parser }).warnings.map(
      ({ object }) => object,
    )
  const body = (text: string) =>
    `create function f() returns void language plpgsql as $$ begin ${text} end $$;`
  expect(warnings(body('perform 1 from missing;'))).toEqual(['public.missing'])
  expect(
    warnings(`${body('perform 1 from later; perform g();')} create table later (a int);
      create function g() returns void language sql as 'select'`),
  ).toEqual([])
  expect(
    warnings(
      body(`if true then create temp table parts (a int) on commit drop; end if;
        insert into parts values (1); drop table parts;`),
    ),
  ).toEqual([])
  expect(
    warnings(`create table t (a int); do $$ begin if to_regclass('t') is not null then
      alter table t rename to t_old; insert into t_old values (1); drop table t_old; end if; end $$`),
  ).toEqual([])
})
