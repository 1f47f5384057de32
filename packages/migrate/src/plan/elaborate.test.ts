import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { analyseHistory } from '../analyse/analyse.ts'
import { checksumOf } from '../text/checksum.ts'
import { sourcesOf } from '../text/directory.ts'
import { loadParser, type Parser } from '../text/parser.ts'
import { elaborate, type ElaborateOptions } from './elaborate.ts'
import type { TargetFacts } from './target.ts'

let parser: Parser
let directory: string
beforeAll(async () => {
  parser = await loadParser()
  directory = await mkdtemp(join(tmpdir(), 'studioops-images-'))
})
afterAll(() => rm(directory, { recursive: true }))

const target: TargetFacts = {
  major: 18,
  extensions: ['plpgsql'],
  roles: ['postgres', 'app'],
  role: 'owner',
  searchPath: '"$user", public',
  timeZone: 'UTC',
  canCreateDatabase: false,
}

type Files = Readonly<Record<string, string>>

function tryFiles(files: Files, more: Partial<ElaborateOptions> & { done?: number } = {}) {
  const { done = 0, ...options } = more
  const { sources } = sourcesOf(
    Object.entries(files).map(([name, text]) => ({
      name: `${name}.sql`,
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
  return elaborate({
    parser,
    completed: all.slice(0, done),
    pending: all.slice(done),
    target,
    images: { directory },
    ...options,
  })
}

it('tries what is pending on top of what has run, and looks at nothing else [MIG-9]', async () => {
  const files = {
    '0001_a': `create table a (id int primary key, note text);
      insert into a values (1, 'kept')`,
    '0002_b': 'alter table a add column b int; create index a_b on a (b)',
    '0003_c': `update a set note = 'x' where id = 1`,
    '0004_d': 'alter table a drop column note',
    '0005_e': `insert into a values (2, 3)`,
  }
  const first = await tryFiles(files, { done: 1 })
  expect(first.objections).toEqual([])
  expect(first.shadow).toEqual({ kind: 'pglite', major: 18 })
  expect(first.migrations.map(({ source, inverse }) => [source.id, inverse.kind])).toEqual([
    ['0002_b', 'exact'],
    ['0003_c', 'lossy'],
    ['0004_d', 'lossy'],
    ['0005_e', 'lossy'],
  ])
  expect(first.migrations[2]?.inverse).toMatchObject({
    losses: [{ preImage: { kind: 'columns', table: 'public.a', columns: ['note'], key: ['id'] } }],
  })
  expect(first.migrations[0]?.fingerprints).toHaveLength(3)
  expect(first.migrations[0]?.fingerprints.at(-1)).toBe(first.migrations[1]?.fingerprints[0])
  const again = await tryFiles(files, { done: 2 })
  expect(again.migrations[0]?.fingerprints).toEqual(first.migrations[1]?.fingerprints)
})

it('offers what an author has written only where it is proven [MIG-14]', async () => {
  const withDown = async (down: string) => {
    const { sources } = sourcesOf([
      {
        name: '0001_a.sql',
        bytes: Buffer.from('create table a (id int); create table b (id int)'),
      },
      { name: '0001_a.down.sql', bytes: Buffer.from(down) },
    ])
    const [analysis] = analyseHistory(sources, { parser })
    const [source] = sources
    if (analysis === undefined || source === undefined) throw new Error('no source')
    const pending = [{ source, analysis, checksum: 'a' }]
    const { migrations } = await elaborate({
      parser,
      completed: [],
      pending,
      target,
      images: { directory },
    })
    return migrations[0]?.inverse
  }
  expect(await withDown('drop table b; drop table a;')).toMatchObject({
    kind: 'exact',
    origin: 'hand',
    steps: [{ text: 'drop table b' }, { text: 'drop table a' }],
  })
  expect(await withDown('drop table a')).toMatchObject({
    kind: 'exact',
    origin: 'generated',
    handRefused: expect.stringContaining('table public.b'),
  })
  expect(await withDown('drop table nothing')).toMatchObject({
    origin: 'generated',
    handRefused: expect.stringContaining('42P01'),
  })
})

it('names the place where PostgreSQL stops, and what was meant [MIG-3]', async () => {
  const { objections, migrations } = await tryFiles({
    '0001_a': 'create table people (id int, project_id int)',
    '0002_b': `create table b (id int);
do $$ begin
  execute 'create index on people (projekt_id)';
end $$`,
  })
  expect(migrations).toHaveLength(1)
  expect(objections).toMatchObject([
    {
      code: 'unknown-reference',
      migration: '0002_b',
      file: '0002_b.sql',
      statementNo: 2,
      line: 2,
      column: 1,
      remedy: expect.stringContaining('public.people.project_id'),
      hebrew: { remedy: expect.stringContaining('public.people.project_id') },
    },
  ])
  const placed = await tryFiles({
    '0001_a': 'create table a (id int);\ncreate table t (\n  id int references a (id));',
  })
  expect(placed.objections).toMatchObject([{ line: 2, column: 1 }])
  const named = await tryFiles({ '0001_a': 'select 1;\nselect 1,\n  "é", nothing;' })
  expect(named.objections).toMatchObject([{ statementNo: 2, line: 3, column: 3 }])
})

it('tries them on what the target really holds, where that is something else [MIG-6]', async () => {
  const files = {
    '0001_a': 'create table a (id int)',
    '0002_b': 'create table b (id int)',
  }
  const lively = await tryFiles({
    '0001_a': 'create table a (id int); create table b (other text)',
  })
  const live = lively.migrations[0]?.after
  const result = await tryFiles(files, { done: 1, live })
  expect(result.start).toMatchObject({ kind: 'live' })
  expect(result.expected?.rows.some(({ key }) => key === 'table public.b')).toBe(false)
  expect(result.objections).toMatchObject([{ code: 'order-conflict', migration: '0002_b' }])
})

it('says what would be needed where nothing can be tried', async () => {
  const files = { '0001_a': 'create extension postgis' }
  const result = await tryFiles(files)
  expect(result.shadow).toMatchObject({
    kind: 'none',
    because: expect.stringContaining('postgis'),
  })
  const older = await tryFiles({ '0001_a': 'select 1' }, { target: { ...target, major: 15 } })
  expect(older.shadow).toMatchObject({
    kind: 'none',
    because: expect.stringContaining('SHADOW_DATABASE_URL'),
  })
})
