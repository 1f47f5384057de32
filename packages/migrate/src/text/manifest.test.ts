import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sourcesOf } from './directory.ts'
import { chainHash, createManifest, manifestName, readManifest, writeManifest } from './manifest.ts'
import { loadParser } from './parser.ts'

const files = ['0002_b', '0001_a'].map((id) => ({
  name: `${id}.sql`,
  bytes: Buffer.from(`select '${id}';\r\n`),
}))

it('comes back from the directory as it was written', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-migrate-'))
  const manifest = createManifest(sourcesOf(files).sources, await loadParser())

  expect(await readManifest(directory)).toBeUndefined()
  await writeManifest(directory, manifest)
  expect(await readManifest(directory)).toEqual(manifest)
  expect(manifest.migrations.map(({ id, sizeBytes }) => [id, sizeBytes])).toEqual([
    ['0001_a', 18],
    ['0002_b', 18],
  ])
})

it('is ignored when somebody edited it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-migrate-'))
  const manifest = createManifest(sourcesOf(files).sources, await loadParser())
  const edited = JSON.stringify(manifest).replace('0001_a', '0001_x')

  await writeFile(join(directory, manifestName), edited)

  expect(await readManifest(directory)).toBeUndefined()
})

it('hashes a set, whatever its order', () => {
  const entries = [
    { id: 'b', checksum: '2' },
    { id: 'a', checksum: '1' },
    { id: 'ש', checksum: '3' },
  ]
  expect(chainHash(entries)).toBe(chainHash(entries.toReversed()))
  expect(chainHash(entries)).not.toBe(chainHash(entries.slice(1)))
})
