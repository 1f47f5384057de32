import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { checkJiraToken, register, signIn } from '../../packages/contracts/src/accounts.ts'
import { startDemo } from '../../packages/contracts/src/installation.ts'
import { createTestClient } from '../../apps/server/src/testing/test-client.ts'
import { makeDataDirectory, removeDataDirectory, startProduct } from '../chaos/product-process.ts'

export type FloodReport = {
  readonly idle: Delay
  readonly flood: Delay
  readonly attempts: number
  /** How often which code was answered. */
  readonly codes: Readonly<Record<string, number>>
  /** Milliseconds to the refusal of a name that exists, and of one that does not. */
  readonly knownMedianMs: number
  readonly unknownMedianMs: number
  readonly findings: readonly string[]
}

/** Of the event loop of the product, in milliseconds. */
type Delay = { readonly p50: number; readonly p99: number; readonly max: number }

const perSecond = 20
const password = 'Wrong1!password'
const rightPassword = 'Right1!pass'

/**
 * Tries to sign in twenty times a second from ever new addresses, at a product that runs as a process
 * of its own with the real cost of a hash, and compares names that exist with names that do not (S-12).
 */
export async function loginFlood({ seconds }: { readonly seconds: number }): Promise<FloodReport> {
  const directory = await makeDataDirectory('flood')
  const report = join(directory, 'event-loop.json')
  const probe = pathToFileURL(join(import.meta.dirname, 'event-loop-probe.mjs')).href
  const product = startProduct({
    directory,
    nodeArguments: ['--import', probe],
    // The only way to be many addresses on one machine.
    environment: { TRUSTED_PROXIES: '127.0.0.1', EVENT_LOOP_REPORT: report },
  })
  try {
    const origin = await product.ready
    const people = await registerPeople(origin)
    const readDelay = () => delayOf(product.pid, report)
    await readDelay()
    await sleep(5_000)
    const idle = await readDelay()
    const { known, unknown } = await compare(origin, people)
    await readDelay()
    const codes = await flood(origin, people, seconds)
    const during = await readDelay()
    const [knownMedianMs, unknownMedianMs] = [median(known), median(unknown)]
    return {
      idle,
      flood: during,
      attempts: seconds * perSecond,
      codes,
      knownMedianMs,
      unknownMedianMs,
      findings: [
        ...(during.p99 < 50 ? [] : [`the event loop is late by ${during.p99} ms (p99)`]),
        ...(Math.abs(knownMedianMs - unknownMedianMs) < 5
          ? []
          : [
              `a name that exists takes ${knownMedianMs.toFixed(1)} ms, another ${unknownMedianMs.toFixed(1)} ms`,
            ]),
        ...(codes['internal'] === undefined ? [] : [`${codes['internal']} attempts failed inside`]),
      ],
    }
  } finally {
    await product.stop()
    await removeDataDirectory(directory)
  }
}

async function registerPeople(origin: string): Promise<string[]> {
  const client = createTestClient(origin)
  const { demo } = await client.call(startDemo, {})
  const names: string[] = []
  for (const person of demo?.people.filter(({ state }) => state === 'active') ?? []) {
    const { token, employeeId } = person
    const { ticket } = await client.call(checkJiraToken, {
      body: { jiraUrl: demo?.jiraUrl ?? '', token },
    })
    await client.call(register, { body: { ticket, password: rightPassword } })
    names.push(employeeId)
  }
  return names
}

let address = 0

/** One attempt from an address that nobody has used before. */
async function attempt(origin: string, username: string): Promise<{ code: string; ms: number }> {
  address += 1
  const from = `198.18.${(address >> 8) & 255}.${address & 255}`
  const began = performance.now()
  const answer = await createTestClient(origin).try(
    signIn,
    { body: { username, password } },
    { 'x-forwarded-for': from },
  )
  return { ms: performance.now() - began, code: answer.ok ? 'ok' : answer.problem.code }
}

const stranger = () => `nobody.${crypto.randomUUID().slice(0, 8)}`

async function compare(origin: string, people: readonly string[]) {
  const known: number[] = []
  const unknown: number[] = []
  for (let round = 0; round < 5; round += 1) {
    // Whoever comes first in a pair changes with the round, so that neither side waits more.
    const names = people.flatMap((person) =>
      round % 2 === 0 ? [person, stranger()] : [stranger(), person],
    )
    for (const name of names) {
      const { code, ms } = await attempt(origin, name)
      // What is refused without a look at the password says nothing about it.
      if (code === 'login.failed') (people.includes(name) ? known : unknown).push(ms)
    }
    // Each failure of a name makes its next try wait twice as long as the one before.
    await sleep(2 ** round * 1_000 + 200)
  }
  return { known, unknown }
}

async function flood(origin: string, people: readonly string[], seconds: number) {
  const codes: Record<string, number> = {}
  const underway: Promise<void>[] = []
  for (let count = 0; count < seconds * perSecond; count += 1) {
    const name = count % 2 === 0 ? stranger() : (people[count % people.length] ?? '')
    underway.push(
      attempt(origin, name).then(({ code }) => {
        codes[code] = (codes[code] ?? 0) + 1
      }),
    )
    await sleep(1_000 / perSecond)
  }
  await Promise.all(underway)
  return codes
}

async function delayOf(pid: number, report: string): Promise<Delay> {
  await rm(report, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (;;) {
    await sleep(20)
    const text = await readFile(report, 'utf8').catch(() => '')
    if (text.endsWith('}')) return JSON.parse(text) as Delay
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
