import { createHash, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createApp, type Ground } from '../app.ts'
import type { Config } from '../config/config.ts'
import { type Database, isDatabaseUnavailable } from '../platform/db/database.ts'
import { requireHeldRoles } from '../platform/db/protection.ts'
import { openMasterKeys } from '../platform/instance/master-key-source.ts'
import { tryLockName } from '../platform/instance/directory-lock.ts'
import { createLog } from '../platform/log/log.ts'

export const workerManual = `Usage: studioops worker [--name <name>]

Carries out background jobs and the outbox, beside the server or on another machine; as many of them
as you like work on one database. Set WORKER=false for the server to leave all of it to them.

It needs what the server has: the configuration, the database and the master key. The schema has to
be that of this version: start the server first. A demo lives in its server, so it needs no worker.

With a name, which no other worker on this machine may have at the same time, a worker that is started
again takes up at once what it held when it was killed; otherwise others do when its lease is over.

Ends by SIGTERM or SIGINT: what is under way ends within seconds or is given back.
`

type Work = {
  readonly config: Config
  readonly version: string
  readonly openDatabase: () => Promise<Database>
  readonly openOwner?: () => Promise<NonNullable<Ground['owner']>>
  readonly tell: (text: string) => void
  readonly signal: AbortSignal
}

/** @returns the exit code, once `signal` is aborted */
export async function runWorker(args: readonly string[], work: Work): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { name: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  const { config, version, tell, signal } = work
  if (values.help === true) {
    tell(workerManual)
    return 0
  }
  const nodeId = nodeIdOf(values.name)
  // Two of one name would take each other's work for that of a dead one.
  const lockDirectory = join(config.dataDirectory, 'workers', nodeId)
  const lock = await tryLockName(`worker ${nodeId}`, lockDirectory)
  if (lock === undefined) {
    tell(nameTaken(values.name ?? ''))
    return 1
  }
  await using _held = { [Symbol.asyncDispose]: () => lock.release() }
  const log = createLog({ level: config.log.level })
  const database = await work.openDatabase()
  if (!(await waitForDatabase(database, { tell, signal }))) return 0
  const { masterKeys, problem } = await openMasterKeys(config)
  if (problem !== undefined) tell(`${problem}\n`)
  await using app = await createApp({
    config,
    log,
    database,
    version,
    masterKeys,
    origin: () => '',
    ownListeners: () => [],
    nodeId,
    evaluationDatabase: false,
    ...(work.openOwner === undefined ? {} : { owner: await work.openOwner() }),
    parts: ['worker'],
  })
  if (app.locked !== undefined) tell(`${app.locked}\n`)
  await app.resume()
  tell('StudioOps worker is ready\n')
  if (!signal.aborted)
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  tell('StudioOps worker is stopping…\n')
  return 0
}

const againAfterMs = 1_000

/** A database that is away for now comes back, and the worker with it. @returns false when told to stop */
async function waitForDatabase(
  database: Database,
  { tell, signal }: Pick<Work, 'tell' | 'signal'>,
): Promise<boolean> {
  for (let isTold = false; !signal.aborted; isTold = true) {
    try {
      await requireHeldRoles(database)
      return true
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error
      if (!isTold) tell('The database does not answer. Trying again until it does…\n')
      await sleep(againAfterMs, undefined, { signal }).catch(() => {})
    }
  }
  return false
}

function nameTaken(name: string): string {
  return `A worker named "${name}" runs on this machine already. Give this one another --name, or none.
על מחשב זה כבר פועל worker בשם "${name}". יש לבחור --name אחר, או להשמיט אותו.
`
}

/** The same for the same name on the same machine. */
function nodeIdOf(name: string | undefined): string {
  if (name === undefined) return randomUUID()
  const hex = createHash('sha256').update(`${hostname()} ${name}`).digest('hex')
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
