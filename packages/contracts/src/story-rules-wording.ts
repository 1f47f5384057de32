import { limits } from './limits.ts'
import type { StoryContent } from './story-content.ts'
import {
  defineStoryRule,
  findingsIn,
  numberParam,
  wordsParam,
  type RuleFinding,
} from './story-rule.ts'
import { bareWords, findWord, isSameText } from './story-wording.ts'

/** How a story is worded, and the marks of a good one (INVEST). */

/** Every text of a story with its place. */
function textsOf(story: StoryContent): { readonly at: string; readonly text: string }[] {
  const { narrative, acceptanceCriteria, scenarios, stlcNotes, sections = [] } = story
  return [
    { at: 'summary', text: story.summary },
    ...Object.entries(narrative).map(([name, text]) => ({ at: `narrative.${name}`, text })),
    ...acceptanceCriteria.map((text, index) => ({ at: `acceptanceCriteria.${index}`, text })),
    ...scenarios.map(({ name, given, when, then }, index) => ({
      at: `scenarios.${index}`,
      text: [name, given, when, then].join('\n'),
    })),
    ...Object.entries(stlcNotes).map(([name, text]) => ({ at: `stlcNotes.${name}`, text })),
    ...sections.map(({ key, text }) => ({ at: `sections.${key}`, text })),
  ]
}

/** Where one of these words stands, and which. */
function wordsFound(
  texts: readonly { readonly at: string; readonly text: string }[],
  words: readonly string[],
): RuleFinding[] {
  return texts.flatMap(({ at, text }) => {
    const quote = findWord(text, words)
    return quote === undefined ? [] : [{ at, quote }]
  })
}

const coreOf = (story: StoryContent) =>
  textsOf(story).filter(({ at }) => !at.startsWith('stlcNotes') && !at.startsWith('sections'))

export const forbiddenWords = defineStoryRule({
  id: 'wording.forbidden',
  group: 'wording',
  mode: 'block',
  mendedBy: 'model',
  params: {
    words: wordsParam({
      default: ['TBD', 'TODO', 'FIXME', 'lorem ipsum', '???', 'לורם איפסום', 'טרם נקבע'],
      label: { en: 'Forbidden words and phrases', he: 'מילים וצירופים אסורים' },
    }),
  },
  message: { en: 'No forbidden word stands in it.', he: 'אין בו מילה אסורה.' },
  fix: {
    en: 'Replace the forbidden words by what is meant.',
    he: 'יש להחליף את המילים האסורות במה שהן באות לומר.',
  },
  check: ({ story }, { words }) => wordsFound(textsOf(story), words),
})

const vague = [
  'user-friendly',
  'user friendly',
  'intuitive',
  'intuitively',
  'easy to use',
  'seamless',
  'seamlessly',
  'as fast as possible',
  'fast enough',
  'good performance',
  'good enough',
  'as needed',
  'as appropriate',
  'if possible',
  'and so on',
  'etc',
  'works well',
  'looks good',
  'state of the art',
  'ידידותי למשתמש',
  'אינטואיטיבי',
  'אינטואיטיבית',
  'קל לשימוש',
  'מהר ככל האפשר',
  'מהיר מספיק',
  'ביצועים טובים',
  'לפי הצורך',
  'במידת האפשר',
  'וכדומה',
  'עובד היטב',
  'נראה טוב',
]

/** Hebrew needs no verb to say that something is so: the card is masked is two words. */
function fewestWords(text: string): number {
  return /\p{Script=Hebrew}/u.test(text) ? 2 : 3
}

export const criteriaTestable = defineStoryRule({
  id: 'criteria.testable',
  group: 'invest',
  mode: 'block',
  mendedBy: 'model',
  params: {
    words: wordsParam({
      default: vague,
      label: { en: 'Words that nobody can test', he: 'מילים שאי אפשר לבדוק' },
    }),
  },
  message: {
    en: 'Every acceptance criterion can be tested: no vague word, and a statement, not a mere topic.',
    he: 'כל קריטריון קבלה ניתן לבדיקה: בלי מילה עמומה, ומשפט שלם ולא רק נושא.',
  },
  fix: {
    en: 'Say what is seen or measured, with a figure where there is one.',
    he: 'יש לציין מה רואים או מודדים, עם מספר במקום שיש כזה.',
  },
  check: ({ story }, { words }) =>
    findingsIn(story.acceptanceCriteria, {
      at: 'acceptanceCriteria',
      fails(text) {
        const count = bareWords(text).length
        return count > 0 && (count < fewestWords(text) || findWord(text, words) !== undefined)
      },
    }),
})

export const investIndependent = defineStoryRule({
  id: 'invest.independent',
  group: 'invest',
  mode: 'warn',
  mendedBy: 'model',
  params: {
    words: wordsParam({
      default: [
        'depends on',
        'dependent on',
        'blocked by',
        'once the other story',
        'after the other story',
        'תלוי בסיפור',
        'תלויה בסיפור',
        'חסום על ידי',
        'לאחר סיום הסיפור',
      ],
      label: { en: 'Words of dependence', he: 'מילים של תלות' },
    }),
  },
  message: {
    en: 'Independent: it does not wait for another story.',
    he: 'עצמאי: אינו ממתין לסיפור אחר.',
  },
  fix: {
    en: 'Cut it so that it can be built by itself, or link the other one in Jira.',
    he: 'יש לחתוך אותו כך שיהיה אפשר לבנות אותו לבדו, או לקשר את האחר ב־Jira.',
  },
  check: ({ story }, { words }) => wordsFound(coreOf(story), words),
})

const builds =
  /\b(?:SELECT\s+.+\s+FROM|CREATE TABLE|INSERT INTO|ALTER TABLE|public class|private (?:static|final|void)|npm install)\b|```/

export const investNegotiable = defineStoryRule({
  id: 'invest.negotiable',
  group: 'invest',
  mode: 'warn',
  mendedBy: 'model',
  params: {},
  message: {
    en: 'Negotiable: it says what is wanted, not which code makes it.',
    he: 'ניתן לדיון: אומר מה רוצים, ולא באיזה קוד.',
  },
  fix: {
    en: 'Say what a person gets, and leave the code to the team.',
    he: 'יש לומר מה מקבלים, ולהשאיר את הקוד לצוות.',
  },
  check: ({ story }) =>
    coreOf(story).flatMap(({ at, text }) => (builds.test(text) ? [{ at, quote: text }] : [])),
})

export const investValuable = defineStoryRule({
  id: 'invest.valuable',
  group: 'invest',
  mode: 'block',
  mendedBy: 'model',
  params: {},
  message: {
    en: 'Valuable: it says who wants it, what, and what for.',
    he: 'בעל ערך: אומר מי רוצה, מה, ולשם מה.',
  },
  fix: {
    en: 'Fill in who, what and what for; the benefit is not the wish once more.',
    he: 'יש למלא מי, מה ולשם מה; התועלת אינה חזרה על הרצון.',
  },
  check({ story, format }) {
    const { asA, iWant, soThat } = story.narrative
    const isAbsent = [asA, iWant, soThat].every((text) => text.trim() === '')
    if (format === 'custom' && isAbsent) return 'not-applicable'
    const empty = Object.entries({ asA, iWant, soThat })
      .filter(([, text]) => text.trim() === '')
      .map(([name]) => ({ at: `narrative.${name}` }))
    if (empty.length > 0) return empty
    return isSameText(iWant, soThat) ? [{ at: 'narrative.soThat', quote: soThat }] : []
  },
})

export const investEstimable = defineStoryRule({
  id: 'invest.estimable',
  group: 'invest',
  mode: 'warn',
  mendedBy: 'model',
  params: {},
  message: {
    en: 'Estimable: no criterion is still a question.',
    he: 'ניתן לאומדן: אין קריטריון שהוא עדיין שאלה.',
  },
  fix: {
    en: 'Answer the question, or ask it before the story is approved.',
    he: 'יש לענות על השאלה, או לשאול אותה לפני שהסיפור מאושר.',
  },
  check: ({ story }) =>
    findingsIn(story.acceptanceCriteria, {
      at: 'acceptanceCriteria',
      fails: (text) => /[?؟]\s*$/.test(text.trim()),
    }),
})

export const investSmall = defineStoryRule({
  id: 'invest.small',
  group: 'invest',
  mode: 'block',
  mendedBy: 'model',
  params: {
    criteria: numberParam({
      default: 12,
      min: 1,
      max: limits.criteriaMax,
      label: { en: 'Criteria at most', he: 'קריטריונים לכל היותר' },
    }),
  },
  message: {
    en: 'Small: at most {criteria} acceptance criteria, or it is split.',
    he: 'קטן: לכל היותר {criteria} קריטריוני קבלה, או שהוא מפוצל.',
  },
  fix: {
    en: 'Split the story, or merge criteria that belong together.',
    he: 'יש לפצל את הסיפור, או לאחד קריטריונים קרובים.',
  },
  check({ story, children }, { criteria }) {
    if (children !== undefined && children.length > 0) return 'not-applicable'
    return story.acceptanceCriteria.length <= criteria
      ? []
      : [{ at: 'acceptanceCriteria', quote: String(story.acceptanceCriteria.length) }]
  },
})

export const jiraDuplicate = defineStoryRule({
  id: 'jira.duplicate',
  group: 'jira',
  mode: 'warn',
  mendedBy: 'person',
  params: {},
  message: {
    en: 'Jira has no open issue that is much like it.',
    he: 'אין ב־Jira פריט פתוח שדומה לו מאוד.',
  },
  fix: {
    en: 'Look at the issue that is there, and approve only what is new.',
    he: 'יש לעיין בפריט הקיים ולאשר רק את מה שחדש.',
  },
  check({ duplicates, isChild }) {
    if (isChild === true) return 'not-applicable'
    if (duplicates === undefined) return 'unknown'
    return duplicates.map(({ key, summary }) => ({ at: 'summary', quote: `${key} ${summary}` }))
  },
})
