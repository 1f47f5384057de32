import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const vitest = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
)

/** Runs tests of the migration engine in a process of their own. @returns its exit code */
export function runEngineTests({
  args,
  environment,
}: {
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}): Promise<number> {
  const child = spawn(process.execPath, [vitest, 'run', '--project', 'migrate', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
