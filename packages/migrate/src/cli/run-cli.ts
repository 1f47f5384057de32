import { CommanderError } from 'commander'
import { sqlstateOf } from '../execute/session.ts'
import { type Answer, CommandError, nextLines, paragraphs, type Voice } from './answer.ts'
import type { CommonOptions } from './context.ts'
import { chooseConnection } from './database-url.ts'
import { english } from './english.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { hebrew } from './hebrew.ts'
import { chooseLanguage } from './language.ts'
import { defineProgram } from './program.ts'
import type { Surroundings } from './surroundings.ts'
import { paintFor } from './terminal.ts'

export { chooseLanguage }

export type { Defaults, Surroundings } from './surroundings.ts'

/**
 * Understands a command line and carries it out.
 *
 * @param args the words after the name of the program
 * @returns the exit code; see `exitCodes`. Never throws.
 */
export async function runCli(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const isJson = args.includes('--json')
  const voice = voiceFor(args, surroundings)
  let exitCode: ExitCode = exitCodes.done
  const program = defineProgram({
    surroundings,
    voice,
    deliver: (command, answer, options) => {
      exitCode = answer.exitCode
      if (options.json === true) printJson(surroundings, { command, exitCode, ...answer.data })
      else printAnswer(answer, { voice, options, surroundings })
    },
  })
  try {
    if (args.length === 0) program.outputHelp()
    else await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
    const failure = describeFailure(error, args, { surroundings, voice })
    if (isJson) {
      const { because, remedy } = failure
      const command = args.find((arg) => !arg.startsWith('-')) ?? ''
      printJson(surroundings, {
        command,
        exitCode: failure.exitCode,
        error: { because, remedy },
      })
    } else {
      const { paint } = voiceFor(args, surroundings, surroundings.stderr)
      const remedy = failure.remedy === '' ? '' : `\n  ${paint('good', '→')} ${failure.remedy}`
      surroundings.stderr.write(`${paint('bad', failure.because)}${remedy}\n`)
    }
    return failure.exitCode
  }
}

const widthOtherwise = 100

function voiceFor(args: readonly string[], { env, stdout }: Surroundings, output = stdout): Voice {
  const language = chooseLanguage(args, env)
  return {
    language,
    words: language === 'he' ? hebrew : english,
    paint: paintFor(output, env),
    width: Math.max(60, output.columns ?? widthOtherwise),
  }
}

function printJson({ stdout }: Surroundings, data: Readonly<Record<string, unknown>>): void {
  stdout.write(`${JSON.stringify({ type: 'result', ...data })}\n`)
}

type Printing = {
  readonly voice: Voice
  readonly options: CommonOptions
  readonly surroundings: Surroundings
}

function printAnswer({ text, next }: Answer, { voice, options, surroundings }: Printing): void {
  const { name, stdout } = surroundings
  const given = repeated(options)
  const steps = next.map(({ command, says }) => ({ command: `${command}${given}`, says }))
  const told = paragraphs(text, nextLines(steps, name, voice))
  if (told !== '') stdout.write(`${told}\n`)
}

/** What the next command needs as well; an address may hold a password, and is left to the person. */
function repeated({ dir, ledgerSchema, env }: CommonOptions): string {
  const quoted = (text: string) =>
    /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
  const pairs = [
    ['--dir', dir],
    ['--ledger-schema', ledgerSchema],
    ['--env', env],
  ] as const
  return pairs
    .map(([option, value]) => (value === undefined ? '' : ` ${option} ${quoted(value)}`))
    .join('')
}

type Failure = {
  readonly exitCode: ExitCode
  readonly because: string
  readonly remedy: string
}

type Around = { readonly surroundings: Surroundings; readonly voice: Voice }

function describeFailure(error: unknown, args: readonly string[], around: Around): Failure {
  if (error instanceof CommandError)
    return { exitCode: error.exitCode, because: error.message, remedy: error.remedy }
  if (error instanceof CommanderError) return misunderstood(error, args, around)
  const { words } = around.voice
  const detail = error instanceof Error ? wordsOf(error) : String(error)
  if (isUnreachable(error)) {
    const title = titleFor(args, around.surroundings)
    const { because, remedy } = words.unreachable
    return { exitCode: exitCodes.failed, because: because(title, detail), remedy }
  }
  if (around.surroundings.signal.aborted)
    return { exitCode: exitCodes.stopped, because: words.up.stopped, remedy: '' }
  return { exitCode: exitCodes.failed, because: `${words.unexpected}: ${detail}`, remedy: '' }
}

/** Several addresses of one host give an error without a message that holds the others. */
function wordsOf(error: Error): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join('; ')
  return error.message
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** The server is not there, or does not let us in. */
function isUnreachable(error: unknown): boolean {
  const state = sqlstateOf(error)
  if (state !== undefined) return /^(?:08|28|3D|53300|57P03)/.test(state)
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  if (typeof code === 'string') {
    // A socket that is not there; a file that is not there has a path that somebody can look at.
    if (code === 'ENOENT') return 'syscall' in error && error.syscall === 'connect'
    return networkCodes.has(code)
  }
  return /connection terminated|timeout expired/i.test(error.message)
}

function titleFor(args: readonly string[], { env }: Surroundings): string {
  const at = args.findIndex((arg) => arg === '--url' || arg.startsWith('--url='))
  const url = at === -1 ? undefined : (args[at]?.slice('--url='.length) ?? '') || args[at + 1]
  const chosen = chooseConnection(url, env)
  return chosen.kind === 'chosen' ? chosen.title : 'PostgreSQL'
}

type Told = keyof Voice['words']['invalid']

/** Commander names the word in question in quotation marks, and says the rest in English. */
function misunderstood(
  error: CommanderError,
  args: readonly string[],
  { voice, surroundings }: Around,
): Failure {
  const { invalid } = voice.words
  const what = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  const told = Object.hasOwn(invalid, error.code) ? invalid[error.code as Told] : undefined
  const because = typeof told === 'function' ? told(what) : `${invalid.title}: ${error.message}`
  const verb = args.find((arg) => !arg.startsWith('-'))
  const known = verb !== undefined && Object.hasOwn(voice.words.verbs, verb)
  const command = known ? `${surroundings.name} ${verb}` : surroundings.name
  return { exitCode: exitCodes.refused, because, remedy: invalid.see(command) }
}
