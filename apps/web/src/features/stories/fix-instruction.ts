import type { Language } from '@studioops/contracts/installation'
import { type EffectiveRule, ruleWords, type StoryRule } from '@studioops/contracts/story-rules'
import { storyRulesTexts } from './story-rules.texts.ts'

/** Asks the model to obey the rules, in the language of the story rather than that of the page. */
export function fixInstruction(
  broken: readonly StoryRule[],
  { rules, language }: { readonly rules: readonly EffectiveRule[]; readonly language: Language },
): string {
  const sentences = rules
    .filter(({ rule }) => broken.includes(rule))
    .map((rule) => ruleWords(rule, { language, of: 'message' }))
  const text = storyRulesTexts[language]['panel.fix.instruction'] ?? ''
  return text.replace('{{rules}}', sentences.join(' '))
}
