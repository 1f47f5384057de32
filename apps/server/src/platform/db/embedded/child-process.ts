import { execFile } from 'node:child_process'
import { type Account } from './account.ts'

export type Run =
  | { readonly kind: 'done'; readonly output: string }
  | { readonly kind: 'failed'; readonly output: string }

/**
 * What a child of ours may see of the environment. A superuser of the database can read the
 * environment of the server (`copy … from program 'env'`), so no secret of ours may be in it.
 */
export function childEnvironment(): Record<string, string> {
  const always = { LC_ALL: 'C', TZ: 'UTC' }
  if (process.platform !== 'win32') return { ...always, PATH: '/usr/local/bin:/usr/bin:/bin' }
  const windows = ['SystemRoot', 'SystemDrive', 'TEMP', 'TMP', 'PATH'].flatMap((name) => {
    // oxlint-disable-next-line node/no-process-env -- Windows programs do not start without these five.
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...always, ...Object.fromEntries(windows) }
}

/** Runs a program to its end. Never rejects; what it printed, or why it did not run, is the output. */
export async function run(
  command: readonly [file: string, ...args: string[]],
  { account, cwd = '/' }: { readonly account?: Account | undefined; readonly cwd?: string } = {},
): Promise<Run> {
  const [file, ...args] = command
  const options = { ...account, cwd, env: childEnvironment(), windowsHide: true }
  return new Promise((resolve) => {
    try {
      execFile(file, args, options, (error, stdout, stderr) => {
        if (error === null) return resolve({ kind: 'done', output: stdout })
        resolve({ kind: 'failed', output: stderr.trim() || stdout.trim() || error.message })
      })
    } catch (error) {
      resolve({ kind: 'failed', output: String(error) })
    }
  })
}
