import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { directoryTools } from '../adapters/read-directory.ts'
import type { Answer, Voice } from './answer.ts'
import { completionScript } from './completion.ts'
import { type CommonOptions, type Context, createContext } from './context.ts'
import type { Surroundings } from './surroundings.ts'
import type { BackupOptions } from './verbs/backup.ts'
import type { ConsolidateOptions } from './verbs/consolidate.ts'
import type { DoctorOptions } from './verbs/doctor.ts'
import type { DownOptions } from './verbs/down.ts'
import type { ImportOptions } from './verbs/import.ts'
import type { LintOptions } from './verbs/lint.ts'
import type { NewOptions } from './verbs/new.ts'
import type { PlanOptions } from './verbs/plan.ts'
import type { ProveOptions } from './verbs/prove.ts'
import type { PruneOptions } from './verbs/prune.ts'
import type { RepairOptions } from './verbs/repair.ts'
import type { RestoreOptions } from './verbs/restore.ts'
import type { SquashOptions } from './verbs/squash.ts'
import type { UpOptions } from './verbs/up.ts'

/** What happens with the answer of a command; `command` is its name. */
type Deliver = (command: string, answer: Answer, options: CommonOptions) => void

type Definition = {
  readonly surroundings: Surroundings
  readonly voice: Voice
  readonly deliver: Deliver
}

/**
 * The one definition of the commands, for the stand-alone program and for products that ship their
 * own migrations. A verb is loaded when it is called, so that help and `status` are quick.
 */
export function defineProgram({ surroundings, voice, deliver }: Definition): Command {
  const { option, verbs } = voice.words
  const program = baseProgram(surroundings, voice)

  const runs: Runs = (command, verb) => async () => {
    const options = command.optsWithGlobals<CommonOptions>()
    const context = createContext(surroundings, options, voice)
    try {
      const working = verb(context)
      const ended = isReading(command)
        ? Promise.race([working, stoppedBy(surroundings.signal)])
        : working
      deliver(command.name(), await ended, options)
    } finally {
      context.close()
    }
  }

  const plan = program.command('plan').description(verbs.plan)
  addPlanOptions(plan, voice)
  plan
    .option('--write-after', option.writeAfter)
    .action(
      runs(plan, async (context) =>
        (await import('./verbs/plan.ts')).plan(context, plan.opts<PlanOptions>()),
      ),
    )

  const up = program.command('up').description(verbs.up)
  addPlanOptions(up, voice)
  up.option('--full-backup', option.fullBackup)
  up.addOption(onFailure(voice)).action(
    runs(up, async (context) => (await import('./verbs/up.ts')).up(context, up.opts<UpOptions>())),
  )

  const status = program.command('status').description(verbs.status)
  status.action(
    runs(status, async (context) => (await import('./verbs/status.ts')).status(context)),
  )

  defineUndoing(program, { voice, runs })
  defineChecking(program, { voice, runs })
  defineHistory(program, { voice, runs })
  defineData(program, { voice, runs })

  const made = program
    .command('new')
    .description(verbs.new)
    .argument('<name...>', option.migrationName)
    .option('--why <sentence>', option.why)
    .addOption(new Option('--after <ids>', option.after).argParser(listOf))
  made.action(
    runs(made, async (context) =>
      (await import('./verbs/new.ts')).newMigration(
        context,
        made.args.join(' '),
        made.opts<NewOptions>(),
      ),
    ),
  )

  const completion = program
    .command('completion')
    .description(verbs.completion)
    .addArgument(new Argument('<shell>', option.shell).choices(['bash', 'zsh', 'fish']))
  completion.action((shell: string) => {
    surroundings.stdout.write(completionScript(program, shell))
  })
  return program
}

/** Nothing is half done when these end in the middle. */
const onlyReads = new Set([
  'plan',
  'lint',
  'status',
  'verify',
  'drift',
  'doctor',
  'prove',
  'squash',
])

const isReading = (command: Command) =>
  onlyReads.has(command.name()) && command.getOptionValue('adopt') !== true

function stoppedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new Error('stopped'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

/** Runs a verb in a context of its own and hands over what it found. */
type Runs = (command: Command, verb: (context: Context) => Promise<Answer>) => () => Promise<void>

type Defining = { readonly voice: Voice; readonly runs: Runs }

function defineUndoing(program: Command, { voice, runs }: Defining): void {
  const { option, verbs } = voice.words
  const down = program
    .command('down')
    .description(verbs.down)
    .addArgument(new Argument('[n]', option.downCount).argParser(countOf))
    .option('--to <id>', option.downTo)
    .addOption(new Option('--only <ids...>', option.downOnly).conflicts('to'))
    .option('--accept-loss <reason>', option.acceptLoss)
  down.action(
    runs(down, async (context) =>
      (await import('./verbs/down.ts')).down(
        context,
        down.processedArgs[0],
        down.opts<DownOptions>(),
      ),
    ),
  )
  const redo = program
    .command('redo')
    .description(verbs.redo)
    .addArgument(new Argument('[n]', option.redoCount).argParser(countOf))
    .option('--accept-loss <reason>', option.acceptLoss)
  redo.action(
    runs(redo, async (context) =>
      (await import('./verbs/redo.ts')).redo(
        context,
        redo.processedArgs[0],
        redo.opts<DownOptions>(),
      ),
    ),
  )
}

function defineChecking(program: Command, { voice, runs }: Defining): void {
  const { option, verbs } = voice.words
  const lint = program
    .command('lint')
    .description(verbs.lint)
    .addOption(new Option('--format <format>', option.format).choices(['text', 'json', 'sarif']))
  lint.action(
    runs(lint, async (context) =>
      (await import('./verbs/lint.ts')).lint(context, lint.opts<LintOptions>()),
    ),
  )
  const verify = program.command('verify').description(verbs.verify)
  verify.action(
    runs(verify, async (context) => (await import('./verbs/verify.ts')).verify(context)),
  )
  const drift = program.command('drift').description(verbs.drift).option('--adopt', option.adopt)
  drift.action(
    runs(drift, async (context) =>
      drift.opts<{ readonly adopt?: boolean }>().adopt === true
        ? (await import('./verbs/adopt.ts')).adopt(context)
        : (await import('./verbs/drift.ts')).drift(context),
    ),
  )
  const repair = program
    .command('repair')
    .description(verbs.repair)
    .option('--plan', option.repairPlan)
    .option('--accept-edit <reason>', option.acceptEdit)
  repair.action(
    runs(repair, async (context) =>
      (await import('./verbs/repair.ts')).repair(context, repair.opts<RepairOptions>()),
    ),
  )
}

function defineData(program: Command, { voice, runs }: Defining): void {
  const { option, verbs } = voice.words
  const backup = program
    .command('backup')
    .description(verbs.backup)
    .option('--table <names...>', option.table)
    .addOption(new Option('--proof <how>', option.proof).choices(['files', 'rows']))
  backup.action(
    runs(backup, async (context) =>
      (await import('./verbs/backup.ts')).backup(context, backup.opts<BackupOptions>()),
    ),
  )
  const restore = program
    .command('restore')
    .description(verbs.restore)
    .argument('[backup]', option.backupToRestore)
    .option('--table <names...>', option.table)
    .option('--replace', option.replace)
  restore.action(
    runs(restore, async (context) =>
      (await import('./verbs/restore.ts')).restore(
        context,
        restore.args[0],
        restore.opts<RestoreOptions>(),
      ),
    ),
  )
  const prune = program
    .command('prune')
    .description(verbs.prune)
    .addOption(new Option('--keep <n>', option.keep).argParser(countOf))
    .addOption(new Option('--older-than <days>', option.olderThan).argParser(countOf))
    .option('--plan', option.prunePlan)
  prune.action(
    runs(prune, async (context) =>
      (await import('./verbs/prune.ts')).prune(context, prune.opts<PruneOptions>()),
    ),
  )
  const consolidate = program
    .command('consolidate')
    .description(verbs.consolidate)
    .argument('<spec>', option.spec)
    .option('--plan', option.specPlan)
    .option('--rehearse', option.rehearse)
    .option('--rollback', option.rollback)
    .option('--accept-loss', option.acceptLossNow)
    .option('--no-full-backup', option.noFullBackup)
  consolidate.action(
    runs(consolidate, async (context) =>
      (await import('./verbs/consolidate.ts')).consolidate(
        context,
        consolidate.args[0] ?? '',
        consolidate.opts<ConsolidateOptions>(),
      ),
    ),
  )
}

function defineHistory(program: Command, { voice, runs }: Defining): void {
  const { option, verbs } = voice.words
  const prove = program
    .command('prove')
    .description(verbs.prove)
    .option('--check', option.proveCheck)
  prove.action(
    runs(prove, async (context) =>
      (await import('./verbs/prove.ts')).prove(context, prove.opts<ProveOptions>()),
    ),
  )
  const squash = program
    .command('squash')
    .description(verbs.squash)
    .option('--through <id>', option.squashThrough)
    .option('--name <id>', option.squashName)
    .option('--print', option.squashPrint)
  squash.action(
    runs(squash, async (context) =>
      (await import('./verbs/squash.ts')).squash(context, squash.opts<SquashOptions>()),
    ),
  )
  const adopt = program
    .command('import')
    .description(verbs.import)
    .option('--from <tool>', option.importFrom)
    .option('--plan', option.importPlan)
  adopt.action(
    runs(adopt, async (context) =>
      (await import('./verbs/import.ts')).importFrom(context, adopt.opts<ImportOptions>()),
    ),
  )
  const doctor = program
    .command('doctor')
    .description(verbs.doctor)
    .option('--foreign-keys', option.foreignKeys)
  doctor.action(
    runs(doctor, async (context) =>
      (await import('./verbs/doctor.ts')).doctor(context, doctor.opts<DoctorOptions>()),
    ),
  )
}

function countOf(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a whole number from 1')
  return Number(text)
}

function baseProgram({ name, version, stdout, stderr }: Surroundings, voice: Voice): Command {
  const { words, paint } = voice
  const { option } = words
  const titles: Readonly<Record<string, string>> = {
    'Usage:': words.usage,
    'Arguments:': words.arguments,
    'Options:': words.options,
    'Global Options:': words.commonOptions,
    'Commands:': words.commands,
  }
  const program = new Command()
  program
    .name(name)
    .description(words.about)
    .usage('<command> [options]')
    .version(version, '-V, --version', words.version)
    .helpOption('-h, --help', words.help)
    .helpCommand('help [command]', words.help)
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // Refusals are told by whoever catches them, in the language of the person.
      outputError: () => undefined,
      getOutHelpWidth: () => voice.width,
      getErrHelpWidth: () => voice.width,
    })
    .configureHelp({
      showGlobalOptions: true,
      optionDescription: ({ description }) => description,
      argumentDescription: ({ description }) => description,
      styleTitle: (title) => paint('strong', titles[title] ?? title),
    })
    .option('--dir <directory>', option.dir)
    .option('--url <url>', option.url)
    .option('--json', option.json)
    .addOption(new Option('--lang <language>', option.lang).choices(['en', 'he']))
    .addOption(new Option('--tool <tool>', option.tool).choices(['auto', ...directoryTools]))
    .option('--ledger-schema <schema>', option.ledgerSchema)
    .option('--backup-dir <directory>', option.backupDir)
    .addOption(new Option('--env <environment>', option.env).choices(['development', 'production']))
    .option('--ignore <objects...>', option.ignore)
    .addOption(new Option('--wait <seconds>', option.wait).argParser(countOf))
    .addHelpText('after', () => `\n${notes(voice)}`)
  return program
}

const onFailure = ({ words }: Voice) =>
  new Option('--on-failure <how>', words.option.onFailure).choices(['undo', 'keep'])

function addPlanOptions(command: Command, { words }: Voice): void {
  const { option } = words
  command
    .option('--apply-order', option.applyOrder)
    .option('--contract', option.contract)
    .option('--online', option.online)
    .option('--accept-unproven <reason>', option.acceptUnproven)
    .option('--to <id>', option.to)
    .option('--details', option.details)
}

/** What help says below the commands: exit codes and the environment. */
function notes({ words, paint }: Voice): string {
  const table = (title: string, rows: Readonly<Record<string, string>>) => {
    const width = Math.max(...Object.keys(rows).map((key) => key.length))
    const lines = Object.entries(rows).map(([key, text]) => `  ${key.padEnd(width)}  ${text}`)
    return [paint('strong', title), ...lines].join('\n')
  }
  return [
    table(words.exitCodesTitle, words.exitCodes),
    table(words.environmentTitle, words.environment),
  ].join('\n\n')
}

const listOf = (text: string): string[] =>
  text === 'none'
    ? []
    : text
        .split(',')
        .map((id) => id.trim().replace(/\.sql$/, ''))
        .filter((id) => id !== '')
