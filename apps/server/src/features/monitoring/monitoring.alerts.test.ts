import type { Happening } from '../../platform/telemetry/telemetry.ts'
import { createLog } from '../../platform/log/log.ts'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../simulators/random.ts'
import { type AlertFacts, alertRules } from './monitoring.alert-rules.ts'
import { createAlerts } from './monitoring.alerts.ts'

const well: AlertFacts = {
  level: 0,
  requestsPerSecond: 5,
  errorRatio: 0,
  p95Ms: 40,
  oldestJobSeconds: 0,
  unknownOperations: 0,
  diskFreeRatio: 0.5,
  eventsLost: 0,
}

const ills: Readonly<Record<string, Partial<AlertFacts>>> = {
  StudioOpsOffline: { level: 3, errorRatio: 1, p95Ms: 9_000 },
  StudioOpsCritical: { level: 2 },
  StudioOpsDegraded: { level: 1 },
  StudioOpsErrorRate: { errorRatio: 0.06 },
  StudioOpsLatency: { p95Ms: 1_001 },
  StudioOpsQueueAge: { oldestJobSeconds: 601 },
  StudioOpsUnknownOperations: { unknownOperations: 1 },
  StudioOpsDiskLow: { diskFreeRatio: 0.09 },
  StudioOpsTelemetryLost: { eventsLost: 1 },
}

const lookMs = 5_000

function watch() {
  const told: Happening[] = []
  const telemetry = { happened: (happening: Happening) => void told.push(happening) }
  const alerts = createAlerts({ telemetry, log: createLog({ level: 'silent' }) })
  let now = 1_800_000_000_000
  const look = (facts: Partial<AlertFacts>, forSeconds = 0) => {
    const end = now + forSeconds * 1_000
    do {
      alerts.judge({ ...well, ...facts }, now)
      now += lookMs
    } while (now <= end)
  }
  const names = () => told.map(({ name, facts }) => `${name} ${facts?.['state']}`)
  return { alerts, look, names }
}

describe('alerts', () => {
  it.each(alertRules)(
    '$name fires once after its time, says so alone, and is resolved once [OBS-8]',
    ({ name, forSeconds }) => {
      const { alerts, look, names } = watch()
      look({})
      look(ills[name] ?? {}, Math.max(0, forSeconds - 10))
      expect(names()).toEqual([])
      expect(alerts.stateOf(name).kind).toBe('pending')
      look(ills[name] ?? {}, 1_200)
      expect(names()).toEqual([`${name} firing`])
      look({})
      expect(names()).toEqual([`${name} firing`])
      look({}, 60)
      expect(names()).toEqual([`${name} firing`, `${name} resolved`])
    },
  )

  it('are not raised by what comes and goes, and stay where nobody knows', () => {
    const { alerts, look, names } = watch()
    for (let at = 0; at < 200; at += 1) look(at % 3 === 0 ? {} : { level: 2 })
    expect(names()).toEqual([])
    look({ oldestJobSeconds: undefined }, 900)
    expect(alerts.stateOf('StudioOpsQueueAge').kind).toBe('noData')
    look({ oldestJobSeconds: 900 }, 400)
    look({ oldestJobSeconds: undefined }, 900)
    expect(names()).toEqual(['StudioOpsQueueAge firing'])
  })

  it('fire and resolve exactly once in 500 faults of every kind, each its own [OBS-8]', () => {
    const random = createRandom(42)
    const { look, names } = watch()
    const expected: string[] = []
    for (let at = 0; at < 500; at += 1) {
      const { name, forSeconds } = alertRules[Math.floor(random() * alertRules.length)] ?? {
        name: '',
        forSeconds: 0,
      }
      look(ills[name] ?? {}, forSeconds + 5 + random() * 600)
      look({}, 30 + random() * 60)
      expected.push(`${name} firing`, `${name} resolved`)
    }
    expect(names()).toEqual(expected)
  })
})
