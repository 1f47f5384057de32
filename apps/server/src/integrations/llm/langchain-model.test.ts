import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOutbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { demoModelKey } from '../../simulators/demo-data.ts'
import { serveModel, type ServedModel } from '../../simulators/model/served-model.test-data.ts'
import { createChatModel } from './chat-model.ts'
import { StudioChatModel } from './langchain-model.ts'
import { ModelError } from './model-error.ts'

let served: ServedModel
let outbound: ReturnType<typeof createOutbound>
beforeAll(async () => {
  served = await serveModel({ vendor: 'kimi' })
  outbound = createOutbound({ allowed: { listed: [new URL(served.url).host] } })
})
afterAll(async () => {
  await outbound[Symbol.asyncDispose]()
  await served[Symbol.asyncDispose]()
})

const modelOf = (model: string) =>
  new StudioChatModel({
    model: createChatModel({
      outbound,
      baseUrl: served.url,
      model,
      apiKey: new Secret(demoModelKey),
      quirks: { reasoningBack: true, emptyContent: 'absent', toolChoice: 'auto' },
    }),
  })

const tool = {
  type: 'function' as const,
  function: {
    name: 'card_create',
    description: 'Makes a card',
    parameters: { type: 'object', properties: { name: { type: 'string' } } },
  },
}

describe('a model of ours as LangChain knows one [LLM-4]', () => {
  it('streams, adds up, and counts its tokens', async () => {
    const pieces: string[] = []
    for await (const chunk of await modelOf('demo-writer').stream('@@raw שלום 🎈 all of it'))
      pieces.push(chunk.text)
    expect(pieces.join('')).toBe('שלום 🎈 all of it')
    expect(pieces.length).toBeGreaterThan(2)
    const whole = await modelOf('demo-writer').invoke('@@raw one')
    expect(whole.text).toBe('one')
    expect(whole.usage_metadata).toMatchObject({ total_tokens: expect.any(Number) })
  })

  it('calls a tool that was bound, and goes on with what it said', async () => {
    const model = modelOf('demo-writer').bindTools([tool])
    const asked = new HumanMessage('@@call card_create {"name":"כרטיס"}')
    const answer = await model.invoke([asked])
    expect(answer.tool_calls).toMatchObject([{ name: 'card_create', args: { name: 'כרטיס' } }])
    const result = new ToolMessage({
      content: 'made card 7',
      tool_call_id: answer.tool_calls?.[0]?.id ?? '',
    })
    expect((await model.invoke([asked, answer, result])).text).toContain('made card 7')
  })

  it('throws where an answer ended early, and never retries by itself', async () => {
    const before = served.simulator.counters()['requests'] as number
    await expect(modelOf('demo-writer:no-finish:1').invoke('@@raw a b c')).rejects.toBeInstanceOf(
      ModelError,
    )
    expect((served.simulator.counters()['requests'] as number) - before).toBe(1)
  })

  it('closes the request when its reader leaves, or aborts [STR-3]', async () => {
    served.simulator.setPace({ firstTokenMs: 0, gapMs: 20 })
    const aborted = () => served.simulator.counters()['aborted'] as number
    const before = aborted()
    for await (const chunk of await modelOf('demo-writer').stream('@@raw a b c d e f g h'))
      if (chunk.text !== '') break
    await expect.poll(aborted).toBe(before + 1)
    const stop = AbortSignal.timeout(30)
    await expect(
      modelOf('demo-writer').invoke('@@raw a b c d e f g h', { signal: stop }),
    ).rejects.toBeDefined()
    await expect.poll(aborted).toBe(before + 2)
    served.simulator.setPace({ firstTokenMs: 0, gapMs: 0 })
  })
})
