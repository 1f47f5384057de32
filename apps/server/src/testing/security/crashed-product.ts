import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { registerLocally, signIn, stepUp } from '@studioops/contracts/accounts'
import { prepareAuditExport } from '@studioops/contracts/audit'
import { saveModel, saveTrello } from '@studioops/contracts/connections'
import type { TestServer } from '../global-setup.ts'
import { createTestClient, type TestClient } from '../test-client.ts'
import { copyDatabase, type TestDatabase } from '../test-database.ts'
import { tablesOf } from './table-texts.ts'

/** Where a text was found, and the text. */
export type Leftover = { readonly where: string; readonly text: string }

type Plan = {
  readonly crashes: number
  readonly random: () => number
  readonly secret: () => string
  readonly postgres: TestServer
  readonly signal?: AbortSignal | undefined
}

const program = join(import.meta.dirname, '../../main.ts')
const commands = join(import.meta.dirname, '../../cli/studioops.ts')

/**
 * The real product as a process, given secrets and ended by SIGKILL while it works on them. What it
 * leaves: its output, the files of its data directory without the keys, an export of the audit log, a
 * closed part of it, and a backup.
 */
export async function leftoversOfCrashes(plan: Plan): Promise<Leftover[]> {
  const { postgres, crashes, secret, signal } = plan
  await using copy = await copyDatabase(postgres)
  await using directory = await givenDirectory()
  const environment = {
    DATABASE_URL: urlOf(postgres, copy),
    STUDIOOPS_DATA_DIR: directory.path,
    AUTH_REGISTRATION: 'local',
    LOG_LEVEL: 'debug',
    NODE_ENV: 'development',
    PORT: '0',
    SINGLE_PORT: 'true',
    RATE_LIMIT_PER_MINUTE: '0',
  }
  const output: string[] = []
  const owner = { displayName: 'Owner', email: 'owner@studio.example', password: `A1!${secret()}` }
  for (let count = 0; count < crashes && signal?.aborted !== true; count += 1) {
    await using product = await start(environment, output)
    const client = createTestClient(product.origin)
    await enter(client, owner, count === 0)
    const work = giveSecrets(client, secret)
    await sleep(5 + plan.random() * 150)
    await product.kill()
    await work
  }
  await using product = await start(environment, output)
  const client = createTestClient(product.origin)
  await enter(client, owner, false)
  const exported = await exportAudit(client)
  await runCommand(['audit', 'close', '--before', '2100-01-01'], environment)
  await runCommand(['migrate', 'backup'], environment)
  await product.kill()
  return [
    ...output.map((text) => ({ where: 'the output of a crashed product', text })),
    ...exported.map((text) => ({ where: 'an export of the audit log', text })),
    ...(await filesOf(directory.path)),
    ...(await tablesOf(copy)).map((text) => ({ where: 'a table after a crash', text })),
  ]
}

async function enter(
  client: TestClient,
  owner: { displayName: string; email: string; password: string },
  isFirst: boolean,
): Promise<void> {
  const { email: username, password } = owner
  if (isFirst) await client.call(registerLocally, { body: owner })
  await client.call(signIn, { body: { username, password } })
  await client.call(stepUp, { body: { password } })
}

/** All at once, so that the crash falls into the middle of some. */
async function giveSecrets(client: TestClient, secret: () => string): Promise<void> {
  const baseUrl = 'https://outside.invalid'
  const bad = { username: 'owner@studio.example', password: secret() }
  await Promise.allSettled([
    client.try(saveModel, { body: { baseUrl, model: 'one', apiKey: secret() } }),
    client.try(saveTrello, { body: { baseUrl, key: secret(), token: secret() } }),
    client.try(signIn, { body: bad }),
    client.try(stepUp, { body: { password: secret() } }),
    client.fetch('/api/registrations', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jiraUrl: baseUrl, token: secret() }),
    }),
  ])
}

async function exportAudit(client: TestClient): Promise<string[]> {
  const texts: string[] = []
  for (const form of ['csv', 'jsonl'] as const) {
    const { path } = await client.call(prepareAuditExport, { body: { form } })
    texts.push(await (await client.fetch(path)).text())
  }
  return texts
}

const startWithinMs = 60_000

async function start(environment: Readonly<Record<string, string>>, output: string[]) {
  const child = spawn(process.execPath, [program], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const origin = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line)
      const [, port] = /StudioOps is ready at http:\/\/localhost:(\d+)/.exec(line) ?? []
      if (port !== undefined) origin.resolve(`http://localhost:${port}`)
    })
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  const late = setTimeout(
    () => origin.reject(new Error(output.slice(-5).join('\n'))),
    startWithinMs,
  )
  try {
    return { origin: await origin.promise, kill, [Symbol.asyncDispose]: kill }
  } catch (error) {
    await kill()
    throw error
  } finally {
    clearTimeout(late)
  }
}

async function runCommand(args: string[], environment: Readonly<Record<string, string>>) {
  await promisify(execFile)(process.execPath, [commands, ...args], {
    env: environment,
    cwd: environment['STUDIOOPS_DATA_DIR'],
  })
}

async function givenDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'studioops-crashed-'))
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** All but the keys, which are secrets and lie where only their owner reads. */
async function filesOf(directory: string): Promise<Leftover[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith('keys'))
  return Promise.all(
    files.map(async (name) => {
      const text = textOf(await readFile(join(directory, name)))
      return { where: `the file ${name.replaceAll(/\d{3,}/g, '…')}`, text }
    }),
  )
}

function textOf(bytes: Buffer): string {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes).toString('utf8')
  return bytes.toString('utf8')
}

function urlOf({ host, port, user, password }: TestServer, { name }: TestDatabase): string {
  const login = password === undefined ? user : `${user}:${encodeURIComponent(password)}`
  return `postgres://${login}@localhost/${name}?host=${encodeURIComponent(host)}&port=${port}`
}
