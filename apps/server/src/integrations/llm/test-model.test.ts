import { afterEach, describe, expect, it } from 'vitest'
import { createOutbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { createChatModel } from './chat-model.ts'
import type { ModelSettings } from './model-connection.ts'
import {
  event,
  type ScriptedServer,
  sendEvents,
  sendJson,
  serveScript,
  stop,
  tokens,
} from './scripted-server.test-data.ts'
import { testModel } from './test-model.ts'

let cleanup: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(cleanup.map((close) => close()))
  cleanup = []
})

type Answer = Parameters<typeof serveScript>[0]

const list: Answer = (response) =>
  sendJson(response, { body: { object: 'list', data: [{ id: 'm-1' }, { id: 'm-2' }] } })
const noList: Answer = (response) => sendJson(response, { status: 404, body: { detail: 'no' } })
const chat: Answer = (response) => sendEvents(response, tokens(' ok\n', 'שלום'), stop)

async function serve(models: Answer, answer: Answer): Promise<ScriptedServer> {
  const server = await serveScript((response, asked, count) =>
    (asked.path === '/v1/models' ? models : answer)(response, asked, count),
  )
  cleanup.push(() => server.close())
  return server
}

function settingsFor(
  { baseUrl, host }: Pick<ScriptedServer, 'baseUrl' | 'host'>,
  more: Partial<ModelSettings> = {},
): ModelSettings {
  const outbound = createOutbound({ allowed: { listed: [host] } })
  cleanup.push(() => outbound[Symbol.asyncDispose]())
  return { outbound, baseUrl, model: 'm-1', apiKey: new Secret('key'), ...more }
}

const brief = (result: Awaited<ReturnType<typeof testModel>>) =>
  result.steps.map(({ step, state, failure }) =>
    [step, state, ...(failure === undefined ? [] : [failure.code])].join(' '),
  )

describe('the test of a model [CFG-15]', () => {
  it('passes step by step, with the first words and the list of models as proof', async () => {
    const server = await serve(list, chat)
    const result = await testModel(settingsFor(server))
    expect(brief(result)).toEqual(['address passed', 'sign-in passed', 'answer passed'])
    expect(result).toMatchObject({ evidence: 'ok שלום', models: ['m-1', 'm-2'] })
    expect(result.error).toBeUndefined()
    const [models, question] = server.asked
    expect(models?.headers.authorization).toBe('Bearer key')
    expect(question?.body).toMatchObject({
      model: 'm-1',
      messages: [{ role: 'user', content: 'Answer with the word ok.' }],
      max_tokens: expect.any(Number),
    })
  })

  it.each([
    ['none', noList],
    ['one of another form', (response) => sendJson(response, { body: { models: ['x'] } })],
    [
      'one behind a page',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    ],
    ['one that the key may not see', (response) => sendJson(response, { status: 403, body: {} })],
  ] satisfies [string, Answer][])('needs no list of models: %s', async (_name, models) => {
    const result = await testModel(settingsFor(await serve(models, chat)))
    expect(brief(result)).toEqual(['address passed', 'sign-in passed', 'answer passed'])
    expect(result.models).toBeUndefined()
  })

  it('does not wait for a list that does not come', async () => {
    const server = await serve(() => {}, chat)
    const result = await testModel(settingsFor(server), { totalMs: 600 })
    expect(brief(result)).toEqual(['address passed', 'sign-in passed', 'answer passed'])
  })

  it('passes with a model that spends all its words on thinking', async () => {
    const thinking: Answer = (response) =>
      sendEvents(response, event({ reasoning_content: 'hmm' }), event({}, 'length'))
    const result = await testModel(settingsFor(await serve(noList, thinking)))
    expect(brief(result)).toEqual(['address passed', 'sign-in passed', 'answer passed'])
    expect(result.evidence).toBeUndefined()
  })

  it('shows at most 80 characters, and not what was thought', async () => {
    const long: Answer = (response) =>
      sendEvents(response, tokens('<think>secret</think>', '👩‍💻'.repeat(100)), stop)
    const { evidence } = await testModel(settingsFor(await serve(noList, long)))
    expect(evidence).toBe('👩‍💻'.repeat(80))
  })

  it.each([
    [401, 'invalid_api_key', ['address passed', 'sign-in failed model.auth', 'answer not-run']],
    [
      404,
      'model_not_found',
      ['address passed', 'sign-in passed', 'answer failed model.unknown-model'],
    ],
    [429, 'insufficient_quota', ['address passed', 'sign-in passed', 'answer failed model.quota']],
    [500, 'server_error', ['address passed', 'sign-in passed', 'answer failed model.server-error']],
  ])('says which step failed at %s %s', async (status, code, expected) => {
    const server = await serve(list, (response) =>
      sendJson(response, { status, body: { error: { code, message: 'x' } } }),
    )
    const result = await testModel(settingsFor(server))
    expect(brief(result)).toEqual(expected)
    expect(result.error?.status).toBe(status)
    expect(result.models).toEqual(['m-1', 'm-2'])
  })

  it('says that an address is no model', async () => {
    const page: Answer = (response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
    expect(brief(await testModel(settingsFor(await serve(page, page)))).at(-1)).toBe(
      'answer failed model.unexpected-answer',
    )
  })

  it('says that nobody is there, that it may not go there, and that there is no TLS', async () => {
    const server = await serve(list, chat)
    const notListed = await testModel(settingsFor({ ...server, host: '127.0.0.1:1' }))
    expect(brief(notListed)[0]).toBe('address failed model.not-allowed')
    const baseUrl = server.baseUrl.replace('http:', 'https:')
    expect(brief(await testModel(settingsFor({ ...server, baseUrl })))).toEqual([
      'address passed',
      'tls failed model.tls',
      'sign-in not-run',
      'answer not-run',
    ])
    expect(server.asked).toHaveLength(0)
    server.close()
    expect(brief(await testModel(settingsFor(server)))).toEqual([
      'address failed model.unreachable',
      'sign-in not-run',
      'answer not-run',
    ])
  })

  it('asks the server itself although it has failed often a moment ago', async () => {
    let isBroken = true
    const server = await serve(noList, (...call) => (isBroken ? call[0].destroy() : chat(...call)))
    const settings = settingsFor(server)
    const ask = () =>
      createChatModel(settings).stream([{ role: 'user', content: 'x' }], {}, () => undefined)
    for (let count = 0; count < 5; count += 1) await ask().catch(() => {})
    await expect(ask()).rejects.toMatchObject({ retryAfterMs: expect.any(Number) })
    isBroken = false
    expect(brief(await testModel(settings)).at(-1)).toBe('answer passed')
  })

  it('ends within its time', async () => {
    const server = await serve(noList, () => {})
    const result = await testModel(settingsFor(server), { totalMs: 300 })
    expect(brief(result).at(-1)).toBe('answer failed model.timeout')
    await server.leftEarly
  })

  it('throws only when it is stopped', async () => {
    const server = await serve(list, chat)
    const stopped = testModel(settingsFor(server), { signal: AbortSignal.abort() })
    await expect(stopped).rejects.toMatchObject({ kind: 'aborted' })
  })
})
