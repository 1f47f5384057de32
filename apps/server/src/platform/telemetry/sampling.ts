import type { ConnectionType, EventOutcome } from '@studioops/contracts/monitoring'

/** One in so many is kept, by `type.operation` or `type`; what is not named is kept always (D-14). */
export type SamplingRates = Readonly<Record<string, number>>

export const usualRates: SamplingRates = {
  'storage.read': 5,
  'websocket.send': 10,
  cache: 10,
}

/** From here on an operation is slow and kept whatever the rate. */
const slowMs: Partial<Record<ConnectionType, number>> = { http: 1_000, db: 250, cache: 50 }
const slowOtherwiseMs = 5_000

export type Operation = {
  readonly type: ConnectionType
  readonly operation: string
  readonly outcome: EventOutcome
  readonly durationMs: number
}

export function isSlow({ type, durationMs }: Pick<Operation, 'type' | 'durationMs'>): boolean {
  return durationMs >= (slowMs[type] ?? slowOtherwiseMs)
}

/**
 * Decides at the end of an operation by chance, not by counting: every n-th would lock onto what is
 * periodic itself.
 *
 * @returns how many operations the event stands for; 0: it is left out
 */
export function createSampler(rates: SamplingRates, random: () => number = Math.random) {
  return (operation: Operation): number => {
    const rate = rates[`${operation.type}.${operation.operation}`] ?? rates[operation.type] ?? 1
    if (rate <= 1 || operation.outcome === 'error' || isSlow(operation)) return 1
    return random() * rate < 1 ? rate : 0
  }
}
