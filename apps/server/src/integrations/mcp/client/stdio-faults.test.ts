import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOutbound } from '../../../platform/outbound/outbound.ts'
import { cellsOf } from '../../../testing/faults/fault-table.ts'
import { endOrphans } from './child-records.ts'
import { createToolClients, type ToolServerAddress } from './tool-clients.ts'

/** A program of a few lines does what its fault says; it counts its starts and effects in a file. */
const program = `
const { appendFileSync, readFileSync, existsSync } = require('node:fs')
const { createInterface } = require('node:readline')
const [, , fault, log] = process.argv
const starts = existsSync(log) ? readFileSync(log, 'utf8').split('\\n').filter((l) => l === 'start').length : 0
appendFileSync(log, 'start\\n')
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n')
if (fault === 'exits-at-start') { process.stderr.write('cannot read the licence\\n'); process.exit(7) }
if (fault === 'environment') appendFileSync(log, 'env ' + JSON.stringify(process.env) + '\\n')
if (fault === 'stderr-flood') for (let i = 0; i < 3000; i++) process.stderr.write('x'.repeat(999) + '\\n')
if (fault === 'grandchild') {
  const { spawn } = require('node:child_process')
  const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  appendFileSync(log, 'pid ' + child.pid + '\\n')
}
if (fault === 'ignores-the-end') { process.on('SIGTERM', () => {}); setInterval(() => {}, 1000) }
const call = (id, name) => {
  appendFileSync(log, 'call ' + name + '\\n')
  if (fault === 'exits-in-a-call' && starts === 0) process.exit(1)
  if (fault === 'killed-in-a-call' && starts === 0) process.kill(process.pid, 'SIGKILL')
  if (fault === 'hangs') return
  if (fault === 'junk') process.stdout.write('not a message\\n')
  if (fault === 'ten-lines-of-junk' && starts === 0) return process.stdout.write('junk\\n'.repeat(10))
  if (fault === 'endless-line' && starts === 0) {
    const piece = Buffer.alloc(1 << 20, 120)
    const more = () => process.stdout.write(piece, more)
    return more()
  }
  say({ id, result: { content: [{ type: 'text', text: 'done' }] } })
}
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (method === 'initialize') {
    if (fault === 'slow-initialize') return
    say({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'fault', version: '1' } } })
  }
  if (method === 'tools/list') say({ id, result: { tools: [{ name: 'read', inputSchema: { type: 'object' } }, { name: 'write', inputSchema: { type: 'object' } }] } })
  if (method === 'tools/call') call(id, params.name)
}).on('close', () => { if (fault !== 'ignores-the-end') process.exit(0) })
`

let directory: string
let file: string
let log: string
let clients: ReturnType<typeof createToolClients>
let outbound: ReturnType<typeof createOutbound>
let now = 0
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stdio-faults-'))
  file = join(directory, 'server.cjs')
  log = join(directory, 'log')
  await writeFile(file, program)
  now = 0
  outbound = createOutbound({ allowed: { listed: [] } })
  clients = createToolClients({
    outbound,
    now: () => now,
    times: { connect: 2_500, list: 5_000, call: 1_500, callAtMost: 1_500 },
  })
})
afterEach(async () => {
  await clients[Symbol.asyncDispose]()
  await outbound[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

const address = (fault: string): ToolServerAddress => ({
  kind: 'stdio',
  name: 'Trello',
  argv: [process.execPath, file, fault, log],
})
const said = () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [])
const count = (line: string) => said().filter((one) => one === line).length

async function outcome(fault: string, isRead: boolean): Promise<string> {
  const call = { name: isRead ? 'read' : 'write', arguments: {}, isRead }
  return clients.call('noa Trello', address(fault), call).then(
    ({ text }) => text,
    (error: unknown) => (error as { code: string }).code,
  )
}

describe('a server of tools as a program', () => {
  it.each(cellsOf('stdio').map(({ fault }) => fault))(
    'that has the fault $id ends in the right words [R-5.2]',
    async ({ id, read, write, writes }) => {
      expect(await outcome(id, true)).toBe(read)
      expect(await outcome(id, false)).toBe(write)
      expect(count('call write')).toBe(writes)
    },
  )

  it.each(['exits-in-a-call', 'killed-in-a-call', 'ten-lines-of-junk', 'endless-line'])(
    'whose first call is a write and has the fault %s leaves the outcome open, once',
    async (fault) => {
      expect(await outcome(fault, false)).toBe('tools.outcome-unknown')
      expect(count('call write')).toBe(1)
      expect(count('start')).toBe(1)
    },
  )

  it('that is not there is not tried again at once', async () => {
    const missing: ToolServerAddress = { kind: 'stdio', name: 'X', argv: ['/nowhere/at/all'] }
    const list = () => clients.listTools('noa X', missing)
    await expect(list()).rejects.toMatchObject({
      code: 'tools.command-missing',
      facts: { name: '/nowhere/at/all' },
    })
    await expect(list()).rejects.toMatchObject({ code: 'tools.server-away', retryAfterMs: 1_000 })
    now = 1_001
    await expect(list()).rejects.toMatchObject({ code: 'tools.command-missing' })
    await expect(list()).rejects.toMatchObject({ retryAfterMs: 2_000 })
  })

  it('tells its last words when it ends at the start', async () => {
    await expect(clients.tryTools(address('exits-at-start'))).rejects.toMatchObject({
      facts: { detail: 'cannot read the licence' },
    })
  })

  it('is given a path and nothing of ours', async () => {
    await clients.listTools('noa env', address('environment'))
    const line = said().find((one) => one.startsWith('env ')) ?? 'env {}'
    const names = Object.keys(JSON.parse(line.slice(4)) as object)
    expect(names.toSorted()).toEqual(['HOME', 'LANG', 'PATH'])
  })

  it('takes with it what it started, also where it ignores the request', async () => {
    await clients.listTools('noa family', address('grandchild'))
    const pid = Number(
      said()
        .find((one) => one.startsWith('pid '))
        ?.slice(4),
    )
    await clients.forget('noa family')
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
    await clients.listTools('noa stubborn', address('ignores-the-end'))
    await clients.forget('noa stubborn')
  })

  it('does not hold up another one by its own slowness', async () => {
    const slow = clients.listTools('noa slow', address('slow-initialize')).catch(() => 'slow')
    const quick = clients.listTools('noa quick', address('none')).then(() => 'quick')
    expect(await Promise.race([slow, quick])).toBe('quick')
    expect(await slow).toBe('slow')
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A process whose parent has not looked yet is dead all the same.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

const owner = `
const { createChildTransport } = await import(process.argv[2])
const transport = createChildTransport({ name: 'x', argv: [process.execPath, ...process.argv.slice(3)] })
await transport.start()
process.stdout.write(String(transport.pid()))
setInterval(() => {}, 1000)
`

it.skipIf(process.platform !== 'linux')(
  'ends the programs of a StudioOps that was killed, and those of nobody else',
  async () => {
    await writeFile(join(directory, 'owner.mjs'), owner)
    const transport = join(import.meta.dirname, 'child-transport.ts')
    const args = [join(directory, 'owner.mjs'), transport, file, 'ignores-the-end', log]
    const product = spawn(process.execPath, args, { env: { TMPDIR: directory } })
    const [printed] = (await once(product.stdout, 'data')) as [Buffer]
    const pid = Number(printed.toString())

    expect(endOrphans(directory)).toBe(0)
    expect(isAlive(pid)).toBe(true)

    product.kill('SIGKILL')
    await once(product, 'exit')
    expect(isAlive(pid)).toBe(true)
    expect(endOrphans(directory)).toBe(1)
    await expect.poll(() => isAlive(pid)).toBe(false)
    expect((await readdir(directory)).filter((name) => name.startsWith('studioops'))).toEqual([])
  },
)
