import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type CommandLine, openCommandLine, resultOf, urlOf } from '../testing/command-line.ts'
import { createTestDatabase } from '../testing/test-database.ts'

vi.setConfig({ testTimeout: 300_000 })

const example = join(import.meta.dirname, '../../examples/issues-and-files')

let line: CommandLine

beforeAll(async () => {
  line = await openCommandLine()
})
afterAll(() => line[Symbol.asyncDispose]())

const people = `-- why: who may sign in
create table people (id bigint primary key, email text);
`
const index = `-- why: people are looked up by their address
create index people_email on people (email);
`

it('lints as text, JSON and SARIF, with the place of every finding', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project({ '0001_people.sql': people })
  const args = ['--dir', directory, '--url', urlOf(database)]
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
  const drop = `-- why: nobody reads it\nalter table people drop column email;\n`
  await writeFile(join(directory, '0002_drop.sql'), drop)

  const text = await line.here(['lint', ...args])
  expect(text.exitCode).toBe(3)
  expect(text.stdout).toMatch(/0002_drop\.sql:2:1: error [a-z-]+: .*email/)
  const hebrew = await line.here(['lint', '--lang', 'he', ...args])
  expect(hebrew.stdout).toMatch(/0002_drop\.sql:2:1: error [a-z-]+: .*[א-ת]/)

  const sarif = JSON.parse((await line.here(['lint', '--format', 'sarif', ...args])).stdout) as {
    version: string
    runs: { results: unknown[] }[]
  }
  expect(sarif.version).toBe('2.1.0')
  expect(sarif.runs[0]?.results.length).toBeGreaterThan(0)
  const json: unknown = JSON.parse((await line.here(['lint', '--format', 'json', ...args])).stdout)
  expect(json).toMatchObject(expect.arrayContaining([expect.objectContaining({ line: 2 })]))
})

it('takes over what another tool has applied, after saying that it would [MIG-6]', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project({ '1_people.sql': people, '2_index.sql': index })
  await database.query(people)
  await database.query(
    'create table pgmigrations (id serial primary key, name varchar(255) not null, run_on timestamp not null)',
  )
  await database.query(`insert into pgmigrations (name, run_on) values ('1_people', now())`)
  const args = ['--dir', directory, '--url', urlOf(database), '--tool', 'node-pg-migrate']

  const planned = await line.here(['import', '--plan', '--json', ...args])
  expect(planned.exitCode).toBe(2)
  expect(resultOf(planned)).toMatchObject({
    result: {
      kind: 'proven',
      tool: 'node-pg-migrate',
      applied: ['1_people'],
      pending: ['2_index'],
    },
  })
  expect(await line.here(['import', ...args])).toMatchObject({ exitCode: 0 })
  const status = await line.here(['status', '--json', ...args])
  expect(resultOf(status)).toMatchObject({ status: { pending: ['2_index'] } })
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
})

it('squashes into one file that counts as run where the others have', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project({ '0001_people.sql': people, '0002_index.sql': index })
  const args = ['--dir', directory, '--url', urlOf(database)]
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
  const made = await line.here(['squash', '--name', '0002_start', ...args])
  expect(made).toMatchObject({ exitCode: 0, stderr: '' })
  const text = await readFile(join(directory, '0002_start.sql'), 'utf8')
  expect(text).toContain('-- replaces: 0001_people, 0002_index')
  expect(text).not.toContain('owner to')
  for (const name of ['0001_people.sql', '0002_index.sql']) await rm(join(directory, name))
  expect(await line.here(['plan', ...args])).toMatchObject({ exitCode: 0 })

  await using fresh = await createTestDatabase()
  const up = await line.here(['up', '--dir', directory, '--url', urlOf(fresh)])
  expect(up).toMatchObject({ exitCode: 0 })
  expect(await fresh.query(`select to_regclass('people_email') is not null as there`)).toEqual([
    { there: true },
  ])
})

it('examines a database, and names the index that somebody left half built [MIG-6]', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project({ '0001_people.sql': people })
  const args = ['--dir', directory, '--url', urlOf(database)]
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
  expect(await line.here(['doctor', ...args])).toMatchObject({ exitCode: 0 })
  await database.query(`insert into people values (1, 'a'), (2, 'a')`)
  await expect(
    database.query('create unique index concurrently half on people (email)'),
  ).rejects.toThrow('could not create unique index')
  const ailing = await line.here(['doctor', ...args])
  expect(ailing.exitCode).toBe(3)
  expect(ailing.stdout).toContain('public.half')
})

it('redoes the newest migration, with the rows of the others in place', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project({ '0001_people.sql': people, '0002_index.sql': index })
  const args = ['--dir', directory, '--url', urlOf(database)]
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
  await database.query(`insert into people values (1, 'noa@example.com')`)
  const redone = await line.here(['redo', '--json', ...args])
  expect(resultOf(redone)).toMatchObject({
    exitCode: 0,
    down: { kind: 'done', undone: ['0002_index'] },
    result: { kind: 'done', applied: ['0002_index'] },
  })
  expect(await database.query('select email from people')).toEqual([{ email: 'noa@example.com' }])
})

it('takes back exactly the one that is named', async () => {
  await using database = await createTestDatabase()
  const more = '-- why: a place to be\n-- after: 0001_people\ncreate table places (id int);\n'
  const directory = await line.project({
    '0001_people.sql': people,
    '0002_places.sql': more,
    '0003_index.sql': `-- after: 0001_people\n${index}`,
  })
  const args = ['--dir', directory, '--url', urlOf(database)]
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
  const down = await line.here(['down', '--only', '0002_places', '--json', ...args])
  expect(resultOf(down)).toMatchObject({ result: { kind: 'done', undone: ['0002_places'] } })
  const status = await line.here(['status', '--json', ...args])
  expect(resultOf(status)).toMatchObject({ status: { pending: ['0002_places'] } })
})

it('consolidates as a specification says and goes back, from the command line [CNS-7]', async () => {
  await using database = await createTestDatabase()
  await database.query(await readFile(join(example, 'fixture.sql'), 'utf8'))
  const backups = join(line.home, 'backups')
  const spec = join(example, 'spec.json')
  const args = ['consolidate', spec, '--url', urlOf(database), '--backup-dir', backups]
  const count = async (table: string) => {
    const [row] = await database.query('select to_regclass($1) is not null as there', [table])
    return row?.['there']
  }
  const plan = await line.here([...args, '--plan'])
  expect(plan.exitCode).toBe(2)
  expect(plan.stdout).toContain('- [ ] ')
  expect(await count('issues')).toBe(true)
  expect(await line.here(args)).toMatchObject({ exitCode: 0 })
  expect(await count('issues')).toBe(false)
  expect(await readdir(backups)).not.toEqual([])
  expect(await line.here([...args, '--rollback'])).toMatchObject({ exitCode: 0 })
  expect(await count('issues')).toBe(true)
})

it('writes a backup of every table and reads it back', async () => {
  await using database = await createTestDatabase()
  await database.query('create table kept (id int primary key); insert into kept values (1), (2)')
  const backups = join(line.home, 'kept')
  const made = await line.here([
    'backup',
    '--json',
    '--url',
    urlOf(database),
    '--backup-dir',
    backups,
  ])
  expect(made.exitCode).toBe(0)
  expect(resultOf(made)).toMatchObject({
    location: expect.stringContaining(backups),
    manifest: { entries: [{ name: 'public.kept', rows: 2 }] },
  })
})

it('brings a backup back, and removes old ones that no way back needs [MIG-9]', async () => {
  await using database = await createTestDatabase()
  const backups = join(line.home, 'to-restore')
  const directory = await line.project({ '0001_people.sql': people })
  const common = ['--url', urlOf(database), '--backup-dir', backups]
  const args = ['--dir', directory, ...common]
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
  await database.query(`insert into people (id, email) values (7, 'noa@example.com')`)
  const drop = '-- why: nobody asks\n-- destructive: yes\nalter table people drop column email;\n'
  await writeFile(join(directory, '0002_drop.sql'), drop)
  expect(await line.here(['up', '--env', 'development', ...args])).toMatchObject({ exitCode: 0 })
  for (const _ of [1, 2]) await line.here(['backup', ...common])
  const listed = resultOf(await line.here(['restore', '--json', ...common]))
  const [newest] = listed['backups'] as readonly { readonly location: string }[]
  expect(listed['backups']).toHaveLength(3)

  await database.query('delete from people')
  const one = ['restore', basename(newest?.location ?? ''), '--table', 'public.people', ...common]
  expect(await line.here(one)).toMatchObject({ exitCode: 0 })
  expect(await database.query('select id::int from people')).toEqual([{ id: 7 }])
  await using empty = await createTestDatabase()
  const whole = ['restore', newest?.location ?? '', '--url', urlOf(empty)]
  expect(await line.here(whole)).toMatchObject({ exitCode: 0 })
  expect(await line.here(['verify', '--dir', directory, '--url', urlOf(empty)])).toMatchObject({
    exitCode: 0,
  })

  const planned = await line.here(['prune', '--plan', '--keep', '1', '--json', ...common])
  expect({ exitCode: planned.exitCode, ...resultOf(planned) }).toMatchObject({
    exitCode: 2,
    removed: [expect.any(String)],
    needed: [expect.stringContaining('0002_drop')],
  })
  expect(await line.here(['prune', '--keep', '1', ...common])).toMatchObject({ exitCode: 0 })
  expect(await readdir(backups)).toHaveLength(2)
  expect(await line.here(['down', ...args])).toMatchObject({ exitCode: 0 })
  expect(await database.query('select email from people')).toEqual([{ email: 'noa@example.com' }])
})

it('makes what somebody changed by hand a migration, and takes it for run there [MIG-6]', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project({ '0001_people.sql': people })
  const args = ['--dir', directory, '--url', urlOf(database)]
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
  await database.query('create index by_hand on people (email); create table notes (id int)')
  const verified = await line.here(['verify', ...args])
  expect(verified).toMatchObject({ exitCode: 0 })
  expect(verified.stdout).toContain('public.notes')
  expect(await line.here(['drift', '--adopt', ...args])).toMatchObject({ exitCode: 0, stderr: '' })
  const text = await readFile(join(directory, '0002_adopted.sql'), 'utf8')
  expect(text).toContain('by_hand')
  expect(text).not.toContain('owner to')
  expect((await line.here(['verify', ...args])).stdout).not.toContain('public.notes')
  expect(await line.here(['plan', ...args])).toMatchObject({ exitCode: 0 })
  await using fresh = await createTestDatabase()
  const up = await line.here(['up', '--dir', directory, '--url', urlOf(fresh)])
  expect(up).toMatchObject({ exitCode: 0 })
  expect(await fresh.query(`select to_regclass('notes') is not null as there`)).toEqual([
    { there: true },
  ])
  expect(await line.here(['down', ...args])).toMatchObject({ exitCode: 0 })
  expect(await database.query(`select to_regclass('notes') is not null as there`)).toEqual([
    { there: false },
  ])
})

it('takes an edited file for what has run only with a reason [MIG-6]', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project({ '0001_people.sql': people })
  const args = ['--dir', directory, '--url', urlOf(database)]
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
  const edited = people.replace('bigint primary key', 'bigint constraint people_pkey primary key')
  await writeFile(join(directory, '0001_people.sql'), edited)
  const refused = await line.here(['up', ...args])
  expect(refused.exitCode).toBe(3)
  expect(refused.stdout).toContain('migrate repair --accept-edit=')
  expect(await line.here(['repair', '--accept-edit=a name', ...args])).toMatchObject({
    exitCode: 0,
  })
  expect(await line.here(['verify', ...args])).toMatchObject({ exitCode: 0 })
})

it('proves files without a database, and says when the proof is about others [MIG-2, MIG-10]', async () => {
  const directory = await line.project({ '0001_people.sql': people, '0002_index.sql': index })
  const args = ['--dir', directory]
  expect(await line.here(['prove', '--check', ...args])).toMatchObject({ exitCode: 2 })
  expect(await line.here(['prove', ...args])).toMatchObject({ exitCode: 0 })
  expect(await line.here(['prove', '--check', ...args])).toMatchObject({ exitCode: 0 })
  await using database = await createTestDatabase()
  const up = await line.here(['up', '--json', ...args, '--url', urlOf(database)])
  expect(resultOf(up)).toMatchObject({ result: { applied: ['0001_people', '0002_index'] } })

  await writeFile(join(directory, '0002_index.sql'), index.replace('email)', 'address)'))
  expect(await line.here(['prove', '--check', ...args])).toMatchObject({ exitCode: 2 })
  const refused = await line.here(['prove', ...args])
  expect(refused.exitCode).toBe(3)
  expect(refused.stdout).toMatch(/0002_index\.sql:2:\d+: unknown-reference: .*address/)
})
