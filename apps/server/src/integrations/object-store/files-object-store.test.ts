import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
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

it('takes no key that could be a path elsewhere [DOC-8]', async () => {
  const path = join(directory, 'one')
  await writeFile(path, '1')
  const store = createFilesObjectStore(join(directory, 'keys'))
  for (const key of ['../a', '/a', 'a/../b', 'a\\b', 'שם', ''])
    await expect(store.put(key, { path, sizeBytes: 1, sha256: '' })).rejects.toThrow('characters')
})
