import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ledgerNames, lockKey } from '../ledger/ledger-names.ts'
import { type CommandLine, openCommandLine, resultOf, urlOf } from '../testing/command-line.ts'
import { createTestDatabase, serverMajor } from '../testing/test-database.ts'

// Whole processes that start a PostgreSQL in WebAssembly, on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000 })

const major = await serverMajor()
const fixtures = join(import.meta.dirname, '../../fixtures/mig-10')

let line: CommandLine

beforeAll(async () => {
  line = await openCommandLine()
})
afterAll(() => line[Symbol.asyncDispose]())

const people = `-- why: who may sign in
create table people (id bigint primary key, email text);
create index people_email on people (email);
`
const orders = `-- why: what they buy
create table orders (id bigint primary key, person bigint references people (id));
alter table people add column vip boolean not null default false;
`

it('refuses an index on a column that a later file adds, names both places, and runs nothing [MIG-2, MIG-10]', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project()
  await cp(join(fixtures, 'index'), directory, { recursive: true })
  const args = ['--dir', directory, '--url', urlOf(database)]

  const refused = await line.run(['up', ...args])
  expect(refused.exitCode).toBe(3)
  expect(refused.stdout).toMatch(/0003_lookup\.sql:\d+:\d+: order-conflict: .*project_id/)
  expect(refused.stdout).toContain('0004_documents_project.sql')
  expect(refused.stdout).toMatch(/ {2}→ .*-- after: 0004_documents_project/)
  expect(refused.stdout).toContain('studioops-migrate plan --write-after')
  expect(await database.query(`select 1 from pg_class where relname = 'documents'`)).toEqual([])

  const hebrew = await line.here(['plan', '--lang', 'he', ...args])
  expect(hebrew.exitCode).toBe(3)
  expect(hebrew.stdout).toContain('התוכנית נדחתה; דבר לא הורץ')
  expect(hebrew.stdout).toMatch(/order-conflict: .*[א-ת]/)
})

it('writes a proposed order into the files only when asked, and then applies it [MIG-2, MIG-11]', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project()
  await cp(join(fixtures, 'index'), directory, { recursive: true })
  const args = ['--dir', directory, '--url', urlOf(database)]

  const planned = await line.run(['plan', '--write-after', '--json', ...args])
  expect(planned.exitCode).toBe(2)
  expect(resultOf(planned)).toMatchObject({
    type: 'result',
    command: 'plan',
    exitCode: 2,
    plan: { kind: 'ready', shadow: { kind: major === 18 ? 'pglite' : 'server', major } },
  })
  expect(await readFile(join(directory, '0003_lookup.sql'), 'utf8')).toContain(
    '-- after: 0004_documents_project',
  )

  const up = await line.run(['up', ...args])
  expect(up).toMatchObject({ exitCode: 0 })
  // Not a terminal: plain lines, one for each migration, and no colours.
  expect(up.stderr.trimEnd().split('\n')).toHaveLength(4)
  expect(up.stdout + up.stderr).not.toContain('\u001b')
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
  const status = await line.here(['status', '--json', ...args])
  expect(status.exitCode).toBe(0)
  expect(resultOf(status)).toMatchObject({ status: { pending: [], objections: [] } })
})

it('says what drifted, shows the SQL that mends it, mends it, and goes back [MIG-6]', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project({ '0001_people.sql': people, '0002_orders.sql': orders })
  const args = ['--dir', directory, '--url', urlOf(database)]
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
  expect(await line.here(['verify', ...args])).toMatchObject({ exitCode: 0 })

  await database.query('drop index people_email')
  await database.query('alter table people drop column vip')
  const drift = await line.here(['drift', ...args])
  expect(drift.exitCode).toBe(3)
  expect(drift.stdout).toMatch(/0002_orders: drift: public\.people\.vip/)
  expect(drift.stdout).toMatch(/0001_people: drift: public\.people_email/)

  const plan = await line.here(['repair', '--plan', ...args])
  expect(plan.exitCode).toBe(2)
  expect(plan.stdout).toMatch(/^begin;\nalter table public\.people add column vip/m)
  expect(plan.stdout).toMatch(/^create index concurrently people_email/m)
  expect(await line.here(['drift', ...args])).toMatchObject({ exitCode: 3 })

  expect(await line.here(['repair', ...args])).toMatchObject({ exitCode: 0 })
  expect(await line.here(['verify', ...args])).toMatchObject({ exitCode: 0 })

  const down = await line.here(['down', '--json', ...args])
  expect(resultOf(down)).toMatchObject({ result: { kind: 'done', undone: ['0002_orders'] } })
  expect(await database.query(`select to_regclass('orders') as found`)).toEqual([{ found: null }])
  expect(await line.here(['status', ...args])).toMatchObject({ exitCode: 2 })
})

it('says where a migration failed and what to do, and that nothing of it happened', async () => {
  await using database = await createTestDatabase()
  const wrong = `-- why: a function decides\ncreate table half (id int);\nselect refuse();\n`
  const refuse = `-- why: refuses where people look at it
create function refuse() returns void language plpgsql as
$$ begin if exists (select from pg_database where datname = current_database() and datname like 'test%')
  then raise exception 'not here' using hint = 'elsewhere'; end if; end $$;
`
  const directory = await line.project({ '0001_refuse.sql': refuse, '0002_half.sql': wrong })
  const args = ['--dir', directory, '--url', urlOf(database)]
  const failed = await line.here(['up', '--json', ...args])
  expect(failed.exitCode).toBe(4)
  expect(resultOf(failed)).toMatchObject({
    result: {
      kind: 'failed',
      applied: ['0001_refuse'],
      migration: '0002_half',
      statementNo: 2,
      line: 3,
      error: { sqlstate: 'P0001' },
    },
  })
  const events = failed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type)
  expect(events).toContain('migration-completed')
  expect(events.at(-2)).toBe('migration-failed')

  const again = await line.here(['up', ...args])
  expect(again.stdout).toMatch(/0002_half\.sql:3:\d+: P0001: /)
  expect(await database.query(`select to_regclass('half') as found`)).toEqual([{ found: null }])
  const status = await line.here(['status', ...args])
  expect(status.exitCode).toBe(2)
  expect(status.stdout).toMatch(/0002_half +failed/)
})

it('stops cleanly at Ctrl-C, and the next run goes on', async () => {
  await using database = await createTestDatabase()
  const slow = `-- why: takes its time where it matters
create table slow (id int);
select case when current_database() like 'test%' then pg_sleep(60) end;
`
  const directory = await line.project({ '0001_people.sql': people, '0002_slow.sql': slow })
  const args = ['--dir', directory, '--url', urlOf(database)]
  const running = line.run(['up', ...args], {
    onError: (text, kill) => {
      if (text.includes('0001_people') && !text.includes('Stopping'))
        void sleep(500).then(() => kill('SIGINT'))
    },
  })
  const stopped = await running
  expect(stopped.exitCode).toBe(130)
  expect(stopped.stdout).toContain('Stopped as you asked, after 0001_people')
  expect(await database.query(`select to_regclass('slow') as found`)).toEqual([{ found: null }])
  const busy = await database.query(
    `select 1 from pg_stat_activity where datname = current_database() and query like '%pg_sleep%' and pid <> pg_backend_pid()`,
  )
  expect(busy).toEqual([])
})

it('ends at once at Ctrl-C where it only reads', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project({ '0001_people.sql': people })
  const args = ['--dir', directory, '--url', urlOf(database)]
  expect(await line.here(['up', ...args])).toMatchObject({ exitCode: 0 })
  const holder = await database.connect()
  await holder.query('begin')
  await holder.query('lock table schema_migrations')
  const stopped = await line.run(['status', ...args], {
    onStart: (kill) => void sleep(5_000).then(() => kill('SIGTERM')),
  })
  expect(stopped).toMatchObject({ exitCode: 130, stdout: '' })
})

it('gives up after --wait while somebody else works, and says so by its exit code', async () => {
  await using database = await createTestDatabase()
  const directory = await line.project({ '0001_people.sql': people })
  const args = ['--dir', directory, '--url', urlOf(database)]
  const holder = await database.connect()
  await holder.query('select pg_advisory_lock($1::bigint)', [lockKey(ledgerNames('public'))])
  const waiting = await line.run(['up', '--wait', '1', ...args])
  expect(waiting.exitCode).toBe(5)
  expect(waiting.stdout).toContain('gave up waiting')
})

it('finds no database, no directory, or no sense in the command: with the remedy and exit code 3', async () => {
  const cases = [
    { args: ['status', '--dir', fixtures], says: 'No database is named.' },
    {
      args: ['status', '--dir', 'nowhere', '--url', 'postgres://h/d'],
      says: 'no directory nowhere',
    },
    {
      args: ['status', '--url', 'http://u:geheim@h/d', '--dir', fixtures],
      says: '--url is no address',
    },
    { args: ['stauts'], says: 'There is no command "stauts".' },
    { args: ['up', '--bogus'], says: 'There is no option --bogus here.' },
    { args: ['new'], says: 'The argument <name> is missing.' },
    { args: ['down', 'all'], says: 'none that it takes' },
  ]
  for (const { args, says } of cases) {
    const { exitCode, stderr } = await line.run(args)
    expect({ args, exitCode }).toEqual({ args, exitCode: 3 })
    expect(stderr).toContain(says)
    expect(stderr).toMatch(/\n {2}→ /)
    expect(stderr).not.toContain('geheim')
  }
  const hebrew = await line.run(['stauts', '--lang', 'he'])
  expect(hebrew.stderr).toContain('אין פקודה "stauts".')
})

it('never prints the password of an address that does not answer', async () => {
  const env = { DATABASE_URL: 'postgres://app:geheim@127.0.0.1:1/shop' }
  const plain = await line.run(['status', '--dir', fixtures], { env })
  expect(plain.exitCode).toBe(4)
  expect(plain.stderr).toContain('app@127.0.0.1:1/shop cannot be used')
  const json = await line.run(['status', '--json', '--dir', fixtures], { env })
  expect(resultOf(json)).toMatchObject({ exitCode: 4, error: { because: expect.any(String) } })
  for (const text of [plain.stdout, plain.stderr, json.stdout, json.stderr])
    expect(text).not.toContain('geheim')
})

it('documents every exit code and every command in both languages', async () => {
  const english = await line.run(['--help'])
  const hebrew = await line.run(['--help', '--lang', 'he'])
  for (const { stdout, exitCode } of [english, hebrew]) {
    expect(exitCode).toBe(0)
    for (const code of [0, 2, 3, 4, 5, 130]) expect(stdout).toMatch(new RegExp(`^ +${code} `, 'm'))
  }
  expect(english.stdout).toContain('Exit codes:')
  expect(hebrew.stdout).toContain('קודי יציאה:')
  expect(hebrew.stdout).not.toMatch(/Usage:|Options:|Commands:|choices:/)
  const completion = await line.run(['completion', 'bash'])
  expect(completion.stdout).toContain('complete -o default -F _studioops_migrate studioops-migrate')
})
