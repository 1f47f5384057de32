import type { CompanyPrompts } from './company-files.ts'
import { fillText, mentions } from './templates.ts'

/** What the product knows of one story, for the placeholders of prompts.json. */
export type PromptFacts = {
  readonly kind: 'story' | 'refine'
  readonly language: 'en' | 'he'
  /** The rules of the format, in words. */
  readonly format: string
  readonly summaryMax: number
  readonly pointsMax: number
  /** The shape that an answer must have. */
  readonly replyFormat: string
}

const languages = {
  en: { en: 'English', he: 'אנגלית' },
  he: { en: 'Hebrew (gender-neutral wording)', he: 'עברית (בניסוח ניטרלי מגדרית)' },
} as const

/**
 * The system prompt of prompts.json for one story (CFG-8). The shape of the answer is ours: it is
 * added where the prompt does not place it, because without it no answer can be read.
 */
export function companySystemPrompt(prompts: CompanyPrompts, facts: PromptFacts): string {
  const { language, kind } = facts
  const values: Readonly<Record<string, string>> = {
    format: facts.format,
    language: languages[language][language],
    summaryMax: String(facts.summaryMax),
    pointsMax: String(facts.pointsMax),
    replyFormat: facts.replyFormat,
  }
  const fill = (text: string) => fillText(text, (name) => values[name])
  const prompt = prompts.systemPrompts[kind][language]
  const parts = [fill(prompts.systemInstructions[language]), fill(prompt)]
  return [...parts, ...(mentions(prompt, 'replyFormat') ? [] : [facts.replyFormat])].join('\n\n')
}

/** What is said of an answer that cannot be used. */
export function companyRepairPrompt(
  prompts: CompanyPrompts,
  { problem, language }: { readonly problem: string; readonly language: 'en' | 'he' },
): string {
  return fillText(prompts.systemPrompts.repair[language], (name) =>
    name === 'problem' ? problem : undefined,
  )
}
