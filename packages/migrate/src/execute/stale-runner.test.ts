import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import type { StarterPlan } from '../testing/starter.ts'
import { startStarter } from '../testing/starter-process.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import type { MigrationEvent } from './events.ts'

it.skipIf(process.platform === 'win32')(
  'writes nothing when it wakes up after another runner has taken over [MIG-8] [MIG-12]',
  async () => {
    await using database = await createTestDatabase()
    const folder = await mkdtemp(join(tmpdir(), 'studioops-migrate-stale-'))
    const migrations = [
      plainMigration('0001_n', 'create table n (x int)'),
      plainMigration('0002_n', 'insert into n values (2); select pg_sleep(0.3)'),
      plainMigration('0003_n', 'create index concurrently n_x on n (x); insert into n values (3)'),
    ]
    const plan: StarterPlan = {
      target: database.target,
      migrations: await Promise.all(
        migrations.map(async ({ name, prepare }) => ({ name, ...(await prepare()) })),
      ),
      limits: {},
    }
    await writeFile(join(folder, 'plan.json'), JSON.stringify(plan))
    const stale = await startStarter(join(folder, 'plan.json'))
    const sleeps = new Promise<void>((resolve) => {
      stale.child.on('message', ({ event }: { event?: MigrationEvent }) => {
        if (event?.type === 'statement-started' && event.migration === '0002_n') resolve()
      })
    })
    stale.child.send('go')
    await sleeps
    stale.child.kill('SIGSTOP')
    // As after a failover: the lock is gone with the session, and its owner does not know.
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like 'studioops-migrate/%'`,
    )
    expect(await executeOn(database, migrations)).toMatchObject({
      kind: 'done',
      applied: ['0002_n', '0003_n'],
    })
    const ledger = `select migration_name, statement_no, token::int, s.started_at from schema_migration_statements s
      join schema_migrations m on m.id = s.migration_id order by 1, 2`
    const before = await database.query(ledger)
    stale.child.kill('SIGCONT')
    expect(await stale.ended).toMatchObject({ kind: 'done', applied: ['0001_n'] })
    expect(await database.query(ledger)).toEqual(before)
    expect(before.map(({ token }) => token)).toEqual([1, 2, 2, 2, 2])
    expect(await database.query('select x from n order by 1')).toEqual([{ x: 2 }, { x: 3 }])
    await rm(folder, { recursive: true })
  },
)

it('takes the lease anew before it writes anything where somebody else has had it since, in a transaction and outside of one [MIG-8]', async () => {
  await using database = await createTestDatabase()
  const taken = new Set<string>()
  /** As another runner does it while this one, whose session lives on, does not look. */
  const afterTheft = (name: string, text: string) => {
    const migration = plainMigration(name, text)
    return {
      ...migration,
      async prepare() {
        if (!taken.has(name)) {
          taken.add(name)
          await database.query('update public.schema_migration_lease set token = token + 1')
        }
        return migration.prepare()
      },
    }
  }
  const tokens = () =>
    database.query<{ token: number; held: number }>(
      `select distinct s.token::int as token, l.token::int as held
         from schema_migration_statements s, schema_migration_lease l
        where s.migration_id = (select id from schema_migrations order by migration_name desc limit 1)`,
    )
  const first = plainMigration('0001_n', 'create table n (x int)')
  const second = afterTheft('0002_n', 'insert into n values (2)')
  const third = afterTheft('0003_n', 'create index concurrently n_x on n (x)')
  expect(await executeOn(database, [first])).toMatchObject({ kind: 'done' })
  expect(await executeOn(database, [first, second])).toMatchObject({ kind: 'done' })
  expect(await tokens()).toEqual([{ token: 4, held: 4 }])
  expect(await executeOn(database, [first, second, third])).toMatchObject({ kind: 'done' })
  expect(await tokens()).toEqual([{ token: 7, held: 7 }])
  expect(await database.query('select x from n')).toEqual([{ x: 2 }])
})
