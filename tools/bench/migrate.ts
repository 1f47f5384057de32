import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { analyseHistory } from '../../packages/migrate/src/analyse/analyse.ts'
import { fingerprintOf } from '../../packages/migrate/src/catalog/fingerprint.ts'
import { readFacts } from '../../packages/migrate/src/catalog/read-facts.ts'
import { createMigrator } from '../../packages/migrate/src/engine/migrator.ts'
import { statementsFor } from '../../packages/migrate/src/engine/prepare-migration.ts'
import { hashInputs, type Proofs, proofsName } from '../../packages/migrate/src/engine/proofs.ts'
import { readFiles } from '../../packages/migrate/src/engine/read-files.ts'
import { startServer, type TestServer } from '../../packages/migrate/src/testing/server.ts'
import {
  connectTo,
  createDatabaseOn,
  type TestDatabase,
} from '../../packages/migrate/src/testing/server-database.ts'
import { createManifest, writeManifest } from '../../packages/migrate/src/text/manifest.ts'
import { atMost, type Line, median, ratios, spread, table } from './figures.ts'
import { benchMigrations, writeForAll } from './migrate-files.ts'
import { installPeers, peers, type Runner } from './migrate-peers.ts'

const usage = `Measures the migration engine beside one bare session and other tools, in one interleaved run.

  npm run bench:migrate -- [--files 1000] [--rounds 5] [--no-peers]

Ratios count: of the time, and of the processor time of this process and the server together.
Everything is synced to disk, as on a real server. Close everything else for figures that are kept;
where that cannot be, root on Linux measures before everybody else: chrt -r 1 npm run bench:migrate
`

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
    'no-peers': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const say = (line: string) => console.log(line)

async function main(): Promise<void> {
  const [files, rounds] = [Number(values.files), Number(values.rounds)]
  if (values.help || !(files > 3) || !(rounds > 0)) {
    say(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  say(`Node ${process.versions.node}, ${files} migrations, ${rounds} rounds, load ${load()}`)
  const root = await mkdtemp(join(tmpdir(), 'studioops-bench-migrate-'))
  const server = await startServer({ settings: ['fsync = on', 'full_page_writes = on'] })
  try {
    await writeForAll(root, benchMigrations(files))
    await proveOurs(server, join(root, 'ours'))
    const others = values['no-peers'] ? [] : await readyPeers(root)
    const bench = { server, root, files, rounds }
    const lines = [...(await measureApply(bench, others)), ...(await measurePlan(bench))]
    say(`\n${table(lines)}\n\nLoad of the machine at the end: ${load()}`)
    const missed = lines.filter(({ aim }) => aim?.isMet === false).length
    say(missed === 0 ? 'Every aim is met.' : `${missed} aims are not met.`)
    if (missed > 0) process.exitCode = 1
  } finally {
    await server.stop()
    await rm(root, { recursive: true, force: true })
  }
}

const load = () => (loadavg()[0] ?? 0).toFixed(1)

async function readyPeers(root: string): Promise<Runner[]> {
  say('Installing the peers…')
  await installPeers()
  return peers(root)
}

type Bench = {
  readonly server: TestServer
  readonly root: string
  readonly files: number
  readonly rounds: number
}

/** What the build leaves beside the files; that it takes long is no part of a start. */
async function proveOurs({ connection }: TestServer, directory: string): Promise<void> {
  await using database = await createDatabaseOn(connection)
  const client = await database.connect()
  const fingerprint = async () => {
    const facts = await readFacts((text, given) => client.query(text, given && [...given]))
    return fingerprintOf(facts).structure
  }
  const empty = await fingerprint()
  const { parser, sources, checksums, formerChecksums } = await readFiles({ directory })
  for (const { text } of sources) await client.query(text)
  const last = await fingerprint()
  const analyses = analyseHistory(sources, { parser })
  const proofs: Proofs = {
    version: 1,
    inputs: hashInputs(
      await Promise.all(
        (await readdir(directory)).map(async (name) => ({
          name,
          text: await readFile(join(directory, name), 'utf8'),
        })),
      ),
    ),
    major: 18,
    empty,
    migrations: sources.map((source, index) => ({
      id: source.id,
      file: `${source.id}.sql`,
      formerChecksum: formerChecksums.get(source.id)?.[0] ?? '',
      prepared: {
        type: source.header.type,
        statements: statementsFor(analyses[index] ?? { statements: [] }),
        checksum: checksums.get(source.id) ?? '',
        rawSha256: source.rawSha256,
        fingerprint: last,
        rollbackScript: `drop table t${index + 1};\n`,
      },
    })),
  }
  await writeFile(join(directory, proofsName), JSON.stringify(proofs))
  await writeManifest(directory, createManifest(sources, parser))
}

function ours(directory: string): Runner {
  return {
    name: 'ours',
    async apply(target) {
      const { kind } = await createMigrator({
        directory,
        target: { open: () => connectTo(target) },
        appVersion: 'bench',
        imageDirectory: join(directory, '..', 'images'),
      }).up()
      if (kind !== 'done' && kind !== 'nothing-to-do') throw new Error(`ours ended with ${kind}`)
    },
  }
}

/** One connection, one message for each migration, no safety at all. */
function bare(directory: string): Runner {
  return {
    name: 'bare',
    async apply(target) {
      const client = await connectTo(target)
      await client.query('create table ledger (name text primary key, at timestamptz)')
      for (const name of (await readdir(directory)).toSorted()) {
        const text = readFileSync(join(directory, name), 'utf8')
        // oxlint-disable-next-line house/bans -- one message takes no parameters; the names are ours
        await client.query(`begin; ${text}; insert into ledger values ('${name}', now()); commit`)
      }
      await client.end()
    },
  }
}

type Cost = { readonly ms: number; readonly cpuMs: number }

/** @returns what it took, with the processor time of the server */
async function costOf({ connection }: TestServer, work: () => Promise<void>): Promise<Cost> {
  const postmaster = Number(
    (await readFile(join(connection.host, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0],
  )
  const before = cpuMs(postmaster)
  const began = performance.now()
  await work()
  const ms = performance.now() - began
  // A backend counts once it has ended.
  await new Promise((resolve) => setTimeout(resolve, 50))
  return { ms, cpuMs: cpuMs(postmaster) - before }
}

/** Of this process and of the server with the backends that have ended; ticks of 10 ms. */
function cpuMs(postmaster: number): number {
  const { user, system } = process.cpuUsage()
  const stat = readFileSync(`/proc/${postmaster}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return (user + system) / 1_000 + ticks * 10
}

type Rounds = { readonly apply: Cost[]; readonly again: Cost[] }

const againTimes = 20

async function measureApply(bench: Bench, others: readonly Runner[]): Promise<Line[]> {
  const { server, root, rounds, files } = bench
  const runners = [bare(join(root, 'plain')), ours(join(root, 'ours')), ...others]
  const found = new Map(
    runners.map(({ name }): [string, Rounds] => [name, { apply: [], again: [] }]),
  )
  for (const runner of runners) await warmUp(server, runner)
  for (let round = 0; round < rounds; round += 1) {
    for (const runner of runners) {
      await using database = await createDatabaseOn(server.connection)
      const kept = found.get(runner.name)
      kept?.apply.push(await costOf(server, () => runner.apply(database.target)))
      const again = runner.name === 'bare' ? connectAndSelect : runner.apply
      const times = runner.name === 'bare' || runner.name === 'ours' ? againTimes : 2
      kept?.again.push(await repeated(server, times, () => again(database.target)))
      await goneFrom(database)
    }
    say(`round ${round + 1} of ${rounds}`)
  }
  return linesOf(found, files)
}

/** Modules are loaded and code is compiled once, whatever the number of migrations is. */
async function warmUp(server: TestServer, runner: Runner): Promise<void> {
  await using database = await createDatabaseOn(server.connection)
  await runner.apply(database.target)
  await goneFrom(database)
}

/** One of the tools keeps its connections for a while, and ends the process when they are taken away. */
async function goneFrom(database: TestDatabase): Promise<void> {
  const others = () =>
    database.query(
      `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
  while ((await others()).length > 0) await new Promise((resolve) => setTimeout(resolve, 100))
}

/** What has run, as everybody has to ask who does not know it beforehand. */
async function connectAndSelect(target: TestDatabase['target']): Promise<void> {
  const client = await connectTo(target)
  await client.query('select name, at from ledger order by name')
  await client.end()
}

/** The mean of several, because a tick of the server's clock is longer than one. */
async function repeated(
  server: TestServer,
  times: number,
  work: () => Promise<void>,
): Promise<Cost> {
  await work()
  const took: number[] = []
  const { cpuMs: all } = await costOf(server, async () => {
    for (let time = 0; time < times; time += 1) {
      const began = performance.now()
      await work()
      took.push(performance.now() - began)
    }
  })
  return { ms: median(took), cpuMs: all / times }
}

function linesOf(found: ReadonlyMap<string, Rounds>, files: number): Line[] {
  const limit = found.get('bare') ?? { apply: [], again: [] }
  const aims = { apply: 1.15, again: 1.1 } as const
  const of = (costs: readonly Cost[], what: keyof Cost) => costs.map((cost) => cost[what])
  return (['apply', 'again'] as const).flatMap((part) => [
    {
      bench: part,
      what: part === 'apply' ? `bare, ${files} migrations, ms` : 'bare: connect and select, ms',
      value: spread(of(limit[part], 'ms'), 1),
    },
    ...Array.from(found).flatMap(([name, rounds]): Line[] => {
      if (name === 'bare') return []
      const time = ratios(of(rounds[part], 'ms'), of(limit[part], 'ms'))
      const cpu = ratios(of(rounds[part], 'cpuMs'), of(limit[part], 'cpuMs'))
      const aim = name === 'ours' ? { aim: atMost(median(time), aims[part], ' of bare') } : {}
      const words = part === 'apply' ? name : `${name}, nothing to do`
      return [
        { bench: part, what: `  ${words}, time of bare`, value: spread(time, 2), ...aim },
        { bench: part, what: `  ${words}, processor time of bare`, value: spread(cpu, 2) },
      ]
    }),
  ])
}

const pendingFiles = 3

/** Three pending of all, after a plan that has left its image. */
async function measurePlan({ server, root, files, rounds }: Bench): Promise<Line[]> {
  const source = join(root, 'ours')
  const names = (await readdir(source)).filter((name) => name.endsWith('.sql')).toSorted()
  const directory = join(root, 'planned')
  await mkdir(directory)
  await using database = await createDatabaseOn(server.connection)
  const copy = async (list: readonly string[]) => {
    for (const name of list)
      await writeFile(join(directory, name), await readFile(join(source, name)))
  }
  await copy(names.slice(0, -pendingFiles))
  await proveOurs(server, directory)
  await ours(directory).apply(database.target)
  await copy(names.slice(-pendingFiles))
  for (const name of [proofsName, 'migrations.manifest.json'])
    await rm(join(directory, name), { force: true })
  const plan = async () => {
    const { kind, migrations, objections } = await createMigrator({
      directory,
      target: { open: () => connectTo(database.target) },
      appVersion: 'bench',
      imageDirectory: join(root, 'images'),
    }).plan()
    if (migrations.length !== pendingFiles)
      throw new Error(`the plan is ${kind}: ${objections[0]?.because ?? ''}`)
  }
  say('Planning…')
  await plan()
  const took: Cost[] = []
  for (let round = 0; round < rounds; round += 1) took.push(await costOf(server, plan))
  const seconds = took.map(({ ms }) => ms / 1_000)
  return [
    {
      bench: 'plan',
      what: `${files} files, ${pendingFiles} pending, warm, s`,
      value: spread(seconds, 2),
      aim: atMost(median(seconds), 3, ' s'),
    },
    {
      bench: 'plan',
      what: '  processor time, s',
      value: spread(
        took.map(({ cpuMs: used }) => used / 1_000),
        2,
      ),
    },
  ]
}

await main()
