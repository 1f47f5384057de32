import { createChatModel } from '../../apps/server/src/integrations/llm/chat-model.ts'
import {
  askChain,
  type Attempt,
  type Candidate,
} from '../../apps/server/src/integrations/llm/failover.ts'
import { createModelMemory } from '../../apps/server/src/integrations/llm/model-connection.ts'
import { createStandings } from '../../apps/server/src/integrations/llm/standings.ts'
import { createOutbound } from '../../apps/server/src/platform/outbound/outbound.ts'
import { Secret } from '../../apps/server/src/platform/secret/secret.ts'
import { demoModelKey } from '../../apps/server/src/simulators/demo-data.ts'
import type { Fault } from '../../apps/server/src/simulators/fault-control.ts'
import { createModelSimulator } from '../../apps/server/src/simulators/model/model-simulator.ts'
import { serveSimulators } from '../../apps/server/src/simulators/serve.ts'
import { atMost, type Line, quantile } from './figures.ts'

export type FailoverEffort = { readonly requests: number; readonly paired: number }

/** Every hard failure that there is before and after the first word. */
const faults: readonly Fault[] = [
  { kind: 'away' },
  { kind: 'status', status: 500 },
  { kind: 'quota' },
  { kind: 'die', after: 0 },
  { kind: 'die', after: 5 },
  { kind: 'status', status: 401 },
  { kind: 'error-in-stream', after: 3 },
]

/** One of so many meets a provider that fails: as much as the budget for second attempts allows. */
const atOnce = 10
const firstTokenMs = 20
const question = [{ role: 'user' as const, content: '@@raw a few words, מילים אחדות' }]

/**
 * Two providers, of which the first fails in every way in turn, each time with a credential that
 * nobody has used yet: nothing knows that it fails, so each of these questions meets the failure
 * itself. How long until the first word of an answer that needed the second one, and how many
 * attempts all questions together took. Then what the chain adds to
 * the first word of an answer, against the same upstream read directly, one after the other.
 */
export async function measureFailover({ requests, paired }: FailoverEffort): Promise<Line[]> {
  const pace = { firstTokenMs, gapMs: 0 }
  const make = () => createModelSimulator({ keys: [demoModelKey], pace })
  const served = await serveSimulators({ '/bad/v1': make, '/one/v1': make, '/two/v1': make })
  await using outbound = createOutbound({ allowed: { listed: [new URL(served.origin).host] } })
  const memory = createModelMemory()
  const standings = createStandings()
  const open = (provider: string, key = provider) => ({
    key,
    messages: () => question,
    model: createChatModel({
      outbound,
      memory,
      baseUrl: `${served.origin}/${provider}/v1`,
      model: 'demo-writer',
      apiKey: new Secret(demoModelKey),
      credentialKey: key,
    }),
  })
  const [one, two] = [open('one'), open('two')]

  async function ask(candidates: readonly Candidate[]): Promise<{
    firstMs: number
    attempts: readonly Attempt[]
    isWhole: boolean
  }> {
    const began = performance.now()
    const attempts: Attempt[] = []
    let firstMs = Number.NaN
    const end = await askChain({
      candidates,
      standings,
      options: {},
      keepsPartial: false,
      note: (attempt) => attempts.push(attempt),
      hear: (event) => {
        if (event.type === 'reset') firstMs = Number.NaN
        if (event.type === 'token' && Number.isNaN(firstMs)) firstMs = performance.now() - began
      },
    })
    return { firstMs, attempts, isWhole: end.kind === 'complete' }
  }

  async function direct(): Promise<number> {
    const began = performance.now()
    const answer = await fetch(`${served.origin}/two/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${demoModelKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'demo-writer', messages: question, stream: true }),
    })
    let firstMs = Number.NaN
    const decoder = new TextDecoder()
    for await (const bytes of answer.body ?? []) {
      const isText = /"content":"[^"]/.test(decoder.decode(bytes, { stream: true }))
      if (isText && Number.isNaN(firstMs)) firstMs = performance.now() - began
    }
    return firstMs
  }

  const results: Awaited<ReturnType<typeof ask>>[] = []
  const cold: typeof results = []
  for (let round = 0; round < requests / atOnce; round += 1) {
    const fault = faults[round % faults.length]
    served.simulators['/bad/v1'].faults.clear()
    if (fault !== undefined) served.simulators['/bad/v1'].faults.set({ fault })
    const met = ask([open('bad', `cold ${round}`), two])
    const others = Array.from({ length: atOnce - 1 }, () => ask([one, two]))
    cold.push(await met)
    results.push(...(await Promise.all([met, ...others])))
  }

  const added: number[] = []
  for (let round = 0; round < paired; round += 1) {
    const limit = await direct()
    const began = performance.now()
    let firstMs = Number.NaN
    await askChain({
      candidates: [two],
      standings,
      options: {},
      keepsPartial: false,
      note: () => {},
      hear: (event) => {
        if (event.type === 'token' && Number.isNaN(firstMs)) firstMs = performance.now() - began
      },
    })
    added.push(firstMs - limit)
  }
  await served.close()

  const moved = cold.filter(({ attempts }) => attempts.length > 1).map(({ firstMs }) => firstMs)
  const attempts = results.reduce((sum, one) => sum + one.attempts.length, 0)
  const whole = results.filter(({ isWhole }) => isWhole).length
  const p99 = quantile(moved, 0.99) - firstTokenMs
  const shares = attempts / results.length
  return [
    {
      bench: 'failover',
      what: `first word after a hard failure, p99 of ${moved.length}, ms beyond the model's own`,
      value: `${p99.toFixed(1)} (median ${(quantile(moved, 0.5) - firstTokenMs).toFixed(1)})`,
      aim: atMost(p99, 2_000, ' ms'),
    },
    {
      bench: 'failover',
      what: 'questions to a provider that fails, which met the failure themselves',
      value: `${moved.length} of ${cold.length}`,
      aim: { text: 'all', isMet: moved.length === cold.length },
    },
    {
      bench: 'failover',
      what: `attempts for ${results.length} requests`,
      value: `${attempts} (${shares.toFixed(3)} each)`,
      aim: atMost(shares, 1.1),
    },
    {
      bench: 'failover',
      what: 'requests that were answered whole',
      value: `${whole} of ${results.length}`,
      aim: { text: 'all', isMet: whole === results.length },
    },
    {
      bench: 'failover',
      what: `added to the first word, against a direct read, ${paired} pairs, ms`,
      value: `${quantile(added, 0.5).toFixed(2)} (p99 ${quantile(added, 0.99).toFixed(2)})`,
      aim: atMost(quantile(added, 0.5), 10, ' ms'),
    },
  ]
}
