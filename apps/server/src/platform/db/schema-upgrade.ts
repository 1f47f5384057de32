import { fork } from 'node:child_process'
import { join } from 'node:path'
import {
  createMigrator,
  type MigrationEvent,
  type MigratorOptions,
  type Policy,
  type UpResult,
  upQuickly,
} from '@studioops/migrate'
import pg from 'pg'
import type { ConnectionTarget, DatabaseServer } from './database.ts'

export const migrationsFolder = join(import.meta.dirname, '../../../migrations')

export type UpgradeOptions = {
  readonly appVersion: string
  /** What to do with what nobody has proven. */
  readonly policy: Policy
  /** Where the migrations lie; default: those of the product. */
  readonly migrations?: string | undefined
  /** Below it: images of the shadow, and backups of what goes. */
  readonly directory?: string | undefined
  /** Whether the whole database is copied below the directory before an upgrade begins. */
  readonly fullBackup?: boolean | undefined
  /** A server for scratch databases, where the shadow of this process does not serve. */
  readonly shadowUrl?: string | undefined
  readonly onEvent?: ((event: MigrationEvent) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What of it another process can be told. */
export type UpgradeOrder = Omit<UpgradeOptions, 'onEvent' | 'signal'> & {
  readonly target: ConnectionTarget
}

/**
 * Brings the schema to this version, as the owner of the tables. Where a plan has to be made, another
 * process makes it and carries it out: what planning needs would stay in the memory of this one.
 *
 * @throws the driver's error when the server cannot be reached
 */
export async function upgradeSchema(
  server: DatabaseServer,
  options: UpgradeOptions,
): Promise<UpResult> {
  const migrator = migratorFor(server, options)
  const quick = await upQuickly(migrator)
  if (quick !== undefined) return quick
  // The one session of the evaluation database is in this process.
  if (server.pool !== undefined) return createMigrator(migrator).up()
  return upInProcess(server, options)
}

/** Whether the schema is that of this version; one query, which writes nothing. */
export async function isUpToDate(
  server: DatabaseServer,
  options: UpgradeOptions,
): Promise<boolean> {
  return createMigrator(migratorFor(server, options)).isUpToDate()
}

/** Ids of what has still to run. Reads every file. */
export async function listPending(
  server: DatabaseServer,
  options: UpgradeOptions,
): Promise<readonly string[]> {
  const { pending } = await createMigrator(migratorFor(server, options)).status()
  return pending
}

function migratorFor({ target, pool }: DatabaseServer, options: UpgradeOptions): MigratorOptions {
  return {
    ...migratorOptions({ ...options, target }),
    ...(pool === undefined
      ? {}
      : {
          target: {
            open: () => pool.connect(),
            close: async (client: pg.ClientBase) => releaseOf(client as pg.PoolClient),
          },
        }),
    onEvent: options.onEvent,
    signal: options.signal,
  }
}

const releaseOf = (client: pg.PoolClient): void => client.release()

/** The same for the process that works and the one that only looks. */
export function migratorOptions({
  target,
  appVersion,
  policy,
  directory,
  fullBackup,
  shadowUrl,
  migrations = migrationsFolder,
}: UpgradeOrder): MigratorOptions {
  const connection = { ...target, connectionTimeoutMillis: 5_000, keepAlive: true }
  return {
    directory: migrations,
    headers: { why: 'required' },
    target: {
      async open() {
        const client = new pg.Client(connection)
        await client.connect()
        return client
      },
    },
    connection,
    appVersion,
    policy,
    fullBackup,
    ...(shadowUrl === undefined ? {} : { shadowServer: { connectionString: shadowUrl } }),
    ...(directory === undefined
      ? {}
      : {
          imageDirectory: join(directory, 'cache', 'shadow'),
          backupDirectory: join(directory, 'backups'),
        }),
  }
}

/** What the process that works says; the last message is the result. */
export type UpgradeMessage =
  | { readonly kind: 'event'; readonly event: MigrationEvent }
  | { readonly kind: 'result'; readonly result: UpResult }
  /** An error is copied without the facts that drivers and Node add to it. */
  | { readonly kind: 'error'; readonly error: Error; readonly facts: object }

/** What it is told: first what to do, and perhaps later to stop. */
export type UpgradeCommand = UpgradeOrder | 'stop'

/** The process that upgrades was killed; whatever it had begun, the next one goes on from there. */
export class UpgradeEnded extends Error {
  override readonly name = 'UpgradeEnded'

  constructor(how: string) {
    super(`the process that upgrades the database ended (${how})`)
  }
}

function upInProcess(
  { target }: DatabaseServer,
  { onEvent, signal, ...options }: UpgradeOptions,
): Promise<UpResult> {
  const order: UpgradeOrder = { ...options, target }
  const child = fork(join(import.meta.dirname, 'upgrade-process.ts'), {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const stop = () => child.connected && child.send('stop')
  signal?.addEventListener('abort', stop)
  return new Promise<UpResult>((resolve, reject) => {
    child.on('message', (message) => {
      const told = message as UpgradeMessage
      if (told.kind === 'event') onEvent?.(told.event)
      else if (told.kind === 'result') resolve(told.result)
      else reject(Object.assign(told.error, told.facts))
    })
    child.once('error', reject)
    child.once('exit', (code, killedBy) => reject(new UpgradeEnded(`${killedBy ?? code}`)))
    child.send(order)
  }).finally(() => signal?.removeEventListener('abort', stop))
}
