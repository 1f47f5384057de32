import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readMigrationDirectory, sourcesOf } from './directory.ts'

const file = (name: string, text: string | Uint8Array) => ({ name, bytes: Buffer.from(text) })

it('reads numbered files with their way back in the order of their numbers [MIG-1]', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-migrate-'))
  await writeFile(join(directory, '0002_b.sql'), '-- why: b\nselect 2;\n')
  await writeFile(join(directory, '0001_a.sql'), '\uFEFF-- why: a\r\nselect 1;\r\n')
  await writeFile(join(directory, '0001_a.down.sql'), 'select -1;\r')
  await writeFile(join(directory, 'README.md'), 'no migration')

  const { sources, objections } = await readMigrationDirectory(directory, { why: 'required' })

  expect(objections).toEqual([])
  expect(sources).toMatchObject([
    {
      id: '0001_a',
      version: '0001',
      file: join(directory, '0001_a.sql'),
      text: '-- why: a\nselect 1;\n',
      header: { why: 'a', after: undefined },
      downText: 'select -1;\n',
    },
    { id: '0002_b', version: '0002', downText: undefined },
  ])
})

it('gives the same sources whatever the order of the files [MIG-2]', () => {
  const files = ['0003_c', '0001_a', '0002_b', '0002_a'].map((id) => file(`${id}.sql`, 'select 1'))
  expect(sourcesOf(files)).toEqual(sourcesOf(files.toReversed()))
  expect(sourcesOf(files).sources.map(({ id }) => id)).toEqual([
    '0001_a',
    '0002_a',
    '0002_b',
    '0003_c',
  ])
})

it.each([
  ['1_a', '10_b'],
  ['2021-03-04-users', '20190405_old'],
  ['0001_a', 'seed'],
])('refuses %s beside %s, because plain text would sort them wrongly', (one, other) => {
  const { objections } = sourcesOf([file(`${one}.sql`, ''), file(`${other}.sql`, '')])
  expect(objections).toMatchObject([{ code: 'mixed-prefixes' }])
})

it.each([
  ['invalid UTF-8', Buffer.from([0x61, 0x0a, 0x0a, 0xd7]), 3],
  ['invalid UTF-8 in the middle', Buffer.from([0x0a, 0xff, 0x0a, 0x61]), 2],
  ['a NUL', Buffer.from('a\n\u0000b'), 2],
])('refuses %s with its line', (_, bytes, line) => {
  const read = sourcesOf([{ name: '0001_a.sql', bytes }], {}, (name) => `db/${name}`)
  expect(read.sources).toEqual([])
  expect(read.objections).toMatchObject([
    { code: 'unparsable', migration: '0001_a', file: 'db/0001_a.sql', line },
  ])
})

it('refuses a way back whose migration is not there', () => {
  const { objections } = sourcesOf([file('0001_a.sql', ''), file('0002_b.down.sql', '')])
  expect(objections).toMatchObject([{ code: 'file-missing', object: '0002_b' }])
})

it('reads a dump of pg_dump without the commands that guard it against psql, and keeps its lines', () => {
  const dump = '--\n-- PostgreSQL database dump\n--\n\\restrict x1\nselect 1;\n\\unrestrict x1\n'
  const { sources, objections } = sourcesOf([
    file('0001_a.sql', dump),
    file('0002_b.sql', '\\restrict x'),
  ])
  expect(objections).toEqual([])
  expect(sources.map(({ text }) => text)).toEqual([
    dump.replaceAll(/^\\.*$/gm, (line) => ' '.repeat(line.length)),
    '\\restrict x',
  ])
})
