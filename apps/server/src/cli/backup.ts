import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { errorText } from '@studioops/contracts/errors'
import { chooseLanguage } from '@studioops/migrate/cli'
import { type Config, plainSettings } from '../config/config.ts'
import { type Environment, readSources } from '../config/sources.ts'
import type { Words } from '../config/variables.ts'
import { backupPlaces, restorePlace } from '../features/backups/index.ts'
import type { ObjectStore } from '../integrations/object-store/object-store.ts'
import { createAudit } from '../platform/audit/audit.ts'
import { findBackup, keepNewest, listBackups } from '../platform/backup/backup-folder.ts'
import { createBackup } from '../platform/backup/create-backup.ts'
import { restoreBackup, type Restored } from '../platform/backup/restore-backup.ts'
import { unpack } from '../platform/backup/unpack.ts'
import type { ConnectionTarget, Database } from '../platform/db/database.ts'
import { readSchedule, writeSchedule } from '../platform/db/rows/backup-schedule.ts'
import { AppError } from '../platform/errors/app-error.ts'
import { openMasterKeys } from '../platform/instance/master-key-source.ts'
import { Secret } from '../platform/secret/secret.ts'
import { backupHelp, backupTexts } from './backup-texts.ts'
import type { Terminal } from './keys.ts'
import { readArguments } from './read-arguments.ts'

export type BackupWork = {
  readonly config: Config
  readonly env: Environment
  readonly cwd: string
  readonly version: string
  /** The owner's way to the tables. */
  readonly openOwner: () => Promise<ConnectionTarget>
  readonly openDatabase: () => Promise<Database>
  /** Of the installation that is backed up. */
  readonly openStores: (database: Database) => Promise<readonly ObjectStore[]>
  readonly terminal: Terminal
  readonly signal?: AbortSignal
  /** Cost of scrypt; tests make it cheap. */
  readonly sealingCost?: number
}

type Values = NonNullable<ReturnType<typeof readArgs>>['values']

type Context = BackupWork & {
  readonly values: Values
  readonly say: (words: Words) => string
  readonly directory: string
  readonly passphrase: Secret | undefined
  /** One JSON document, or lines. */
  readonly show: (value: unknown, lines: readonly string[]) => void
}

const codes = { done: 0, refused: 1, usage: 3 } as const

const readArgs = (args: readonly string[]) =>
  readArguments(args, {
    directory: { type: 'string' },
    'passphrase-file': { type: 'string' },
    rehearse: { type: 'boolean' },
    force: { type: 'boolean' },
    'every-hours': { type: 'string' },
    keep: { type: 'string' },
    off: { type: 'boolean' },
    json: { type: 'boolean' },
  })

const commands: Record<string, (context: Context, archive: string) => Promise<number>> = {
  create,
  list,
  verify,
  restore,
  schedule,
}
const takesArchive = new Set(['verify', 'restore'])

/** `studioops backup …` (OPS-7). @returns the exit code */
export async function runBackup(args: readonly string[], work: BackupWork): Promise<number> {
  const language = chooseLanguage(args, work.env)
  const say = (words: Words) => words[language]
  const read = readArgs(args)
  if (read?.values.help === true) {
    work.terminal.out(say(backupHelp))
    return codes.done
  }
  const meant = meantBy(read?.positionals ?? [])
  if (read === undefined || meant === undefined) {
    work.terminal.tell(say(backupHelp))
    return codes.usage
  }
  try {
    return await meant(contextOf({ ...work, say, values: read.values }))
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { message, next } = errorText(error.code, language, error.facts)
    const refusal = { code: error.code, facts: error.facts, message, next }
    if (read.values.json === true) work.terminal.out(`${JSON.stringify(refusal, undefined, 2)}\n`)
    else work.terminal.tell(`${[message, ...next].join('\n  ')}\n`)
    return codes.refused
  }
}

/** Undefined where it is no command, or has an archive too many or too few. */
function meantBy([name = '', archive = '', ...more]: readonly string[]) {
  const run = commands[name]
  const isWhole = more.length === 0 && (archive !== '') === takesArchive.has(name)
  return run === undefined || !isWhole ? undefined : (context: Context) => run(context, archive)
}

function contextOf(work: Omit<Context, 'directory' | 'passphrase' | 'show'>): Context {
  const { values, config, terminal } = work
  return {
    ...work,
    directory: resolve(values.directory ?? config.backups.directory),
    passphrase: passphraseOf(values, config),
    show: (value, lines) =>
      terminal.out(
        values.json === true
          ? `${JSON.stringify(value, undefined, 2)}\n`
          : lines.map((line) => `${line}\n`).join(''),
      ),
  }
}

function passphraseOf(values: Values, { backups }: Config): Secret | undefined {
  const file = values['passphrase-file']
  return file === undefined
    ? backups.passphrase
    : new Secret(readFileSync(file, 'utf8').replace(/\r?\n$/, ''))
}

async function create(context: Context): Promise<number> {
  const { config, env, cwd, version, directory, passphrase, say, show, sealingCost } = context
  const made = await createBackup(
    {
      target: await context.openOwner(),
      product: version,
      places: await backupPlaces(config, async () => {
        const stores = await context.openStores(await context.openDatabase())
        return stores.find(({ kind }) => kind === 's3')
      }),
      configuration: plainSettings(readSources(env, cwd)),
    },
    {
      directory,
      cause: 'command',
      signal: context.signal,
      ...(passphrase === undefined
        ? {}
        : { sealing: { passphrase, ...(sealingCost === undefined ? {} : { cost: sealingCost }) } }),
    },
  )
  const { file, tables, rows, files, keys, missing } = made
  const facts = { file, rows, files, sealed: made.isSealed }
  const audit = createAudit(await context.openDatabase())
  await audit.record({ action: 'backup.create', outcome: 'done', facts })
  show(made, [
    `${say(backupTexts.written)}${resolve(directory, file)}`,
    `${say(backupTexts.counts(rows, tables, files))}, ${say(made.isSealed ? backupTexts.sealed : backupTexts.open)}, ${sizeText(made.bytes)}`,
    ...(keys.length === 0 ? [] : [`${say(backupTexts.keys)}${keys.join(' ')}`]),
    ...(missing.length === 0
      ? []
      : [say(backupTexts.missing), ...missing.map((key) => `  ${key}`)]),
  ])
  return missing.length === 0 ? codes.done : codes.refused
}

/** Units of 1,000, as disks have them. */
function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1_000)} kB`
  return bytes < 1_000_000_000
    ? `${(bytes / 1_000_000).toFixed(1)} MB`
    : `${(bytes / 1_000_000_000).toFixed(2)} GB`
}

async function list({ directory, say, show }: Context): Promise<number> {
  const kept = await listBackups(directory)
  const lines = kept.map(({ file, bytes, facts }) => {
    const about =
      facts === undefined ? [] : [say(backupTexts.counts(facts.rows, facts.tables, facts.files))]
    return [file, sizeText(bytes), ...about].join('  ')
  })
  show(
    { directory, backups: kept },
    kept.length === 0 ? [`${say(backupTexts.none)}${directory}`] : lines,
  )
  return codes.done
}

async function verify({ say, show, ...context }: Context, archive: string): Promise<number> {
  const { passphrase, signal } = context
  const path = await pathOf(context, archive)
  const { header, isSealed, rows, files } = await unpack({ path, passphrase, signal })
  const tables = header.tables.length
  const { id, createdAt, product, keys, migrations } = header
  show({ id, createdAt, product, isSealed, tables, rows, files, keys, migrations }, [
    `${say(backupTexts.whole)}${say(backupTexts.counts(rows, tables, files))}`,
    `StudioOps ${product}  ${createdAt}`,
  ])
  return codes.done
}

/** A name of the folder, or a path. */
async function pathOf(
  { directory, cwd }: Pick<Context, 'directory' | 'cwd'>,
  archive: string,
): Promise<string> {
  const path = resolve(cwd, archive)
  return /[/\\]/.test(archive) || existsSync(path) ? path : findBackup(directory, archive)
}

async function restore(context: Context, archive: string): Promise<number> {
  const { config, env, cwd, version, values, passphrase, say, show, terminal } = context
  const path = await pathOf(context, archive)
  const isRehearsal = values.rehearse === true
  const restored = await restoreBackup(
    await restorePlace(config, await context.openOwner(), version),
    {
      path,
      passphrase,
      isRehearsal,
      isForced: values.force,
      signal: context.signal,
      onProgress: (step) => {
        if (values.json !== true) terminal.tell(`${say(backupTexts.steps[step])}\n`)
      },
    },
  )
  const { header } = restored.archive
  if (!isRehearsal) {
    const audit = createAudit(await context.openDatabase())
    const facts = { id: header.id, createdAt: header.createdAt }
    await audit.record({ action: 'backup.restore', outcome: 'done', facts })
  }
  const { masterKeys } = await openMasterKeys(config)
  const lacking = header.keys.filter((key) => masterKeys.find(key) === undefined)
  const settings = differences(restored, plainSettings(readSources(env, cwd)))
  const { changes, keptDatabase } = restored
  show({ isRehearsal, id: header.id, changes, keptDatabase, missingKeys: lacking, settings }, [
    ...describeRestored(restored, { say, isRehearsal }),
    ...(lacking.length === 0
      ? [say(backupTexts.keyHere)]
      : [`${say(backupTexts.keyMissing)}${lacking.join(' ')}`]),
    ...(settings.length === 0 ? [] : [say(backupTexts.settings)]),
    ...settings.map(({ name, then, now }) => `  ${name}: ${then ?? ''} → ${now ?? ''}`),
  ])
  return codes.done
}

function describeRestored(
  { archive, changes, keptDatabase }: Restored,
  { say, isRehearsal }: Pick<Context, 'say'> & { readonly isRehearsal: boolean },
): string[] {
  const { header, rows, files } = archive
  if (!isRehearsal)
    return [
      `${say(backupTexts.restored)}${say(backupTexts.counts(rows, header.tables.length, files))}`,
      ...(keptDatabase === undefined ? [] : [`${say(backupTexts.kept)}${keptDatabase}`]),
    ]
  const lines = changes.map(({ table, now, then }) => `  ${table}: ${now} → ${then}`)
  return [
    say(backupTexts.rehearsed),
    ...(lines.length === 0 ? [`  ${say(backupTexts.noChange)}`] : lines),
  ]
}

function differences({ archive }: Restored, now: Readonly<Record<string, string>>) {
  const then = archive.configuration
  return [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .toSorted()
    .filter((name) => then[name] !== now[name])
    .map((name) => ({ name, then: then[name], now: now[name] }))
}

async function schedule(context: Context): Promise<number> {
  const { values, say, show, directory } = context
  const asked = scheduleOf(values)
  if (asked === undefined) {
    context.terminal.tell(say(backupHelp))
    return codes.usage
  }
  const target = await context.openOwner()
  const now = await (Object.keys(asked).length === 0
    ? readSchedule(target)
    : writeSchedule(target, asked))
  if (asked.keepCount !== undefined) await keepNewest(directory, asked.keepCount)
  const { everyHours, keepCount } = now
  show(now, [
    say(everyHours === undefined ? backupTexts.off : backupTexts.schedule(everyHours, keepCount)),
  ])
  return codes.done
}

/** Undefined where it is not understood; what is not named stays. */
function scheduleOf(values: Values): { everyHours?: number; keepCount?: number } | undefined {
  const { off, keep, 'every-hours': hours } = values
  const within = (text: string, most: number) =>
    /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= most
  if (off === true && hours !== undefined) return undefined
  if (hours !== undefined && !within(hours, 720)) return undefined
  if (keep !== undefined && !within(keep, 365)) return undefined
  return {
    ...(off === true ? { everyHours: 0 } : {}),
    ...(hours === undefined ? {} : { everyHours: Number(hours) }),
    ...(keep === undefined ? {} : { keepCount: Number(keep) }),
  }
}
