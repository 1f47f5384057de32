import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from './choices.ts'
import { crashHistory } from './crash-history.ts'
import { type Blow, type RoundResult, runCrashRound } from './crash-round.ts'
import { startServer } from './server.ts'

export type CampaignOptions = {
  readonly kills: number
  /** The same seed gives the same histories; where a kill strikes depends on the machine as well. */
  readonly seed: number
  /** Files of each history, without the first. */
  readonly files?: number
  readonly starters?: number
  readonly onRound?: (round: RoundResult & { readonly seed: number }, killsSoFar: number) => void
  readonly signal?: AbortSignal
}

export type Campaign = {
  readonly rounds: number
  readonly waves: number
  readonly kills: number
  readonly blows: Readonly<Record<Blow, number>>
  readonly interruptedAlone: number
  /** Each with the seed of its round. */
  readonly violations: readonly string[]
  readonly seconds: number
}

/** Kills starters of generated histories until there have been enough kills. */
export async function runCrashCampaign(options: CampaignOptions): Promise<Campaign> {
  const { seed, files = 12, starters = 3, signal } = options
  const began = performance.now()
  const random = createRandom(seed)
  const server = await startServer({ settings: ['max_connections = 100'] })
  const directory = await mkdtemp(join(tmpdir(), 'studioops-migrate-crash-'))
  const rounds: RoundResult[] = []
  const violations: string[] = []
  const killed = () => rounds.reduce((sum, round) => sum + round.kills, 0)
  try {
    while (killed() < options.kills && signal?.aborted !== true) {
      const roundSeed = Math.floor(random() * 1_000_000_000)
      const round = await runCrashRound({
        server,
        migrations: await crashHistory(roundSeed, files),
        random,
        directory,
        starters,
        killsMax: options.kills - killed(),
      })
      rounds.push(round)
      violations.push(...round.violations.map((sentence) => `seed ${roundSeed}: ${sentence}`))
      options.onRound?.({ ...round, seed: roundSeed }, killed())
    }
  } finally {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
  const sum = (of: (round: RoundResult) => number) => rounds.reduce((all, one) => all + of(one), 0)
  return {
    rounds: rounds.length,
    waves: sum(({ waves }) => waves),
    kills: killed(),
    blows: {
      client: sum(({ blows }) => blows.client),
      backend: sum(({ blows }) => blows.backend),
      server: sum(({ blows }) => blows.server),
    },
    interruptedAlone: sum(({ interruptedAlone }) => interruptedAlone),
    violations,
    seconds: (performance.now() - began) / 1_000,
  }
}
