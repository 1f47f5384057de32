import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readMigrationDirectory } from '../text/directory.ts'
import { createManifest, writeManifest } from '../text/manifest.ts'
import { loadParser } from '../text/parser.ts'
import { currentChain } from './current-manifest.ts'
import { lookAt, readSeen, seenFile } from './seen-files.ts'

let root = ''
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'studioops-seen-'))))
afterAll(() => rm(root, { recursive: true, force: true }))

/** As if the cache had been written so long after the files. */
async function written(options: { directory: string; imageDirectory: string }, seconds: number) {
  const file = seenFile(options.imageDirectory, options.directory)
  const at = Date.now() / 1_000 + seconds
  await utimes(file, at, at)
}

async function directoryOf(text: string) {
  const directory = await mkdtemp(join(root, 'files-'))
  const file = join(directory, '0001_a.sql')
  await writeFile(file, text)
  const { sources } = await readMigrationDirectory(directory)
  await writeManifest(directory, createManifest(sources, await loadParser()))
  return { file, options: { directory, imageDirectory: join(directory, 'cache') } }
}

it('notices an edit of the same size and date in files that were read before [MIG-7]', async () => {
  const { file, options } = await directoryOf('create table a (id int)')
  const { directory, imageDirectory } = options
  // A time that can be set again to the last digit: only `ctime` tells.
  await utimes(file, 1_700_000_000, 1_700_000_000)
  const chain = await currentChain(options)
  expect(chain).toBeDefined()
  await written(options, 10)
  const look = await lookAt(directory)
  expect(readSeen(imageDirectory, directory, look)).toEqual({ chain, digest: look.digest })
  const { mtimeNs, size } = await stat(file, { bigint: true })
  await writeFile(file, 'create table a (it int)')
  await utimes(file, 1_700_000_000, 1_700_000_000)
  expect(await stat(file, { bigint: true })).toMatchObject({ size, mtimeNs })
  expect(readSeen(imageDirectory, directory, await lookAt(directory))).toBeUndefined()
  expect(await currentChain(options)).toBeUndefined()
})

it('believes nothing that was remembered too soon after a file was written [MIG-7]', async () => {
  const { options } = await directoryOf('create table a (id int)')
  const { directory, imageDirectory } = options
  await currentChain(options)
  const look = await lookAt(directory)
  expect(readSeen(imageDirectory, directory, look)).toBeUndefined()
  await written(options, 1)
  expect(readSeen(imageDirectory, directory, look)).toBeUndefined()
  await written(options, 10)
  expect(readSeen(imageDirectory, directory, look)).toBeDefined()
})

it('reads the files where the cache cannot be written or is broken [MIG-7]', async () => {
  const { options } = await directoryOf('create table a (id int)')
  const chain = await currentChain(options)
  await writeFile(seenFile(options.imageDirectory, options.directory), '{')
  expect(await currentChain(options)).toBe(chain)
  await writeFile(join(options.directory, 'blocked'), '')
  const blocked = { ...options, imageDirectory: join(options.directory, 'blocked') }
  expect(await currentChain(blocked)).toBe(chain)
})
