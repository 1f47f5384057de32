import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../apps/server/src/platform/db/embedded/address.ts'
import { makeDataDirectory, removeDataDirectory, startProduct } from '../chaos/product-process.ts'
import type { BareStartSettings } from './bare-start.ts'
import { atMost, type Line, median, spread } from './figures.ts'
import { startProgram } from './program.ts'
import { addStories, openWorkspace } from './workspace.ts'

const launcher = join(import.meta.dirname, '../launch/launch.mjs')
const pollMs = 5
const startWithinMs = 60_000

/** From the start of the process until `/readyz` is 200, on a data directory that has seen use. */
export async function measureStart({ rounds }: { readonly rounds: number }): Promise<Line[]> {
  await using workspace = await openWorkspace()
  const { directory } = workspace
  await addStories(workspace, 20)
  await workspace.product.stop()
  const bareDirectory = await makeDataDirectory('bench-bare')
  await using _ = { [Symbol.asyncDispose]: () => removeDataDirectory(bareDirectory) }

  const ours = async () => timed(async (port) => startOurs(directory, port))
  const bare = async () => timed(async (port) => startBare(bareDirectory, port))
  const launched = async () => timed(async (port) => startLauncher(directory, port))
  // The first start makes the database of the bare one, and fills the caches of the others.
  await bare()
  await ours()
  await launched()
  const took: { ours: number; bare: number; launched: number }[] = []
  for (let round = 0; round < rounds; round += 1)
    took.push({ ours: await ours(), bare: await bare(), launched: await launched() })
  const of = (side: 'ours' | 'bare' | 'launched') => took.map((one) => one[side] / 1_000)
  return [
    {
      bench: 'start',
      what: 'to /readyz with existing data, s',
      value: spread(of('ours'), 2),
      aim: atMost(median(of('ours')), 1.5),
    },
    {
      bench: 'start',
      what: '  bare Fastify with the same PostgreSQL, s',
      value: spread(of('bare'), 2),
    },
    {
      bench: 'start',
      what: '  ours through the launcher of npm start, s',
      value: spread(of('launched'), 2),
    },
  ]
}

type Stop = () => Promise<unknown>

async function timed(start: (port: number) => Promise<Stop>): Promise<number> {
  const port = await freePort()
  const begun = performance.now()
  const stop = await start(port)
  try {
    await untilReady(port)
    return performance.now() - begun
  } finally {
    await stop()
  }
}

/** @throws when it takes longer than a minute */
export async function untilReady(port: number): Promise<void> {
  const until = performance.now() + startWithinMs
  while (performance.now() < until) {
    const status = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.status,
      () => 0,
    )
    if (status === 200) return
    await sleep(pollMs)
  }
  throw new Error(`nothing was ready on port ${port} after ${startWithinMs} ms`)
}

export async function startOurs(directory: string, port: number): Promise<Stop & { pid: number }> {
  const environment = { PORT: String(port), LOG_LEVEL: 'info' }
  const product = startProduct({ directory, environment })
  return Object.assign(() => product.stop(), { pid: product.pid })
}

export async function startBare(directory: string, port: number): Promise<Stop & { pid: number }> {
  const settings: BareStartSettings = { directory: join(directory, 'postgres'), port }
  const program = startProgram('bare-start', settings)
  return Object.assign(() => program[Symbol.asyncDispose](), { pid: program.pid })
}

async function startLauncher(directory: string, port: number): Promise<Stop> {
  const child = spawn(process.execPath, [launcher, 'start'], {
    env: {
      ...process.env,
      DATABASE_URL: '',
      LOG_LEVEL: 'info',
      PORT: String(port),
      SINGLE_PORT: 'true',
      STUDIOOPS_DATA_DIR: directory,
    },
    stdio: 'ignore',
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return () => {
    child.kill('SIGTERM')
    return exited
  }
}
