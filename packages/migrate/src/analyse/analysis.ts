import type { Objection } from '../objection.ts'
import type { MigrationHeader, StatementText } from '../text/source.ts'
import type { Reference, Skip } from './effects.ts'
import type { Key } from './keys.ts'
import type { LockHint } from './lock-hints.ts'
import type { Classified } from './tx-class.ts'

/** What a statement or a whole file touches. */
export type Touches = {
  readonly reads: ReadonlySet<Key>
  /** Everything that changes, what is made and what ends included. */
  readonly writes: ReadonlySet<Key>
  readonly creates: ReadonlySet<Key>
  readonly drops: ReadonlySet<Key>
  /** Keys among `drops` whose things live on under another name. */
  readonly renames: ReadonlySet<Key>
  /** What was depended on by things that this drops or replaces: that may go only afterwards. */
  readonly releases: ReadonlySet<Key>
  /** Looked up only when a function runs, or where a condition says so. */
  readonly softReads: ReadonlySet<Key>
  /** Rows that are read, checked or changed; contained in `reads` and `writes` as well. */
  readonly dataReads: ReadonlySet<Key>
  readonly dataWrites: ReadonlySet<Key>
  /** Part of it cannot be read from its text. */
  readonly opaque: boolean
  /** Words of the parts that cannot be read. */
  readonly tokens: ReadonlySet<string>
}

/** A new label of an enum cannot be used until the transaction that adds it has ended (55P04). */
export type Boundary = {
  readonly type: Key
  readonly label: string
  /** Number of the first later statement of the file that uses the type; undefined: none does. */
  readonly usedBy: number | undefined
}

export type AnalysedStatement = StatementText &
  Touches &
  Classified & {
    /** Tag of PostgreSQL's syntax tree, such as `CreateStmt`. */
    readonly kind: string
    readonly boundary: Boundary | undefined
    readonly locks: readonly LockHint[]
    /** Names that nothing has at this point and that are looked up when it runs. */
    readonly missing: readonly Reference[]
    /** The same in late-bound bodies and behind conditions: worth a warning. */
    readonly lateMissing: readonly Reference[]
    /** Made although it is there already. */
    readonly clashes: readonly Key[]
    /** Does nothing for these, because they are there already. */
    readonly skips: readonly Skip[]
    /** Things that still hang on what is dropped without CASCADE, with what is dropped. */
    readonly blockers: ReadonlyMap<Key, Key>
    /** Line and column where the file first names a key; the statement's own where nobody knows. */
    placeOf(key: Key): { readonly line: number; readonly column: number }
    placeOfReference(reference: Reference): { readonly line: number; readonly column: number }
  }

/** One file after its text has been understood. */
export type MigrationAnalysis = Touches & {
  readonly id: string
  readonly version: string | undefined
  readonly file: string
  readonly header: MigrationHeader
  /** After a single `BEGIN … COMMIT` around the file has been taken away. */
  readonly statements: readonly AnalysedStatement[]
  /** What stands against this file whatever the others say: syntax, statements without a place. */
  readonly objections: readonly Objection[]
}
