import { expect, it } from 'vitest'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import type { MigrationEvent } from './events.ts'

const table = plainMigration('0001_t', 'create table t (a int); insert into t values (1), (2)')
const change = plainMigration('0002_c', 'alter table t add column b int')

const impatient = {
  lockTimeoutMinMs: 30,
  lockTimeoutMaxMs: 60,
  pauseMaxMs: 30,
  heartbeatMs: 20,
}

/** Resolves with the first event that fits. */
function firstOf<T extends MigrationEvent['type']>(type: T) {
  type Found = Extract<MigrationEvent, { type: T }>
  let found: (event: Found) => void = () => undefined
  const heard = new Promise<Found>((resolve) => (found = resolve))
  const onEvent = (event: MigrationEvent) => {
    if (event.type === type) found(event as Found)
  }
  return { heard, onEvent }
}

/** Somebody who reads the table in a transaction that does not end. */
async function givenReader(database: TestDatabase) {
  const reader = await database.connect()
  await reader.query(`set application_name = 'reader'; begin; select from t`)
  return reader
}

it('gives way to others who hold a lock, and comes again until they are gone [MIG-8]', async () => {
  await using database = await createTestDatabase()
  await executeOn(database, [table])
  const reader = await givenReader(database)
  const [retried, blocked] = [firstOf('retry'), firstOf('blocked')]
  const running = executeOn(database, [table, change], {
    limits: impatient,
    onEvent(event) {
      retried.onEvent(event)
      blocked.onEvent(event)
    },
  })
  expect(await retried.heard).toMatchObject({
    migration: '0002_c',
    statementNo: 1,
    sqlstate: '55P03',
  })
  expect(await blocked.heard).toMatchObject({
    migration: '0002_c',
    blockedBy: [{ application: 'reader', state: 'idle in transaction' }],
  })
  // The queue behind a waiting ALTER TABLE would hold up everybody else until the reader ends.
  for (let reads = 0; reads < 20; reads += 1) await database.query('select from t')
  await reader.query('rollback')
  expect(await running).toMatchObject({ kind: 'done' })
})

it('says who held the lock when its patience ends, and has changed nothing [MIG-5]', async () => {
  await using database = await createTestDatabase()
  await executeOn(database, [table])
  const reader = await givenReader(database)
  const [{ pid } = { pid: 0 }] = (await reader.query('select pg_backend_pid() as pid')).rows
  const result = await executeOn(database, [table, change], {
    limits: { ...impatient, lockTimeoutMaxMs: 400, lockTimeoutMinMs: 400, budgetMs: 0 },
  })
  expect(result).toMatchObject({
    kind: 'failed',
    migration: '0002_c',
    statementNo: 1,
    error: { sqlstate: '55P03' },
    remedy: expect.stringContaining(`pg_terminate_backend(${pid})`),
  })
  await reader.query('rollback')
  expect(await executeOn(database, [table, change])).toMatchObject({ kind: 'done' })
})

it('waits for old snapshots as long as it may, and builds the index anew when they are gone [MIG-7]', async () => {
  await using database = await createTestDatabase()
  await executeOn(database, [table])
  const reader = await database.connect()
  await reader.query('begin isolation level repeatable read; select from t')
  const build = plainMigration('0002_i', 'create index concurrently t_a on t (a)')
  const limits = { ...impatient, budgetMs: 0, aloneDeadlineMs: 50 }
  expect(await executeOn(database, [table, build], { limits })).toMatchObject({
    kind: 'failed',
    error: { sqlstate: '57014' },
  })
  const retried = firstOf('retry')
  const running = executeOn(database, [table, build], {
    limits: { ...limits, budgetMs: 60_000 },
    onEvent: retried.onEvent,
  })
  await retried.heard
  await reader.query('rollback')
  expect(await running).toMatchObject({ kind: 'done' })
  expect(
    await database.query(`select indisvalid as valid from pg_index where indrelid = 't'::regclass`),
  ).toEqual([{ valid: true }])
})

it('builds an index although others wait for their turn, which a waiting lock call would prevent [MIG-8]', async () => {
  await using database = await createTestDatabase()
  await executeOn(database, [table])
  const build = plainMigration(
    '0002_i',
    'select pg_sleep(0.3); create index concurrently t_a on t (a); select pg_sleep(0.3)',
  )
  const results = await Promise.all(
    Array.from({ length: 4 }, () => executeOn(database, [table, build])),
  )
  expect(results.map(({ kind }) => kind).toSorted()).toEqual([
    'done',
    'nothing-to-do',
    'nothing-to-do',
    'nothing-to-do',
  ])
})

it('lets one of fifty starters run, and the others see nothing to do [MIG-8]', async () => {
  await using database = await createTestDatabase()
  const migrations = [
    table,
    change,
    plainMigration('0003_i', 'create index concurrently t_a on t (a)'),
  ]
  const results = await Promise.all(
    Array.from({ length: 50 }, () => executeOn(database, migrations)),
  )
  const kinds = results.map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'done')).toHaveLength(1)
  expect(kinds.filter((kind) => kind === 'nothing-to-do')).toHaveLength(49)
  expect(
    await database.query('select max(token)::int as token from schema_migration_statements'),
  ).toEqual(
    await database.query('select min(token)::int as token from schema_migration_statements'),
  )
})

it('tells who waits what the one who works is doing, and when it gives up [MIG-8] [MIG-11]', async () => {
  await using database = await createTestDatabase()
  await executeOn(database, [table])
  const reader = await givenReader(database)
  const worker = new AbortController()
  const [retried, blocked] = [firstOf('retry'), firstOf('blocked')]
  const running = executeOn(
    database,
    [table, plainMigration('0002_c', 'select 1; alter table t add c int')],
    {
      host: 'worker-1',
      signal: worker.signal,
      limits: { ...impatient, lockTimeoutMinMs: 2_000, lockTimeoutMaxMs: 2_000 },
      onEvent(event) {
        retried.onEvent(event)
        blocked.onEvent(event)
      },
    },
  )
  await blocked.heard
  const waiting = await executeOn(database, [table, change], { limits: { waitMaxMs: 1_100 } })
  expect(waiting).toMatchObject({
    kind: 'waiting-timed-out',
    waiting: {
      holder: { host: 'worker-1', migration: '0002_c', position: 1, total: 1, statementNo: 2 },
    },
  })
  worker.abort()
  expect(await running).toMatchObject({ kind: 'stopped' })
  await reader.query('rollback')
})

it('stops in the middle of a statement when it is told to, and goes on from there the next time', async () => {
  await using database = await createTestDatabase()
  const stop = new AbortController()
  const text = (seconds: number) =>
    `create table half (a int); create index concurrently t_a on t (a); create table more (a int); select pg_sleep(${seconds})`
  const started = firstOf('statement-started')
  const result = executeOn(database, [table, plainMigration('0002_c', text(600))], {
    signal: stop.signal,
    limits: impatient,
    onEvent(event) {
      if (event.type === 'statement-started' && event.statementNo === 4) started.onEvent(event)
    },
  })
  await started.heard
  stop.abort()
  expect(await result).toMatchObject({ kind: 'stopped', applied: ['0001_t'] })
  expect(
    await database.query(
      `select to_regclass('half') is not null as half, to_regclass('more') as more`,
    ),
  ).toEqual([{ half: true, more: null }])
  const { events, ...again } = await executeOn(database, [table, plainMigration('0002_c', text(0))])
  expect(again).toMatchObject({ kind: 'done', applied: ['0002_c'] })
  expect(events.filter(({ type }) => type === 'statement-done')).toHaveLength(2)
})

it('reconnects when the server drops it, and does nothing twice [MIG-7]', async () => {
  await using database = await createTestDatabase()
  let dropped = 0
  const migrations = [
    plainMigration('0001_n', 'create table n (x int); insert into n values (1)'),
    plainMigration('0002_n', 'insert into n values (2); select pg_sleep(0.2)'),
    plainMigration('0003_n', 'create index concurrently n_x on n (x)'),
  ]
  const { events, ...result } = await executeOn(database, migrations, {
    onEvent(event) {
      if (event.type !== 'statement-started' || event.migration !== '0002_n' || dropped > 0) return
      dropped += 1
      void database.query(`select pg_terminate_backend(backend_pid) from schema_migration_lease`)
    },
  })
  expect(result).toMatchObject({ kind: 'done', applied: ['0001_n', '0002_n', '0003_n'] })
  expect(events.some(({ type }) => type === 'reconnecting')).toBe(true)
  expect(await database.query('select x from n order by 1')).toEqual([{ x: 1 }, { x: 2 }])
})

it('leaves nobody behind on the server, wherever the connection is lost', async () => {
  await using database = await createTestDatabase()
  const stops = ['client_connection_check_interval', 'schema_migration_lease', 'create table t']
  for (const [index, stop] of stops.entries()) {
    let dropped = 0
    const open = async () => {
      const client = await database.connect()
      const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>
      const dropping = async (...given: unknown[]) => {
        dropped += 1
        await query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined)
        return query(...given)
      }
      const isStop = (text: unknown) => typeof text === 'string' && text.includes(stop)
      client.query = ((...given: unknown[]) =>
        dropped === 0 && isStop(given[0]) ? dropping(...given) : query(...given)) as never
      return client
    }
    const more = plainMigration(`000${index + 2}_m`, `create table m${index} (a int)`)
    const before = stops
      .slice(0, index)
      .map((_, at) => plainMigration(`000${at + 2}_m`, `create table m${at} (a int)`))
    const result = await executeOn(database, [table, ...before, more], {
      target: { open },
      limits: impatient,
    })
    expect(result).toMatchObject({ kind: 'done' })
    const left = await database.query(
      `select query from pg_stat_activity
        where datname = current_database() and application_name like 'studioops-migrate/%'`,
    )
    expect(left).toEqual([])
  }
})

it('writes nothing any more once another runner has taken over [MIG-8]', async () => {
  await using database = await createTestDatabase()
  await executeOn(database, [table])
  // The index waits for this transaction, so that the lease is surely taken while it is built.
  const writer = await database.connect()
  await writer.query('begin; insert into t default values')
  let taken = 0
  const build = plainMigration(
    '0002_i',
    'create index concurrently t_a on t (a); create table u (a int)',
  )
  const { events, ...result } = await executeOn(database, [table, build], {
    limits: { heartbeatMs: 60_000 },
    async onEvent(event) {
      if (event.type !== 'statement-started' || event.statementNo !== 1 || taken > 0) return
      taken += 1
      await database.query('update schema_migration_lease set token = token + 1')
      await writer.query('commit')
    },
  })
  expect(result).toMatchObject({ kind: 'done' })
  expect(events.filter(({ type }) => type === 'reconnecting')).toHaveLength(1)
  expect(await database.query('select token::int from schema_migration_lease')).toEqual([
    { token: 4 },
  ])
})

it('is not kept from writing its ledger by a cancellation that comes too late for its statement [MIG-7]', async () => {
  await using database = await createTestDatabase()
  await executeOn(database, [table])
  await database.query('create sequence cancelled')
  await database.query(
    `create function cancel_once() returns trigger language plpgsql as $$
      begin
        if nextval('public.cancelled') = 1 then perform pg_cancel_backend(pg_backend_pid()); end if;
        return new;
      end $$`,
  )
  await database.query(
    `create trigger cancel_once before insert on schema_migration_statements
      for each row execute function cancel_once()`,
  )
  const build = plainMigration('0002_i', 'create index concurrently t_a on t (a)')
  expect(await executeOn(database, [table, build])).toMatchObject({ kind: 'done' })
  expect(await database.query('select last_value::int > 1 as again from cancelled')).toEqual([
    { again: true },
  ])
})

it('waits for the session of a former holder, although its lock is free [MIG-8]', async () => {
  await using database = await createTestDatabase()
  await executeOn(database, [table])
  const former = await database.connect()
  await former.query(
    `update schema_migration_lease set backend_pid = pg_backend_pid(),
       backend_start = (select backend_start from pg_stat_activity where pid = pg_backend_pid())`,
  )
  const waiting = firstOf('waiting')
  const running = executeOn(database, [table, change], { onEvent: waiting.onEvent })
  await waiting.heard
  expect(await database.query(`select count(*)::int as n from schema_migrations`)).toEqual([
    { n: 1 },
  ])
  await former.end()
  expect(await running).toMatchObject({ kind: 'done' })

  const another = await database.connect()
  await another.query(
    `update schema_migration_lease set backend_pid = pg_backend_pid(),
       backend_start = (select backend_start from pg_stat_activity where pid = pg_backend_pid())`,
  )
  const third = plainMigration('0003_c', 'alter table t add column c int')
  expect(
    await executeOn(database, [table, change, third], { terminatesStale: true }),
  ).toMatchObject({ kind: 'done' })
})
