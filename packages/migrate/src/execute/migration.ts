import type { Query } from '../catalog/query.ts'
import type { TxClass } from '../ledger/ledger-rows.ts'
import type { Objection } from '../objection.ts'
import type { BatchPlan } from './batches.ts'

/** One statement as the splitter gives it. */
export type Statement = {
  /** 1-based, as in error messages and in the journal. */
  readonly no: number
  /** Without the semicolon that ends it. */
  readonly text: string
  /** `tx` runs in a transaction with its neighbours; `alone` cannot run in any. */
  readonly txClass: TxClass
  /** 1-based, of the first character of `text` in its file. */
  readonly line: number
  readonly column: number
  /** What follows needs this statement to be committed, as the new value of an enum. */
  readonly boundary?: boolean
  /** Runs in pieces along the primary key instead, each in a transaction of its own. */
  readonly batch?: BatchPlan
}

/** What a migration's own checks may say; a refusal rolls back what has not been committed. */
export type HookResult =
  | {
      readonly kind: 'fine'
      /** Where the data is that is about to be destroyed. */
      readonly backupLocation?: string
      /** What undoes everything up to here. */
      readonly rollbackScript?: string
    }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/** The statements of one transaction, by number. */
export type StatementRange = { readonly first: number; readonly last: number }

/**
 * Called in every transaction of a migration, as the engine's own role, and again when the
 * transaction is tried again: keeps what its statements destroy.
 */
export type Keeper = {
  /** Before the first statement. */
  begin(query: Query, range: StatementRange): Promise<HookResult>
  /** After the last statement, when nothing is deferred any more. */
  end(query: Query, range: StatementRange, end: { readonly isLast: boolean }): Promise<HookResult>
  /**
   * What undoes all of it, with what the last transaction has left, for a migration that ends with
   * statements outside of any; undefined where the plan has said it.
   */
  whole(): string | undefined
}

/** A migration that is ready to run. */
export type PreparedMigration = {
  readonly type: 'consolidation' | 'schema_change' | 'data_migration'
  /** In order; empty is a valid migration that does nothing. */
  readonly statements: readonly Statement[]
  readonly checksum: string
  readonly rawSha256?: string
  /** For messages; default: the name and `.sql`. */
  readonly file?: string
  readonly parents?: readonly string[]
  readonly fingerprint?: string
  readonly rollbackScript?: string
  /** What undoes the statements up to a number, after which a transaction ends. */
  readonly rollbackAfter?: (statementNo: number) => string | undefined
  /** Takes care of what the statements destroy. */
  readonly keep?: Keeper
  /**
   * What becomes of the statements that are committed when a later one fails: `keep` (default) leaves
   * them, and the next run goes on behind them; `auto` takes them back.
   */
  readonly rollbackOnFailure?: 'auto' | 'keep'
  /** Destroys data on purpose: what was committed before it is on disk before it begins. */
  readonly destructive?: boolean
  /** A statement that was interrupted and whose effect nobody can read may simply run again. */
  readonly resume?: 'idempotent'
  /** Milliseconds that one statement may take; default: no end. */
  readonly statementTimeoutMs?: number
  /** Keeps the temporary tables of this file for the next one, which uses them. */
  readonly keepsTemporary?: boolean
  /** In the transaction of the first group, before its first statement: backups under a lock. */
  readonly before?: (query: Query) => Promise<HookResult>
  /** When all statements have run, before the last group commits: is the catalog what was expected? */
  readonly verify?: (query: Query) => Promise<HookResult>
  /**
   * Compares the catalog with what it is before and after a statement that was interrupted and that
   * the engine cannot judge itself.
   */
  readonly settle?: (statementNo: number, query: Query) => Promise<'before' | 'after' | 'unclear'>
}

/** A migration of the set, in the order in which it is to run. */
export type Migration = {
  /** Id: the file name without `.sql`. */
  readonly name: string
  /** Undefined: the one in the ledger is not compared. */
  readonly checksum?: string
  /** Checksums under which earlier versions of the engine stored the very same file. */
  readonly formerChecksums?: readonly string[]
  /** Ids that this migration stands for; a ledger that has them all has this one too. */
  readonly replaces?: readonly string[]
  /** Called for what is not completed, before anything runs. */
  readonly prepare: () => Promise<PreparedMigration>
}
