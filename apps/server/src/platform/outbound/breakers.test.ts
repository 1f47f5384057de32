import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createBreakers } from './breakers.ts'
import { OutboundError, type OutboundFailureKind } from './outbound-error.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => vi.useRealTimers())

const failing = (kind: OutboundFailureKind) => async () => {
  throw new OutboundError({ kind, sent: false, host: 'h', detail: 'test' })
}
const answering = (status: number) => async () => ({ status })
const at = (key: string) => ({ key, host: 'h' })

async function repeat(count: number, run: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < count; time += 1) await run().catch(() => {})
}

it('opens after five failures in a row and says for how long', async () => {
  const breakers = createBreakers()
  await repeat(5, () => breakers.run(at('a'), failing('refused')))

  const refused = await breakers.run(at('a'), answering(200)).catch((error) => error)

  expect(refused).toBeInstanceOf(OutboundError)
  expect(refused.failure).toMatchObject({ kind: 'refused', sent: false, retryAfterMs: 5_000 })
})

it('opens when more than half of ten calls failed', async () => {
  const breakers = createBreakers()
  await repeat(4, () => breakers.run(at('a'), answering(200)))
  await repeat(4, () => breakers.run(at('a'), answering(503)))
  await breakers.run(at('a'), answering(200))
  expect(breakers.isOpen('a')).toBe(false)
  await repeat(2, () => breakers.run(at('a'), answering(503)))
  expect(breakers.isOpen('a')).toBe(true)
})

it('lets one call try after five seconds, and closes when it succeeds', async () => {
  const breakers = createBreakers()
  await repeat(5, () => breakers.run(at('a'), failing('timeout')))
  vi.advanceTimersByTime(5_001)
  expect(await breakers.run(at('a'), answering(200))).toEqual({ status: 200 })
  expect(await breakers.run(at('a'), answering(200))).toEqual({ status: 200 })
})

it('rests twice as long when the try fails', async () => {
  const breakers = createBreakers()
  await repeat(5, () => breakers.run(at('a'), failing('reset')))
  vi.advanceTimersByTime(5_001)
  await repeat(1, () => breakers.run(at('a'), failing('reset')))
  vi.advanceTimersByTime(9_000)
  await expect(breakers.run(at('a'), answering(200))).rejects.toThrow(/left alone/)
  vi.advanceTimersByTime(1_001)
  expect(await breakers.run(at('a'), answering(200))).toEqual({ status: 200 })
})

it.each([401, 403, 429, 404])('never counts a %s', async (status) => {
  const breakers = createBreakers()
  await repeat(20, () => breakers.run(at('a'), answering(status)))
  expect(breakers.isOpen('a')).toBe(false)
})

it.each(['not-allowed', 'redirect', 'too-large', 'aborted', 'login-page'] as const)(
  'never counts %s',
  async (kind) => {
    const breakers = createBreakers()
    await repeat(20, () => breakers.run(at('a'), failing(kind)))
    expect(breakers.isOpen('a')).toBe(false)
  },
)

it('closes nothing for another credential', async () => {
  const breakers = createBreakers()
  await repeat(9, () => breakers.run(at('jira a'), failing('refused')))
  expect(await breakers.run(at('jira b'), answering(200))).toEqual({ status: 200 })
})
