import type { Objection } from '../objection.ts'

/** Something that a person should know, and what to do about it. */
export type Finding<Kind extends string = string> = {
  readonly kind: Kind
  /** As SQL names it. */
  readonly object: string
  /** What mends it, in order; each by itself, outside of a transaction. */
  readonly statements: readonly string[]
  /** In both languages. */
  readonly explanation: Objection
}
