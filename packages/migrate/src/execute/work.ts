import type { SafeError, ServerError } from '../ledger/error-detail.ts'
import { fenceText } from '../ledger/lease.ts'
import type { Attempt, Writer } from '../ledger/ledger-writes.ts'
import type { Objection } from '../objection.ts'
import type { Clock } from './clock.ts'
import type { OnEvent, Step } from './events.ts'
import type { PreparedMigration } from './migration.ts'
import type { RetryLimits } from './retry.ts'
import type { Session } from './session.ts'
import { ownRoleTexts, type SessionSettings } from './settings.ts'
import type { Watcher } from './watcher.ts'

/** What every step of a run works with. */
export type Work = {
  readonly session: Session
  readonly writer: Writer
  readonly settings: SessionSettings
  readonly clock: Clock
  readonly limits: RetryLimits
  /** Milliseconds for one statement of class `alone`; what it has built by then is cleaned up. */
  readonly aloneDeadlineMs: number
  readonly emit: OnEvent
  readonly signal: AbortSignal | undefined
  /** Undefined where nobody else can connect. */
  readonly watcher: Watcher | undefined
  /** Tells the watcher, and whoever waits, what is going on. */
  readonly at: (step: Step, statementNo: number | undefined) => void
}

/** One migration that is to run now. */
export type Task = {
  readonly name: string
  readonly prepared: PreparedMigration
  readonly attempt: Attempt
  readonly step: Step
  /** The migration after it, which is marked as begun in the transaction that completes this one. */
  readonly next: Attempt | undefined
  /** Whether what comes next must find this one on disk: the end of the run, or what cannot be undone. */
  readonly isFollowedByCare: boolean
}

/** Why a migration stopped. */
export type Failure = {
  /** Undefined where no single statement is to blame, as for a deferred constraint. */
  readonly statementNo: number | undefined
  readonly line: number | undefined
  readonly column: number | undefined
  readonly error: SafeError
  readonly remedy: string
}

/** How a step ended. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }
  /** Try again with the transaction cut in pieces before this statement. */
  | { readonly kind: 'split'; readonly before: number; readonly failure: Failure }
  /** Another runner has taken over. */
  | { readonly kind: 'fenced' }
  /** The caller wanted it to end. */
  | { readonly kind: 'stopped' }

export type Written =
  | { readonly kind: 'done' }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'failed'; readonly error: ServerError }

const writesMax = 3

/**
 * Writes into the ledger, in one message and one transaction, unless another runner has taken over.
 * A cancellation of the watcher that comes too late for its statement meets this write instead, and
 * must not keep it from being written.
 */
export async function writeFenced(work: Work, texts: readonly string[]): Promise<Written> {
  for (let tries = 1; ; tries += 1) {
    const written = await writeOnce(work, texts)
    const isCancelled = written.kind === 'failed' && written.error.code === '57014'
    if (!isCancelled || tries === writesMax) return written
    work.watcher?.takeCancelled(written.error)
  }
}

async function writeOnce(
  { session, writer, settings }: Work,
  texts: readonly string[],
): Promise<Written> {
  // The session keeps the settings of the file at hand; the ledger must not depend on them.
  const ours = ['begin', ...ownRoleTexts(settings), 'set local search_path = pg_catalog']
  const fence = fenceText(writer.ledger, writer.token)
  const sent = await session.send([...ours, fence, ...texts, 'commit'])
  if (sent.kind === 'done') return sent
  await session.query('rollback')
  const isFenced = sent.index === ours.length && sent.error.code === '22012'
  return isFenced ? { kind: 'fenced' } : { kind: 'failed', error: sent.error }
}
