import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { analyseHistory } from '../analyse/analyse.ts'
import { checksumOf } from '../text/checksum.ts'
import { sourcesOf } from '../text/directory.ts'
import { loadParser, type Parser } from '../text/parser.ts'
import { elaborate, type ElaborateOptions } from './elaborate.ts'
import type { Elaboration } from './elaboration.ts'
import type { TargetFacts } from './target.ts'

let parser: Parser
let directory: string
beforeAll(async () => {
  parser = await loadParser()
  directory = await mkdtemp(join(tmpdir(), 'studioops-known-'))
})
afterAll(() => rm(directory, { recursive: true }))

const target: TargetFacts = {
  major: 18,
  extensions: ['plpgsql'],
  roles: [],
  role: 'owner',
  searchPath: '"$user", public',
  timeZone: 'UTC',
  canCreateDatabase: false,
}

type Files = Readonly<Record<string, string>>

/** Which migrations had to be tried, and what came out. */
async function tryFiles(files: Files, more: Partial<ElaborateOptions> = {}) {
  const { sources } = sourcesOf(
    Object.entries(files).map(([name, text]) => ({
      name: name.includes('.') ? name : `${name}.sql`,
      bytes: Buffer.from(text),
    })),
  )
  const analyses = analyseHistory(sources, { parser })
  const pending = sources.flatMap((source, index) => {
    const analysis = analyses[index]
    return analysis === undefined
      ? []
      : [{ source, analysis, checksum: checksumOf(source, parser) }]
  })
  const tried: string[] = []
  const elaboration = await elaborate({
    parser,
    completed: [],
    pending,
    target,
    images: { directory },
    onProgress: ({ migration }) => tried.push(migration),
    ...more,
  })
  return { tried, elaboration }
}

/** Without what is a function, and with what is put together on demand. */
const plain = ({ migrations, ...rest }: Elaboration) => ({
  ...rest,
  migrations: migrations.map(({ analysis: _, before, after, ...one }) => ({
    ...one,
    before,
    after,
  })),
})

const files = {
  '0001_a': `create table a (id int primary key, note text); insert into a values (1, 'x')`,
  '0002_b': 'create table b (a_id int references a); create index concurrently on b (a_id)',
  '0003_c': 'alter table a drop column note; create view v as select id from a',
  '0004_d': 'alter table a rename to aa',
}

it('finds out nothing twice, and says the same [MIG-7]', { timeout: 120_000 }, async () => {
  const first = await tryFiles(files)
  expect(first.tried).toEqual(Object.keys(files))
  const second = await tryFiles(files)
  expect(second.tried).toEqual([])
  expect(plain(second.elaboration)).toEqual(plain(first.elaboration))
})

it(
  'tries what is new on top of what is known, and what changed with all that follows [MIG-2]',
  { timeout: 120_000 },
  async () => {
    await tryFiles(files)
    const more = await tryFiles({ ...files, '0005_e': 'create index on aa (id)' })
    expect(more.tried).toEqual(['0005_e'])
    expect(more.elaboration.migrations).toHaveLength(5)
    const edited = await tryFiles({ ...files, '0003_c': 'create view v as select id from a' })
    expect(edited.tried).toEqual(['0003_c', '0004_d'])
    const another = await tryFiles({ ...files, '0004_d.down.sql': 'alter table aa rename to a' })
    expect(another.tried).toEqual(['0003_c', '0004_d'])
    expect(another.elaboration.migrations.at(-1)?.inverse).toMatchObject({ origin: 'hand' })
  },
)

it(
  'believes nothing that is damaged, and nothing about a database that holds something else [MIG-3]',
  { timeout: 120_000 },
  async () => {
    const { elaboration } = await tryFiles(files)
    const other = await tryFiles({ '0001_a': 'create table theirs (id int)' })
    const live = other.elaboration.migrations[0]?.after
    const onOther = await tryFiles(files, { live })
    expect(onOther.tried).toEqual(Object.keys(files))
    expect(onOther.elaboration.start).toMatchObject({ kind: 'live' })
    for (const name of await readdir(directory))
      if (name.endsWith('.elaboration')) await writeFile(join(directory, name), 'not what it was')
    const again = await tryFiles(files)
    expect(again.tried).toEqual(Object.keys(files))
    expect(again.elaboration.migrations.map(({ fingerprints }) => fingerprints)).toEqual(
      elaboration.migrations.map(({ fingerprints }) => fingerprints),
    )
  },
)
