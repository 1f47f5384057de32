import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../../apps/server/src/platform/db/embedded/address.ts'
import { createTestClient } from '../../apps/server/src/testing/test-client.ts'
import { endDatabase } from '../chaos/product-process.ts'
import { carryToJira, type Timed } from './main-job.ts'
import { buildProduct } from '../package/build-product.ts'

const usage = `From a fresh clone or the package to an issue in the simulated Jira, as somebody who has only the README.

  npm run bench:newcomer -- [--warm-cache] [--package]

--package takes the published package instead of a clone: npx studioops start in an empty directory.
Runs on the Node of the machine, whatever its version, and with an empty npm cache; --warm-cache
takes the one of this user.
`

const root = join(import.meta.dirname, '../..')
const aimSeconds = 120
const startWithinMs = 15 * 60_000
const stopWithinMs = 30_000

const { values } = parseArgs({
  options: {
    'warm-cache': { type: 'boolean', default: false },
    package: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage)
    return
  }
  const directory = await mkdtemp(join(tmpdir(), 'studioops-newcomer-'))
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
  try {
    const { key, seconds } = await walk(directory, { signal: stopping.signal })
    const isMet = seconds <= aimSeconds
    const verdict = isMet ? 'met' : 'NOT MET'
    console.log(`\n${show(seconds)}  from nothing to ${key}; aim ≤ ${aimSeconds} s: ${verdict}`)
    if (!isMet) process.exitCode = 1
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 })
  }
}

/** @returns the key of the issue, and how long everything took until it was there */
async function walk(
  directory: string,
  { signal }: { signal: AbortSignal },
): Promise<{ key: string; seconds: number }> {
  const packed = values.package ? await packProduct(directory) : undefined
  const begun = performance.now()
  const way = packed === undefined ? await clone(directory) : await installPackage(packed)
  const port = await freePort()
  const started = startAsNewcomer(way, { port, directory })
  try {
    const origin = `http://127.0.0.1:${port}`
    await timed(`${way.command.join(' ')}, until /readyz answers`, () =>
      Promise.race([untilReady(origin, signal), started.ended]),
    )
    const key = await carryToJira(createTestClient(origin), timed)
    return { key, seconds: (performance.now() - begun) / 1_000 }
  } finally {
    await timed('stopped', () => started.stop())
  }
}

const timed: Timed = async (name, work) => {
  const from = performance.now()
  const result = await work()
  console.log(`${show((performance.now() - from) / 1_000)}  ${name}`)
  return result
}

function show(seconds: number): string {
  return `${seconds.toFixed(1).padStart(7)} s`
}

type Way = { readonly cwd: string; readonly command: readonly [string, ...string[]] }

async function clone(directory: string): Promise<Way> {
  const cwd = join(directory, 'studioops')
  await timed('git clone', () =>
    finished(spawn('git', ['clone', '--quiet', root, cwd], { stdio: 'inherit' })),
  )
  return { cwd, command: ['npm', 'start'] }
}

/** @returns the path of the package, as the registry would hand it out */
async function packProduct(directory: string): Promise<string> {
  const built = join(directory, 'built')
  await buildProduct(built)
  const pack = ['pack', '--silent', '--pack-destination', directory]
  await finished(spawn('npm', pack, { cwd: built, stdio: 'ignore' }))
  return join(directory, globSync('studioops-*.tgz', { cwd: directory })[0] ?? '')
}

async function installPackage(packed: string): Promise<Way> {
  const cwd = join(dirname(packed), 'prefix')
  await mkdir(cwd)
  await writeFile(join(cwd, 'package.json'), '{ "private": true }\n')
  const install = ['install', '--no-audit', '--no-fund', '--loglevel=error', packed]
  await timed('npm install', () =>
    finished(
      spawn('npm', install, { cwd, stdio: 'inherit', env: ownEnvironment(dirname(packed)) }),
    ),
  )
  return { cwd, command: ['npx', '--no-install', 'studioops', 'start'] }
}

/** With nothing of this user in it, except where a warm cache is asked for. */
function ownEnvironment(directory: string): Record<string, string> {
  const caches = {
    npm_config_cache: join(directory, 'npm-cache'),
    XDG_CACHE_HOME: join(directory, 'cache'),
  }
  return { ...environmentOfMachine(), ...(values['warm-cache'] ? {} : caches) }
}

type Place = { readonly port: number; readonly directory: string }

/** With nothing of this installation on the way. */
function startAsNewcomer({ cwd, command: [file, ...args] }: Way, { port, directory }: Place) {
  const data = join(directory, 'data')
  const child = spawn(file, args, {
    cwd,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...ownEnvironment(directory),
      PORT: String(port),
      SINGLE_PORT: 'true',
      STUDIOOPS_DATA_DIR: data,
      LOG_LEVEL: 'warn',
    },
  })
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const send = (name: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid ?? 0), name)
    } catch {
      // It has ended.
    }
  }
  return {
    ended: exited.then(() => {
      throw new Error(`${file} ended before the product was ready`)
    }),
    async stop() {
      send('SIGTERM')
      const late = sleep(stopWithinMs, 'late' as const, { ref: false })
      if ((await Promise.race([exited, late])) === 'late') send('SIGKILL')
      await exited
      await endDatabase(data)
    },
  }
}

/** Without what npm, the launcher and this clone have put there. */
function environmentOfMachine(): Record<string, string> {
  const own = /^(npm_|NODE_COMPILE_CACHE|NODE_ENV|NODE_OPTIONS|STUDIOOPS_|DATABASE_URL|INIT_CWD)/i
  const kept = Object.entries(process.env).filter(([name]) => !own.test(name))
  const environment = Object.fromEntries(kept) as Record<string, string>
  const isOfMachine = (path: string) => path !== root && !path.startsWith(`${root}${sep}`)
  const path = (environment['PATH'] ?? '').split(delimiter).filter(isOfMachine)
  return { ...environment, PATH: path.join(delimiter) }
}

function finished(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${child.spawnfile} ended with ${code}`)),
    )
  })
}

async function untilReady(origin: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + startWithinMs
  while (performance.now() < until) {
    const isReady = await fetch(`${origin}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) return
    await sleep(100, undefined, { signal })
  }
  throw new Error('the product was not ready in time')
}

await main()
