/** How the session stands for somebody who does nothing (D-5). */
export type IdleState =
  | { readonly kind: 'quiet' }
  | { readonly kind: 'warning'; readonly secondsLeft: number }
  | { readonly kind: 'over' }

export type IdleLimits = {
  /** How long before the end the person is asked. */
  readonly warningMs: number
  /** Activity is reported at most this often. */
  readonly reportMs: number
}

/** Seconds at which a screen reader hears of the end: not every second. */
const spokenAtSeconds = [60, 30, 10]

export function idleState(
  { endsAtMs, nowMs }: { readonly endsAtMs: number; readonly nowMs: number },
  { warningMs }: IdleLimits,
): IdleState {
  const leftMs = endsAtMs - nowMs
  if (leftMs <= 0) return { kind: 'over' }
  if (leftMs > warningMs) return { kind: 'quiet' }
  return { kind: 'warning', secondsLeft: Math.ceil(leftMs / 1_000) }
}

/**
 * Whether the server should hear now that the person is there. What was done since the last report
 * counts, also when that was too short ago to be reported at once.
 */
export function isReportDue(
  {
    lastActMs,
    lastReportMs,
    nowMs,
  }: { readonly lastActMs: number; readonly lastReportMs: number; readonly nowMs: number },
  { reportMs }: IdleLimits,
): boolean {
  return lastActMs > lastReportMs && nowMs - lastReportMs >= reportMs
}

/** The number that is read out while `secondsLeft` are left: the last of 60, 30 and 10 that was passed. */
export function spokenSeconds(secondsLeft: number): number {
  return spokenAtSeconds.findLast((seconds) => secondsLeft <= seconds) ?? secondsLeft
}
