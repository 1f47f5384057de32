import type { Language } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import type { StoryRule } from '@studioops/contracts/story-rules'
import { storiesTexts } from './stories.texts.ts'

/** The number that a rule's sentence speaks of. */
export const ruleLimit: Readonly<Record<StoryRule, number>> = {
  'summary.present': 0,
  'summary.length': limits.summaryGraphemes,
  'summary.one-line': 0,
  'criteria.present': 0,
  'scenarios.present': 0,
  'stlc.present': 0,
  'points.limit': limits.storyPointsMax,
}

/** Asks the model to obey the rules, in the language of the story rather than that of the page. */
export function fixInstruction(rules: readonly StoryRule[], language: Language): string {
  const texts = storiesTexts[language]
  const sentences = rules.map((rule) =>
    (texts[`rule.${rule}`] ?? rule).replace('{{max}}', String(ruleLimit[rule])),
  )
  return (texts['rules.fix.instruction'] ?? '').replace('{{rules}}', sentences.join(' '))
}
