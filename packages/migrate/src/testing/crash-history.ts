import { createHash } from 'node:crypto'
import type { PreparedMigration, Statement } from '../execute/migration.ts'
import { createRandom, randomSteps } from './choices.ts'
import { historyFrom, textOfFile } from './history.ts'
import { plainStatements } from './plain-migration.ts'

/** A migration whose statements can be counted: some of them leave a row in `chaos.trace`. */
export type CrashMigration = PreparedMigration & {
  readonly name: string
  /** Numbers of the statements that leave a row. */
  readonly traced: readonly number[]
}

/** A table with some rows, and a place where every run of a statement leaves its mark. */
const base = `create schema chaos;
  create table chaos.trace (name text not null, no integer not null);
  create table chaos.inbox (id bigint primary key);
  create table chaos.busy (id bigint generated always as identity primary key, a integer, b text);
  insert into chaos.busy (a, b) select n, md5(n::text) from generate_series(1, 3000) n;
  create table chaos.parts (id integer, at integer) partition by range (at);
  create table chaos.parts_1 partition of chaos.parts for values from (0) to (100);
  create table chaos.parts_2 partition of chaos.parts for values from (100) to (200);
  insert into chaos.parts select n, n % 200 from generate_series(1, 500) n;
  create type chaos.mood as enum ('calm');
  create table chaos.moods (mood chaos.mood);
  create table chaos.counted (id integer primary key);
  create procedure chaos.count_up(until integer) language plpgsql as $$
  begin
    for n in 1 .. until loop
      insert into chaos.counted values (n) on conflict do nothing;
      commit;
    end loop;
  end $$`

/** Statements of every class, each with a number of its own in its names. */
const kinds: readonly ((n: number) => string)[] = [
  (n) => `create index concurrently busy_${n} on chaos.busy (a, b) where id > ${n}`,
  (n) => `create unique index concurrently if not exists busy_u${n} on chaos.busy ((b || id), a)`,
  () => 'create index concurrently on chaos.busy (b)',
  (n) => `create index concurrently parts_i${n} on chaos.parts (id)`,
  (n) =>
    `create index busy_d${n} on chaos.busy (a); $trace; drop index concurrently chaos.busy_d${n}`,
  () => 'reindex index concurrently chaos.busy_pkey',
  () => 'reindex table concurrently chaos.busy',
  () => 'vacuum chaos.busy',
  (n) => `alter type chaos.mood add value 'm${n}'; insert into chaos.moods values ('m${n}')`,
  (n) =>
    `begin; create table chaos.own_${n} (id int); $trace; commit; begin isolation level serializable; $trace; commit`,
  (n) =>
    `alter table chaos.busy add column c${n} integer default ${n}; $trace; alter table chaos.busy alter column c${n} set not null`,
  (n) =>
    `set search_path = chaos; create table s_${n} (id int); create index concurrently s_i${n} on s_${n} (id); create view v_${n} as select id from s_${n}`,
  (n) =>
    `create table chaos.p_${n} partition of chaos.parts for values from (${1000 + n * 10}) to (${1009 + n * 10}); $trace; alter table chaos.parts detach partition chaos.p_${n} concurrently`,
  (n) => `call chaos.count_up(${20 + n})`,
]

/** A history that holds every class of statement; the same seed gives the same one. */
export async function crashHistory(seed: number, files: number): Promise<CrashMigration[]> {
  const random = createRandom(seed)
  const generated = historyFrom(randomSteps(seed, files * 2)).files
  const texts = [base]
  for (let n = 1; n <= files; n += 1) {
    const file = generated[n - 1]
    const kind = kinds[Math.floor(random() * kinds.length)]
    if (file !== undefined) texts.push(textOfFile(file))
    if (kind !== undefined) texts.push(`$trace; ${kind(n)}; $trace`)
  }
  return Promise.all(texts.map((text, index) => crashMigration(text, index)))
}

async function crashMigration(text: string, index: number): Promise<CrashMigration> {
  const name = `${String(index).padStart(4, '0')}_crash`
  const statements = await plainStatements(text.replaceAll('$trace', 'select 0 as trace'))
  const isTrace = ({ text: one }: Statement) => one === 'select 0 as trace'
  return {
    name,
    type: 'schema_change',
    checksum: createHash('sha256').update(text).digest('hex'),
    statements: statements.map((statement) =>
      isTrace(statement)
        ? { ...statement, text: `insert into chaos.trace values ('${name}', ${statement.no})` }
        : statement,
    ),
    traced: statements.filter(isTrace).map(({ no }) => no),
    resume: 'idempotent',
  }
}
