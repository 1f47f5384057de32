import { type MonitoringEvent, monitoringSnapshot } from '@studioops/contracts/monitoring'
import { describe, expect, it } from 'vitest'
import { writeEvents } from './export-events.ts'
import { afterMessage, newestFirst } from './room-state.ts'
import { isZone } from './zone-format.ts'

const event = (cursor: number, more: Partial<MonitoringEvent> = {}): MonitoringEvent => ({
  cursor,
  at: 1_800_000_000_000 + cursor,
  node: 'one',
  type: 'http',
  name: '/api/status',
  operation: 'GET',
  outcome: 'ok',
  durationMs: 2,
  weight: 1,
  isImportant: false,
  facts: {},
  ...more,
})

const snapshot = monitoringSnapshot.parse({
  status: { level: 'NORMAL', since: '2026-11-22T08:00:00.000Z', reasons: [], dependencies: [] },
  heartbeats: [],
  errorGroups: [],
  events: [event(1), event(2)],
  series: [],
})
const delta = { type: 'delta' as const, skipped: 0, series: [] }

describe('what the page knows of the room', () => {
  it('takes each event once, also when some of it comes again after a break [MON-1]', () => {
    const begun = afterMessage(undefined, { type: 'snapshot', cursor: 2, ...snapshot }, 'boot')
    const more = { ...delta, cursor: 4, events: [event(3), event(4)] }
    const once = afterMessage(begun, more, 'boot')
    const twice = afterMessage(once, { ...delta, cursor: 5, events: [event(4), event(5)] }, 'boot')
    expect(twice?.events.map(({ cursor }) => cursor)).toEqual([1, 2, 3, 4, 5])
    expect(twice?.bootId).toBe('boot')
    expect(afterMessage(undefined, more, 'boot')).toBeUndefined()
  })

  it('shows what is live and what was stored as one row of time', () => {
    const stored = event(900, { at: event(2).at })
    const found = newestFirst([event(2), event(3)], [stored, event(901, { at: 5 })])
    expect(found.map(({ at }) => at)).toEqual([event(3).at, event(2).at, 5])
  })
})

describe('the file of what is shown [MON-3]', () => {
  const shown = [
    event(1, { name: '=cmd,"x"', weight: 5, durationMs: 20 }),
    event(2, { name: '=cmd,"x"', durationMs: 10 }),
  ]

  it('holds no formulas as CSV, and everything as JSON', () => {
    const [head, first] = writeEvents('csv', shown).split('\r\n')
    expect(head).toContain('at,node,type')
    expect(first).toContain(`"'=cmd,""x"""`)
    expect(JSON.parse(writeEvents('json', shown))).toEqual(shown)
  })

  it('counts what was sampled as what it stands for, in the form of Prometheus', () => {
    const labels = 'type="http",name="=cmd,\\"x\\"",operation="GET",outcome="ok"'
    const text = writeEvents('prometheus', shown)
    expect(text).toContain(`studioops_shown_events{${labels}} 6\n`)
    expect(text).toContain(`studioops_shown_events_seconds{${labels}} 0.11\n`)
  })
})

it('knows the names of zones [D-15]', () => {
  expect(['Asia/Jerusalem', 'UTC', 'Nowhere/At_all', ''].map(isZone)).toEqual([
    true,
    true,
    false,
    false,
  ])
})
