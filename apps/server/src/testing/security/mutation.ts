import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { TestServer } from '../global-setup.ts'

export type MutationTask = {
  readonly postgres: TestServer
  /** Of the isolation run that each mutant gets. */
  readonly requests: number
  readonly seed: number
  /** 1: every filter alone; 7: each seventh. All at once in any case. */
  readonly every: number
  /** Whether each mutant is also tried without row policies, where it has to be noticed. */
  readonly control: boolean
}

export type Mutant = {
  readonly place: string
  readonly text: string
  /** What others saw or changed; empty where the row policies held. */
  readonly findings: readonly string[]
  readonly isReached: boolean
  /** Not noticed without row policies either: another filter, or the id itself, protects the rows. */
  readonly isMissed: boolean
}

export type MutationReport = {
  /** Owner filters in the stores. */
  readonly filters: number
  readonly baseline: readonly string[]
  readonly mutants: readonly Mutant[]
  /** With every filter left out at once. */
  readonly all: readonly string[]
  /** The same without row policies: the run would have seen it. */
  readonly noticedWithoutPolicies: boolean
}

/** Leaves the owner filters out of the queries, one at a time and all at once (S-02). */
export function mutationCampaign(task: MutationTask): Promise<MutationReport> {
  const script = join(import.meta.dirname, 'mutation-process.ts')
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [script, JSON.stringify(task)],
      { maxBuffer: 64_000_000 },
      (error, output, told) => {
        if (error !== null) reject(new Error(`${error.message}\n${told}`))
        else resolve(JSON.parse(output.trim().split('\n').at(-1) ?? '') as MutationReport)
      },
    )
  })
}
