import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createMigrator } from '../engine/migrator.ts'
import { openShadow } from '../shadow/shadow.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { readMigrationDirectory } from '../text/directory.ts'
import { createManifest, writeManifest } from '../text/manifest.ts'
import { loadParser } from '../text/parser.ts'
import { squash } from './squash.ts'

const folder = await mkdtemp(join(tmpdir(), 'studioops-installed-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const images = join(folder, 'images')

const files = {
  '0001_a': 'create table a (id int primary key, name text)',
  '0002_b': `create table b (a_id int references a); insert into a values (1, 'x')`,
  '0003_c': 'alter table b add note text',
}

it(
  'lets one file stand for many on new, old and half-way databases [MIG-5]',
  { timeout: 400_000 },
  async () => {
    const directory = join(folder, 'files')
    await mkdir(directory)
    const write = (name: string, text: string) => writeFile(join(directory, `${name}.sql`), text)
    const migratorFor = (database: TestDatabase) =>
      createMigrator({
        directory,
        imageDirectory: images,
        target: { open: () => database.connect() },
        connection: database.target,
        appVersion: 'test',
        policy: 'development',
      })
    await using old = await createTestDatabase()
    await using halfWay = await createTestDatabase()
    await using fresh = await createTestDatabase()
    for (const [name, text] of Object.entries(files)) {
      await write(name, text)
      if (name === '0001_a') await migratorFor(halfWay).up()
    }
    expect(await migratorFor(old).up()).toMatchObject({ kind: 'done' })

    const { sources } = await readMigrationDirectory(directory)
    const open = () =>
      openShadow({ image: { directory: images, checksums: [], engineVersion: 'test' } })
    const made = await squash({ sources, upTo: '0002_b', open })
    if (made.kind !== 'squashed') throw new Error(JSON.stringify(made))
    await write(made.id, made.text)

    expect(await migratorFor(old).plan()).toMatchObject({ kind: 'nothing-to-do', objections: [] })
    expect(await migratorFor(old).status()).toMatchObject({ pending: [], objections: [] })
    expect(await migratorFor(fresh).up()).toMatchObject({
      kind: 'done',
      applied: ['0002_squash', '0003_c'],
    })
    expect(await migratorFor(halfWay).up()).toMatchObject({
      kind: 'done',
      applied: ['0002_b', '0003_c'],
    })

    await rm(join(directory, '0001_a.sql'))
    await rm(join(directory, '0002_b.sql'))
    await write('0004_d', 'alter table a add more int')
    const now = await readMigrationDirectory(directory)
    await writeManifest(directory, createManifest(now.sources, await loadParser()))
    for (const database of [old, halfWay, fresh]) {
      const migrator = migratorFor(database)
      expect(await migrator.up()).toMatchObject({ kind: 'done', applied: ['0004_d'] })
      expect(await migrator.isUpToDate()).toBe(true)
      expect(await migrator.verify()).toMatchObject({ isFine: true })
      expect(await database.query('select id, name, more from a')).toEqual([
        { id: 1, name: 'x', more: null },
      ])
    }
    const [row] = await old.query(
      `select parents, origin from schema_migrations where migration_name = '0002_squash'`,
    )
    expect(row).toEqual({ parents: ['0001_a', '0002_b'], origin: 'squash' })
  },
)
