import { limits, shortenText } from '@studioops/contracts/limits'
import type { StoryContent } from '@studioops/contracts/story-content'
import type { StoryFormat } from '@studioops/contracts/story-rules'

type Requirement = {
  readonly requirement: string
  readonly language: 'en' | 'he'
  readonly format: StoryFormat
  readonly current: StoryContent | undefined
  readonly instruction: string | undefined
}

const texts = {
  en: {
    asA: 'user of the product',
    soThat: 'the need described in the requirement is met',
    given: 'the requirement as written',
    when: 'it has been built',
    todo: 'To be filled in: no model was available.',
    scope: 'In scope: what the requirement names.',
    cases: 'At least one test for each acceptance criterion.',
    entry: 'The requirement is agreed on.',
    exit: 'All acceptance criteria are met.',
  },
  he: {
    asA: 'משתמשי המוצר',
    soThat: 'הצורך שתואר בדרישה ייענה',
    given: 'הדרישה כפי שנכתבה',
    when: 'היא מומשה',
    todo: 'להשלמה: לא היה מודל זמין.',
    scope: 'בהיקף: מה שהדרישה מציינת.',
    cases: 'לפחות בדיקה אחת לכל קריטריון קבלה.',
    entry: 'הדרישה מוסכמת.',
    exit: 'כל קריטריוני הקבלה מתקיימים.',
  },
} as const

/**
 * A draft without a model (D-9): the sentences of the requirement, put in their places. The same
 * input always gives the same draft, and nothing in it is invented.
 */
export function composeOffline(given: Requirement): StoryContent {
  const { requirement, language, format, current, instruction } = given
  const words = texts[language]
  if (current !== undefined && instruction !== undefined)
    return {
      ...current,
      acceptanceCriteria: [
        ...current.acceptanceCriteria,
        shortenText(instruction, limits.criterionGraphemes),
      ].slice(-limits.criteriaMax),
    }

  const sentences = splitSentences(requirement, language)
  const first = sentences[0] ?? requirement
  const criteria = sentences
    .slice(0, limits.criteriaMax)
    .map((text) => shortenText(text, limits.criterionGraphemes))
  return {
    summary: shortenText(first.replace(/\s+/g, ' '), limits.summaryGraphemes),
    narrative: { asA: words.asA, iWant: shortenText(requirement, 1_000), soThat: words.soThat },
    acceptanceCriteria: criteria,
    scenarios:
      format === 'classic'
        ? []
        : criteria.map((then, index) => ({
            name: `${index + 1}`,
            given: words.given,
            when: words.when,
            then,
          })),
    stlcNotes: {
      scope: words.scope,
      data: words.todo,
      environments: words.todo,
      cases: words.cases,
      entryCriteria: words.entry,
      exitCriteria: words.exit,
    },
    storyPoints: Math.min(limits.storyPointsMax, Math.max(1, Math.ceil(criteria.length / 3))),
  }
}

function splitSentences(text: string, language: string): string[] {
  const segments = new Intl.Segmenter(language, { granularity: 'sentence' }).segment(text)
  return [...segments]
    .flatMap(({ segment }) => segment.split(/\n+/))
    .map((sentence) => sentence.trim().replace(/^[-*•\d.)\s]+/, ''))
    .filter((sentence) => sentence !== '')
}
