import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyseHistory } from '../analyse/analyse.ts'
import { openShadow } from '../shadow/shadow.ts'
import { bySequence } from '../text/directory.ts'
import { loadParser } from '../text/parser.ts'
import type { DirectoryTool, ReadDirectory } from './read-directory.ts'
import { readDirectory } from './read-directory.ts'

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'other-tools')

type Expected = {
  readonly ids: readonly string[]
  readonly downs: readonly string[]
  readonly placeholders?: Readonly<Record<string, string>>
}

const expected: Readonly<Record<string, Expected>> = {
  drizzle: { ids: ['0000_start', '0001_posts', '0002_fill'], downs: [] },
  prisma: { ids: ['20240101100000_init', '20240102090000_posts'], downs: [] },
  diesel: {
    ids: ['00000000000000_diesel_initial_setup', '2024-01-01-000000_users', '20240102000000_posts'],
    downs: ['DROP FUNCTION touched();', 'DROP TABLE users;', 'DROP TABLE posts;'],
  },
  'node-pg-migrate': {
    ids: ['1795276621525_start', '1795276621830_posts'],
    downs: ['DROP TABLE users;', 'DROP TABLE posts;'],
  },
  'golang-migrate': {
    ids: ['1_start', '2_posts', '10_title'],
    downs: ['DROP TABLE users;', 'DROP TABLE posts;', 'ALTER TABLE posts DROP COLUMN title;'],
  },
  flyway: {
    ids: ['V1__start', 'V1.2__posts', 'V1.10__title', 'R__titles'],
    downs: ['DROP TABLE users;'],
    placeholders: { reader: 'public' },
  },
  'graphile-migrate': {
    ids: ['000001-start', '000002'],
    downs: [],
    placeholders: { ':DATABASE_OWNER': 'postgres' },
  },
  dbmate: {
    ids: ['20261121155702_start', '20261121155703_index'],
    downs: ['DROP TABLE users;', 'DROP INDEX CONCURRENTLY users_name;'],
  },
  goose: {
    ids: ['00001_start', '00002_index'],
    downs: ['DROP FUNCTION touched();\nDROP TABLE users;', 'DROP INDEX CONCURRENTLY users_name;'],
  },
  postgrator: { ids: ['001.do.start', '002.do'], downs: ['DROP TABLE users;'] },
  sqitch: {
    ids: ['users', 'tally@v1', 'tally'],
    downs: ['DROP TABLE users', 'DROP FUNCTION tally()', 'CREATE OR REPLACE FUNCTION'],
  },
}

async function statementsOf({ sources }: ReadDirectory) {
  const analyses = analyseHistory(sources, { parser: await loadParser() })
  for (const { objections } of analyses) expect(objections).toEqual([])
  return analyses.flatMap(({ statements }) => statements)
}

describe.each(Object.entries(expected))('%s', (tool, { ids, downs, placeholders = {} }) => {
  it('is recognised and read in its own order, with its ways back [MIG-1] [MIG-2]', async () => {
    const read = await readDirectory(join(fixtures, tool), { placeholders })
    expect(read).toMatchObject({ tool, objections: [] })
    expect(read.sources.map(({ id }) => id)).toEqual(ids)
    expect(read.sources.toSorted(bySequence).map(({ id }) => id)).toEqual(ids)
    const found = read.sources.flatMap(({ downText }) => (downText === undefined ? [] : [downText]))
    expect(found).toHaveLength(downs.length)
    for (const [index, down] of downs.entries()) expect(found[index]).toContain(down)
  })

  it('gives statements that PostgreSQL runs, at the places where they stand in their files', async () => {
    const read = await readDirectory(join(fixtures, tool), { placeholders })
    await using shadow = await opened()
    for (const source of read.sources) {
      const [analysis] = analyseHistory([source], { parser: await loadParser() })
      const replay = await shadow.replay(
        (analysis?.statements ?? []).map(({ text, txClass }) => ({ text, txClass })),
        { observe: false },
      )
      expect(replay).toMatchObject({ kind: 'done' })
      const lines = (await readFile(source.file, 'utf8')).split('\n')
      for (const { text, line, column } of analysis?.statements ?? [])
        expect(text).toMatch(start(lines[line - 1] ?? '', column))
    }
    expect((await statementsOf(read)).length).toBeGreaterThan(0)
  })
})

/** What stands at a place, up to the first placeholder. */
function start(line: string, column: number): RegExp {
  const text = line.slice(column - 1, column + 11)
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)
}

async function opened() {
  const shadow = await openShadow()
  return { ...shadow, [Symbol.asyncDispose]: () => shadow.close() }
}

async function directoryOf(files: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-adapters-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  return {
    path: directory,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

it('reads a directory of ours as before', async () => {
  await using directory = await directoryOf({
    '0001_a.sql': '-- why: x\nselect 1;',
    '0001_a.down.sql': 'select 2;',
    'README.md': '',
    'older/0000_b.sql': 'select 0;',
  })
  const read = await readDirectory(directory.path, { rules: { why: 'required' } })
  expect(read).toMatchObject({ tool: 'plain', objections: [] })
  expect(read.sources).toMatchObject([
    {
      id: '0001_a',
      version: '0001',
      file: join(directory.path, '0001_a.sql'),
      downText: 'select 2;',
    },
  ])
  expect(read.paths.get('0001_a')).toBe('0001_a.sql')
})

it.each([
  ['1712_users.ts', 'TypeScript'],
  ['1712_users.js', 'JavaScript'],
  ['20240101_users.go', 'Go'],
  ['V2__users.java', 'Java'],
])('names %s, which is a program in %s', async (name, language) => {
  await using directory = await directoryOf({ '1711_a.sql': 'select 1;', [name]: '', 'env.ts': '' })
  const { objections } = await readDirectory(directory.path)
  expect(objections).toMatchObject([
    { code: 'unsupported-statement', file: join(directory.path, name) },
  ])
  expect(objections[0]?.because).toContain(language)
})

it.each<[string, DirectoryTool, Readonly<Record<string, string>>, object]>([
  [
    'an entry of the journal without a file',
    'drizzle',
    { 'meta/_journal.json': '{"entries":[{"idx":0,"tag":"0000_a"}]}' },
    { code: 'file-missing', object: '0000_a.sql' },
  ],
  ['a broken journal', 'drizzle', { 'meta/_journal.json': '{' }, { code: 'unparsable' }],
  [
    'a change of the plan without a script',
    'sqitch',
    { 'sqitch.plan': 'users 2024-01-01T10:00:00Z A <a@b> # x', 'deploy/other.sql': '' },
    { code: 'file-missing', object: 'deploy/users.sql' },
  ],
  [
    'a placeholder without a value',
    'flyway',
    { 'V1__a.sql': 'create table ${prefix}_a (id int)' },
    { code: 'unsupported-statement', migration: 'V1__a' },
  ],
  [
    'a baseline',
    'flyway',
    { 'V1__a.sql': 'select 1', 'B1__all.sql': 'select 1' },
    { code: 'unsupported-statement', migration: 'B1__all' },
  ],
  [
    'two files of one version',
    'golang-migrate',
    { '1_a.up.sql': 'select 1', '01_b.up.sql': 'select 1' },
    { code: 'unsupported-statement', other: expect.objectContaining({ migration: '01_b' }) },
  ],
  [
    'bytes that are no text',
    'dbmate',
    { '1_a.sql': '-- migrate:up\nselect 1;\n', '2_b.sql': '-- migrate:up\n\u0000' },
    { code: 'unparsable', migration: '2_b', line: 2 },
  ],
])('refuses %s', async (...row) => {
  const [, tool, files, objection] = row
  await using directory = await directoryOf(files)
  const read = await readDirectory(directory.path)
  expect(read.tool).toBe(tool)
  expect(read.objections).toMatchObject([objection])
  for (const { because, remedy, hebrew } of read.objections)
    expect([because, remedy, hebrew.because, hebrew.remedy].join()).not.toContain('–')
})

it('takes a header of ours from files of other tools, but not what only looks like one', async () => {
  await using directory = await directoryOf({
    '1_a.sql': '-- migrate:up\n-- destructive: yes\ndrop table a;\n-- migrate:down\n',
    '2_b.sql': '-- type: nothing of ours\n-- migrate:up\nselect 1;',
  })
  const { sources, objections } = await readDirectory(directory.path)
  expect(objections).toEqual([])
  expect(sources.map(({ header }) => header.destructive)).toEqual([true, false])
})

it.each<[string, Readonly<Record<string, string>>, string]>([
  [
    'flyway.conf',
    {
      'flyway.conf': '# x\nflyway.url=jdbc:x\nflyway.placeholders.reader = app\n',
      'sql/V1__a.sql': 'grant select on a to ${reader}',
    },
    'grant select on a to app',
  ],
  [
    'flyway.toml',
    {
      'flyway.toml':
        '[flyway]\nurl = "x"\n[flyway.placeholders]\nreader = "app"\n[flyway.other]\nreader = "no"\n',
      'sql/V1__a.sql': 'grant select on a to ${reader}',
    },
    'grant select on a to app',
  ],
  [
    '.gmrc',
    {
      '.gmrc':
        '{\n  // "placeholders": none\n  "placeholders": {\n    ":APP_USER": "app",\n    ":SECRET": "!ENV"\n  },\n}',
      'sql/committed/000001.sql': '--! Previous: -\n\ngrant select on a to :APP_USER',
    },
    '--! Previous: -\n\ngrant select on a to app',
  ],
])('takes the values of placeholders from %s', async (_, files, text) => {
  await using directory = await directoryOf(files)
  const { sources, objections } = await readDirectory(join(directory.path, 'sql'))
  expect(objections).toEqual([])
  expect(sources.map((source) => source.text)).toEqual([text])
})

it('gives line ends and a BOM no meaning', async () => {
  await using directory = await directoryOf({})
  await cp(join(fixtures, 'dbmate'), directory.path, { recursive: true })
  const before = await readDirectory(directory.path)
  const [path] = [...before.paths.values()]
  const file = join(directory.path, path ?? '')
  const text = await readFile(file, 'utf8')
  await writeFile(file, `\uFEFF${text.replaceAll('\n', '\r\n')}`)
  const after = await readDirectory(directory.path)
  expect(after.sources.map((source) => source.text)).toEqual(before.sources.map((s) => s.text))
  expect(after.files[0]?.text).toContain('\r\n')
})

it.each([
  [['0001_a.sql', '0002_b.up.sql', '0002_b.down.sql', 'notes.sql'], ['0001_a.sql']],
  [['0001_a.sql', '0001_a.down.sql', '0002_b.SQL', 'readme.md'], ['0002_b.SQL']],
  [['001.do.a.sql', '001.undo.a.sql', '002.a.sql'], ['002.a.sql']],
  [['0001_a.sql', 'seed/0002_b.sql'], []],
])('names among %j what would be passed over in silence: %j', async (names, unread) => {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-unread-'))
  try {
    for (const name of names) {
      await mkdir(dirname(join(directory, name)), { recursive: true })
      await writeFile(join(directory, name), 'select 1')
    }
    const { objections } = await readDirectory(directory)
    expect(objections).toMatchObject(
      unread.map((name) => ({ code: 'unsupported-statement', migration: name })),
    )
  } finally {
    await rm(directory, { recursive: true })
  }
})
