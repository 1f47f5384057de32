import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '../cli/run-cli.ts'
import type { TestDatabase } from './test-database.ts'

const program = join(import.meta.dirname, '../cli/main.ts')

export type Files = Readonly<Record<string, string>>

export type Finished = {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

type ProcessOptions = {
  readonly env?: Readonly<Record<string, string>>
  /** Told what was printed to standard error so far; may send a signal. */
  readonly onError?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void
}

/** A place for projects, and the commands that are run there. */
export type CommandLine = {
  readonly home: string
  /** Makes a directory of migrations. */
  project(files?: Files): Promise<string>
  /** As a process, with nothing of our own environment. */
  run(args: readonly string[], options?: ProcessOptions): Promise<Finished>
  /** The same without a process of its own, which takes a fraction of the time. */
  here(args: readonly string[]): Promise<Finished>
  [Symbol.asyncDispose](): Promise<void>
}

/** Call its disposal in `afterAll`. */
export async function openCommandLine(): Promise<CommandLine> {
  const home = await mkdtemp(join(tmpdir(), 'migrate-cli-'))
  let directories = 0
  return {
    home,
    async project(files = {}) {
      directories += 1
      const directory = join(home, `project-${directories}`, 'migrations')
      await mkdir(directory, { recursive: true })
      for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
      return directory
    },
    run: (args, { env = {}, onError, onStart } = {}) => {
      const child = spawn(process.execPath, [program, ...args], {
        cwd: home,
        env: { HOME: home, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      onStart?.((signal) => child.kill(signal))
      let stdout = ''
      let stderr = ''
      child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
      child.stderr.on('data', (data: Buffer) => {
        stderr += data.toString()
        onError?.(stderr, (signal) => child.kill(signal))
      })
      return new Promise((resolve) => {
        child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
      })
    },
    async here(args) {
      let stdout = ''
      let stderr = ''
      const exitCode = await runCli(args, {
        env: { XDG_CACHE_HOME: home },
        cwd: process.cwd(),
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text) },
        signal: new AbortController().signal,
        name: 'studioops-migrate',
        version: '0.0.0',
      })
      return { exitCode, stdout, stderr }
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  }
}

/** The address of a database of the tests, as people write it. */
export function urlOf({ target }: TestDatabase): string {
  const { connectionString, host = '', port = 5432, user = '', password, database } = target
  if (connectionString !== undefined) {
    const url = new URL(connectionString)
    url.pathname = `/${database}`
    return url.toString()
  }
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`
  return `postgres://${user}${secret}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
}

/** The last line of `--json`. */
export function resultOf({ stdout }: Finished): Record<string, unknown> {
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  return JSON.parse(last) as Record<string, unknown>
}
