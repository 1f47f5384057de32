import { getSession, signIn, updatePreferences } from '@studioops/contracts/accounts'
import { checkOperation, listOperations } from '@studioops/contracts/operations'
import { expect, it } from 'vitest'
import { refusal } from '../testing/problems.ts'
import { createApiClient } from './api-client.ts'
import { OfflineError, ProblemError, UnreadableAnswerError } from './problem.ts'

const credentials = { username: 'E1', password: 'x' }

/** A client with one answer, and what it has sent. */
function client(answer: () => Response | Promise<Response>, cookies = '', language = 'en') {
  const sent: { url: string; init: RequestInit }[] = []
  const api = createApiClient(
    async (url, init) => {
      sent.push({ url: url as string, init: init ?? {} })
      return answer()
    },
    { cookies: () => cookies, language: () => language, now: () => 1_000_000 },
  )
  return { api, sent, headers: () => new Headers(sent[0]?.init.headers) }
}

it('proves with the cookie that a write comes from this page, and leaves reads alone', async () => {
  const write = client(() => refusal('login.failed'), 'a=1; so_csrf=t%2B1; b=2')
  await write.api.call(signIn, { body: credentials }).catch(() => {})
  expect(write.headers().get('x-csrf-token')).toBe('t+1')
  const read = client(() => Response.json({}), 'so_csrf=t1')
  await read.api.call(getSession, {})
  expect(read.headers().get('x-csrf-token')).toBeNull()
})

it('prefers the cookie that only this host can have set', async () => {
  const { api, headers } = client(() => refusal('login.failed'), 'so_csrf=x; __Host-so_csrf=y')
  await api.call(signIn, { body: credentials }).catch(() => {})
  expect(headers().get('x-csrf-token')).toBe('y')
})

it('asks for sentences in the language of the page [ERR-2]', async () => {
  const hebrew = client(() => Response.json({}), '', 'he')
  await hebrew.api.call(getSession, {})
  expect(hebrew.headers().get('accept-language')).toBe('he')
  const mirrored = client(() => Response.json({}), '', 'en-Hebr')
  await mirrored.api.call(getSession, {})
  expect(mirrored.headers().get('accept-language')).toBe('en')
})

it('sends the idempotency key of a form with its write [UI-5]', async () => {
  const { api, headers } = client(() => refusal('operation.not-open'))
  const params = { operationId: '6c1f1d0e-7d59-4d0c-9a53-0c8b5b1b8a11' }
  await api.call(checkOperation, { params }, { idempotencyKey: 'k1' }).catch(() => {})
  expect(headers().get('idempotency-key')).toBe('k1')
})

it('puts parameters into the path and the rest behind it', async () => {
  const { api, sent } = client(() => Response.json({ operations: [] }))
  await api.call(listOperations, { query: { limit: 7 } })
  expect(sent[0]?.url).toBe('/api/operations?limit=7')
})

it('leaves absent values out of the address', async () => {
  const { api, sent } = client(() => Response.json({ operations: [] }))
  await api.call(listOperations, { query: {} })
  expect(sent[0]?.url).toBe('/api/operations')
})

it('throws a refusal with everything that explains it [ERR-1]', async () => {
  const { api } = client(() => refusal('login.failed'))
  const error = await api.call(signIn, { body: credentials }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProblemError)
  expect((error as ProblemError).problem).toMatchObject({ code: 'login.failed', retry: 'fix' })
})

it('tells apart: no network, a stranger, and our own giving up', async () => {
  const away = client(() => Promise.reject(new TypeError('fetch failed')))
  await expect(away.api.call(getSession, {})).rejects.toBeInstanceOf(OfflineError)
  const stranger = client(() => new Response('<html>', { status: 502 }))
  await expect(stranger.api.call(getSession, {})).rejects.toMatchObject({ status: 502 })
  const newer = client(() => Response.json({ session: { account: 'other shape' } }))
  await expect(newer.api.call(getSession, {})).rejects.toBeInstanceOf(UnreadableAnswerError)
  const gone = client(() => Promise.reject(new DOMException('stop', 'AbortError')))
  const signal = AbortSignal.abort()
  await expect(gone.api.call(getSession, {}, { signal })).rejects.toMatchObject({
    name: 'AbortError',
  })
})

it('sends a body with its type and an empty one with none', async () => {
  const { api, sent, headers } = client(() => Response.json({ theme: 'dark', sidebar: undefined }))
  await api.call(updatePreferences, { body: { theme: 'dark' } })
  expect(sent[0]?.init.body).toBe('{"theme":"dark"}')
  expect(headers().get('content-type')).toBe('application/json')
})

it('knows the clock of the server from its answers', async () => {
  const date = new Date(5_000_000).toUTCString()
  const { api } = client(() => Response.json({}, { headers: { date } }))
  expect(api.serverNow()).toBe(1_000_000)
  await api.call(getSession, {})
  expect(api.serverNow()).toBe(5_000_000)
})
