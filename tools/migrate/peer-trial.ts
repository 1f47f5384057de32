import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { connectTo } from '../../packages/migrate/src/testing/server-database.ts'
import type { TestServer } from '../../packages/migrate/src/testing/server.ts'

/** A migration in nobody's form; every peer gets it in its own. */
export type PeerMigration = {
  /** `0001_people`. */
  readonly id: string
  readonly sql: string
  readonly down?: string
  /** Cannot run in a transaction. */
  readonly alone?: boolean
  /** What the file held when it was committed, where it holds something else now. */
  readonly written?: string
  /** Id of the file that was the last when this one was committed; default: the one before it. */
  readonly after?: string
}

/** How a run of a tool ended. */
export type PeerRun = { readonly exitCode: number; readonly output: string }

export type RunningPeer = {
  readonly child: ChildProcess
  readonly ended: Promise<PeerRun>
}

/** One tool and one empty database. */
export type Trial = {
  readonly tool: string
  run(verb: 'up' | 'down', migrations: readonly PeerMigration[]): Promise<PeerRun>
  /** Without waiting for its end. */
  begin(verb: 'up' | 'down', migrations: readonly PeerMigration[]): Promise<RunningPeer>
  /** A connection of its own; ended with the trial. */
  connect(): Promise<pg.Client>
  query(
    text: string,
    values?: readonly string[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** What only our own program can be asked: any verb. */
  own(args: readonly string[]): Promise<PeerRun>
  [Symbol.asyncDispose](): Promise<void>
}

type TrialOptions = {
  readonly tool: string
  readonly server: TestServer
  /** Where the programs of the peers lie beside their packages. */
  readonly workshop: string
  readonly program: string
  /** Everything that the tools print. */
  readonly isVerbose: boolean
}

/** Long enough for a busy machine; nothing here takes long by itself. */
const runMaxMs = 240_000

export async function openTrial(options: TrialOptions): Promise<Trial> {
  const { tool, server, workshop, program } = options
  const database = await server.createDatabase(`peer_${randomUUID().replaceAll('-', '')}`)
  const { host, port, user } = server.connection
  const url = `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
  const connections: pg.Client[] = []
  const children = new Set<ChildProcess>()

  const connect = async () => {
    const client = await connectTo({ ...server.connection, database })
    connections.push(client)
    return client
  }
  const start = (args: readonly string[]): RunningPeer => {
    const child = spawn(process.execPath, [...args], {
      cwd: workshop,
      env: { ...environment(), DATABASE_URL: url, XDG_CACHE_HOME: join(workshop, 'cache') },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.add(child)
    const ended = outcomeOf(child)
    if (options.isVerbose) void ended.then((outcome) => console.log(outcome))
    return { child, ended }
  }
  const begin: Trial['begin'] = async (verb, migrations) => {
    const directory = await mkdtemp(join(workshop, 'files-'))
    const job = { url, directory: join(directory, 'migrations'), verb, migrations, program }
    return start([join(workshop, `${tool}.mjs`), JSON.stringify(job)])
  }
  let shared: pg.Client | undefined
  return {
    tool,
    begin,
    connect,
    run: async (verb, migrations) => (await begin(verb, migrations)).ended,
    own: (args) => start([program, '--url', url, ...args]).ended,
    async query(text, values = []) {
      shared ??= await connect()
      const { rows } = await shared.query<Readonly<Record<string, unknown>>>(text, [...values])
      return rows
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(connections.map((client) => client.end().catch(() => undefined)))
    },
  }
}

function environment() {
  const { DATABASE_URL: _, MIGRATION_DATABASE_URL: __, ...env } = process.env
  return { ...env, LANG: 'C', LC_ALL: 'C' }
}

function outcomeOf(child: ChildProcess): Promise<PeerRun> {
  const parts: string[] = []
  child.stdout?.on('data', (data: Buffer) => parts.push(data.toString()))
  child.stderr?.on('data', (data: Buffer) => parts.push(data.toString()))
  const overdue = setTimeout(() => child.kill('SIGKILL'), runMaxMs)
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(overdue)
      resolve({ exitCode: code ?? -1, output: parts.join('') })
    })
  })
}
