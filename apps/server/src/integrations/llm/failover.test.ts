import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createOutbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { demoModelKey } from '../../simulators/demo-data.ts'
import { serveModel, type ServedModel } from '../../simulators/model/served-model.test-data.ts'
import { createChatModel } from './chat-model.ts'
import { askChain, type Attempt, type ChainEvent } from './failover.ts'
import { createModelMemory } from './model-connection.ts'
import { createStandings } from './standings.ts'

let served: ServedModel
let outbound: ReturnType<typeof createOutbound>
beforeAll(async () => {
  served = await serveModel()
  outbound = createOutbound({ allowed: { listed: [new URL(served.url).host] } })
})
afterEach(() => served.simulator.faults.clear())
afterAll(async () => {
  await outbound[Symbol.asyncDispose]()
  await served[Symbol.asyncDispose]()
})

const said = 'שלום 🎈, this is the whole answer and nothing else.'
let names = 0

type Asking = {
  readonly keepsPartial?: boolean
  readonly signal?: AbortSignal
  readonly standings?: ReturnType<typeof createStandings>
  readonly hear?: (event: ChainEvent) => void
}

async function ask(models: readonly string[], asking: Asking = {}) {
  const events: ChainEvent[] = []
  const attempts: Attempt[] = []
  names += 1
  const memory = createModelMemory()
  const { signal, keepsPartial = false, standings = createStandings() } = asking
  const end = await askChain({
    standings,
    keepsPartial,
    options: { firstTokenMs: 1_000, idleMs: 1_000, totalMs: 20_000, signal },
    candidates: models.map((model, index) => ({
      key: model,
      messages: () => [{ role: 'user', content: `@@raw ${said}` }],
      model: createChatModel({
        outbound,
        memory,
        baseUrl: served.url,
        model,
        apiKey: new Secret(demoModelKey),
        credentialKey: `${names} ${index}`,
      }),
    })),
    hear: (event) => {
      events.push(event)
      asking.hear?.(event)
    },
    note: (attempt) => attempts.push(attempt),
  })
  return { end, events, attempts }
}

/** What a reader shows who follows the rules: since the last reset. */
function shown(events: readonly ChainEvent[]): string {
  return events.reduce((text, event) => {
    if (event.type === 'reset') return ''
    return event.type === 'token' ? text + event.text : text
  }, '')
}

const types = (events: readonly ChainEvent[]) => new Set(events.map(({ type }) => type))

describe('a chain of models', () => {
  it.each([
    '500',
    '503',
    '429',
    'quota',
    'overload',
    '401',
    '404',
    'away',
    'die:0',
    'hang',
    'no-finish:0',
  ])(
    'goes silently on where the first one fails with %s before its first word [AI-2, LLM-6, D-9]',
    async (fault) => {
      const { end, events, attempts } = await ask([`demo-writer:${fault}`, 'demo-writer'])
      expect(end).toMatchObject({ kind: 'complete', candidate: 1, text: said })
      expect(types(events)).not.toContain('reset')
      expect(attempts).toHaveLength(2)
    },
  )

  it.each(['die:3', 'stall:3', 'no-finish:3', 'error:3', 'badjson:3', 'fake-end:3'])(
    'takes back what was said before %s, and begins anew: never a splice [AI-2, D-9, STR-2]',
    async (fault) => {
      const { end, events } = await ask([`demo-writer:${fault}`, 'demo-writer'])
      expect(end).toMatchObject({ kind: 'complete', text: said })
      const resets = events.filter((event) => event.type === 'reset')
      expect(resets).toHaveLength(1)
      expect(said.startsWith(resets[0]?.discarded ?? '-')).toBe(true)
      expect(shown(events)).toBe(said)
    },
  )

  it('keeps what the last one had said where that is wanted, and takes it back where not [D-9]', async () => {
    const chain = ['demo-writer:500', 'demo-writer:die:3']
    const kept = await ask(chain, { keepsPartial: true })
    expect(kept.end).toMatchObject({ kind: 'failed', partial: { candidate: 1 } })
    const dropped = await ask(chain)
    expect(dropped.end).toMatchObject({ kind: 'failed', partial: undefined })
    expect(shown(dropped.events)).toBe('')
  })

  it('asks nobody else about content that was refused [LLM-6]', async () => {
    for (const fault of ['content', 'filter:2']) {
      const { end, attempts } = await ask([`demo-writer:${fault}`, 'demo-writer'])
      expect(end).toMatchObject({ kind: 'failed' })
      expect(attempts).toHaveLength(1)
    }
  })

  it('is stopped by its caller, who hears nothing more [STR-3]', async () => {
    const stop = new AbortController()
    const aborted = () => (served.simulator.counters()['aborted'] as number) ?? 0
    const before = aborted()
    served.simulator.setPace({ firstTokenMs: 0, gapMs: 20 })
    const { end } = await ask(['demo-writer', 'demo-writer'], {
      signal: stop.signal,
      hear: ({ type }) => {
        if (type === 'token') stop.abort()
      },
    })
    served.simulator.setPace({ firstTokenMs: 0, gapMs: 0 })
    expect(end.kind).toBe('stopped')
    await expect.poll(aborted).toBe(before + 1)
  })

  it('asks one that just failed last, and has a budget for asking twice [LLM-6]', async () => {
    const standings = createStandings()
    let attempts = 0
    for (let request = 0; request < 30; request += 1) {
      const asked = await ask(['demo-writer:500', 'demo-writer'], { standings })
      expect(asked.end).toMatchObject({ kind: 'complete' })
      attempts += asked.attempts.length
    }
    expect(attempts).toBe(31)
    // Where all fail, the budget ends the storm.
    let storm = 0
    for (let request = 0; request < 60; request += 1)
      storm += (await ask(['demo-writer:500', 'demo-writer:503'], { standings })).attempts.length
    expect(storm).toBeLessThanOrEqual(60 * 1.1 + 10)
  })
})
