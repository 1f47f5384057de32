import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeMigration, nextPrefix } from './new-migration.ts'

const now = new Date('2026-11-21T16:30:45.678Z')

it.each([
  { names: [], next: '0001' },
  { names: ['README.md', '0001_a.sql', '0009_b.sql', '0009_b.down.sql'], next: '0010' },
  { names: ['1_a.sql', '2_b.sql'], next: '3' },
  { names: ['9_a.sql'], next: undefined },
  { names: ['20240101120000_a.sql'], next: '20261121163045' },
  { names: ['2024-01-01_a.sql'], next: '2026-11-21' },
  { names: ['0001_a.sql', '20240101120000_b.sql'], next: undefined },
  { names: ['a.sql'], next: '0001' },
])('numbers the next file after $names with $next', ({ names, next }) => {
  expect(nextPrefix(names, now)).toBe(next)
})

it('makes one file for each of several who begin at the same time', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'migrate-new-'))
  const names = ['Add people', 'Drop *everything*', 'שלום עולם', 'Add people']
  const made = await Promise.all(names.map((name) => makeMigration({ directory, name, why: 'w' })))
  const files = await readdir(directory)
  expect(made.filter(({ kind }) => kind === 'made')).toHaveLength(files.length)
  expect(files).toContain('0001_add_people.sql')
  expect(files.some((file) => file.endsWith('_שלום_עולם.sql'))).toBe(true)
  expect(await readFile(join(directory, '0001_add_people.sql'), 'utf8')).toBe('-- why: w\n\n')
  expect(await makeMigration({ directory, name: ' -- ' })).toEqual({ kind: 'bad-name' })
  await rm(directory, { recursive: true })
})
