import type { Principal } from '../../platform/http/principal.ts'
import type { Log } from '../../platform/log/log.ts'

type Dependencies = {
  readonly log: Log
  /** When the sign-in ends if nothing is done; undefined where it has ended. */
  readonly findEnd: (userId: string, family: string) => Promise<Date | undefined>
  readonly clock: () => Date
}

type Watched = {
  readonly userId: string
  readonly ended: Set<() => void>
  timer: NodeJS.Timeout | undefined
}

/** A database that does not answer is asked again; a stream is not ended for it. */
const againMs = 1_000
/** Timers are set for no longer, so that a clock that was moved is noticed. */
const longestMs = 60_000

/** Who holds something open for a sign-in, and learns that it has ended. */
export function createSessionWatch({ log, findEnd, clock }: Dependencies) {
  const families = new Map<string, Watched>()

  async function look(family: string, watched: Watched): Promise<void> {
    clearTimeout(watched.timer)
    try {
      const endsAt = await findEnd(watched.userId, family)
      if (families.get(family) !== watched) return
      if (endsAt === undefined) finish(family, watched)
      else later(family, watched, endsAt.getTime() - clock().getTime())
    } catch (error) {
      log.warn({ err: error }, 'session not looked up, trying again')
      later(family, watched, againMs)
    }
  }

  function later(family: string, watched: Watched, ms: number): void {
    clearTimeout(watched.timer)
    const wait = Math.min(Math.max(ms, againMs), longestMs)
    watched.timer = setTimeout(() => void look(family, watched), wait).unref()
  }

  function finish(family: string, watched: Watched): void {
    families.delete(family)
    clearTimeout(watched.timer)
    for (const end of watched.ended) end()
  }

  return {
    add({ userId, family }: Principal, ended: () => void): () => void {
      const watched = families.get(family) ?? { userId, ended: new Set(), timer: undefined }
      watched.ended.add(ended)
      if (!families.has(family)) {
        families.set(family, watched)
        // It may have ended between the question who this is and now.
        void look(family, watched)
      }
      return () => {
        watched.ended.delete(ended)
        if (watched.ended.size > 0 || families.get(family) !== watched) return
        families.delete(family)
        clearTimeout(watched.timer)
      }
    },
    check(family: string | undefined): void {
      const watched = family === undefined ? undefined : families.get(family)
      if (family !== undefined && watched !== undefined) void look(family, watched)
    },
    checkAll(): void {
      for (const [family, watched] of families) void look(family, watched)
    },
    close(): void {
      for (const { timer } of families.values()) clearTimeout(timer)
      families.clear()
    },
  }
}
