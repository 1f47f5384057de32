import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A gateway of Portkey beside us, so that one command prints the figures of both. */
export type Portkey = {
  readonly origin: string
  readonly pid: number
  [Symbol.asyncDispose](): Promise<void>
}

const version = '1.15.2'
/** Newer ones answer each call with `immutable headers`. */
const pinned = { hono: '4.9.7', '@hono/node-server': '1.13.5' }
const readyWithinMs = 20_000

/** Where it lies; installed from the registry once, outside of the clone. @throws where that fails */
async function install(): Promise<string> {
  const directory = join(tmpdir(), `studioops-portkey-${version}`)
  const entry = join(directory, 'node_modules/@portkey-ai/gateway/build/start-server.js')
  if (existsSync(entry)) return entry
  await mkdir(directory, { recursive: true })
  const dependencies = { '@portkey-ai/gateway': version, ...pinned }
  const manifest = { private: true, dependencies, overrides: pinned }
  await writeFile(join(directory, 'package.json'), JSON.stringify(manifest))
  const npm = spawn('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: directory,
    stdio: 'ignore',
  })
  const [code] = (await once(npm, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`npm install of Portkey ended with ${code ?? 'a signal'}`)
  return entry
}

/** @returns undefined where it cannot be installed or does not start; then it is not measured */
export async function startPortkey(): Promise<Portkey | undefined> {
  try {
    const [entry, port] = [await install(), await freePort()]
    const child = spawn(process.execPath, [entry, '--headless', `--port=${port}`], {
      env: { ...process.env, NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1' },
      stdio: 'ignore',
    })
    const exited = once(child, 'exit')
    const origin = `http://127.0.0.1:${port}`
    await untilItAnswers(origin)
    return {
      origin,
      pid: child.pid ?? 0,
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL')
        await exited
      },
    }
  } catch (error) {
    console.warn(`Portkey is not measured: ${String(error)}`)
    return undefined
  }
}

async function untilItAnswers(origin: string): Promise<void> {
  const until = performance.now() + readyWithinMs
  for (;;) {
    const answer = await fetch(origin).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer !== undefined) return
    if (performance.now() > until) throw new Error('it was not ready in time')
    await sleep(50)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
