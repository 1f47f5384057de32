import type { SystemStatus } from '@studioops/contracts/health'
import type { Log } from '../log/log.ts'
import { type Degradation, isWorse } from './degradation.ts'

type Settings = {
  readonly judge: () => Degradation
  readonly log: Log
  readonly clock: () => Date
  /** For so long a better level has to hold before it is told. */
  readonly betterAfterMs: number
  /** Hears of each change of the level that is told. */
  readonly onChange?: (told: Degradation) => void
}

/**
 * Keeps the level that is told: a worse one at once, a better one after it has held, so that what
 * comes and goes stays bad.
 */
export function createLevelKeeper({ judge, log, clock, betterAfterMs, onChange }: Settings) {
  let told: Degradation = { level: 'NORMAL', reasons: [] }
  let since = clock()
  let waiting: NodeJS.Timeout | undefined

  function tell(next: Degradation): void {
    clearTimeout(waiting)
    waiting = undefined
    if (next.level !== told.level) {
      since = clock()
      const fields = { level: next.level, reasons: next.reasons.map(({ code }) => code).join(' ') }
      if (isWorse(next.level, told.level)) log.warn(fields, 'service level fell')
      else log.info(fields, 'service level rose')
    }
    const isChange = next.level !== told.level
    told = next
    if (isChange) onChange?.(told)
  }

  return {
    told: (): Pick<SystemStatus, 'level' | 'since' | 'reasons'> => ({
      level: told.level,
      since: since.toISOString(),
      reasons: [...told.reasons],
    }),
    /** To be called whenever something changed. */
    changed(): void {
      const next = judge()
      if (isWorse(told.level, next.level))
        waiting ??= setTimeout(() => tell(judge()), betterAfterMs).unref()
      else tell(next)
    },
    [Symbol.dispose]: () => clearTimeout(waiting),
  }
}
