import type { DependencyCondition } from '@studioops/contracts/health'

/**
 * What one call or probe says of whom it reached. `hard`: refused, DNS, TLS. `soft`: time-out, reset,
 * 5xx, a login page. Refusals of a request (4xx) are no sample: they belong to a credential.
 */
export type Sample =
  | { readonly outcome: 'hard' | 'soft' }
  /** `isLate`: later than half of what it was given. */
  | { readonly outcome: 'success'; readonly isLate: boolean }

/** `failures`, `lates` and `successes` in a row. */
export type DependencyState = {
  readonly condition: DependencyCondition
  readonly failures: number
  readonly lates: number
  readonly successes: number
}

export const unknownDependency: DependencyState = {
  condition: 'pending',
  failures: 0,
  lates: 0,
  successes: 0,
}

const inARow = 2

/**
 * The hysteresis of D-21: down on one hard or two soft failures, slow after two late answers, up after
 * two successes; of somebody who was never heard the first word counts.
 */
export function afterSample(state: DependencyState, sample: Sample): DependencyState {
  const next = counted(state, sample)
  return { ...next, condition: conditionOf(state.condition, next, sample) }
}

/** Whether the next look should come soon. */
export function isSuspect({ condition, failures, lates }: DependencyState): boolean {
  return condition !== 'up' || failures > 0 || lates > 0
}

function counted(state: DependencyState, sample: Sample): DependencyState {
  if (sample.outcome !== 'success')
    return { ...state, failures: state.failures + 1, lates: 0, successes: 0 }
  return {
    ...state,
    failures: 0,
    lates: sample.isLate ? state.lates + 1 : 0,
    successes: sample.isLate ? 0 : state.successes + 1,
  }
}

function conditionOf(
  before: DependencyCondition,
  { failures, lates, successes }: DependencyState,
  sample: Sample,
): DependencyCondition {
  if (sample.outcome === 'hard' || failures >= inARow) return 'down'
  if (lates >= inARow) return 'slow'
  const isFirst = before === 'pending' && sample.outcome === 'success'
  return successes >= inARow || isFirst ? 'up' : before
}
