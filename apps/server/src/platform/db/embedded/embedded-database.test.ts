import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { openEmbeddedDatabase } from './embedded-database.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

const directories: string[] = []

afterEach(async () => {
  for (const path of directories.splice(0)) await rm(path, { recursive: true, force: true })
})

async function givenDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'studioops-chosen-'))
  directories.push(path)
  return path
}

const onAMachineWithout = {
  startPostgres: async () => {
    throw new EmbeddedPostgresError('no-binary', 'There is no PostgreSQL for vax-780 on npm.')
  },
}

it('is PGlite where no PostgreSQL runs, says why, and stays so [D-1]', async () => {
  const directory = await givenDirectory()

  const first = await openEmbeddedDatabase({ directory }, onAMachineWithout)
  if (first.kind !== 'pglite') throw new Error('expected PGlite')
  expect(first.reason).toContain('vax-780')
  await first.pool.query(`create table kept as select to_tsvector('simple', 'שלום')::text as words`)
  await first.stop()

  const second = await openEmbeddedDatabase({ directory })
  if (second.kind !== 'pglite') throw new Error('expected PGlite')
  expect(second.reason).toContain('Move it away')
  expect((await second.pool.query('select words from kept')).rows).toEqual([{ words: `'שלום':1` }])
  await second.stop()
  expect(await readdir(directory)).toEqual(['pglite'])
}, 60_000)

it('does not hide an existing database behind an empty one', async () => {
  const directory = await givenDirectory()
  await mkdir(join(directory, 'pg18'))
  await writeFile(join(directory, 'pg18', 'PG_VERSION'), '18\n')

  await expect(openEmbeddedDatabase({ directory }, onAMachineWithout)).rejects.toThrow('vax-780')
})
