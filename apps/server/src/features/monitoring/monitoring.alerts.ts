import type { Log } from '../../platform/log/log.ts'
import type { Telemetry } from '../../platform/telemetry/telemetry.ts'
import { type AlertFacts, type AlertRule, alertRules } from './monitoring.alert-rules.ts'

/** `noData`: the facts do not say. `good`: looks in a row at which it did not hold. */
export type AlertState = {
  readonly kind: 'normal' | 'pending' | 'firing' | 'noData'
  /** Milliseconds since 1970. */
  readonly since: number
  readonly good: number
}

export const calm: AlertState = { kind: 'normal', since: 0, good: 0 }

const goodLooks = 2

type Look = { readonly holds: boolean | undefined; readonly now: number; readonly forMs: number }

/** What the next look makes of a state; one that fires goes on until it was well twice. */
export function afterLook(state: AlertState, { holds, now, forMs }: Look): AlertState {
  if (state.kind === 'firing') {
    if (holds !== false) return { ...state, good: 0 }
    const good = state.good + 1
    return good >= goodLooks ? { kind: 'normal', since: now, good: 0 } : { ...state, good }
  }
  if (holds === undefined)
    return state.kind === 'noData' ? state : { ...calm, kind: 'noData', since: now }
  if (!holds) return state.kind === 'normal' ? state : { ...calm, since: now }
  const since = state.kind === 'pending' ? state.since : now
  return { kind: now - since >= forMs ? 'firing' : 'pending', since, good: 0 }
}

type Dependencies = {
  readonly telemetry: Pick<Telemetry, 'happened'>
  readonly log: Log
  readonly rules?: readonly AlertRule[]
}

/** Judges the rules at each look; each change is one line of the log and one important event (OBS-8). */
export function createAlerts({ telemetry, log, rules = alertRules }: Dependencies) {
  const states = new Map<string, AlertState>()

  function tell({ name, severity, en }: AlertRule, isFiring: boolean): void {
    const fields = { code: name, reason: en.summary, remedy: en.action }
    if (isFiring) log.warn(fields, 'alert fires')
    else log.info(fields, 'alert resolved')
    telemetry.happened({
      type: 'health',
      name,
      operation: 'alert',
      outcome: isFiring ? 'error' : 'ok',
      isImportant: true,
      facts: { severity, state: isFiring ? 'firing' : 'resolved' },
    })
  }

  return {
    judge(facts: AlertFacts, now: number): void {
      for (const rule of rules) {
        const before = states.get(rule.name) ?? calm
        const forMs = rule.forSeconds * 1_000
        const after = afterLook(before, { holds: rule.holds(facts), now, forMs })
        states.set(rule.name, after)
        const [was, is] = [before.kind === 'firing', after.kind === 'firing']
        if (was !== is) tell(rule, is)
      }
    },
    stateOf: (name: string): AlertState => states.get(name) ?? calm,
  }
}
