import { beforeAll, expect, inject, it } from 'vitest'
import { elaborateOnServer } from '../testing/elaborate-texts.ts'
import { sourcesOfTrial } from '../testing/order-trials.ts'
import { loadParser, type Parser } from '../text/parser.ts'
import { judgeOrder } from './verdict.ts'

let parser: Parser
beforeAll(async () => {
  parser = await loadParser()
})

const own = `create schema app; create type public.mood as enum ('a'); create type app."Part" as (a int);
  create domain public.amount as numeric(12,2) check (value >= 0); create domain app.ids as int[];`

/** One type in two spellings. */
const spellings: readonly (readonly [string, string])[] = [
  ['varchar', 'character varying'],
  ['varchar(10)', 'character varying ( 10 )'],
  ['varchar(10)', 'pg_catalog.varchar(10)'],
  ['char(3)', 'character(3)'],
  ['char', 'bpchar(1)'],
  ['"char"', 'pg_catalog."char"'],
  ['int', 'int4'],
  ['integer', 'pg_catalog.int4'],
  ['INT8', 'BigInt'],
  ['int2', 'smallint'],
  ['float', 'double precision'],
  ['float(24)', 'real'],
  ['float8', 'float(53)'],
  ['decimal', 'numeric'],
  ['dec(10, 2)', 'numeric(10,2)'],
  ['numeric(10)', 'decimal(10,0)'],
  ['bool', 'boolean'],
  ['timestamptz', 'timestamp with time zone'],
  ['timestamp', 'timestamp without time zone'],
  ['timestamptz(3)', 'timestamp(3) with time zone'],
  ['timetz', 'time with time zone'],
  ['time(0)', 'time(0) without time zone'],
  ['interval', 'pg_catalog.interval'],
  ['varbit(4)', 'bit varying(4)'],
  ['bit', 'bit(1)'],
  ['nchar(2)', 'national character(2)'],
  ['text[]', 'text array'],
  ['int[]', 'integer[][]'],
  ['int4[3]', 'integer array[3]'],
  ['text[]', '_text'],
  ['int[]', 'pg_catalog._int4'],
  ['varchar(9)[]', 'character varying(9)[]'],
  ['mood', 'public.mood'],
  ['mood', '"public"."mood"'],
  ['Mood[]', 'public._mood'],
  ['amount', 'public.amount'],
  ['app."Part"', '"app"."Part"'],
  ['app."Part"[]', 'app."_Part"'],
  ['app.ids', 'APP.IDS'],
]

const made = ([type]: readonly [string, string], no: number) =>
  `create table t${no} (id int, c ${type}); alter table t${no} alter column c set default null;
   create function f${no}(x ${type}) returns int language sql as 'select 1';`

const respelled = ([, type]: readonly [string, string], no: number) =>
  `alter table t${no} alter column c type ${type};
   comment on function f${no}(${type}) is 'the same';
   create or replace function f${no}(x ${type}) returns int language sql as 'select 2';`

const dropped = ([, type]: readonly [string, string], no: number) =>
  `drop function f${no}(${type});`

it.each(spellings.map((pair, no) => [...pair, no] as const))(
  'refuses nothing where %s is called %s later [MIG-10]',
  (one, other, no) => {
    const texts = [
      `${own} ${made([one, other], no)}`,
      respelled([one, other], no),
      dropped([one, other], no),
    ]
    const trial = texts.map((text, index) => ({ id: `000${index + 1}_t`, text }))
    const verdict = judgeOrder(sourcesOfTrial(trial), { parser })
    expect(verdict.objections.map(({ because }) => because)).toEqual([])
    expect(verdict.warnings.map(({ because }) => because)).toEqual([])
  },
)

it('sees no loss and no rewrite where a type is only called otherwise [MIG-7] [MIG-10]', async () => {
  const connection = { ...inject('migrateServer'), database: 'postgres' }
  const tables = spellings.map(([type], no) => `create table t${no} (c ${type});`)
  const altered = spellings.map(([, type], no) => `alter table t${no} alter column c type ${type};`)
  const { migrations } = await elaborateOnServer(connection, {
    done: [[own, ...tables].join('\n')],
    pending: [altered.join('\n')],
  })
  const seen = migrations[0]?.observations ?? []
  expect(seen).toHaveLength(spellings.length)
  expect(
    seen.flatMap(({ losses, rewrites }, at) =>
      losses.length + rewrites.length > 0 ? [[spellings[at], losses, rewrites]] : [],
    ),
  ).toEqual([])
})
