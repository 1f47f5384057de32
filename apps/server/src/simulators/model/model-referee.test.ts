import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { refereeOrSkip } from '../../testing/referee.ts'
import { fault } from '../fault-control.ts'
import { demoModelKey } from '../demo-data.ts'
import { serveModel, storyPrompt, user, type ServedModel } from './served-model.test-data.ts'

const url = '/v1/chat/completions'
const story = {
  model: 'demo-writer',
  messages: user(storyPrompt('לקוחות יכולים לשמור כרטיס ויזה', { language: 'he' })),
}

describe('the simulated model before the referee', () => {
  let model: ServedModel
  beforeAll(async () => {
    model = await serveModel()
  })
  afterEach(() => model.simulator.faults.clear())
  afterAll(() => model[Symbol.asyncDispose]())

  it.for([
    ['a story', story, 200],
    ['a chat', { model: 'demo-writer', messages: user('hi') }, 200],
    ['a cut answer', { ...story, max_completion_tokens: 5 }, 200],
    [
      'structured output',
      {
        ...story,
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'a', schema: { type: 'object' } },
        },
      },
      200,
    ],
    ['no such model', { ...story, model: 'gpt' }, 404],
    ['a key that is wrong', { ...story, model: 'demo-writer:401' }, 401],
    ['too many requests', { ...story, model: 'demo-writer:429' }, 429],
    ['no quota left', { ...story, model: 'demo-writer:quota' }, 429],
    ['a broken server', { ...story, model: 'demo-writer:500' }, 500],
    ['an overloaded server', { ...story, model: 'demo-writer:503' }, 503],
  ] as const)('%s', async ([, body, status], { skip }) => {
    const referee = await refereeOrSkip('openai', { skip })
    const response = await model.chat(body)
    const answer: unknown = await response.json()
    expect(referee.request('POST', url, body).errors).toEqual([])
    expect(response.status).toBe(status)
    expect(referee.response({ method: 'POST', url, status, body: answer }).errors).toEqual([])
  })

  it('every chunk of a stream, with and without usage', async ({ skip }) => {
    const referee = await refereeOrSkip('openai', { skip })
    for (const include_usage of [true, false]) {
      const body = { ...story, stream: true, stream_options: { include_usage } }
      expect(referee.request('POST', url, body).errors).toEqual([])
      const response = await model.chat(body)
      const events = (await response.text()).split('\n\n').filter((event) => event !== '')
      expect(events.pop()).toBe('data: [DONE]')
      expect(events.length).toBeGreaterThan(50)
      const errors = events.flatMap((event) => {
        const chunk: unknown = JSON.parse(event.slice('data: '.length))
        return referee.value('CreateChatCompletionStreamResponse', chunk).errors
      })
      expect(errors).toEqual([])
    }
  })

  it.for([
    [{ kind: 'status', status: 400 }, 400],
    [{ kind: 'status', status: 500 }, 500],
    [{ kind: 'too-many-requests' }, 429],
  ] as const)('a fault that is set from outside: %o', async ([given, status], { skip }) => {
    const referee = await refereeOrSkip('openai', { skip })
    model.simulator.faults.set({ fault: fault.parse(given) })
    const response = await model.chat(story)
    const body: unknown = await response.json()
    expect(referee.response({ method: 'POST', url, status, body })).toEqual({
      ok: true,
      errors: [],
    })
  })

  it.for([
    ['/v1/models', 200],
    ['/v1/models/demo-writer', 200],
    ['/v1/models/gpt', 404],
  ] as const)('%s', async ([path, status], { skip }) => {
    const referee = await refereeOrSkip('openai', { skip })
    const headers = { authorization: `Bearer ${demoModelKey}` }
    const response = await fetch(model.url + path.slice('/v1'.length), { headers })
    const body: unknown = await response.json()
    expect(referee.response({ method: 'GET', url: path, status, body })).toEqual({
      ok: true,
      errors: [],
    })
  })

  it('knows wrong from right', async ({ skip }) => {
    const referee = await refereeOrSkip('openai', { skip })
    const chunk = { id: 'a', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [] }
    expect(referee.value('CreateChatCompletionStreamResponse', chunk).ok).toBe(true)
    expect(
      referee.value('CreateChatCompletionStreamResponse', { ...chunk, created: 'now' }).ok,
    ).toBe(false)
    expect(referee.request('POST', url, { model: 'm' }).ok).toBe(false)
    expect(referee.response({ method: 'POST', url, status: 500, body: { message: 'no' } }).ok).toBe(
      false,
    )
  })
})
