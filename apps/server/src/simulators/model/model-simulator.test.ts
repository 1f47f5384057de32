import { modelReply } from '@studioops/contracts/story-content'
import Ajv from 'ajv'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { demoModelKey } from '../demo-data.ts'
import { fault } from '../fault-control.ts'
import { serveModel, storyPrompt, user, type ServedModel } from './served-model.test-data.ts'

type Read = ServedModel & { readonly client: OpenAI }

/** Served, and read by the client that OpenAI wrote, without retries of its own. */
async function serveAndRead(options: Parameters<typeof serveModel>[0] = {}): Promise<Read> {
  const model = await serveModel(options)
  const client = new OpenAI({
    apiKey: demoModelKey,
    baseURL: model.url,
    maxRetries: 0,
    logLevel: 'off',
  })
  return { ...model, client, [Symbol.asyncDispose]: () => model[Symbol.asyncDispose]() }
}

const hebrew = '@@raw שלום לכולם, זה מודל 🎈 שמדבר עברית בלי לשבור אותיות.'

/** The text that a client reads, and how it ended. */
async function readStream(model: Read, name: string, content = hebrew) {
  let text = ''
  let finish: string | null = null
  try {
    const stream = await model.client.chat.completions.create({
      model: name,
      stream: true,
      messages: user(content),
    })
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? ''
      finish = choices[0]?.finish_reason ?? finish
    }
  } catch (error) {
    return { text, finish, error: error instanceof Error ? error : new Error(String(error)) }
  }
  return { text, finish, error: undefined }
}

describe('a simulated model, read by the client that OpenAI wrote [D-26]', () => {
  let model: Read
  beforeAll(async () => {
    model = await serveAndRead()
  })
  afterEach(() => model.simulator.faults.clear())
  afterAll(() => model[Symbol.asyncDispose]())

  it('offers its models', async () => {
    const { data } = await model.client.models.list()
    expect(data.map(({ id }) => id)).toEqual(['demo-writer', 'demo-writer-mini'])
    expect((await model.client.models.retrieve('demo-writer')).id).toBe('demo-writer')
    await expect(model.client.models.retrieve('gpt')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })

  it('streams a story, gives the same one whole, and counts its tokens', async () => {
    const messages = user(storyPrompt('Customers can save a Visa card at checkout'))
    const stream = await model.client.chat.completions.create({
      model: 'demo-writer',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    const pieces: string[] = []
    let usage: OpenAI.CompletionUsage | null | undefined
    for await (const chunk of stream) {
      const content = chunk.choices[0]?.delta.content ?? ''
      if (content !== '') pieces.push(content)
      usage = chunk.usage
    }
    const whole = await model.client.chat.completions.create({ model: 'demo-writer', messages })
    expect(modelReply.parse(JSON.parse(pieces.join(''))).kind).toBe('story')
    expect(whole.choices[0]?.message.content).toBe(pieces.join(''))
    expect(whole.choices[0]?.finish_reason).toBe('stop')
    expect(usage).toEqual(whole.usage)
    expect(usage?.completion_tokens).toBe(pieces.length)
  })

  it('says exactly what it is told to', async () => {
    const { text, finish } = await readStream(model, 'demo-writer')
    expect([text, finish]).toEqual([hebrew.slice(6), 'stop'])
    const inside = await readStream(model, 'demo-writer', storyPrompt('@@raw {"kind":"other"}'))
    expect(inside.text).toBe('{"kind":"other"}')
  })

  it('stops at the limit of tokens', async () => {
    const { choices, usage } = await model.client.chat.completions.create({
      model: 'demo-writer',
      max_completion_tokens: 3,
      messages: user('@@raw one two three four five'),
    })
    expect(choices[0]?.message.content).toBe('one two three')
    expect([choices[0]?.finish_reason, usage?.completion_tokens]).toEqual(['length', 3])
  })

  it('chats without a story', async () => {
    const ask = async (content: string) => {
      const { choices } = await model.client.chat.completions.create({
        model: 'demo-writer',
        messages: user(content),
      })
      return choices[0]?.message.content
    }
    expect(await ask('Reply with the word OK')).toBe('OK')
    expect(await ask('How are you?')).toContain('"How are you?"')
    expect(await ask('מה שלומך?')).toContain('המודל המדומה')
  })

  it('fills any schema of structured output', async () => {
    const schema = {
      type: 'object',
      additionalProperties: false,
      required: ['verdict', 'points', 'notes', 'next', 'person'],
      properties: {
        verdict: { enum: ['good', 'bad'] },
        points: { type: 'integer', minimum: 2 },
        notes: { type: 'array', minItems: 2, items: { type: 'string' } },
        next: { anyOf: [{ type: 'null' }, { type: 'string' }] },
        person: { $ref: '#/$defs/person' },
      },
      $defs: {
        person: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'isThere'],
          properties: { name: { type: ['string', 'null'] }, isThere: { type: 'boolean' } },
        },
      },
    }
    const { choices } = await model.client.chat.completions.create({
      model: 'demo-writer',
      messages: user('Judge this'),
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'verdict', strict: true, schema },
      },
    })
    const value: unknown = JSON.parse(choices[0]?.message.content ?? '')
    const validate = new Ajv.default({ strict: false }).compile(schema)
    expect([validate(value), validate.errors]).toEqual([true, null])
  })

  it('answers JSON where JSON is asked for, and only where it is named', async () => {
    const ask = (content: string) =>
      model.client.chat.completions.create({
        model: 'demo-writer',
        messages: user(content),
        response_format: { type: 'json_object' },
      })
    const { choices } = await ask('Answer as JSON')
    expect(JSON.parse(choices[0]?.message.content ?? '')).toHaveProperty('answer')
    await expect(ask('Answer')).rejects.toThrow(/must contain the word 'json'/)
  })

  describe('refusals', () => {
    it.each(
      [
        ['a wrong key', OpenAI.AuthenticationError, 'demo-writer', 'wrong'],
        ['an unknown model', OpenAI.NotFoundError, 'gpt', undefined],
        ['an unknown fault', OpenAI.NotFoundError, 'demo-writer:nonsense', undefined],
        ['401', OpenAI.AuthenticationError, 'demo-writer:401', undefined],
        ['404', OpenAI.NotFoundError, 'demo-writer:404', undefined],
        ['429', OpenAI.RateLimitError, 'demo-writer:429:7', undefined],
        ['quota', OpenAI.RateLimitError, 'demo-writer:quota', undefined],
        ['500', OpenAI.InternalServerError, 'demo-writer:500', undefined],
      ].map(([what, kind, name, key]) => ({ what, kind, name, key }) as Refusal),
    )('$what', async ({ kind, name, key }) => {
      const client = key === undefined ? model.client : model.client.withOptions({ apiKey: key })
      for (const stream of [true, false])
        await expect(
          client.chat.completions.create({ model: name, stream, messages: user('hi') }),
        ).rejects.toBeInstanceOf(kind)
    })

    it('tells a limit that passes from one that does not', async () => {
      const refusalOf = async (name: string) => {
        const error = await model.client.chat.completions
          .create({ model: name, messages: user('hi') })
          .catch((thrown: unknown) => thrown)
        return error instanceof OpenAI.APIError
          ? [error.status, error.code, error.headers?.get('retry-after') ?? null]
          : error
      }
      expect(await refusalOf('demo-writer:429:7')).toEqual([429, 'rate_limit_exceeded', '7'])
      expect(await refusalOf('demo-writer:quota')).toEqual([429, 'insufficient_quota', null])
    })

    it.each([
      ['no model', { messages: user('a') }, /provide a model/],
      ['no messages', { model: 'demo-writer' }, /'messages'/],
      ['empty messages', { model: 'demo-writer', messages: [] }, /'messages'/],
      [
        'an alien role',
        { model: 'demo-writer', messages: [{ role: 'alien', content: 'a' }] },
        /'messages'/,
      ],
      ['two choices', { model: 'demo-writer', messages: user('a'), n: 2 }, /one choice/],
      [
        'an alien format',
        { model: 'demo-writer', messages: user('a'), response_format: { type: 'xml' } },
        /Supported values/,
      ],
      [
        'a schema without a name',
        {
          model: 'demo-writer',
          messages: user('a'),
          response_format: { type: 'json_schema', json_schema: {} },
        },
        /json_schema\.name/,
      ],
      [
        'a strict schema that is no object',
        {
          model: 'demo-writer',
          messages: user('a'),
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'a', strict: true, schema: { anyOf: [] } },
          },
        },
        /type: "object"/,
      ],
    ])('400: %s', async (_what, body, reason) => {
      const response = await model.chat(body)
      const { error } = (await response.json()) as { error: { message: string; type: string } }
      expect([response.status, error.type]).toEqual([400, 'invalid_request_error'])
      expect(error.message).toMatch(reason)
    })

    it('names what it offers instead of another address', async () => {
      await expect(
        model.client.moderations.create({ model: 'demo-writer', input: 'a' }),
      ).rejects.toThrow(/offers \/chat\/completions/)
    })

    it('places texts as the client reads them', async () => {
      const { data } = await model.client.embeddings.create({ model: 'demo-writer', input: 'a' })
      expect(data[0]?.embedding).toHaveLength(256)
      expect(Math.hypot(...(data[0]?.embedding ?? []))).toBeCloseTo(1)
    })
  })

  describe('streams that go wrong', () => {
    const tokens = '@@raw one two three four five six'

    it('dies', async () => {
      const { text, finish, error } = await readStream(model, 'demo-writer:die:3', tokens)
      expect(['one two three'.startsWith(text), finish]).toEqual([true, null])
      expect(error).toBeDefined()
    })

    it('does not take its own faults for clients that leave', async () => {
      await using own = await serveAndRead()
      for (const name of ['die:2', 'no-finish:2', 'error:2'])
        await readStream(own, `demo-writer:${name}`, tokens)
      await expect.poll(() => own.simulator.counters()['open']).toBe(0)
      expect(own.simulator.counters()).toMatchObject({ streams: 3, aborted: 0 })
    })

    it('ends cleanly without a reason, which careless clients take for an end', async () => {
      const { text, finish, error } = await readStream(model, 'demo-writer:no-finish:3', tokens)
      expect([text, finish, error]).toEqual(['one two three', null, undefined])
      const response = await model.chat({
        model: 'demo-writer:no-finish:3',
        stream: true,
        messages: user(tokens),
      })
      expect(await response.text()).not.toContain('[DONE]')
    })

    it('says an error in the middle', async () => {
      const { text, error } = await readStream(model, 'demo-writer:error:2', tokens)
      expect(text).toBe('one two')
      expect(error?.message).toContain('had an error')
    })

    it('sends an event that is not JSON', async () => {
      const { error } = await readStream(model, 'demo-writer:badjson:2', tokens)
      expect(error?.message).toContain('JSON')
      const whole = await model.chat({ model: 'demo-writer:badjson', messages: user(tokens) })
      await expect(whole.json()).rejects.toThrow('JSON')
    })

    it('stalls, and learns when the client has gone', async () => {
      await using own = await serveAndRead()
      const stream = await own.client.chat.completions.create({
        model: 'demo-writer:stall:2',
        stream: true,
        messages: user(tokens),
      })
      let text = ''
      for await (const { choices } of stream) {
        text += choices[0]?.delta.content ?? ''
        if (text === 'one two') break
      }
      expect(text).toBe('one two')
      await expect
        .poll(() => own.simulator.counters())
        .toMatchObject({ open: 0, aborted: 1, tokens: 2 })
    })

    it('strikes at the end when the text is shorter', async () => {
      const { text, finish } = await readStream(model, 'demo-writer:no-finish:99', tokens)
      expect([text, finish]).toEqual(['one two three four five six', null])
    })

    it.each(['split', 'crlf', 'split:crlf'])('cuts bytes anywhere: %s', async (suffix) => {
      const { text, finish } = await readStream(model, `demo-writer:${suffix}`)
      expect([text, finish]).toEqual([hebrew.slice(6), 'stop'])
    })

    it('really cuts inside a character', async () => {
      const response = await model.chat({
        model: 'demo-writer:split',
        stream: true,
        messages: user('@@raw אבגדהוזחטי'),
      })
      const isWhole: boolean[] = []
      for await (const part of response.body ?? [])
        isWhole.push(!new TextDecoder().decode(part).includes('\uFFFD'))
      expect(isWhole).toContain(false)
    })

    it('talks around the JSON', async () => {
      const { text } = await readStream(model, 'demo-writer:prose', '@@raw {"a":1}')
      expect(text).toContain('{"a":1,}')
      expect(text.startsWith('Sure!')).toBe(true)
    })

    it('does to a whole answer what it does to a stream', async () => {
      const ask = (name: string) => model.chat({ model: name, messages: user(tokens) })
      await expect(ask('demo-writer:die:1')).rejects.toThrow('fetch failed')
      expect((await ask('demo-writer:error:1')).status).toBe(500)
    })
  })

  describe('faults that are set from outside', () => {
    it('is away', async () => {
      model.simulator.faults.set({ fault: { kind: 'away' }, times: 1 })
      expect((await readStream(model, 'demo-writer')).error).toBeInstanceOf(
        OpenAI.APIConnectionError,
      )
      expect((await readStream(model, 'demo-writer')).error).toBeUndefined()
    })

    it('breaks off once, and answers the second attempt', async () => {
      model.simulator.faults.set({ fault: { kind: 'die', after: 2 }, times: 1 })
      expect((await readStream(model, 'demo-writer')).error).toBeDefined()
      expect((await readStream(model, 'demo-writer')).finish).toBe('stop')
    })

    it.each([
      [{ kind: 'status', status: 503 }, 503, 'application/json'],
      [{ kind: 'status', status: 502, body: 'html' }, 502, 'text/html'],
      [{ kind: 'html-login' }, 200, 'text/html'],
      [{ kind: 'too-many-requests', retryAfter: '2' }, 429, 'application/json'],
      [{ kind: 'quota' }, 429, 'application/json'],
    ])('%o', async (given, status, contentType) => {
      model.simulator.faults.set({ fault: fault.parse(given), route: 'POST /chat/completions' })
      const response = await model.chat({ model: 'demo-writer', stream: true, messages: user('a') })
      await response.text()
      expect(response.status).toBe(status)
      expect(response.headers.get('content-type')).toContain(contentType)
    })

    it('cuts the JSON of a whole answer, and lets it trickle', async () => {
      model.simulator.faults.set({ fault: { kind: 'garbage' }, times: 1 })
      const cut = await model.chat({ model: 'demo-writer', messages: user('@@raw a') })
      await expect(cut.json()).rejects.toThrow('JSON')
      model.simulator.faults.set({ fault: { kind: 'slow-body', gapMs: 0 }, times: 1 })
      const slow = await model.chat({ model: 'demo-writer', messages: user('@@raw a') })
      expect(await slow.json()).toMatchObject({ object: 'chat.completion' })
    })
  })

  it('counts requests, streams, tokens, and clients that leave', async () => {
    await using own = await serveAndRead({ pace: { firstTokenMs: 0, gapMs: 5 } })
    await readStream(own, 'demo-writer', '@@raw one two three')
    const abort = new AbortController()
    const stream = await own.client.chat.completions.create(
      {
        model: 'demo-writer-mini',
        stream: true,
        messages: user(storyPrompt('Customers can save a Visa card')),
      },
      { signal: abort.signal },
    )
    let seen = 0
    for await (const { choices } of stream) {
      seen += choices[0]?.delta.content ? 1 : 0
      if (seen === 3) break
    }
    expect(own.simulator.counters()).toMatchObject({ open: 1 })
    abort.abort()
    await expect
      .poll(() => own.simulator.counters())
      .toMatchObject({
        requests: 2,
        streams: 2,
        open: 0,
        openMax: 1,
        aborted: 1,
        byModel: { 'demo-writer': 1, 'demo-writer-mini': 1 },
      })
  })

  it('keeps to its pace: a slow stream is overtaken', async () => {
    await using own = await serveAndRead({ pace: { firstTokenMs: 0, gapMs: 40 } })
    const slow = readStream(own, 'demo-writer', '@@raw a b c d e f g h').then(() => 'slow')
    await expect.poll(() => own.simulator.counters()['open']).toBe(1)
    own.simulator.setPace({ firstTokenMs: 0, gapMs: 0 })
    const quick = readStream(own, 'demo-writer', '@@raw a b c d e f g h').then(() => 'quick')
    expect(await Promise.race([slow, quick])).toBe('quick')
    expect(await slow).toBe('slow')
  })

  it('never gives an id twice, not even after a restart', async () => {
    const ids = async (own: Read) =>
      (await own.client.chat.completions.create({ model: 'demo-writer', messages: user('a') })).id
    await using before = await serveAndRead()
    const first = await ids(before)
    await using after = await serveAndRead()
    after.simulator.restore(JSON.parse(JSON.stringify(before.simulator.snapshot())))
    expect(await ids(after)).not.toBe(first)
    expect(() => after.simulator.restore({ kind: 'jira' })).toThrow(/not a snapshot/)
  })
})

type Refusal = {
  readonly what: string
  readonly kind: new (...parts: never[]) => Error
  readonly name: string
  readonly key: string | undefined
}
