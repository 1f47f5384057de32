import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import { readFacts } from '../catalog/read-facts.ts'
import type { MigrationEvent } from '../execute/events.ts'
import { execute, type ExecuteLimits } from '../execute/execute.ts'
import type { CrashMigration } from './crash-history.ts'
import {
  connectTo,
  createDatabaseOn,
  type TestDatabase,
  type TestServer,
} from './server-database.ts'
import { startWriter } from './inbox-writer.ts'
import type { StarterPlan } from './starter.ts'
import { type Starter, startStarter } from './starter-process.ts'

/** Whom a wave of starters loses. */
export type Blow = 'client' | 'backend' | 'server'

export type CrashServer = {
  readonly connection: TestServer
  crash(): Promise<void>
  start(): Promise<void>
}

export type RoundOptions = {
  readonly server: CrashServer
  readonly migrations: readonly CrashMigration[]
  /** At least 0, less than 1. */
  readonly random: () => number
  readonly directory: string
  /** Processes that start at once. */
  readonly starters: number
  /** No more kills than this. */
  readonly killsMax: number
}

export type RoundResult = {
  readonly kills: number
  readonly blows: Readonly<Record<Blow, number>>
  readonly waves: number
  /** Waves after which a statement outside of transactions had begun and not ended. */
  readonly interruptedAlone: number
  /** Sentences; empty when everything held. */
  readonly violations: readonly string[]
}

const limits: Partial<ExecuteLimits> = {
  lockTimeoutMinMs: 200,
  lockTimeoutMaxMs: 1_000,
  pauseMaxMs: 100,
  heartbeatMs: 100,
  waitMaxMs: 60_000,
}

/** Runs a history in waves of starters that are killed at random moments, until it is complete. */
export async function runCrashRound(options: RoundOptions): Promise<RoundResult> {
  const { server, migrations, random, killsMax } = options
  const control = await undisturbed(server.connection, migrations)
  await using database = await createDatabaseOn(server.connection)
  const violations: string[] = []
  const blows = { client: 0, backend: 0, server: 0 }
  let [kills, waves, interruptedAlone] = [0, 0, 0]
  await using writer = startWriter(database)
  for (let isDone = false; !isDone && kills < killsMax; waves += 1) {
    const blow = pickBlow(random())
    const wave = await runWave(options, { database, blow, spanMs: control.tookMs / 2 })
    kills += wave.kills
    blows[blow] += wave.kills
    isDone = wave.isDone
    violations.push(...wave.violations)
    await settled(database)
    const state = await compareJournal(database, migrations)
    interruptedAlone += state.interruptedAlone
    violations.push(...state.violations)
  }
  const last = await execute({
    target: { open: () => database.connect() },
    migrations: migrations.map((migration) => ({ ...migration, prepare: async () => migration })),
    appVersion: 'last',
    limits,
  })
  if (!['done', 'nothing-to-do'].includes(last.kind))
    violations.push(`the last run ended with ${JSON.stringify(last)}`)
  violations.push(...(await writer.missing()), ...(await finalState(database, migrations)))
  const fingerprint = await fingerprintIn(database)
  if (fingerprint !== control.fingerprint)
    violations.push('the schema is not that of an undisturbed run')
  return { kills, blows, waves, interruptedAlone, violations }
}

function pickBlow(drawn: number): Blow {
  if (drawn < 0.8) return 'client'
  return drawn < 0.95 ? 'backend' : 'server'
}

async function undisturbed(server: TestServer, migrations: readonly CrashMigration[]) {
  await using database = await createDatabaseOn(server)
  const began = performance.now()
  const result = await execute({
    target: { open: () => database.connect() },
    migrations: migrations.map((migration) => ({ ...migration, prepare: async () => migration })),
    appVersion: 'control',
    limits,
  })
  const tookMs = performance.now() - began
  if (result.kind !== 'done') throw new Error(`the history does not run: ${JSON.stringify(result)}`)
  return { tookMs, fingerprint: await fingerprintIn(database) }
}

async function fingerprintIn(database: TestDatabase): Promise<string> {
  const client = await database.connect()
  const facts = await readFacts((text, values) => client.query(text, values && [...values]))
  const { structure, environment } = fingerprintOf(facts)
  return `${structure} ${environment}`
}

type WaveOptions = {
  readonly database: TestDatabase
  readonly blow: Blow
  /** The blow falls somewhere in it. */
  readonly spanMs: number
}

type Wave = { readonly kills: number; readonly isDone: boolean; readonly violations: string[] }

async function runWave(
  { server, migrations, random, directory, starters }: RoundOptions,
  { database, blow, spanMs }: WaveOptions,
): Promise<Wave> {
  const plan: StarterPlan = { target: database.target, migrations, limits }
  const file = join(directory, 'plan.json')
  await writeFile(file, JSON.stringify(plan))
  const children = await Promise.all(Array.from({ length: starters }, () => startStarter(file)))
  const moment = pickMoment(random, spanMs)
  const isThere = momentOf(children, migrations, moment)
  for (const { child } of children) child.send('go')
  await isThere
  const share = random() < 0.7 ? 1 : 0.5
  const victims = blow === 'client' ? children.filter(() => random() < share) : []
  let kills = 0
  for (const { child } of victims) {
    if (child.exitCode === null && child.kill('SIGKILL')) kills += 1
  }
  if (blow === 'backend') kills += await killBackends(database)
  if (blow === 'server') {
    kills += children.some(({ child }) => child.exitCode === null) ? 1 : 0
    await server.crash()
    await sleep(random() * 300)
    await server.start()
  }
  const results = await Promise.all(children.map(endInTime))
  const known = results.filter((result) => result !== undefined)
  return {
    kills,
    isDone: known.some(({ kind }) => kind === 'done' || kind === 'nothing-to-do'),
    violations: known
      .filter(({ kind }) => kind !== 'done' && kind !== 'nothing-to-do')
      .map((result) => `a starter ended with ${JSON.stringify(result)}`),
  }
}

const hangsAfterMs = 120_000

/** One that has done its work and stays is as bad as one that never does it. */
async function endInTime({ child, ended }: Starter) {
  const late = setTimeout(() => child.kill('SIGABRT'), hangsAfterMs)
  const result = await ended
  clearTimeout(late)
  if (child.signalCode === 'SIGABRT') return { kind: 'hung', after: result }
  return result
}

/** Some time after the start, or just after a statement outside of transactions has begun. */
type Moment = { readonly nthAlone: number | undefined; readonly delayMs: number }

function pickMoment(random: () => number, spanMs: number): Moment {
  if (random() < 0.4) return { nthAlone: undefined, delayMs: random() * spanMs }
  return { nthAlone: 1 + Math.floor(random() * 5), delayMs: random() * 20 }
}

async function momentOf(
  children: readonly Starter[],
  migrations: readonly CrashMigration[],
  { nthAlone, delayMs }: Moment,
): Promise<void> {
  const alone = new Set(
    migrations.flatMap(({ name, statements }) =>
      statements.flatMap(({ no, txClass }) => (txClass === 'alone' ? [`${name} ${no}`] : [])),
    ),
  )
  if (nthAlone !== undefined)
    await new Promise<void>((resolve) => {
      let seen = 0
      for (const { child, ended } of children) {
        child.on('message', ({ type, event }: { type: string; event?: MigrationEvent }) => {
          if (type !== 'event' || event?.type !== 'statement-started') return
          seen += alone.has(`${event.migration} ${event.statementNo}`) ? 1 : 0
          if (seen >= nthAlone) resolve()
        })
        void ended.then(() => resolve())
      }
    })
  await sleep(delayMs)
}

async function killBackends(database: TestDatabase): Promise<number> {
  const rows = await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'studioops-migrate/%'`,
  )
  return rows.length > 0 ? 1 : 0
}

/** The server goes on with a statement whose client is gone; the journal can be judged after it. */
async function settled({ target }: TestDatabase): Promise<void> {
  for (;;) {
    const client = await connectTo(target).catch(() => undefined)
    if (client === undefined) continue
    const { rows } = await client.query(
      `select 1 from pg_stat_activity
        where datname = current_database() and application_name like 'studioops-migrate/%'`,
    )
    await client.end()
    if (rows.length === 0) return
    await sleep(20)
  }
}

/** What the journal calls done has happened exactly once, and nothing else has. */
async function compareJournal(database: TestDatabase, migrations: readonly CrashMigration[]) {
  const client = await connectTo(database.target)
  try {
    const { rows: there } = await client.query<{ journal: boolean; trace: boolean }>(
      `select to_regclass('schema_migration_statements') is not null as journal,
          to_regclass('chaos.trace') is not null as trace`,
    )
    if (there[0]?.journal !== true) return { violations: [], interruptedAlone: 0 }
    const { rows: done } = await client.query<{ name: string; no: number }>(
      `select migration_name as name, statement_no as no from schema_migration_statements s
         join schema_migrations m on m.id = s.migration_id and m.attempt = s.attempt
        where s.state = 'done'`,
    )
    const { rows: open } = await client.query(
      `select 1 from schema_migration_statements where state = 'started'`,
    )
    const { rows: traces } = there[0].trace
      ? await client.query<{ name: string; no: number; times: number }>(
          'select name, no, count(*)::integer as times from chaos.trace group by name, no',
        )
      : { rows: [] }
    const traced = new Map(migrations.map(({ name, traced: numbers }) => [name, numbers]))
    const expected = done.filter(({ name, no }) => traced.get(name)?.includes(no) === true)
    return {
      violations: differences(expected, traces),
      interruptedAlone: open.length > 0 ? 1 : 0,
    }
  } finally {
    await client.end()
  }
}

type Mark = { readonly name: string; readonly no: number }

function differences(
  expected: readonly Mark[],
  traces: readonly (Mark & { readonly times: number })[],
): string[] {
  const key = ({ name, no }: Mark) => `statement ${no} of ${name}`
  const [said, seen] = [new Set(expected.map(key)), new Set(traces.map(key))]
  return [
    ...expected
      .map(key)
      .filter((one) => !seen.has(one))
      .map((one) => `${one} is called done and has not happened`),
    ...traces
      .map(key)
      .filter((one) => !said.has(one))
      .map((one) => `${one} has happened and is not called done`),
    ...traces
      .filter(({ times }) => times > 1)
      .map((one) => `${key(one)} has happened ${one.times} times`),
  ]
}

async function finalState(
  database: TestDatabase,
  migrations: readonly CrashMigration[],
): Promise<string[]> {
  const client = await database.connect()
  const { rows: unfinished } = await client.query(
    `select migration_name, status from schema_migrations where status <> 'completed'`,
  )
  const { rows: broken } = await client.query(
    `select indexrelid::regclass::text as name from pg_index where not (indisvalid and indisready and indislive)`,
  )
  const { rows: counted } = await client.query<{ name: string; no: number; times: number }>(
    'select name, no, count(*)::integer as times from chaos.trace group by name, no',
  )
  const expected = migrations.flatMap(({ name, traced }) => traced.map((no) => ({ name, no })))
  return [
    ...unfinished.map((row) => `not completed at the end: ${JSON.stringify(row)}`),
    ...broken.map((row) => `a broken index stayed: ${JSON.stringify(row)}`),
    ...differences(expected, counted),
  ]
}
