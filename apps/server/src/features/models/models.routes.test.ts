import { createAccessToken } from '@studioops/contracts/access-tokens'
import * as api from '@studioops/contracts/models'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'

let test: TestApp
let owner: TestClient
beforeAll(async () => {
  test = await startTestApp()
  owner = await test.steppedUp('noa.levi')
})
afterEach(async () => {
  const { providers } = await owner.call(api.getModels, {})
  for (const { id, kind } of providers)
    if (kind === 'server') await owner.call(api.removeModelProvider, { params: { providerId: id } })
  const none = { workspace: {}, everyone: {}, people: [] }
  await owner.call(api.setModelBudgets, { body: none })
})
afterAll(() => test[Symbol.asyncDispose]())

const canary = 'sk-canary-9f2c71d84e6b40'

async function add(name: string, model: string, key = test.model.key) {
  const body = { name, baseUrl: test.model.url, model, key }
  return owner.call(api.addModelProvider, { body })
}

async function program(
  name = 'noa.levi',
  scopes: ('models.use' | 'health.read')[] = ['models.use'],
) {
  const person = await test.steppedUp(name)
  const body = { name: 'editor', scopes, days: 1 }
  const { secret } = await person.call(createAccessToken, { body })
  return new OpenAI({
    apiKey: secret,
    baseURL: `${test.origin}/v1`,
    maxRetries: 0,
    logLevel: 'off',
  })
}

const ask = (content: string) => ({
  model: 'studioops',
  messages: [{ role: 'user' as const, content }],
})

const said = '@@raw שלום 🎈 it works'

describe('the chain of models of a workspace', () => {
  it('is asked in its order, silently past one that is down, and every try is counted [AI-2, LLM-6, LLM-7, D-9]', async () => {
    await add('broken', 'demo-writer:500')
    await add('works', 'demo-writer')
    const client = await program()
    const before = await owner.call(api.getModelUsage, { query: {} })
    const answer = await client.chat.completions.create(ask(said))
    expect(answer.choices[0]?.message.content).toBe(said.slice(6))
    expect(answer.usage?.completion_tokens).toBeGreaterThan(0)

    const { rows, totals } = await owner.call(api.getModelUsage, { query: {} })
    expect(totals.calls - before.totals.calls).toBe(2)
    expect(totals.failed - before.totals.failed).toBe(1)
    expect(rows.find(({ provider }) => provider === 'works')?.outputTokens).toBeGreaterThan(0)
    const { providers } = await owner.call(api.getModels, {})
    expect(providers.find(({ name }) => name === 'broken')).toMatchObject({
      failure: { code: 'model.server-error' },
    })
    expect(providers.find(({ name }) => name === 'works')?.lastGoodAt).toBeDefined()

    // It has just failed, so nobody waits for it again.
    await client.chat.completions.create(ask(said))
    const after = await owner.call(api.getModelUsage, { query: {} })
    expect(after.totals.failed).toBe(totals.failed)
  })

  it('takes back in one piece what broke off, and never splices for a stream [AI-2, LLM-6]', async () => {
    await add('breaks', 'demo-writer:die:2')
    await add('works', 'demo-writer')
    const client = await program()
    const whole = await client.chat.completions.create(ask(said))
    expect(whole.choices[0]?.message.content).toBe(said.slice(6))

    const { providers } = await owner.call(api.getModels, {})
    const breaking = providers.find(({ name }) => name === 'breaks')?.model ?? ''
    let text = ''
    const reading = (async () => {
      const stream = await client.chat.completions.create({
        ...ask(said),
        model: breaking,
        stream: true,
      })
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
    })()
    // The one that just broke off is asked last, so either it is not asked or the cut is told.
    await reading.catch(() => undefined)
    expect(said.slice(6).startsWith(text)).toBe(true)
  })

  it('begins with the choice of the person [LLM-7]', async () => {
    await add('first', 'demo-writer:latency:1')
    const { providers } = await add('second', 'demo-writer')
    const second = providers.find(({ name }) => name === 'second')
    await owner.call(api.chooseModel, { body: { providerId: second?.id } })
    const client = await program()
    expect((await client.chat.completions.create(ask(said))).model).toBe('demo-writer')
    await owner.call(api.chooseModel, { body: {} })
    expect((await client.chat.completions.create(ask(said))).model).toBe('demo-writer:latency:1')
    const other = { providerId: '11111111-1111-4111-8111-111111111111' }
    expect(await owner.try(api.chooseModel, { body: other })).toMatchObject({
      problem: { code: 'model.no-such-provider' },
    })
  })

  it('is changed by those who run the workspace alone, and shows no key [ID-14, SEC-3]', async () => {
    await add('with a key', 'demo-writer', canary)
    const member = await test.steppedUp('maya.green')
    const body = { name: 'mine', baseUrl: test.model.url, model: 'demo-writer' }
    expect(await member.try(api.addModelProvider, { body })).toMatchObject({ status: 403 })
    expect(await member.try(api.getWorkspaceModelUsage, { query: {} })).toMatchObject({
      status: 403,
    })
    const shown = [await member.call(api.getModels, {}), await owner.call(api.getModels, {})]
    expect(JSON.stringify(shown)).not.toContain(canary)
    const client = await program()
    await expect(client.chat.completions.create(ask(said))).rejects.toMatchObject({
      code: 'model.auth',
    })
    expect(test.logged.join('')).not.toContain(canary)
    const { rows } = await test.copy.asOwner((db) =>
      db.query<{ row: string }>('select model_providers::text as row from model_providers'),
    )
    expect(JSON.stringify(rows)).not.toContain(canary)
  })
})

describe('budgets', () => {
  it('refuse what is beyond them and name who can raise them; prices make the cost [LLM-7]', async () => {
    await add('works', 'demo-writer')
    const prices = [
      { model: 'demo', input: 1, output: 1 },
      { model: 'demo-writer', input: 1_000_000, output: 2_000_000 },
    ]
    await owner.call(api.setModelPrices, { body: { prices } })
    const client = await program('maya.green')
    const maya = await test.signedIn('maya.green')
    const { usage } = await client.chat.completions.create(ask(said))
    const { own } = await maya.call(api.getModels, {})
    const cost = (usage?.prompt_tokens ?? 0) + 2 * (usage?.completion_tokens ?? 0)
    expect(own.cost).toBeCloseTo(cost, 3)

    const body = { workspace: {}, everyone: { cost: cost / 2 }, people: [] }
    await owner.call(api.setModelBudgets, { body })
    const refused = await client.chat.completions.create(ask(said)).catch((error) => error)
    expect(refused).toMatchObject({ status: 429, code: 'model.budget-spent' })
    expect(refused.message).toMatch(/Noa|נועה/)
    await owner.call(api.setModelPrices, { body: { prices: [] } })
  })
})

describe('the API of OpenAI for programs, read by its own client [LLM-7]', () => {
  it('lists the models, streams text with usage, and calls tools in pieces', async () => {
    await add('works', 'demo-writer')
    const client = await program()
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual([
      'studioops',
      'demo-writer',
    ])
    const tool = {
      type: 'function' as const,
      function: {
        name: 'card_create',
        parameters: { type: 'object', properties: { name: { type: 'string' } } },
      },
    }
    const runner = client.chat.completions.stream({
      ...ask('@@call card_create {"name":"כרטיס 🎈"}'),
      tools: [tool],
      stream_options: { include_usage: true },
    })
    const final = await runner.finalChatCompletion()
    expect(final.choices[0]?.finish_reason).toBe('tool_calls')
    const [call] = final.choices[0]?.message.tool_calls ?? []
    expect(call).toMatchObject({
      function: { name: 'card_create', arguments: '{"name":"כרטיס 🎈"}' },
    })
    expect(final.usage?.total_tokens).toBeGreaterThan(0)
  })

  it('asks for a token with the scope of models, and for a model that exists', async () => {
    const stranger = new OpenAI({ apiKey: 'sops_x', baseURL: `${test.origin}/v1`, maxRetries: 0 })
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401 })
    const reader = await program('noa.levi', ['health.read'])
    await expect(reader.models.list()).rejects.toMatchObject({ status: 403 })
    const client = await program()
    await expect(
      client.chat.completions.create({ ...ask('hi'), model: 'gpt-none' }),
    ).rejects.toMatchObject({ status: 404, code: 'model.no-such-provider' })
  })
})
