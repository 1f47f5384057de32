import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chooseLanguage } from '@studioops/migrate/language'
import { ConfigError, describeMistakes, loadConfig } from '../config/config.ts'
import { type Environment, readSources } from '../config/sources.ts'
import { companyProblems } from './company-problems.ts'
import { serveHelp, serveTexts } from './serve-texts.ts'

/** `start` looks at everything first; `serve` serves pages and works; `web` leaves work to workers. */
export type ServeVerb = 'start' | 'serve' | 'web'

type Work = {
  readonly env: Environment
  readonly cwd: string
  /** Of V8, for the process that serves. */
  readonly nodeFlags: readonly string[]
  readonly tell: (text: string) => void
  readonly signal: AbortSignal
}

const codes = { usage: 3, settings: 2 } as const

/** `studioops start|serve|web` (OPS-2, OPS-4, D-22). @returns the exit code of the server */
export async function runServe(
  verb: ServeVerb,
  args: readonly string[],
  work: Work,
): Promise<number> {
  const language = chooseLanguage(args, work.env)
  const asked = readArgs(args)
  if (asked === undefined || asked.help) {
    work.tell(serveHelp[language])
    return asked?.help === true ? 0 : codes.usage
  }
  const env = { ...work.env, ...asked.env, ...(verb === 'web' ? { WORKER: 'false' } : {}) }
  if (verb === 'start' && !(await look({ ...work, env }, language))) return codes.settings
  const flags = asked.demo ? ['--demo'] : []
  return startServer([...flags, '--lang', language], { ...work, env })
}

/** @returns undefined where it was not understood */
function readArgs(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        env: { type: 'string' },
        demo: { type: 'boolean', default: false },
        lang: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const { env, demo, help } = values
    if (env !== undefined && !['development', 'production'].includes(env)) return undefined
    return { demo, help, env: env === undefined ? {} : { NODE_ENV: env } }
  } catch {
    return undefined
  }
}

/** What can be known before anything runs; the server itself tells of the steps after it. */
async function look({ env, cwd, tell }: Work, language: 'en' | 'he'): Promise<boolean> {
  const say = (name: keyof typeof serveTexts, detail = '') =>
    tell(`${serveTexts[name][language]}${detail}\n`)
  say('node', process.versions.node)
  try {
    const config = loadConfig(readSources(env, cwd).values)
    say('settings', config.environment)
    say('database', config.database.kind === 'server' ? 'DATABASE_URL' : config.database.directory)
    const problems = await companyProblems(config.companyModelDirectory, language)
    say(problems.length === 0 ? 'modelFiles' : 'modelProblems')
    for (const problem of problems) tell(`    ${problem}\n`)
    return true
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    tell(`${describeMistakes(error.mistakes, language)}\n`)
    return false
  }
}

/** A process of its own, since V8 takes its limits at the start only. */
function startServer(
  args: readonly string[],
  { env, cwd, nodeFlags, signal }: Work,
): Promise<number> {
  const main = join(import.meta.dirname, '../main.ts')
  // Node lets its arguments win over NODE_OPTIONS; here whoever runs the machine does.
  const flags = nodeFlags.filter(
    (flag) => !env['NODE_OPTIONS']?.includes(flag.split('=', 1)[0] ?? flag),
  )
  const child = spawn(process.execPath, [...flags, main, ...args], {
    cwd,
    env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
