import { describe, expect, it } from 'vitest'
import { createEventRing, type NewEvent } from './event-ring.ts'

const event: NewEvent = {
  at: 0,
  node: 'one',
  type: 'http',
  name: '/api/status',
  operation: 'GET',
  outcome: 'ok',
  durationMs: 1,
  weight: 1,
  isImportant: false,
  facts: {},
}

describe('the ring of events', () => {
  it('gives what came after a cursor, once and in order, for as long as it holds it [MON-1]', () => {
    const ring = createEventRing(5)
    for (let at = 1; at <= 12; at += 1) ring.write({ ...event, at })
    const cursors = (after: number, limit?: number) =>
      ring.after(after, limit).map(({ cursor }) => cursor)
    expect(ring.cursor()).toBe(12)
    expect(cursors(10)).toEqual([11, 12])
    expect(cursors(12)).toEqual([])
    expect(cursors(0)).toEqual([8, 9, 10, 11, 12])
    expect(cursors(7, 2)).toEqual([11, 12])
    expect([6, 7, 12, 13, -1].map(ring.reaches)).toEqual([false, true, true, false, false])
    expect(ring.after(10).map(({ at }) => at)).toEqual([11, 12])
  })
})
