import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { historyFrom, randomSteps, textOfFile } from '../testing/history.ts'
import { executeOn, plainStatements } from '../testing/plain-migration.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { openShadow } from '../shadow/shadow.ts'
import { sourcesOf } from '../text/directory.ts'
import type { MigrationSource } from '../text/source.ts'
import { chooseBySquash } from './choose-sources.ts'
import { squash } from './squash.ts'

const images = await mkdtemp(join(tmpdir(), 'studioops-squash-'))
afterAll(() => rm(images, { recursive: true, force: true }))
const open = () =>
  openShadow({ image: { directory: images, checksums: [], engineVersion: 'test' } })

const sourcesFor = (texts: readonly string[]): readonly MigrationSource[] =>
  sourcesOf(
    texts.map((text, index) => ({
      name: `${String(index + 1).padStart(4, '0')}_m.sql`,
      bytes: Buffer.from(text),
    })),
  ).sources

const shop = [
  `create type color as enum ('red', 'blue');
   create table people (id int generated always as identity primary key, name text not null,
     boss int references people, size numeric(6, 2) default 1.5, "Mixed Name" text[]);
   insert into people (name, boss, "Mixed Name") values ('שרה', null, '{a,"b c"}'), ('Tom''s', 1, null);`,
  `create table items (id bigserial primary key, owner int, tint color default 'red', raw bytea);
   alter table items add constraint items_owner foreign key (owner) references people on delete cascade;
   insert into items (owner, tint, raw) select 1, 'blue', '\\x00ff' from generate_series(1, 3);
   create index items_tint on items (tint) where tint = 'blue';`,
  `create function touch() returns trigger language plpgsql as $$ begin new.tint := 'red'; return new; end $$;
   create trigger items_touch before insert or update on items for each row execute function touch();
   create view owned as select p.name, count(*) from people p join items i on i.owner = p.id group by 1;
   create materialized view kept as select name from people;
   alter table people enable row level security;
   create policy own on people using (id > 0);`,
  `create table logs (at date not null, note text) partition by range (at);
   create table logs_2024 partition of logs for values from ('2024-01-01') to ('2025-01-01');
   create index on logs (note);
   insert into logs values ('2024-05-05', 'x');
   alter table items drop column raw;
   comment on table people is 'who';`,
]

vi.setConfig({ testTimeout: 200_000 })

it('makes one file that leaves the same catalog and the same rows behind [MIG-12]', async () => {
  const sources = sourcesFor(shop)
  const result = await squash({ sources, open })
  expect(result).toMatchObject({
    kind: 'squashed',
    id: '0004_squash',
    replaces: ['0001_m', '0002_m', '0003_m', '0004_m'],
    rows: 6,
  })
  const text = result.kind === 'squashed' ? result.text : ''
  expect(text).toContain('-- replaces: 0001_m, 0002_m, 0003_m, 0004_m\n')
  expect(text).not.toContain('raw bytea')

  await using whole = await createTestDatabase()
  await using one = await createTestDatabase()
  for (const source of shop) await whole.query(source)
  for (const statement of await plainStatements(text)) await one.query(statement.text)
  for (const table of ['people', 'items', 'logs', 'kept', 'owned']) {
    const rows = `select to_jsonb(t) as row from ${table} t order by 1`
    expect(await one.query(rows)).toEqual(await whole.query(rows))
  }
  const next = `insert into items (owner) values (2) returning id`
  expect(await one.query(next)).toEqual(await whole.query(next))
})

it('counts as run where the files that it stands for have run', async () => {
  const sources = sourcesFor(shop.slice(0, 2))
  const result = await squash({ sources, open })
  if (result.kind !== 'squashed') throw new Error('not squashed')
  const migrationOf = (name: string, text: string, replaces: readonly string[] = []) => {
    const checksum = createHash('sha256').update(text).digest('hex')
    const prepare = async () => ({
      type: 'schema_change' as const,
      checksum,
      statements: await plainStatements(text),
    })
    return { name, checksum, replaces, prepare }
  }
  const one = migrationOf(result.id, result.text, result.replaces)
  const olds = sources.map(({ id, text }) => migrationOf(id, text))

  await using installed = await createTestDatabase()
  expect(await executeOn(installed, olds)).toMatchObject({ kind: 'done' })
  expect(await executeOn(installed, [one])).toMatchObject({ kind: 'nothing-to-do' })
  expect(
    await installed.query(
      `select status, parents, origin from schema_migrations where migration_name = $1`,
      [result.id],
    ),
  ).toEqual([{ status: 'completed', parents: ['0001_m', '0002_m'], origin: 'squash' }])

  await using fresh = await createTestDatabase()
  expect(await executeOn(fresh, [one])).toMatchObject({ kind: 'done', applied: [result.id] })
})

it('leaves out what comes after the end', async () => {
  const result = await squash({ sources: sourcesFor(shop), upTo: '0001_m', open })
  expect(result).toMatchObject({ kind: 'squashed', id: '0001_squash', replaces: ['0001_m'] })
})

describe('refusals', () => {
  it.each([
    [
      'rows that come out otherwise each time',
      ['create table t (id uuid default gen_random_uuid()); insert into t default values'],
      'public.t',
    ],
    ['files that do not run', ['create table t (id nothing)'], 'nothing'],
    [
      'more rows than a file should hold',
      ['create table t (id int); insert into t select generate_series(1, 20000)'],
      '20000 rows',
    ],
  ])('%s', async (_, texts, word) => {
    const result = await squash({ sources: sourcesFor(texts), open })
    expect(result.kind).toBe('refused')
    expect(JSON.stringify(result)).toContain(word)
  })

  it('an end that is not there', async () => {
    expect(await squash({ sources: sourcesFor(['select 1']), upTo: 'x', open })).toMatchObject({
      kind: 'refused',
      objections: [{ code: 'file-missing', object: 'x' }],
    })
  })
})

describe('beside the files that it stands for', () => {
  const files = ['0001_a', '0002_b', '0003_c'].map((id) => ({
    name: `${id}.sql`,
    bytes: Buffer.from('select 1'),
  }))
  const one = {
    name: '0002_squash.sql',
    bytes: Buffer.from('-- replaces: 0001_a, 0002_b\nselect 2'),
  }
  const choose = (present: readonly string[], completed: readonly string[]) => {
    const { sources } = sourcesOf([
      ...files.filter(({ name }) => present.includes(name.slice(0, 6))),
      one,
    ])
    const chosen = chooseBySquash(sources, new Set(completed))
    return { ids: chosen.sources.map(({ id }) => id), objections: chosen.objections }
  }
  const all = ['0001_a', '0002_b', '0003_c']

  it.each([
    ['a new database takes the one', all, [], ['0002_squash', '0003_c']],
    ['an old one counts it as run', all, ['0001_a', '0002_b'], ['0002_squash', '0003_c']],
    ['one in between goes on with the old ones', all, ['0001_a'], ['0001_a', '0002_b', '0003_c']],
    ['the one has run itself', all, ['0002_squash'], ['0002_squash', '0003_c']],
  ])('%s', (...row) => {
    const [, present, completed, ids] = row
    expect(choose(present, completed)).toEqual({ ids, objections: [] })
  })

  it('lets what stood after one of them stand after it', () => {
    const { sources } = sourcesOf([
      one,
      { name: '0003_c.sql', bytes: Buffer.from('-- after: 0001_a, 0002_b\nselect 1') },
      { name: '0004_d.sql', bytes: Buffer.from('-- after: 0003_c\nselect 1') },
    ])
    const chosen = chooseBySquash(sources, new Set(['0001_a', '0002_b']))
    expect(chosen.sources.map(({ header }) => header.after)).toEqual([
      undefined,
      ['0002_squash'],
      ['0003_c'],
    ])
  })

  it('says which file is missing for a database in between', () => {
    expect(choose(['0001_a', '0003_c'], ['0001_a']).objections).toMatchObject([
      { code: 'file-missing', migration: '0002_squash', object: '0002_b' },
    ])
  })
})

it.each([11, 22, 33])('squashes generated histories (seed %i) [MIG-12]', async (seed) => {
  const history = historyFrom(randomSteps(seed, 30))
  const sources = sourcesFor(history.files.map(textOfFile))
  const result = await squash({ sources, open })
  const detail = result.kind === 'refused' ? result.objections : []
  expect(detail).toEqual([])
})
