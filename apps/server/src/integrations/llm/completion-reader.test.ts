import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerFault, answerLengthMax, createCompletionReader } from './completion-reader.ts'
import { done, event, role, stop, tokens, whole } from './scripted-server.test-data.ts'

type Read = { contentType?: string; cuts?: readonly number[] }

/** Feeds the bytes cut at the given places and gives back everything that was read. */
function read(answer: string, { contentType = 'text/event-stream', cuts = [] }: Read = {}) {
  const bytes = Buffer.from(answer)
  const places = [...cuts].map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b)
  const reader = createCompletionReader()
  reader.begin(contentType)
  let text = ''
  for (const [index, place] of [0, ...places].entries()) {
    reader.feed(bytes.subarray(place, places[index] ?? bytes.length))
    text += reader.takeText()
    if (reader.reading.fault !== undefined) throw reader.reading.fault
  }
  reader.end()
  const { finishReason, usage } = reader.reading
  return { text: text + reader.takeText(), finishReason, usage }
}

function faultOf(answer: string, options: Read = {}): Pick<AnswerFault, 'kind' | 'detail'> {
  try {
    read(answer, options)
  } catch (error) {
    if (error instanceof AnswerFault) return { kind: error.kind, detail: error.detail }
    throw error
  }
  throw new Error('nothing was wrong with this answer')
}

const usage = { prompt_tokens: 3, completion_tokens: 5 }

describe('a streamed answer', () => {
  it('reads the same however the bytes are cut, also inside characters and line ends', () => {
    const unit = fc.string({ unit: 'grapheme', minLength: 1 })
    const lineEnds = fc.constantFrom('\n', '\r\n', '\r')
    const cuts = fc.array(fc.nat(), { maxLength: 30 })
    fc.assert(
      fc.property(fc.array(unit), lineEnds, cuts, (...[texts, lineEnd, places]) => {
        const answer = `: hello\n\n${role}${tokens(...texts)}${stop}${done}`
        const { text } = read(answer.replaceAll('\n', lineEnd), { cuts: places })
        expect(text).toBe(texts.join(''))
      }),
    )
  })

  it('reads Hebrew and emoji that arrive byte by byte', () => {
    const answer = tokens('שלום ', '👩‍💻', ' עולם') + stop + done
    const cuts = Array.from({ length: Buffer.byteLength(answer) }, (_, index) => index)
    expect(read(answer, { cuts }).text).toBe('שלום 👩‍💻 עולם')
  })

  it.each([
    ['after the end, without a choice', stop + event({}, null, { choices: [], usage })],
    [
      'in the first choice',
      event({}, 'stop', { choices: [{ delta: {}, finish_reason: 'stop', usage }] }),
    ],
    [
      'with every event',
      event({ content: '' }, null, { usage: { prompt_tokens: 3, completion_tokens: 1 } }) +
        event({}, 'stop', { usage }),
    ],
  ])('takes usage that comes %s', (_where, end) => {
    expect(read(tokens('x') + end).usage).toEqual({ inputTokens: 3, outputTokens: 5 })
  })

  it.each([
    ['a field without a space', whole.replaceAll('data: ', 'data:')],
    ['several data lines', whole.replaceAll('"choices"', '\ndata: "choices"')],
    ['ids, names and comments', `: x\nid: 1\nevent: message\n${whole}: y\n\n`],
    ['no empty line at the end', (role + tokens('o', 'k') + stop).trimEnd()],
    ['a byte order mark', `\uFEFF${whole}`],
    ['an empty reason in every event', whole.replaceAll('null', '""')],
    [
      'other choices beside the first',
      event({ content: 'no' }, 'stop', { choices: [{ index: 1, delta: { content: 'no' } }] }) +
        whole,
    ],
    [
      'the whole message once more at the end',
      role +
        tokens('o', 'k') +
        event({}, 'stop', {
          choices: [{ index: 0, message: { content: 'ok' }, finish_reason: 'stop' }],
        }),
    ],
    [
      'the whole message in one event',
      event({}, 'stop', {
        choices: [{ index: 0, message: { content: 'ok' }, finish_reason: 'stop' }],
      }),
    ],
    [
      'parts instead of a text',
      event({
        content: [
          { type: 'thinking', thinking: [] },
          { type: 'text', text: 'ok' },
        ],
      }) + stop,
    ],
    [
      'members that nobody knows',
      event({ content: 'ok', obfuscation: 'abc' }, null, { x: 1 }) + event({ x: 1 }, 'stop'),
    ],
    ['a null where an error would be', event({ content: 'ok' }, null, { error: null }) + stop],
    ['text after the end', whole + tokens('no')],
  ])('reads a stream with %s', (_name, answer) => {
    expect(read(answer)).toMatchObject({ text: 'ok', finishReason: 'stop' })
  })

  it.each([
    ['length', 'length'],
    ['tool_calls', 'tool_calls'],
    ['something_new', 'other'],
    ['constructor', 'other'],
  ])('is whole with the reason "%s"', (reason, finishReason) => {
    expect(read(tokens('x') + event({}, reason)).finishReason).toBe(finishReason)
  })

  it.each([
    ['a clean end', tokens('half')],
    ['[DONE] that a proxy added', tokens('half') + done],
    ['an event that broke off', `${tokens('half')}data: {"choices":[{"del`],
    ['an event that is not JSON', `${tokens('half')}data: oops\n\n${stop}`],
    ['network_error', tokens('half') + event({}, 'network_error')],
    ['nothing at all', ''],
  ])('is truncated by %s', (_name, answer) => {
    expect(faultOf(answer).kind).toBe('truncated')
  })

  it.each([
    [
      'an error object',
      `data: ${JSON.stringify({ error: { message: 'secret words', code: 'overloaded' } })}\n\n`,
      'server',
    ],
    ['an error as text', `data: {"error":"boom"}\n\n`, 'server'],
    ['an event named error', `event: error\ndata: {"message":"slow down","code":429}\n\n`, 'rate'],
    [
      "vLLM's bare error",
      `data: {"object":"error","message":"This model's maximum context length is 10","code":400}\n\n`,
      'context',
    ],
    ['a content filter', event({}, 'content_filter'), 'content'],
    ['GLM’s content filter', event({}, 'sensitive'), 'content'],
  ])('fails with %s', (_name, end, kind) => {
    const fault = faultOf(tokens('half') + end)
    expect(fault.kind).toBe(kind)
    expect(fault.detail).not.toContain('secret')
  })

  it('is a refusal of content when the model says only that', () => {
    expect(faultOf(event({ refusal: 'I cannot' }) + stop).kind).toBe('content')
  })

  it('is unexpected when not even its first event is JSON', () => {
    expect(faultOf('data: hello\n\n').kind).toBe('unexpected-answer')
  })

  it('is cut at 2 MB of text, and at 2 MB of one event that does not end', () => {
    const long = 'x'.repeat(answerLengthMax / 4)
    expect(faultOf(tokens(long, long, long, long, 'x') + stop).kind).toBe('truncated')
    expect(faultOf(`data: ${'x'.repeat(answerLengthMax + 1)}`).kind).toBe('truncated')
  })

  it('gives the text that came before a fault in the same bytes', () => {
    const reader = createCompletionReader()
    reader.begin('text/event-stream')
    reader.feed(Buffer.from(`${tokens('half')}data: {"error":{}}\n\n`))
    expect(reader.takeText()).toBe('half')
    expect(reader.reading.fault?.kind).toBe('server')
  })
})

describe('an answer in one piece', () => {
  const message = { role: 'assistant', content: 'שלום' }
  const json = JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }], usage })
  const expected = {
    text: 'שלום',
    finishReason: 'stop',
    usage: { inputTokens: 3, outputTokens: 5 },
  }

  it.each(['application/json', 'application/json; charset=utf-8', 'text/plain', ''])(
    'is read from the type "%s"',
    (contentType) => {
      expect(read(json, { contentType, cuts: [3, 70, 71, 72] })).toEqual(expected)
    },
  )

  it.each(['text/plain', 'application/octet-stream', ''])(
    'is taken for a stream where the type "%s" says nothing and the text does',
    (contentType) => {
      expect(read(`\n\n${whole}`, { contentType }).text).toBe('ok')
    },
  )

  it.each([
    ['a page', '<!doctype html><p>Log in</p>', 'text/html'],
    ['a page that does not say so', '  <html>', ''],
    ['JSON of something else', '{"status":"ok"}', 'application/json'],
    ['half of some JSON', '{"choices":[', 'application/json'],
    ['nothing', '', ''],
    ['a sentence', 'Internal error', 'text/plain'],
  ])('is unexpected when it is %s', (_name, answer, contentType) => {
    expect(faultOf(answer, { contentType }).kind).toBe('unexpected-answer')
  })

  it('is an error when it holds one, although the status was 200', () => {
    const answer = JSON.stringify({ error: { code: 'insufficient_quota', message: 'x' } })
    expect(faultOf(answer, { contentType: 'application/json' }).kind).toBe('quota')
  })

  it('is truncated without a reason to finish', () => {
    const answer = JSON.stringify({ choices: [{ index: 0, message, finish_reason: null }] })
    expect(faultOf(answer, { contentType: 'application/json' }).kind).toBe('truncated')
  })
})
