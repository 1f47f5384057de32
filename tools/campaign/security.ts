import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { TestServer } from '../../apps/server/src/testing/global-setup.ts'
import { isolationCampaign } from '../../apps/server/src/testing/security/isolation.ts'
import { malformedCampaign } from '../../apps/server/src/testing/security/malformed.ts'
import { type Mutant, mutationCampaign } from '../../apps/server/src/testing/security/mutation.ts'
import { rotationCampaign } from '../../apps/server/src/testing/security/key-rotation.ts'
import { killedRotationCampaign } from '../../apps/server/src/testing/security/killed-rotation.ts'
import { canaryCampaign } from '../../apps/server/src/testing/security/secret-canaries.ts'
import { ssrfCampaign } from '../../apps/server/src/testing/security/ssrf.ts'
import { loginFlood } from './login-flood.ts'
import { startTestServer } from '../../apps/server/src/testing/test-server.ts'

const usage = `Asks the product what nobody should ask, and counts what it gives away.

  npm run campaign:security -- [isolation] [malformed] [ssrf] [mutation] [flood] [keys]
                               [killed] [canaries] [--requests N] [--seed N]

isolation  Every route as another person, an admin and a visitor, with ids of the victim: 20,000 requests.
malformed  Broken framing over raw sockets, and JSON that misses the contracts: 10,000 requests.
ssrf       Every spelling of an address inside, in every field and answer that gives one.
mutation   The owner filters left out of the queries, one at a time: do the row policies hold?
flood      Twenty attempts to sign in a second: how late the event loop is, and what the time tells.
keys       10,000 secrets under another master key while they are read, and ciphertexts that were swapped.
killed     The process that replaces the master key, killed forty times while secrets are read.
canaries   Forty secrets through every field, every fault and ten crashes, looked for in log, answers,
           tables, exports, backups and files.

Without a name all of them run. The seed makes the same requests again.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    requests: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const say = (line: string) => console.log(line)

type Plan = {
  readonly postgres: TestServer
  readonly seed: number
  readonly requests: number | undefined
  readonly signal: AbortSignal
}

/** @returns what is wrong, a sentence each */
type Campaign = (plan: Plan) => Promise<readonly string[]>

const campaigns: Readonly<Record<string, Campaign>> = {
  async isolation({ requests = 20_000, ...plan }) {
    const report = await isolationCampaign({ ...plan, requests })
    say(
      `  ${report.requests} requests, ${report.canaries} texts of the victim looked for; the victim sees them on ${report.victimSees} routes`,
    )
    say(`  answers: ${counts(report.statuses)}`)
    for (const [route, ms] of report.slowest) say(`  · ${route}: ${Math.round(ms)} ms altogether`)
    return report.findings
  },
  async malformed({ requests = 10_000, ...plan }) {
    const report = await malformedCampaign({ ...plan, requests })
    say(
      `  ${report.requests} requests, slowest answer ${Math.round(report.slowestMs)} ms; answers: ${counts(report.statuses)} (0: the connection was ended)`,
    )
    return report.findings
  },
  async ssrf({ postgres, seed, signal }) {
    const report = await ssrfCampaign({ postgres, seed, signal })
    say(
      `  ${report.urls} addresses in ${report.fields.length} places, ${report.requests} requests; ${report.connections} connections at the canaries`,
    )
    for (const field of report.fields) say(`  · ${field}`)
    return report.findings
  },
  async mutation({ postgres, seed, requests = 600 }) {
    const report = await mutationCampaign({ postgres, seed, requests, every: 1, control: true })
    const count = (of: (mutant: Mutant) => boolean) => report.mutants.filter(of).length
    say(
      `  ${report.mutants.length} of ${report.filters} owner filters left out alone, ${count(({ isReached }) => isReached)} of them on the way of the requests; row policies held for ${count(({ findings }) => findings.length === 0)}`,
    )
    say(
      `  without row policies ${count(({ isReached, isMissed }) => isReached && !isMissed)} of those that were reached are noticed, ${count(({ isMissed }) => isMissed)} are not (something else protects the rows)`,
    )
    return [
      ...report.baseline,
      ...report.mutants.flatMap(({ place, findings }) => findings.map((one) => `${place}: ${one}`)),
      ...report.all.map((one) => `all filters at once: ${one}`),
      ...(report.noticedWithoutPolicies ? [] : ['nothing is noticed without row policies either']),
    ]
  },
  async flood() {
    const report = await loginFlood({ seconds: 20 })
    const of = ({ p50, p99, max }: typeof report.idle) => `p50 ${p50}, p99 ${p99}, max ${max} ms`
    say(
      `  event loop idle: ${of(report.idle)}; at ${report.attempts} attempts: ${of(report.flood)}`,
    )
    say(`  answers: ${counts(report.codes)}`)
    say(
      `  median of a known name ${report.knownMedianMs.toFixed(1)} ms, of an unknown one ${report.unknownMedianMs.toFixed(1)} ms`,
    )
    return report.findings
  },
  async keys({ postgres }) {
    const report = await rotationCampaign({ secrets: 10_000, postgres })
    say(
      `  ${report.secrets} secrets in ${(report.rotatedMs / 1_000).toFixed(1)} s with ${report.reads} reads; ${report.swapped} swapped ciphertexts tried`,
    )
    const isLate = report.rotatedMs > 10_000
    return [...report.findings, ...(isLate ? ['that took longer than ten seconds'] : [])]
  },
  async killed({ postgres, seed, signal }) {
    const report = await killedRotationCampaign({
      kills: 40,
      secrets: 5_000,
      seed,
      postgres,
      signal,
    })
    const { start, middle, end } = report.fell
    say(
      `  ${report.kills} kills of keys rotate: ${start} before the first key, ${middle} between keys, ${end} at the exchange of the files; ${report.finished} rotations came to their end, ${report.reads} secrets opened meanwhile and afterwards`,
    )
    return report.findings
  },
  async canaries({ postgres, seed, signal }) {
    const report = await canaryCampaign({ postgres, seed, signal, crashes: 10 })
    say(
      `  ${report.secrets} secrets in ${report.requests} requests and 10 crashes; ${Math.round(report.searched / 1_000)} thousand characters searched, ${report.files} kinds of files among them`,
    )
    return report.findings
  },
}

function counts(statuses: Readonly<Record<string, number>>): string {
  return Object.entries(statuses)
    .map(([status, count]) => `${status} × ${count}`)
    .join(', ')
}

/** A whole number that was asked for; undefined: none was. */
function whole(text: string | undefined): number | undefined {
  const number = Number(text)
  return text !== undefined && Number.isInteger(number) && number >= 0 ? number : undefined
}

async function main(): Promise<void> {
  const names = positionals.length === 0 ? Object.keys(campaigns) : positionals
  if (values.help || names.some((name) => campaigns[name] === undefined)) {
    say(usage)
    if (!values.help) process.exitCode = 2
    return
  }
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
  const seed = whole(values.seed) ?? randomInt(1_000_000)
  say(`seed ${seed}`)
  const { connection: postgres, stop } = await startTestServer()
  const plan = { postgres, seed, requests: whole(values.requests), signal: stopping.signal }
  try {
    for (const name of names) await run(name, plan)
  } finally {
    await stop()
  }
}

async function run(name: string, plan: Plan): Promise<void> {
  say(name)
  const findings = (await campaigns[name]?.(plan)) ?? []
  for (const sentence of findings) say(`  ! ${sentence}`)
  say(findings.length === 0 ? '  nothing wrong' : `  ${findings.length} things wrong`)
  if (findings.length > 0) process.exitCode = 1
}

await main()
process.exit()
