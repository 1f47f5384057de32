import type { SafeError } from '../ledger/error-detail.ts'
import type { Holder } from '../ledger/lease.ts'

/** Who or what stands in the way, without a word of what they run. */
export type Blocker = {
  readonly pid: number
  readonly application: string
  readonly user: string
  /** As in `pg_stat_activity`, such as `idle in transaction`. */
  readonly state: string
  /** Seconds since its transaction began. */
  readonly transactionS: number
}

/** Where in a run something happens. */
export type Step = {
  readonly migration: string
  /** 1-based, of the migration among those of this run. */
  readonly position: number
  readonly total: number
}

/** Everything that a run tells while it goes on; logs, pages and commands are made from it. */
export type MigrationEvent =
  /** Another runner works. About once a second. */
  | {
      readonly type: 'waiting'
      readonly waitedMs: number
      /** Undefined where nobody has said who works. */
      readonly holder: Holder | undefined
      readonly blockedBy: readonly Blocker[]
    }
  /** A pending migration is tried in the shadow, before anything runs. */
  | ({ readonly type: 'planning' } & Step)
  /** All tables are copied before the upgrade begins. */
  | { readonly type: 'backing-up'; readonly tables: number }
  /** They lie there, read back and compared. */
  | {
      readonly type: 'database-backed-up'
      readonly location: string
      readonly tables: number
      readonly rows: number
    }
  /** The lock is ours. */
  | { readonly type: 'planned'; readonly migrations: readonly string[] }
  | ({ readonly type: 'migration-started'; readonly statements: number } & Step)
  | ({ readonly type: 'statement-started'; readonly statementNo: number } & Step)
  | ({ readonly type: 'statement-done'; readonly statementNo: number } & Step)
  | ({ readonly type: 'notice'; readonly statementNo: number; readonly notice: SafeError } & Step)
  /** The executor waits for somebody's lock. */
  | ({ readonly type: 'blocked'; readonly blockedBy: readonly Blocker[] } & Step)
  /** A long statement goes on. */
  | ({
      readonly type: 'progress'
      readonly phase: string
      readonly done: number
      readonly of: number
    } & Step)
  | ({
      readonly type: 'retry'
      readonly statementNo: number | undefined
      readonly sqlstate: string
      /** 1 for the first repetition. */
      readonly repetition: number
      readonly pauseMs: number
    } & Step)
  /** An earlier run ended in the middle, and this is what became of it. */
  | ({
      readonly type: 'recovered'
      readonly statementNo: number
      readonly decision: 'resumed' | 'already-done' | 'run-again'
    } & Step)
  | {
      readonly type: 'reconnecting'
      readonly sqlstate: string | undefined
      readonly pauseMs: number
    }
  | ({
      readonly type: 'migration-failed'
      readonly statementNo: number | undefined
      readonly error: SafeError
    } & Step)
  | ({ readonly type: 'migration-completed'; readonly durationMs: number } & Step)
  /** What this part of it destroys or rewrites is kept there, read back and compared. */
  | ({ readonly type: 'backed-up'; readonly location: string } & Step)
  /** It is being taken back. */
  | ({ readonly type: 'undo-started'; readonly statements: number } & Step)
  /** It is taken back, or so many of its first statements after a later one failed. */
  | ({
      readonly type: 'undone'
      readonly statements: number
      readonly durationMs: number
    } & Step)

/** Hears every event; must not throw. */
export type OnEvent = (event: MigrationEvent) => void
