import { setTimeout as wait } from 'node:timers/promises'
import { inspect } from 'node:util'
import { errorText } from '@studioops/contracts/errors'
import { afterEach, describe, expect, it } from 'vitest'
import { createOutbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { createChatModel, type ModelEvent, type StreamOptions } from './chat-model.ts'
import { createModelMemory, type ModelSettings } from './model-connection.ts'
import { ModelError, modelErrorCode, toModelRefusal } from './model-error.ts'
import {
  done,
  event,
  role,
  type ScriptedServer,
  sendEvents,
  sendJson,
  serveScript,
  sseHead,
  stop,
  tokens,
  whole,
} from './scripted-server.test-data.ts'

let cleanup: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(cleanup.map((close) => close()))
  cleanup = []
})

async function serve(answer: Parameters<typeof serveScript>[0]): Promise<ScriptedServer> {
  const server = await serveScript(answer)
  cleanup.push(() => server.close())
  return server
}

function modelAt(
  { baseUrl, host }: Pick<ScriptedServer, 'baseUrl' | 'host'>,
  more: Partial<ModelSettings> = {},
) {
  const outbound = createOutbound({ allowed: { listed: [host] } })
  cleanup.push(() => outbound[Symbol.asyncDispose]())
  return createChatModel({ outbound, baseUrl, model: 'm-1', ...more })
}

const question = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'שלום' },
] as const

/** A tenth of the times of the product. */
const quick = { firstTokenMs: 1_000, idleMs: 1_500, totalMs: 12_000 }

type Heard = { readonly events: ModelEvent[]; readonly text: string; readonly error?: ModelError }

async function listen(
  model: ReturnType<typeof createChatModel>,
  options: StreamOptions = {},
): Promise<Heard> {
  const events: ModelEvent[] = []
  const text = () => events.map((entry) => (entry.type === 'token' ? entry.text : '')).join('')
  try {
    await model.stream(question, { ...quick, ...options }, (heard) => events.push(heard))
    return { events, text: text() }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return { events, text: text(), error }
  }
}

const types = ({ events }: Heard) => events.map(({ type }) => type)

describe('an answer', () => {
  it('comes as tokens and then as done, with usage and the time to the first text [LLM-1]', async () => {
    const usage = event({}, null, {
      choices: [],
      usage: { prompt_tokens: 9, completion_tokens: 2 },
    })
    const server = await serve(async (response) => {
      response.writeHead(200, sseHead)
      for (const part of [role, tokens('ש'), tokens('לום'), stop, usage, done]) {
        response.write(part)
        await wait(10)
      }
      response.end()
    })
    const heard = await listen(modelAt(server))
    expect(heard.text).toBe('שלום')
    expect(types(heard)).toEqual(['token', 'token', 'done'])
    expect(heard.events.at(-1)).toEqual({
      type: 'done',
      finishReason: 'stop',
      usage: { inputTokens: 9, outputTokens: 2 },
      ttftMs: expect.any(Number),
    })
  })

  it('says once that the model thinks, before it speaks', async () => {
    const thought = event({ reasoning_content: 'hmm' })
    const server = await serve((response) =>
      sendEvents(response, role, thought, thought, event({ reasoning: 'x' }), tokens('ok'), stop),
    )
    expect(types(await listen(modelAt(server)))).toEqual(['thinking', 'token', 'done'])
  })

  it('is one token where the server does not stream', async () => {
    const message = { role: 'assistant', content: 'ok' }
    const body = { choices: [{ index: 0, message, finish_reason: 'length' }] }
    const server = await serve((response) => sendJson(response, { body }))
    const heard = await listen(modelAt(server))
    expect(types(heard)).toEqual(['token', 'done'])
    expect(heard.events.at(-1)).toMatchObject({ finishReason: 'length' })
  })

  it.each([
    ['stays silent', () => {}],
    ['dies', (response: { destroy(): void }) => setTimeout(() => response.destroy(), 20)],
  ])('is whole when the connection %s after the reason to finish', async (_name, end) => {
    const server = await serve((response) => {
      response.writeHead(200, sseHead)
      response.write(tokens('ok') + stop)
      end(response)
    })
    expect(types(await listen(modelAt(server)))).toEqual(['token', 'done'])
  })

  it('leaves the connection open for the next question', async () => {
    const sockets = new Set<unknown>()
    const server = await serve((response) => {
      sockets.add(response.socket)
      response.writeHead(200, sseHead)
      response.write(whole)
      setTimeout(() => response.end(), 10)
    })
    const model = modelAt(server)
    await listen(model)
    await wait(50)
    await listen(model)
    expect(sockets.size).toBe(1)
  })
})

describe('a request', () => {
  it('goes below the base address, with the key in a header only', async () => {
    const server = await serve((response) => sendEvents(response, whole))
    const apiKey = new Secret('sk-canary')
    for (const end of ['', '/', '/chat/completions', '?api-version=1'])
      await listen(modelAt(server, { baseUrl: `${server.baseUrl}${end}`, apiKey }))
    const [first, ...others] = server.asked
    expect(first?.path).toBe('/v1/chat/completions')
    expect(first?.headers).toMatchObject({
      authorization: 'Bearer sk-canary',
      'content-type': 'application/json',
    })
    expect(first?.body).toEqual({
      model: 'm-1',
      messages: question,
      stream: true,
      stream_options: { include_usage: true },
    })
    expect(others.map(({ path }) => path)).toEqual([
      '/v1/chat/completions',
      '/v1/chat/completions',
      '/v1/chat/completions?api-version=1',
    ])
  })

  it('has no key where there is none', async () => {
    const server = await serve((response) => sendEvents(response, whole))
    await listen(modelAt(server))
    await listen(modelAt(server, { apiKey: new Secret(' ') }))
    for (const { headers } of server.asked) expect(headers).not.toHaveProperty('authorization')
  })

  it('is not sent with a key that no header can hold', async () => {
    const server = await serve((response) => sendEvents(response, whole))
    const { error } = await listen(modelAt(server, { apiKey: new Secret('מפתח') }))
    expect(error?.kind).toBe('auth')
    expect(server.asked).toHaveLength(0)
  })
})

describe('the clocks', () => {
  it('give up a model that says only its role', async () => {
    const server = await serve((response) => {
      response.writeHead(200, sseHead)
      response.write(role)
    })
    const heard = await listen(modelAt(server), { firstTokenMs: 100 })
    expect(heard.error?.kind).toBe('first-token')
    await server.leftEarly
  })

  it('give up a server that never answers', async () => {
    const server = await serve(() => {})
    const { error } = await listen(modelAt(server), { firstTokenMs: 100 })
    expect(error?.kind).toBe('first-token')
    expect(server.asked).toHaveLength(1)
    await server.leftEarly
  })

  it('take thinking for a sign of life', async () => {
    const server = await serve(async (response) => {
      response.writeHead(200, sseHead)
      for (let count = 0; count < 6; count += 1) {
        response.write(event({ reasoning_content: 'hmm' }))
        await wait(60)
      }
      response.end(whole)
    })
    const heard = await listen(modelAt(server), { firstTokenMs: 250, idleMs: 500 })
    expect(heard.text).toBe('ok')
  })

  it('give up a stream that stalls, also behind comments', async () => {
    const server = await serve((response) => {
      response.writeHead(200, sseHead)
      response.write(tokens('half'))
      const timer = setInterval(() => response.write(': still here\n\n'), 20)
      response.on('close', () => clearInterval(timer))
    })
    const heard = await listen(modelAt(server), { idleMs: 150 })
    expect(heard.text).toBe('half')
    expect(heard.error?.kind).toBe('stalled')
    await server.leftEarly
  })

  it('end an answer that goes on and on', async () => {
    const server = await serve((response) => {
      response.writeHead(200, sseHead)
      const timer = setInterval(() => response.write(tokens('x')), 20)
      response.on('close', () => clearInterval(timer))
    })
    const { error } = await listen(modelAt(server), { totalMs: 200 })
    expect(error?.kind).toBe('stalled')
    await server.leftEarly
  })
})

describe('a stop', () => {
  const endless = () =>
    serve((response) => {
      response.writeHead(200, sseHead)
      const timer = setInterval(() => response.write(tokens('x')), 10)
      response.on('close', () => clearInterval(timer))
    })

  it('by the signal closes the request and ends the stream', async () => {
    const server = await endless()
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 100)
    const heard = await listen(modelAt(server), { signal: controller.signal })
    expect(heard.error?.kind).toBe('aborted')
    expect(heard.text).toMatch(/^x+$/)
    await server.leftEarly
  })

  it('by a listener that fails closes the request', async () => {
    const server = await endless()
    const failing = modelAt(server).stream(question, quick, () => {
      throw new RangeError('no more')
    })
    await expect(failing).rejects.toThrow(RangeError)
    await server.leftEarly
    expect(server.asked).toHaveLength(1)
  })

  it('before the beginning sends nothing', async () => {
    const server = await endless()
    const { error } = await listen(modelAt(server), { signal: AbortSignal.abort() })
    expect(error?.kind).toBe('aborted')
    expect(server.asked).toHaveLength(0)
  })
})

describe('a failure', () => {
  it('inside the answer keeps what was said before and says that it broke off', async () => {
    const server = await serve((response) => {
      response.writeHead(200, sseHead)
      response.write(tokens('half'), () => setTimeout(() => response.destroy(), 20))
    })
    const { text, error } = await listen(modelAt(server))
    expect(text).toBe('half')
    expect(error).toMatchObject({ kind: 'truncated' })
    expect(server.asked).toHaveLength(1)
  })

  it.each([
    ['a clean end', tokens('half'), 'truncated'],
    ['an error', `${tokens('half')}data: {"error":{"code":"overloaded"}}\n\n`, 'server'],
  ])('by %s inside the answer is not asked again', async (_name, events, kind) => {
    const server = await serve((response) => sendEvents(response, events))
    const { text, error } = await listen(modelAt(server))
    expect(text).toBe('half')
    expect(error).toMatchObject({ kind, failure: { host: server.host, model: 'm-1' } })
    expect(server.asked).toHaveLength(1)
  })

  it.each([
    [401, { error: { code: 'invalid_api_key', message: 'sk-canary' } }, 'auth', 'model.auth'],
    [404, { error: { code: 'model_not_found', message: 'x' } }, 'model', 'model.unknown-model'],
    [404, { detail: 'Not Found' }, 'unexpected-answer', 'model.unexpected-answer'],
    [429, { error: { code: 'insufficient_quota', message: 'x' } }, 'quota', 'model.quota'],
    [429, { error: { code: 'rate_limit_exceeded', message: 'x' } }, 'rate', 'model.rate-limited'],
    [
      400,
      { error: { code: 'context_length_exceeded', message: 'x' } },
      'context',
      'model.too-long',
    ],
    [400, { error: { code: 'content_filter', message: 'x' } }, 'content', 'model.refused'],
    [400, { error: { code: null, message: 'x' } }, 'request', 'internal'],
    [500, { error: { type: 'server_error', message: 'x' } }, 'server', 'model.server-error'],
  ])(
    'of status %s with %j is of its kind and asked once',
    async (...[status, body, kind, code]) => {
      const server = await serve((response) => sendJson(response, { status, body }))
      const { error } = await listen(modelAt(server, { apiKey: new Secret('sk-canary') }))
      expect(error).toMatchObject({ kind, status })
      expect(server.asked).toHaveLength(1)
      const refusal = toModelRefusal(error as ModelError)
      expect(refusal.code).toBe(code)
      const { message } = errorText(refusal.code, 'en', refusal.facts)
      expect(message).not.toMatch(/[{}]|canary/)
      expect(inspect(error, { depth: 9 })).not.toContain('canary')
    },
  )

  it('of a page is an unexpected answer, whatever its status', async () => {
    for (const status of [200, 403, 404]) {
      const server = await serve((response) => {
        response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Log in</html>')
      })
      const { error } = await listen(modelAt(server))
      expect(error?.kind, String(status)).toBe('unexpected-answer')
    }
  })

  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after-ms': '6500' }, 7],
    [{ 'retry-after': 'soon' }, 10],
    [{}, 10],
  ])('of the rate with %j says how many seconds to wait', async (headers, seconds) => {
    const body = { error: { code: 'rate_limit_exceeded', message: 'x' } }
    const server = await serve((response) => sendJson(response, { status: 429, body, headers }))
    const { error } = await listen(modelAt(server))
    expect(error?.facts).toEqual({ host: server.host, model: 'm-1', seconds })
  })

  it('to connect is told apart: nobody there, not allowed, no such name, another address', async () => {
    const server = await serve((response) =>
      response.writeHead(302, { location: 'https://example.com/v1' }).end(),
    )
    expect((await listen(modelAt(server))).error).toMatchObject({ kind: 'unexpected-answer' })
    const notListed = modelAt({ ...server, host: '127.0.0.1:1' })
    expect((await listen(notListed)).error).toMatchObject({ kind: 'not-allowed' })
    server.close()
    expect((await listen(modelAt(server))).error).toMatchObject({
      kind: 'transport',
      facts: { host: server.host },
    })
    const { error } = await listen(modelAt({ baseUrl: 'https://no-such.invalid/v1', host: 'x' }))
    expect(error).toMatchObject({ kind: 'transport', facts: { host: 'no-such.invalid' } })
    expect((await listen(modelAt({ baseUrl: 'what?', host: 'x' }))).error?.kind).toBe('not-allowed')
  })

  it.each([
    ['breaks before any answer', (response: { destroy(): void }) => response.destroy()],
    [
      'fails and names a short time',
      (response: Parameters<typeof sendJson>[0]) =>
        sendJson(response, { status: 503, body: {}, headers: { 'retry-after': '0' } }),
    ],
  ])('that %s is asked once more, and no more', async (_name, fail) => {
    const once = await serve((response, _asked, count) =>
      count === 1 ? fail(response) : sendEvents(response, whole),
    )
    expect((await listen(modelAt(once))).text).toBe('ok')
    const always = await serve((response) => fail(response))
    expect((await listen(modelAt(always))).error?.kind).toMatch(/transport|server/)
    expect(always.asked).toHaveLength(2)
  })

  it('is repeated less and less while it lasts', async () => {
    const server = await serve((response) => response.destroy())
    const memory = createModelMemory()
    for (let count = 0; count < 20; count += 1)
      await listen(modelAt(server, { memory, credentialKey: String(count) }))
    expect(server.asked.length).toBeLessThan(20 + 13)
  })
})

describe('what a server does not take', () => {
  const reply = {
    name: 'answer',
    schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
  }
  const refuse = (message: string, param: string | null = null) => ({
    status: 400,
    body: { error: { message, type: 'invalid_request_error', param, code: null } },
  })

  it('is a schema, or a tool: it asks for an object in words, and remembers it', async () => {
    const server = await serve((response, { body }) => {
      const format = JSON.stringify(body?.['response_format'] ?? null)
      if (format.includes('json_schema'))
        return sendJson(response, refuse('response_format type json_schema is not supported'))
      if (body?.['tools'] !== undefined)
        return sendJson(response, refuse('tools are not supported by this model'))
      return sendEvents(response, whole)
    })
    const model = modelAt(server)
    expect((await listen(model, { reply })).text).toBe('ok')
    expect((await listen(model, { reply })).text).toBe('ok')
    const formats = server.asked.map(({ body }) => body?.['response_format'])
    expect(formats).toEqual([
      {
        type: 'json_schema',
        json_schema: {
          name: 'answer',
          strict: true,
          schema: { ...reply.schema, additionalProperties: false },
        },
      },
      undefined,
      { type: 'json_object' },
      { type: 'json_object' },
    ])
    expect(server.asked[1]?.body?.['tool_choice']).toMatchObject({ function: { name: 'answer' } })
    const [inSchema, inWords] = server.asked.map(({ body }) => JSON.stringify(body?.['messages']))
    expect(inSchema).not.toContain('JSON')
    expect(inWords).toContain('JSON')
    expect(server.asked[1]?.body?.['messages']).toHaveLength(question.length)
  })

  it('is a schema: the arguments of the tool that it is made to call are the answer', async () => {
    const call = (text: string, more: object = {}) =>
      event({ tool_calls: [{ index: 0, ...more, function: { arguments: text, ...more } }] })
    const server = await serve((response, { body }) =>
      body?.['tools'] === undefined
        ? sendJson(response, refuse('json_schema is not supported', 'response_format'))
        : sendEvents(
            response,
            call('{"ok"', { id: 'c1', name: 'answer' }),
            call(':true}'),
            event({}, 'tool_calls'),
            done,
          ),
    )
    const heard = await listen(modelAt(server), { reply })
    expect(heard.text).toBe('{"ok":true}')
    expect(heard.events.at(-1)).toMatchObject({ finishReason: 'stop' })
  })

  it('is any format: it leaves the form to the words', async () => {
    const server = await serve((response, { body }) => {
      const named = ['response_format', 'tools'].find((member) => body?.[member] !== undefined)
      return named === undefined
        ? sendEvents(response, whole)
        : sendJson(response, refuse('Unrecognized request argument', named))
    })
    const memory = createModelMemory()
    expect((await listen(modelAt(server, { memory }), { reply })).text).toBe('ok')
    expect(server.asked).toHaveLength(4)
    expect(JSON.stringify(server.asked[3]?.body)).toContain('JSON schema')
    await listen(modelAt(server, { memory }), { reply })
    await listen(modelAt(server, { memory, model: 'm-2' }), { reply })
    expect(server.asked).toHaveLength(4 + 1 + 4)
  })

  it.each([
    ['stream_options', 'stream_options is not supported'],
    ['max_tokens', "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."],
    ['max_tokens', 'max_tokens is too large'],
    ['temperature', 'Unsupported value: temperature does not support 0.2 with this model'],
  ])('is %s: it asks without it', async (member, message) => {
    const server = await serve((response, { body }) =>
      body?.[member] === undefined
        ? sendEvents(response, whole)
        : sendJson(response, refuse(message)),
    )
    const options = { maxOutputTokens: 50, temperature: 0.2 }
    expect((await listen(modelAt(server), options)).text).toBe('ok')
    const body = server.asked[1]?.body
    expect(body?.['max_completion_tokens']).toBe(message.includes('Use') ? 50 : undefined)
    expect(server.asked).toHaveLength(2)
  })

  it('is everything: it gives up', async () => {
    const message = 'max_tokens and max_completion_tokens, temperature, response_format: no'
    const server = await serve((response) => sendJson(response, refuse(message)))
    const options = { reply, maxOutputTokens: 50, temperature: 0.2 }
    expect((await listen(modelAt(server), options)).error?.kind).toBe('request')
    expect(server.asked.length).toBeLessThan(8)
  })

  it('is nothing that was in the request: it does not ask again', async () => {
    const server = await serve((response) => sendJson(response, refuse('temperature?')))
    expect((await listen(modelAt(server))).error?.kind).toBe('request')
    expect(server.asked).toHaveLength(1)
  })

  it('is said by the row of its provider', async () => {
    const server = await serve((response) => sendEvents(response, whole))
    const quirks = {
      limitMember: 'max_completion_tokens',
      streamOptions: false,
      sampling: 'clamp',
      replyMode: 'json_object',
      headers: { 'accept-language': 'en' },
    } as const
    await listen(modelAt(server, { quirks }), { reply, maxOutputTokens: 5, temperature: 0 })
    expect(server.asked[0]?.headers).toMatchObject({ 'accept-language': 'en' })
    expect(server.asked[0]?.body).toEqual({
      model: 'm-1',
      messages: expect.any(Array),
      stream: true,
      max_completion_tokens: 5,
      temperature: 0.01,
      response_format: { type: 'json_object' },
    })
  })
})

it('has a text in the catalogue for every kind of failure', () => {
  const kinds = ['transport', 'first-token', 'stalled', 'tls', 'aborted'] as const
  for (const kind of kinds) {
    const error = new ModelError({ kind, host: 'h', model: 'm', detail: 'd' })
    const { message } = errorText(modelErrorCode(error), 'he', error.facts)
    expect(message).toMatch(/[א-ת]/)
  }
})
