import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFilesObjectStore } from './files-object-store.ts'
import { describeObjectStore } from './object-store.contract.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'objects-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

describeObjectStore('files', () => createFilesObjectStore(join(directory, 'objects')))

it('leaves nothing of a file that could not be copied [DOC-2]', async () => {
  const below = join(directory, 'broken')
  const file = { path: join(directory, 'absent'), sizeBytes: 1, sha256: '' }
  await expect(createFilesObjectStore(below).put('a/b', file)).rejects.toMatchObject({
    failure: 'missing',
  })
  expect(await readdir(join(below, 'a'))).toEqual([])
})

it('removes what a crash left of a file, and no file that is being written [DOC-2]', async () => {
  const below = join(directory, 'torn')
  await mkdir(join(below, 'a'), { recursive: true })
  await writeFile(join(below, 'a', 'old.draft'), 'half')
  await utimes(join(below, 'a', 'old.draft'), 0, 0)
  await writeFile(join(below, 'a', 'new.draft'), 'half')
  await writeFile(join(below, 'a', 'whole'), 'all')
  await utimes(join(below, 'a', 'whole'), 0, 0)
  const store = createFilesObjectStore(below)
  expect(await store.removeTorn(new Date(Date.now() - 60_000))).toBe(1)
  expect((await readdir(join(below, 'a'))).toSorted()).toEqual(['new.draft', 'whole'])
})

it('takes no key that could be a path elsewhere [DOC-8]', async () => {
  const path = join(directory, 'one')
  await writeFile(path, '1')
  const store = createFilesObjectStore(join(directory, 'keys'))
  for (const key of ['../a', '/a', 'a/../b', 'a\\b', 'שם', ''])
    await expect(store.put(key, { path, sizeBytes: 1, sha256: '' })).rejects.toThrow('characters')
})
