import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { LLMock } from '@copilotkit/aimock'
import { ChatOpenAI } from '@langchain/openai'
import { createAccessToken } from '@studioops/contracts/access-tokens'
import { addModelProvider } from '@studioops/contracts/models'
import { streamText } from 'ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './test-app.ts'

/** A model that others have written, so that not only our own idea of one is asked. */
const foreign = new LLMock({ port: 0, host: '127.0.0.1' })
const said = 'שלום from a model that we did not write 🎈'

let test: TestApp
let token: string
beforeAll(async () => {
  foreign.onMessage(/.*/, { content: said })
  const url = await foreign.start()
  test = await startTestApp({ allowedHosts: [new URL(url).host] })
  const owner = await test.steppedUp()
  await owner.call(addModelProvider, {
    body: { name: 'foreign', baseUrl: `${url}/v1`, model: 'gpt-4o', key: 'sk-any' },
  })
  const made = await owner.call(createAccessToken, {
    body: { name: 'editor', scopes: ['models.use'], days: 1 },
  })
  token = made.secret
})
afterAll(async () => {
  await test[Symbol.asyncDispose]()
  await foreign.stop()
})

describe('a model of somebody else’s making, through our failover, read by clients that we did not write [LLM-7, AI-8]', () => {
  it('by the AI SDK', async () => {
    const provider = createOpenAICompatible({
      name: 'studioops',
      baseURL: `${test.origin}/v1`,
      apiKey: token,
    })
    const { textStream } = streamText({
      model: provider('studioops'),
      prompt: 'hello',
      maxRetries: 0,
    })
    let text = ''
    for await (const piece of textStream) text += piece
    expect(text).toBe(said)
  })

  it('by LangChain', async () => {
    const model = new ChatOpenAI({
      model: 'studioops',
      apiKey: token,
      maxRetries: 0,
      configuration: { baseURL: `${test.origin}/v1` },
    })
    expect((await model.invoke('hello')).text).toBe(said)
    let text = ''
    for await (const chunk of await model.stream('hello')) text += chunk.text
    expect(text).toBe(said)
  })
})
