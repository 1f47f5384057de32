import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createOutbound, type Outbound } from '../../../platform/outbound/outbound.ts'
import { Secret } from '../../../platform/secret/secret.ts'
import { createCompanySimulator } from '../../../simulators/company-model/company-simulator.ts'
import type { Fault } from '../../../simulators/fault-control.ts'
import { createModelSimulator } from '../../../simulators/model/model-simulator.ts'
import { serveSimulators } from '../../../simulators/serve.ts'
import type { ModelEvent, StreamOptions } from '../chat-model.ts'
import { ModelError } from '../model-error.ts'
import { companyFileNames, type CompanyFiles, readCompanyFiles } from './company-files.ts'
import { askIdentity, createCompanyModel } from './company-model.ts'

const text = 'שלום 👩‍💻 עולם, this sentence is long enough to be broken in the middle of it.'
const messages = [
  { role: 'system', content: 'be brief' },
  { role: 'user', content: `@@raw ${text}` },
] as const

const start = () =>
  serveSimulators({
    '/corp': () =>
      createCompanySimulator({
        cookies: { 'noa.levi': 'c00kie' },
        pace: { firstTokenMs: 1, gapMs: 0 },
      }),
    '/openai': () =>
      createModelSimulator({
        keys: ['c00kie'],
        models: ['corp-large'],
        pace: { firstTokenMs: 1, gapMs: 0 },
      }),
  })

let served: Awaited<ReturnType<typeof start>>
let outbound: Outbound
beforeAll(async () => {
  served = await start()
  outbound = createOutbound({ allowed: { listed: [], trustedOrigins: () => [served.origin] } })
})
afterEach(() => {
  corp().faults.clear()
  corp().renew('noa.levi')
})
afterAll(async () => {
  await outbound[Symbol.asyncDispose]()
  await served.close()
})
const corp = () => served.simulators['/corp']

type Style = 'sse' | 'ndjson' | 'none' | 'openai'

const folder = join(import.meta.dirname, '../../../../company-model')

/** The shipped files, turned to one of the ways in which a server may answer. */
function filesFor(style: Style, more: object = {}): CompanyFiles {
  const texts = Object.fromEntries(
    companyFileNames.map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  ) as Record<(typeof companyFileNames)[number], string>
  const config: Record<string, unknown> = {
    ...JSON.parse(texts['config.json']),
    baseUrl: `${served.origin}/corp`,
    ...more,
  }
  if (style === 'ndjson')
    Object.assign(config, { stream: 'ndjson', paths: { chat: '/api/answer/lines' } })
  if (style === 'none')
    Object.assign(config, {
      stream: 'none',
      paths: { chat: '/api/answer' },
      response: { final: '/answer/words', finishReason: '/end/state', error: '/problem' },
    })
  if (style === 'openai') {
    for (const name of ['stream', 'response', 'finishReasons', 'errorKinds', 'endMark', 'identity'])
      delete config[name]
    Object.assign(config, { mode: 'openai', baseUrl: `${served.origin}/openai`, paths: undefined })
    texts['header.json'] = '{"headers":{"Authorization":"Bearer {{cookie}}"}}'
    texts['payload.json'] = JSON.stringify({
      chat: {
        model: '{{model}}',
        messages: { $slot: 'messages', type: 'messages' },
        stream: { $slot: 'stream', type: 'boolean' },
      },
    })
  }
  const read = readCompanyFiles({ ...texts, 'config.json': JSON.stringify(config) })
  if (read.kind === 'broken') throw new Error(JSON.stringify(read.problems))
  return read.files
}

let calls = 0
const settingsOf = (files: CompanyFiles, cookie = 'c00kie') => {
  calls += 1
  return {
    outbound,
    files,
    credentialKey: `test ${calls}`,
    person: {
      employeeId: 'noa.levi',
      email: 'noa.levi@studio.example',
      language: 'he' as const,
      cookie: new Secret(cookie),
    },
  }
}

async function listen(files: CompanyFiles, options: StreamOptions & { cookie?: string } = {}) {
  const events: ModelEvent[] = []
  const said = () => events.map((event) => (event.type === 'token' ? event.text : '')).join('')
  try {
    const model = createCompanyModel(settingsOf(files, options.cookie))
    await model.stream(messages, { totalMs: 8_000, ...options }, (event) => events.push(event))
    return { events, said: said(), error: undefined }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return { events, said: said(), error }
  }
}

describe.each<Style>(['sse', 'ndjson', 'none', 'openai'])(
  'a company model that answers by %s',
  (style) => {
    it('is read to the last character, also when bytes are cut anywhere [D-20, LLM-3]', async () => {
      if (style !== 'openai') corp().faults.set({ fault: { kind: 'split' }, route: 'POST *' })
      const { said, events, error } = await listen(filesFor(style))
      expect(error).toBeUndefined()
      expect(said).toBe(text)
      expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop' })
    })

    it('says at once that the cookie is not accepted [CFG-14]', async () => {
      const { error, said } = await listen(filesFor(style), { cookie: 'expired' })
      expect([error?.kind, said]).toEqual(['auth', ''])
    })
  },
)

describe('the guard of its streams', () => {
  const cases: [Fault, string][] = [
    [{ kind: 'die', after: 4 }, 'truncated'],
    [{ kind: 'no-finish', after: 4 }, 'truncated'],
    [{ kind: 'bad-event', after: 4 }, 'truncated'],
    [{ kind: 'error-in-stream', after: 4 }, 'server'],
    [{ kind: 'stall', after: 4 }, 'stalled'],
  ]
  it.each(
    (['sse', 'ndjson'] as const).flatMap((style) => cases.map((one) => [style, ...one] as const)),
  )('%s: never takes half an answer for a whole one: %o', async (style, fault, kind) => {
    corp().faults.set({ fault, route: 'POST *' })
    const { said, events, error } = await listen(filesFor(style), { idleMs: 200 })
    expect(error?.kind).toBe(kind)
    expect(text.startsWith(said) && said !== '').toBe(true)
    expect(events.some(({ type }) => type === 'done')).toBe(false)
  })

  it.each<[Fault, string]>([
    [{ kind: 'html-login' }, 'auth'],
    [{ kind: 'quota' }, 'quota'],
    [{ kind: 'too-many-requests' }, 'rate'],
    [{ kind: 'status', status: 500 }, 'server'],
    [{ kind: 'hang' }, 'first-token'],
    [{ kind: 'away' }, 'transport'],
  ])('tells before the first word what is wrong: %o is %s', async (fault, kind) => {
    corp().faults.set({ fault, route: 'POST *' })
    const files = filesFor('sse', { retry: { attempts: 1 } })
    const { error, said } = await listen(files, { firstTokenMs: 400 })
    expect([error?.kind, said]).toEqual([kind, ''])
  })

  it('asks again where nothing was answered, as often as config.json says', async () => {
    const before = Number(corp().counters()['requests'])
    corp().faults.set({ fault: { kind: 'away' }, times: 1 })
    const files = filesFor('sse', { retry: { attempts: 2, waitMs: 50 } })
    expect((await listen(files)).said).toBe(text)
    expect(Number(corp().counters()['requests']) - before).toBe(2)
  })

  it('says which pointer of config.json finds nothing', async () => {
    const files = filesFor('sse', {
      response: { delta: '/choices/0/text', finishReason: '/choices/0/end' },
    })
    const { error } = await listen(files)
    expect(error?.failure).toMatchObject({
      kind: 'unexpected-answer',
      detail: 'the pointer /choices/0/text never found a text',
    })
  })

  it('calls an answer whole that was cut by the limit, and says so', async () => {
    const { events } = await listen(filesFor('sse'), { maxOutputTokens: 3 })
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'length' })
  })
})

describe('what it is asked with', () => {
  it('is what the templates say, filled for this person [CFG-6, CFG-7]', async () => {
    await listen(filesFor('sse'))
    expect(corp().lastAsked()).toMatchObject({
      headers: { 'x-employee': 'noa.levi', 'content-type': 'application/json' },
      body: {
        engine: 'corp-large',
        dialogue: [
          { author: 'rules', words: 'be brief' },
          { author: 'person', words: `@@raw ${text}` },
        ],
        limits: { words: 8000 },
      },
    })
  })
})

describe('whose cookie it is [CFG-16]', () => {
  it('is asked where config.json says how, and is unverifiable elsewhere', async () => {
    const files = filesFor('sse')
    expect(await askIdentity(settingsOf(files))).toEqual({ kind: 'known', name: 'noa.levi' })
    const elsewhere = filesFor('sse', { identity: { path: '/api/me', pointer: '/nobody' } })
    expect(await askIdentity(settingsOf(elsewhere))).toEqual({ kind: 'unverifiable' })
    expect(await askIdentity(settingsOf(filesFor('openai')))).toEqual({ kind: 'unverifiable' })
    corp().expire('noa.levi')
    await expect(askIdentity(settingsOf(files))).rejects.toMatchObject({ kind: 'auth' })
  })
})
