import { describe, expect, it } from 'vitest'
import { createRandom } from '../../simulators/random.ts'
import { createSampler, type Operation, usualRates } from './sampling.ts'

const read: Operation = { type: 'storage', operation: 'read', outcome: 'ok', durationMs: 3 }

describe('the sampling of events', () => {
  it('keeps sums right within three standard deviations, and every error and slow call [MON-5]', () => {
    const random = createRandom(20_261_122)
    const weightOf = createSampler(usualRates, random)
    const total = 100_000
    const weights = Array.from({ length: total }, () => weightOf(read))
    const deviation = Math.sqrt(total * (usualRates['storage.read'] ?? 1))
    const estimate = weights.reduce((sum, weight) => sum + weight, 0)
    expect(Math.abs(estimate - total)).toBeLessThan(3 * deviation)
    expect(weights.filter((weight) => weight > 0).length).toBeLessThan(total / 4)
    for (let at = 0; at < 1_000; at += 1) {
      expect(weightOf({ ...read, outcome: 'error' })).toBe(1)
      expect(weightOf({ ...read, durationMs: 9_000 })).toBe(1)
    }
  })

  it.each([
    ['http', 'GET', 1],
    ['db', 'SELECT', 1],
    ['storage', 'write', 1],
    ['storage', 'read', 5],
    ['websocket', 'send', 10],
    ['websocket', 'connect', 1],
    ['cache', 'get', 10],
    ['cache', 'set', 10],
    ['openai', 'chat', 1],
    ['auth', 'audit', 1],
    ['config', 'audit', 1],
    ['jira', 'GET', 1],
    ['queue', 'run', 1],
  ] as const)('stands for as many as the table says: %s %s %i [MON-5]', (type, operation, rate) => {
    const weightOf = createSampler(usualRates, () => 0)
    expect(weightOf({ type, operation, outcome: 'ok', durationMs: 1 })).toBe(rate)
  })
})
