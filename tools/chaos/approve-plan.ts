import { createRandom } from '../../apps/server/src/simulators/random.ts'

/** What happens in one round; made from the seed alone, so that a round can be played again. */
export type RoundPlan = {
  readonly number: number
  readonly project: Project
  readonly latencyMs: number
  /** Jira makes the issue and cuts the connection. */
  readonly losesAnswer: boolean
  /** Jira makes the issue, and its answer takes about as long as a latency to arrive. */
  readonly answersSlowly: boolean
  readonly presses: 1 | 2
  /** `press`: so far into a normal approval, 0 to 1. `effect`: when the issue stands in Jira. */
  readonly moment: { readonly kind: 'press'; readonly share: number } | { readonly kind: 'effect' }
  readonly victim: Victim
  /** How long the database is gone before the server is. */
  readonly databaseAheadMs: number
  /** Kills of the starts that follow, each so far into a normal start, 0 to 1. */
  readonly startKills: readonly number[]
  readonly pressesAgain: 1 | 2
  /** Whether the press is repeated with its Idempotency-Key, as the page does, or as a new one. */
  readonly keepsKey: boolean
}

export type Project = {
  readonly key: string
  /** What Jira makes of the payload. */
  readonly creation: 'done' | 'refused'
}

export type Victim = 'server' | 'server and database' | 'database, then server'

/** Plans one round after the other. The same seed gives the same plans. */
export function createPlanner(seed: number, latencyMaxMs = 150): () => RoundPlan {
  const random = createRandom(seed)
  const chance = (probability: number) => random() < probability
  let number = 0

  const victim = (): Victim => {
    const drawn = random()
    if (drawn < 0.8) return 'server'
    return drawn < 0.92 ? 'server and database' : 'database, then server'
  }
  const project = (): Project => {
    const drawn = random()
    if (drawn < 0.65) return { key: 'PAY', creation: 'done' }
    // Carries the marker in the description.
    if (drawn < 0.85) return { key: 'STU', creation: 'done' }
    // Wants a field filled in first.
    if (drawn < 0.95) return { key: 'OPS', creation: 'done' }
    return { key: 'PAY', creation: 'refused' }
  }
  const startKills = (): number[] => {
    if (!chance(0.2)) return []
    return chance(0.25) ? [random(), random()] : [random()]
  }

  return () => {
    number += 1
    return {
      number,
      project: project(),
      latencyMs: Math.floor(random() * (latencyMaxMs + 1)),
      losesAnswer: chance(0.2),
      answersSlowly: chance(0.3),
      presses: chance(0.3) ? 2 : 1,
      moment: chance(0.25) ? { kind: 'effect' } : { kind: 'press', share: random() },
      victim: victim(),
      databaseAheadMs: Math.floor(random() * 400),
      startKills: startKills(),
      pressesAgain: chance(0.5) ? 2 : 1,
      keepsKey: chance(0.5),
    }
  }
}
