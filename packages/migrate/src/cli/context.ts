import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { createMigrator, type Migrator } from '../engine/migrator.ts'
import type { MigratorOptions, Policy } from '../engine/migrator-options.ts'
import { CommandError, type Voice } from './answer.ts'
import { chooseConnection, type Connection, readUrl } from './database-url.ts'
import { exitCodes } from './exit-codes.ts'
import { createProgress, type Progress } from './progress.ts'
import type { Surroundings } from './surroundings.ts'

/** Options that every command takes. */
export type CommonOptions = {
  readonly dir?: string
  readonly url?: string
  readonly json?: boolean
  readonly lang?: string
  readonly ledgerSchema?: string
  readonly backupDir?: string
  readonly env?: string
  /** Seconds. */
  readonly wait?: number
  readonly ignore?: readonly string[]
  readonly onFailure?: 'undo' | 'keep'
  readonly fullBackup?: boolean
  readonly tool?: MigratorOptions['tool']
}

/** Everything that a command works with. */
export type Context = {
  readonly surroundings: Surroundings
  readonly options: CommonOptions
  readonly voice: Voice
  readonly directory: string
  readonly backupDirectory: string
  readonly progress: Progress
  /** @throws CommandError where no database is named */
  connection(): Promise<Connection>
  /**
   * What is known of the files alone.
   *
   * @throws CommandError where there is no directory
   */
  files(): Promise<FileOptions>
  /** @throws CommandError where there is no directory or no database */
  engine(): Promise<Engine>
  /** Ends what `engine` has shown. */
  close(): void
}

export type FileOptions = Pick<MigratorOptions, 'directory' | 'headers' | 'imageDirectory' | 'tool'>

export type Engine = {
  readonly migrator: Migrator
  readonly migratorOptions: MigratorOptions
  /** Of the database, without a password. */
  readonly title: string
  readonly progress: Progress
}

export function createContext(
  surroundings: Surroundings,
  options: CommonOptions,
  voice: Voice,
): Context {
  const { cwd, defaults = {} } = surroundings
  const directory = pathOf(options.dir, defaults.directory ?? 'migrations', cwd)
  const backupDirectory = pathOf(options.backupDir, defaults.backupDirectory ?? 'backups', cwd)
  const progress = createProgress({
    form: options.json === true ? 'json' : surroundings.stderr.isTTY === true ? 'live' : 'lines',
    output: options.json === true ? surroundings.stdout : surroundings.stderr,
    voice,
  })
  const connection = () => connectionFor(surroundings, options, voice)
  return {
    surroundings,
    options,
    voice,
    directory,
    backupDirectory,
    progress,
    connection,
    close: () => progress.end(),
    async files() {
      await requireDirectory(directory, voice)
      return {
        directory,
        headers: defaults.migrator?.headers,
        tool: options.tool,
        imageDirectory: defaults.migrator?.imageDirectory ?? imageDirectory(surroundings.env),
      }
    },
    async engine() {
      await requireDirectory(directory, voice)
      const { config, title } = await connection()
      const migratorOptions: MigratorOptions = {
        ...defaults.migrator,
        directory,
        tool: options.tool,
        ignore: options.ignore,
        ...(options.fullBackup === true ? { fullBackup: true } : {}),
        rollbackOnFailure: options.onFailure === 'keep' ? 'keep' : 'auto',
        target: { open: () => openClient(config) },
        appVersion: defaults.appVersion ?? `${surroundings.name} ${surroundings.version}`,
        policy: policyOf(options, surroundings),
        connection: config,
        shadowServer: shadowServer(surroundings.env, voice),
        imageDirectory: defaults.migrator?.imageDirectory ?? imageDirectory(surroundings.env),
        backupDirectory,
        ledgerSchema: options.ledgerSchema,
        limits: options.wait === undefined ? undefined : { waitMaxMs: options.wait * 1_000 },
        onEvent: progress.onEvent,
        signal: surroundings.signal,
      }
      return { migrator: createMigrator(migratorOptions), migratorOptions, title, progress }
    },
  }
}

const pathOf = (given: string | undefined, otherwise: string, cwd: string) => {
  const path = given ?? otherwise
  // As it was given, where that is enough: places in messages are clickable from here.
  return cwd === process.cwd() ? path : resolve(cwd, path)
}

async function requireDirectory(directory: string, { words }: Voice): Promise<void> {
  const found = await stat(directory).catch(() => undefined)
  if (found?.isDirectory() === true) return
  const { because, remedy } = words.noDirectory
  throw new CommandError(exitCodes.refused, { because: because(directory), remedy })
}

async function connectionFor(
  { env, defaults }: Surroundings,
  { url }: CommonOptions,
  { words }: Voice,
): Promise<Connection> {
  const chosen = chooseConnection(url, env)
  if (chosen.kind === 'chosen') return chosen
  if (chosen.kind === 'unreadable') throw unreadable(chosen.source, words)
  const own = await defaults?.connection?.()
  if (own !== undefined) return own
  throw new CommandError(exitCodes.refused, words.noUrl)
}

function unreadable(source: string, { badUrl }: Voice['words']): CommandError {
  return new CommandError(exitCodes.refused, {
    because: badUrl.because(source),
    remedy: badUrl.remedy,
  })
}

const connectTimeoutMs = 10_000

/** A connection of its own for the engine, which keeps and closes it. */
export async function openClient(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ connectionTimeoutMillis: connectTimeoutMs, ...config })
  await client.connect()
  return client
}

type Environment = Surroundings['env']

function policyOf({ env: given }: CommonOptions, { env, defaults }: Surroundings): Policy {
  if (given === 'development' || given === 'production') return given
  if (defaults?.migrator?.policy !== undefined) return defaults.migrator.policy
  return env['NODE_ENV'] === 'development' ? 'development' : 'production'
}

function shadowServer(env: Environment, { words }: Voice): pg.ClientConfig | undefined {
  const text = env['SHADOW_DATABASE_URL']
  if (text === undefined || text.trim() === '') return undefined
  const read = readUrl('SHADOW_DATABASE_URL', text.trim())
  if (read.kind !== 'chosen') throw unreadable('SHADOW_DATABASE_URL', words)
  return read.config
}

/** Images of replayed prefixes are only a cache: any directory that survives until tomorrow will do. */
function imageDirectory(env: Environment): string {
  const given = env['XDG_CACHE_HOME']
  const cache = given !== undefined && given !== '' ? given : join(homedir(), '.cache')
  return join(cache, 'studioops-migrate')
}
