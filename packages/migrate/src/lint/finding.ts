import type { Sentences } from '../objection.ts'
import type { LockMode } from '../shadow/lock-modes.ts'
import type { LintRuleId } from './lint-rules.ts'

/**
 * `error`: stops the application for a time that grows with the data, loses data, or breaks the
 * version that is running. `warning`: hurts under load or hides something. `info`: worth knowing.
 */
export type LintLevel = 'error' | 'warning' | 'info'

/** A finding in words: what is the matter, who waits and for how long, what to do instead. */
export type LintSentences = Sentences & {
  /** Absent where nobody waits. */
  readonly blocks?: string
}

/** A lock on a table that was there before the pending migrations. */
export type TableLock = { readonly relation: string; readonly mode: LockMode }

/** One thing that a migration does and that its author should know before it runs. */
export type LintFinding = LintSentences & {
  readonly rule: LintRuleId
  readonly level: LintLevel
  /** Id of the migration. */
  readonly migration: string
  readonly file: string
  /** 1-based; undefined where the whole file is meant. */
  readonly statementNo: number | undefined
  /** 1-based; columns in characters. */
  readonly line: number
  readonly column: number
  /** Qualified and quoted, such as `public.users.email`. */
  readonly object: string | undefined
  /** What the statement locks; empty where the finding is not about locks. */
  readonly locks: readonly TableLock[]
  /** `measured` by the shadow, or `derived` from the text because there was none. */
  readonly certainty: 'measured' | 'derived'
  readonly hebrew: LintSentences
  /** The author's reason to accept it: `-- lint-ignore: <rule> <reason>`. */
  readonly ignored: string | undefined
}

/** How large a table of the target is; the pre-flight's `TableFacts` are such. */
export type TableSize = {
  /** Qualified and quoted, as the catalog facts name it. */
  readonly table: string
  /** With its indexes and TOAST. */
  readonly bytes: number
  /** Estimated; undefined where the server has no estimate. */
  readonly rows?: number | undefined
}
