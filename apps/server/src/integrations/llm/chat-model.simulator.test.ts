import { modelReply } from '@studioops/contracts/story-content'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { OpenRequest } from '../../platform/outbound/exchange.ts'
import { createOutbound, type Outbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { createModelSimulator } from '../../simulators/model/model-simulator.ts'
import { serveSimulators } from '../../simulators/serve.ts'
import { refereeOrSkip } from '../../testing/referee.ts'
import { createChatModel, type ModelEvent, type StreamOptions } from './chat-model.ts'
import { extractJson } from './extract-json.ts'
import type { ModelSettings } from './model-connection.ts'
import { ModelError } from './model-error.ts'
import type { ProviderQuirks } from './provider-quirks.ts'
import { testModel } from './test-model.ts'

const text =
  'שלום 👩‍💻 עולם, this is a sentence that is long enough to be broken in the middle of it.'
const question = [{ role: 'user', content: `@@raw ${text}` }] as const

const start = () =>
  serveSimulators({
    '/demo/model/v1': () =>
      createModelSimulator({ keys: ['demo'], pace: { firstTokenMs: 5, gapMs: 1 } }),
  })

let served: Awaited<ReturnType<typeof start>>
let outbound: Outbound
/** Every question that left. */
const sent: OpenRequest[] = []
beforeAll(async () => {
  served = await start()
  const real = createOutbound({ allowed: { listed: [], trustedOrigins: () => [served.origin] } })
  outbound = {
    ...real,
    open(request) {
      sent.push(request)
      return real.open(request)
    },
  }
})
afterAll(async () => {
  await outbound[Symbol.asyncDispose]()
  await served.close()
})

const simulator = () => served.simulators['/demo/model/v1']

function modelOf(name: string, more: Partial<ModelSettings> = {}) {
  return createChatModel({
    outbound,
    baseUrl: `${served.origin}/demo/model/v1`,
    model: name,
    apiKey: new Secret('demo'),
    // Each test has a breaker of its own.
    credentialKey: name,
    ...more,
  })
}

type Heard = { readonly events: ModelEvent[]; readonly said: string; readonly error?: ModelError }

async function listen(name: string, options: StreamOptions = {}): Promise<Heard> {
  const events: ModelEvent[] = []
  const said = () => events.map((event) => (event.type === 'token' ? event.text : '')).join('')
  const times = { firstTokenMs: 1_000, idleMs: 1_500, totalMs: 12_000, ...options }
  try {
    await modelOf(name).stream(question, times, (event) => events.push(event))
    return { events, said: said() }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return { events, said: said(), error }
  }
}

describe('with the simulated model', () => {
  it.each(['demo-writer', 'demo-writer:crlf', 'demo-writer:split', 'demo-writer:split:crlf'])(
    'reads every character of %s, with usage',
    async (name) => {
      const { said, events } = await listen(name)
      expect(said).toBe(text)
      expect(events.at(-1)).toMatchObject({
        type: 'done',
        finishReason: 'stop',
        usage: { inputTokens: expect.any(Number), outputTokens: expect.any(Number) },
      })
    },
  )

  it.each([
    ['demo-writer:die:5', 'truncated'],
    ['demo-writer:no-finish:5', 'truncated'],
    ['demo-writer:badjson:5', 'truncated'],
    ['demo-writer:error:5', 'server'],
    ['demo-writer:stall:5', 'stalled'],
  ])('never takes the half answer of %s for a whole one', async (name, kind) => {
    const { said, events, error } = await listen(name, { idleMs: 200 })
    expect(error?.kind).toBe(kind)
    expect(text.startsWith(said)).toBe(true)
    expect(said).not.toBe('')
    expect(events.some(({ type }) => type === 'done')).toBe(false)
  })

  it.each([
    ['demo-writer:401', 'auth'],
    ['demo-writer:404', 'model'],
    ['no-such-model', 'model'],
    ['demo-writer:429:30', 'rate'],
    ['demo-writer:quota', 'quota'],
    ['demo-writer:500', 'server'],
    ['demo-writer:badjson:0', 'truncated'],
    ['demo-writer:no-finish:0', 'truncated'],
    ['demo-writer:stall:0', 'first-token'],
    ['demo-writer:latency:2000', 'first-token'],
    ['demo-writer:hang', 'first-token'],
    ['demo-writer:away', 'transport'],
  ])('tells %s before the first word apart: %s', async (name, kind) => {
    const { said, error } = await listen(name, { firstTokenMs: 400 })
    expect(error?.kind).toBe(kind)
    expect(said).toBe('')
  })

  it('passes on how long to wait', async () => {
    const { error } = await listen('demo-writer:429:30')
    expect(error).toMatchObject({ retryAfterMs: 30_000, facts: { seconds: 30 } })
  })

  it('waits for a slow first word no longer than it may', async () => {
    expect((await listen('demo-writer:latency:200', { firstTokenMs: 1_000 })).said).toBe(text)
  })

  it('closes the request when it is stopped: the simulator sees it', async () => {
    const aborted = () => Number(simulator().counters()['aborted'])
    const open = () => Number(simulator().counters()['open'])
    await expect.poll(open).toBe(0)
    const before = aborted()

    const controller = new AbortController()
    const heard = Promise.withResolvers<void>()
    const { signal } = controller
    const stopped = modelOf('demo-writer').stream(question, { signal }, () => heard.resolve())
    await heard.promise
    expect(open()).toBe(1)
    controller.abort()
    await expect(stopped).rejects.toMatchObject({ kind: 'aborted' })
    await expect.poll(aborted).toBe(before + 1)
    await expect.poll(open).toBe(0)
  })

  it('is cut by the limit of tokens and says so', async () => {
    const { said, events } = await listen('demo-writer', { maxOutputTokens: 3 })
    expect(text.startsWith(said)).toBe(true)
    expect(events.at(-1)).toMatchObject({ finishReason: 'length' })
  })

  const reply = { name: 'story_reply', schema: z.toJSONSchema(modelReply, { io: 'input' }) }

  it('takes a reply that is a choice between shapes, at the first attempt', async () => {
    const before = sent.length
    let said = ''
    const messages = [{ role: 'user', content: 'A login page' }] as const
    await modelOf('demo-writer').stream(messages, { reply }, (event) => {
      if (event.type === 'token') said += event.text
    })
    expect(JSON.parse(extractJson(said) ?? '')).toHaveProperty('kind')
    expect(sent.length).toBe(before + 1)
  })

  it.for<Partial<ProviderQuirks>>([
    {},
    { replyMode: 'json_object', limitMember: 'max_completion_tokens', sampling: 'clamp' },
    { replyMode: 'none', streamOptions: false, sampling: 'omit', drop: ['strict'] },
    { drop: ['strict', 'stream_options'] },
  ])("is asked as OpenAI's own specification allows, also with %j", async (quirks, context) => {
    const referee = await refereeOrSkip('openai', context)
    const model = modelOf('demo-writer', { quirks })
    const options = { reply, maxOutputTokens: 50, temperature: 1.5 }
    await model.stream(question, options, () => undefined)
    const body: unknown = JSON.parse(String(sent.at(-1)?.body))
    expect(body).toMatchObject({ model: 'demo-writer', stream: true })
    expect(referee.request('POST', '/v1/chat/completions', body).errors).toEqual([])
  })

  it('is tested step by step', async () => {
    const settings = {
      outbound,
      baseUrl: `${served.origin}/demo/model/v1`,
      model: 'demo-writer',
      credentialKey: 'test',
    }
    const good = await testModel({ ...settings, apiKey: new Secret('demo') })
    expect(good).toMatchObject({ evidence: 'ok', models: ['demo-writer', 'demo-writer-mini'] })
    expect(good.steps.map(({ state }) => state)).toEqual(['passed', 'passed', 'passed'])
    const bad = await testModel({ ...settings, apiKey: new Secret('wrong') })
    expect(bad.steps.map(({ step, state }) => `${step} ${state}`)).toEqual([
      'address passed',
      'sign-in failed',
      'answer not-run',
    ])
  })
})
