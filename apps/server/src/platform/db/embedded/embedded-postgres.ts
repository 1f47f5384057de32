import { resolve } from 'node:path'
import { connectionTo, forgetSocketHost, type PostgresConnection } from './address.ts'
import { findBinaries } from './binaries.ts'
import { clusterVersion, initialise, majorVersion, openCluster, type Ways } from './cluster.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { prepareDatabase } from './login.ts'
import {
  adoptPostmaster,
  startPostmaster,
  stopPostmaster,
  type Postmaster,
  type Program,
} from './postmaster.ts'
import { isRunning } from './postmaster-file.ts'
import { createServerLog } from './server-log.ts'
import { serverSettings, type Settings } from './settings.ts'

export type EmbeddedPostgresOptions = {
  /** Belongs to PostgreSQL alone, which may get another owner when root starts it. Made if absent. */
  readonly directory: string
  /** Default true. False is for data that may be lost, as in tests. */
  readonly fsync?: boolean
  readonly settings?: Settings
  /** Whole sentences for a person who waits, and for the log when the server had to be started again. */
  readonly onProgress?: (message: string) => void
}

export type EmbeddedPostgres = {
  readonly kind: 'postgres'
  /** The superuser's; the database `studioops` exists. */
  readonly connection: PostgresConnection
  readonly version: string
  /** Whether it was still running from an earlier start. */
  readonly attached: boolean
  /** Of the postmaster now; another one after a crash. */
  readonly pid: number
  /** Fast shutdown, after 10 s an immediate one. Can be called again. */
  readonly stop: () => Promise<void>
}

const checkEveryMs = 1_000
const restartPauseMaxMs = 30_000

/**
 * Starts the PostgreSQL of the npm package in a directory, or takes over the one that an earlier run
 * left there, and starts it again whenever it ends unasked. The caller holds the lock on the data
 * directory: two callers on one directory would share one server and stop it under each other.
 *
 * @throws EmbeddedPostgresError
 */
export async function startEmbeddedPostgres(
  { directory, fsync = true, settings = {}, onProgress = () => {} }: EmbeddedPostgresOptions,
  ways: Ways = waysOf(process.platform),
): Promise<EmbeddedPostgres> {
  const cluster = await openCluster(resolve(directory), ways)
  const existing = await clusterVersion(cluster)
  if (existing !== undefined && existing !== majorVersion) {
    throw new EmbeddedPostgresError(
      'data',
      `${cluster.data} holds a database of PostgreSQL ${existing}; this StudioOps brings ${majorVersion}.`,
    )
  }
  const binaries = await findBinaries(cluster.account)
  if (existing === undefined) {
    onProgress('Making the database')
    await initialise(cluster, { binaries, fsync })
  }
  const log = createServerLog(cluster.logFile)
  await log.bound()
  const program: Program = {
    cluster,
    binaries,
    settings: serverSettings({ fsync, settings }),
    log,
    onProgress,
  }
  const adopted = await adoptPostmaster(program)
  const keeper = keepRunning(program, adopted ?? (await startPostmaster(program)))
  try {
    const connection = await connectionTo(cluster, keeper.postmaster().port)
    const version = await prepareDatabase(connection, { fresh: existing === undefined })
    return {
      kind: 'postgres',
      connection,
      version,
      attached: adopted !== undefined,
      get pid() {
        return keeper.postmaster().pid
      },
      stop: () => keeper.stop(),
    }
  } catch (cause) {
    await keeper.stop()
    throw new EmbeddedPostgresError(
      'start',
      `PostgreSQL runs in ${cluster.directory}, but its database cannot be opened (${String(cause)}).`,
      { log: await log.tail(0), cause },
    )
  }
}

export function waysOf(platform: NodeJS.Platform): Ways {
  return platform === 'win32'
    ? { transport: 'tcp', control: 'pg_ctl' }
    : { transport: 'socket', control: 'signals' }
}

type Keeper = { postmaster(): Postmaster; stop(): Promise<void> }

/** Looks every second whether the server still runs, and whether its log is still small. */
function keepRunning(program: Program, first: Postmaster): Keeper {
  let postmaster = first
  let pauseMs = checkEveryMs
  let stopped: Promise<void> | undefined
  let checking = Promise.resolve()
  let timer: NodeJS.Timeout

  const check = async () => {
    try {
      await program.log.bound()
      if (await isRunning(postmaster.pid)) return
      program.onProgress('PostgreSQL ended unexpectedly and is started again')
      postmaster = await startPostmaster(program, postmaster.port)
      pauseMs = checkEveryMs
    } catch (error) {
      program.onProgress(String(error))
      pauseMs = Math.min(pauseMs * 2, restartPauseMaxMs)
    }
  }
  const checkLater = () => {
    timer = setTimeout(() => {
      checking = check().then(() => {
        if (stopped === undefined) checkLater()
      })
    }, pauseMs)
    timer.unref()
  }
  checkLater()

  return {
    postmaster: () => postmaster,
    stop() {
      stopped ??= (async () => {
        clearTimeout(timer)
        await checking
        await stopPostmaster(program, postmaster.pid)
        await forgetSocketHost(program.cluster)
      })()
      return stopped
    },
  }
}
