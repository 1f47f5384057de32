import type { Effort } from './blocks.ts'
import type { LintLevel } from './finding.ts'
import type { LintRuleId } from './lint-rules.ts'
import type { Scene } from './scene.ts'

type Words = Readonly<Record<string, string | number>>

/** What a check has found, before it is put into words. */
export type Draft = {
  readonly rule: LintRuleId
  /** Default: the rule's. */
  readonly level?: LintLevel
  /** Fills `{object}`, too. */
  readonly object?: string | undefined
  /** Fill the placeholders of the texts. */
  readonly facts?: Words
  /** Instead of `facts` where a word differs in Hebrew. */
  readonly hebrewFacts?: Words
  /** The lock and the work under it, if the finding is about waiting. */
  readonly effort?: Effort
}

export type Check = (scene: Scene) => readonly Draft[]
