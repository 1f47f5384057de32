import type { Objection } from '../objection.ts'

export type MigrationType = 'schema_change' | 'data_migration' | 'consolidation'

/** What the comment lines at the top of a file say. */
export type MigrationHeader = {
  /** One sentence; `''` where the file does not say. Not part of the checksum. */
  readonly why: string
  /** Ids that must have run. Undefined: the file before it. Empty (`-- after: none`): nothing. */
  readonly after: readonly string[] | undefined
  readonly type: MigrationType
  readonly tx: 'auto' | 'none'
  /** Names that the parser cannot see, as SQL writes them: `app.users`, `"Users"."Id"`. */
  readonly needs: readonly string[]
  readonly defines: readonly string[]
  readonly opaque: boolean
  readonly destructive: boolean
  readonly commutes: boolean
  readonly online: boolean
  readonly phase: 'expand' | 'contract' | undefined
  readonly resume: 'idempotent' | undefined
  /** Ids that this file stands for: where all of them have run, it has, too. */
  readonly replaces: readonly string[]
}

/** One migration as text; nothing of it has been parsed as SQL yet. */
export type MigrationSource = {
  /** File name without `.sql`, such as `0007_chat_sessions`. */
  readonly id: string
  /** Digits of the prefix without separators, such as `0007`; undefined where there is none. */
  readonly version: string | undefined
  /** Path for messages. */
  readonly file: string
  /** Without BOM, lines end with `\n`. This is what is hashed and what is run. */
  readonly text: string
  /** SHA-256 in hex of the bytes of the file. */
  readonly rawSha256: string
  readonly sizeBytes: number
  readonly header: MigrationHeader
  /** The `.down.sql` beside it, normalised likewise. */
  readonly downText: string | undefined
}

/** Sources in the order of version, then id; whatever is wrong with the set stands beside them. */
export type ReadSources = {
  readonly sources: readonly MigrationSource[]
  readonly objections: readonly Objection[]
}

/** One statement of a file, exactly as it stands there. */
export type StatementText = {
  /** 1-based. */
  readonly no: number
  /** From its first token to its last, without the comments before it and the `;` after it. */
  readonly text: string
  /** Offsets of `text` in the UTF-8 bytes of the file's text; the end is exclusive. */
  readonly startByte: number
  readonly endByte: number
  /** Of the first token; 1-based, columns in characters. */
  readonly line: number
  readonly column: number
}
