import { describe, expect, it } from 'vitest'
import { classifyRefusal, readRefusal, safeCode } from './vendor-refusal.ts'

const error = (members: object) => ({ error: members })

describe('what a refusal means', () => {
  it.each([
    // OpenAI
    [
      401,
      error({
        message: 'Incorrect API key',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      }),
      'auth',
    ],
    [429, error({ message: 'Rate limit', type: 'requests', code: 'rate_limit_exceeded' }), 'rate'],
    [
      429,
      error({ message: 'You exceeded', type: 'insufficient_quota', code: 'insufficient_quota' }),
      'quota',
    ],
    [404, error({ message: 'The model `x` does not exist', code: 'model_not_found' }), 'model'],
    [
      404,
      error({
        message: 'Invalid URL (POST /chat/completions)',
        type: 'invalid_request_error',
        code: null,
      }),
      'unexpected-answer',
    ],
    [
      400,
      error({
        message: 'too long',
        type: 'invalid_request_error',
        code: 'context_length_exceeded',
      }),
      'context',
    ],
    [
      400,
      error({ message: 'Invalid value', type: 'invalid_request_error', code: 'invalid_value' }),
      'request',
    ],
    [
      500,
      error({ message: 'The server had an error', type: 'server_error', code: null }),
      'server',
    ],
    // The code weighs more than the words
    [
      400,
      error({ message: 'No credit: reduce the length of the prompt', code: 'insufficient_quota' }),
      'quota',
    ],
    // Kimi: `code` is absent
    [
      429,
      error({
        message: 'Your account balance is insufficient',
        type: 'exceeded_current_quota_error',
      }),
      'quota',
    ],
    [
      429,
      error({ message: 'The engine is overloaded', type: 'engine_overloaded_error' }),
      'server',
    ],
    [429, error({ message: 'Reached max request', type: 'rate_limit_reached_error' }), 'rate'],
    [
      401,
      error({ message: 'Invalid Authentication', type: 'invalid_authentication_error' }),
      'auth',
    ],
    [
      404,
      error({
        message: 'Not found the model kimi-x or Permission denied',
        type: 'resource_not_found_error',
      }),
      'model',
    ],
    [400, error({ message: 'The request was rejected', type: 'content_filter' }), 'content'],
    // GLM: digits as a string
    [429, error({ code: '1113', message: 'Insufficient balance' }), 'quota'],
    [429, error({ code: '1302', message: 'High concurrency' }), 'rate'],
    [429, error({ code: '1305', message: 'Overloaded' }), 'server'],
    [400, error({ code: '1211', message: 'Unknown Model' }), 'model'],
    [400, error({ code: '1261', message: 'Prompt exceeds max length' }), 'context'],
    [400, error({ code: '1301', message: 'Sensitive' }), 'content'],
    [401, error({ code: '1002', message: 'Authentication Token illegal' }), 'auth'],
    // Ollama, vLLM, FastAPI, Gemini, DeepSeek, nothing at all
    [404, { error: "model 'x' not found, try pulling it first" }, 'model'],
    [400, { error: '"embed" does not support chat' }, 'model'],
    [
      404,
      {
        object: 'error',
        message: 'The model `x` does not exist.',
        type: 'NotFoundError',
        code: 404,
      },
      'model',
    ],
    [
      400,
      {
        object: 'error',
        message: "This model's maximum context length is 4096 tokens.",
        code: 400,
      },
      'context',
    ],
    [404, { detail: 'Not Found' }, 'unexpected-answer'],
    [422, { detail: [{ loc: ['body', 'n'], msg: 'Extra inputs are not permitted' }] }, 'request'],
    [
      404,
      [error({ code: 404, message: 'models/x is not found', status: 'NOT_FOUND' })],
      'unexpected-answer',
    ],
    [402, error({ message: 'Insufficient Balance', type: 'unknown_error' }), 'quota'],
    [401, undefined, 'auth'],
    [403, undefined, 'auth'],
    [404, undefined, 'unexpected-answer'],
    [405, undefined, 'unexpected-answer'],
    [408, undefined, 'rate'],
    [413, undefined, 'context'],
    [418, undefined, 'request'],
    [429, undefined, 'rate'],
    [502, undefined, 'server'],
    [529, error({ type: 'overloaded_error' }), 'server'],
    // Inside a stream there is no status
    [undefined, error({ message: 'boom' }), 'server'],
    [undefined, error({ message: 'slow down', code: 429 }), 'rate'],
    [undefined, error({ message: 'Provider returned error', code: 502 }), 'server'],
    [undefined, error({ message: 'x', code: 'insufficient_quota' }), 'quota'],
  ])('status %s with %j is "%s"', (status, body, kind) => {
    expect(classifyRefusal(readRefusal(body), status)).toBe(kind)
  })

  it.each([undefined, null, 'text', 7, [], {}, { choices: [], message: 'x' }, { error: null }])(
    'is not read from %j',
    (body) => {
      expect(readRefusal(body)).toBeUndefined()
    },
  )

  it('keeps at most 4 000 characters of their text', () => {
    expect(readRefusal(error({ message: 'x'.repeat(100_000) }))?.text).toHaveLength(4_000)
  })

  it('gives a code to the log only when it can be nothing but a code', () => {
    const codeOf = (code: string) => safeCode(readRefusal(error({ code })))
    expect(codeOf('rate_limit_exceeded')).toBe('rate_limit_exceeded')
    expect(codeOf('1113')).toBe('1113')
    expect(codeOf('sk-proj-abc123')).toBeUndefined()
    expect(codeOf('your key sk-abc is wrong')).toBeUndefined()
  })
})
