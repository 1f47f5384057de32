import type { z } from 'zod'
import type { Db } from '../db/database.ts'

export type Progress = { readonly done: number; readonly total: number }

/** What a job is told about itself. */
export type JobScope = {
  readonly id: string
  /** Undefined for work of the installation. */
  readonly userId: string | undefined
  readonly attempt: number
  /** After which it is given up. */
  readonly isLastAttempt: boolean
  /** Aborted when it is cancelled, when another worker has it, and when the process ends. */
  readonly signal: AbortSignal
  /** Shown to its person; of many in a second only the newest is written. */
  progress(progress: Progress): void
  /**
   * A transaction of maintenance for an effect that must not happen twice: it is undone where another
   * worker has the job by now, because this one stood still for longer than its lease.
   *
   * @throws when it does not hold the job any more
   */
  asHolder<T>(work: (db: Db) => Promise<T>): Promise<T>
}

/**
 * One kind of background work. It may run again after a failure or a kill, so its effects must bear
 * repetition; a write to the outside belongs into the outbox.
 */
export type JobKind<P = unknown> = {
  readonly payload: z.ZodType<P>
  /** Of the payload's shape. Default 1. */
  readonly version?: number
  /** Payloads of earlier versions, made into the present one. */
  readonly upgrade?: Readonly<Record<number, (payload: unknown) => unknown>>
  /** @throws OutsideError `refused` and `ambiguous` end it at once; anything else is tried again */
  run(payload: P, scope: JobScope): Promise<void>
}

/** By their names, such as `connections.check`. */
export type JobKinds = Readonly<Record<string, JobKind>>

/** Keeps the type of the payload between its schema and `run`. */
export function defineJob<P>(kind: JobKind<P>): JobKind {
  // What `run` gets has passed `payload`.
  return kind as JobKind
}

export type NewJob = {
  readonly kind: string
  readonly payload?: unknown
  readonly version?: number
  /** Whose it is; without it nobody sees it. */
  readonly userId?: string
  /** Why: `button`, `schedule`, `change`. */
  readonly cause: string
  /** While one of this name has not ended, there is no second. */
  readonly singleton?: string
  /** Somebody waits for it. */
  readonly isUrgent?: boolean
  readonly delayMs?: number
}

export type Schedule = {
  readonly name: string
  readonly everyMs: number
  readonly job: NewJob
}
