import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { chooseLanguage } from '@studioops/migrate/cli'
import {
  ConfigError,
  describeConfig,
  describeEffective,
  describeMistake,
  loadConfig,
} from '../config/config.ts'
import { writeEnvFile } from '../config/env-file.ts'
import { readSources, type Sources } from '../config/sources.ts'
import { findStrays } from '../config/strays.ts'
import type { Words } from '../config/variables.ts'
import { companyProblems } from './company-problems.ts'
import { checkServices, type OpenDatabase } from './config-services.ts'
import { configHelp, configTexts } from './config-texts.ts'
import { readArguments } from './read-arguments.ts'

export type ConfigSurroundings = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly write: (text: string) => void
  readonly writeError: (text: string) => void
  /** Absent where nobody sits at a terminal: then nothing is asked. */
  readonly ask?: ((question: string) => Promise<string>) | undefined
  readonly openDatabase: OpenDatabase
}

const codes = { fine: 0, problems: 1, usage: 3 } as const

/** `studioops config …` (OPS-1). @returns the exit code */
export async function runConfig(
  args: readonly string[],
  surroundings: ConfigSurroundings,
): Promise<number> {
  const language = chooseLanguage(args, surroundings.env)
  const context = { ...surroundings, language, say: (words: Words) => words[language] }
  const read = readArgs(args)
  if (read === undefined || read.values.help) {
    const isWanted = read?.values.help === true
    ;(isWanted ? context.write : context.writeError)(configHelp[language])
    return isWanted ? codes.fine : codes.usage
  }
  const { values } = read
  switch (read.positionals[0]) {
    case 'setup':
      return setup(context, { environment: values.env, isForced: values.force === true })
    case 'validate':
      return validate(context, values.strict === true)
    case 'check-services':
      return services(context)
    case 'print':
      return print(context)
    default:
      context.writeError(configHelp[language])
      return codes.usage
  }
}

const readArgs = (args: readonly string[]) =>
  readArguments(args, {
    env: { type: 'string' },
    force: { type: 'boolean' },
    strict: { type: 'boolean' },
  })

type Context = ConfigSurroundings & {
  readonly language: 'en' | 'he'
  readonly say: (words: Words) => string
}

/** Every problem, a line each; empty when there is none. */
async function problemsOf({ language }: Context, { values }: Sources): Promise<string[]> {
  try {
    const config = loadConfig(values)
    return await companyProblems(config.companyModelDirectory, language)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.mistakes.map((mistake) => describeMistake(mistake, language))
  }
}

async function validate(context: Context, isStrict: boolean): Promise<number> {
  const { say, write, language } = context
  const sources = readSources(context.env, context.cwd)
  const problems = await problemsOf(context, sources)
  const strays = findStrays(sources)
  write(`${[say(configTexts.read), ...sources.files].join(', ')}\n`)
  if (strays.length > 0) {
    const lines = strays.map(
      ({ name, source, advice }) => `  ${name} (${source}): ${advice[language]}`,
    )
    write(`${say(configTexts.strays)}\n${lines.join('\n')}\n`)
  }
  if (problems.length > 0) {
    write(`${say(configTexts.broken)}\n${problems.map((line) => `  ${line}`).join('\n')}\n`)
    return codes.problems
  }
  write(`${say(configTexts.valid)}\n`)
  return isStrict && strays.length > 0 ? codes.problems : codes.fine
}

function print({ env, cwd, write }: Context): number {
  for (const { name, value, source } of describeEffective(readSources(env, cwd)))
    write(`${name}=${value ?? ''}  # ${source}\n`)
  return codes.fine
}

async function services(context: Context): Promise<number> {
  const { say, write, language } = context
  const sources = readSources(context.env, context.cwd)
  const problems = await problemsOf(context, sources)
  if (problems.length > 0) {
    write(`${say(configTexts.broken)}\n${problems.map((line) => `  ${line}`).join('\n')}\n`)
    return codes.problems
  }
  const config = loadConfig(sources.values)
  let isWell = true
  for await (const { title, result, durationMs } of checkServices(config, context.openDatabase)) {
    const mark = { passed: '✓', failed: '✗', skipped: '–' }[result.state]
    if (result.state === 'failed') isWell = false
    write(`${mark} ${title[language]}  ${durationMs} ms  ${result.detail[language]}\n`)
  }
  write(`${say(isWell ? configTexts.allWell : configTexts.someFail)}\n`)
  return isWell ? codes.fine : codes.problems
}

type Setup = { readonly environment: string | undefined; readonly isForced: boolean }

async function setup(context: Context, { environment, isForced }: Setup): Promise<number> {
  const { say, write, writeError, cwd } = context
  const path = join(cwd, '.env')
  if (existsSync(path) && !isForced) {
    writeError(`${say(configTexts.exists)}\n`)
    return codes.usage
  }
  const chosen = await chooseEnvironment(context, environment)
  if (chosen === undefined) {
    writeError(`${say(configTexts.which)}\n`)
    return codes.usage
  }
  const isKeyNew = needsKey(context)
  const values = await answersFor(context, chosen)
  if (isKeyNew) values.set('STUDIOOPS_MASTER_KEY', randomBytes(32).toString('hex'))
  const mistakes = mistakesOf(Object.fromEntries(values), context)
  if (mistakes.length > 0) {
    writeError(`${mistakes.join('\n')}\n`)
    return codes.problems
  }
  await writePrivately(path, values, chosen)
  write(`${say(configTexts.written)}${relative(cwd, path)}\n`)
  write(`${say(isKeyNew ? configTexts.keyMade : configTexts.keyKept)}\n${say(configTexts.next)}\n`)
  return codes.fine
}

async function chooseEnvironment({ ask, say }: Context, given: string | undefined) {
  const chosen = given ?? (await ask?.(say(configTexts.askEnvironment)))?.trim()
  return chosen === 'development' || chosen === 'production' ? chosen : undefined
}

async function answersFor({ ask, say }: Context, environment: string) {
  const values = new Map([['NODE_ENV', environment]])
  const url = environment === 'production' ? await ask?.(say(configTexts.askUrl)) : undefined
  if (url !== undefined && url.trim() !== '') values.set('PUBLIC_URL', url.trim())
  return values
}

async function writePrivately(path: string, values: Map<string, string>, presetsOf: string) {
  const head = [
    '# Written by `studioops config setup`; yours to change. docs/configuration.md explains.',
  ]
  const text = writeEnvFile(head, { variables: describeConfig(), values, presetsOf })
  if (existsSync(path)) await rename(path, `${path}.old`)
  await writeFile(path, text, { mode: 0o600, flag: 'wx' })
}

/** A second key would lock every secret that the first one has closed. */
function needsKey({ env, cwd }: Context): boolean {
  const given = [
    'STUDIOOPS_MASTER_KEY',
    'STUDIOOPS_MASTER_KEY_FILE',
    'STUDIOOPS_MASTER_KEY_COMMAND',
  ]
  if (given.some((name) => (env[name] ?? '') !== '')) return false
  const directory = env['STUDIOOPS_DATA_DIR'] || join(cwd, 'data')
  return !existsSync(join(directory, 'keys', 'master.key'))
}

function mistakesOf(values: Record<string, string>, { language }: Context): string[] {
  try {
    loadConfig(values)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.mistakes.map((mistake) => describeMistake(mistake, language))
  }
}
