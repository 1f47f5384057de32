import { fitsGraphemes, limits } from './limits.ts'
import { stlcSections } from './story-content.ts'
import { choicesParam, defineStoryRule, findingsIn, numberParam, wordsParam } from './story-rule.ts'
import { lostCriteria } from './story-split.ts'
import { bareWords, isSameText } from './story-wording.ts'

/** What a story has to have, and how much of it (STY-5, STY-7, STY-9, STY-10). */

const isEmpty = (text: string) => text.trim() === ''

export const summaryPresent = defineStoryRule({
  id: 'summary.present',
  group: 'summary',
  mode: 'block',
  mendedBy: 'model',
  params: {},
  message: { en: 'There is a summary.', he: 'יש תקציר.' },
  fix: {
    en: 'Write a summary that names what is new.',
    he: 'יש לכתוב תקציר שמציין מה חדש.',
  },
  check: ({ story }) => (isEmpty(story.summary) ? [{ at: 'summary' }] : []),
})

export const summaryLength = defineStoryRule({
  id: 'summary.length',
  group: 'summary',
  mode: 'block',
  mendedBy: 'model',
  params: {
    max: numberParam({
      default: limits.summaryGraphemes,
      min: 20,
      max: limits.jiraSummaryLength,
      label: { en: 'Characters at most', he: 'תווים לכל היותר' },
    }),
  },
  message: {
    en: 'The summary has at most {max} characters.',
    he: 'בתקציר לכל היותר {max} תווים.',
  },
  fix: {
    en: 'Shorten the summary to {max} characters; details belong into the criteria.',
    he: 'יש לקצר את התקציר ל־{max} תווים; פרטים מקומם בקריטריונים.',
  },
  check: ({ story }, { max }) =>
    fitsGraphemes(story.summary, max) ? [] : [{ at: 'summary', quote: story.summary }],
})

/** People count what they see; Jira counts units, of which an emoji can have a dozen. */
export const summaryUnits = defineStoryRule({
  id: 'summary.units',
  group: 'summary',
  mode: 'block',
  mendedBy: 'model',
  params: {},
  message: {
    en: 'Jira takes the summary: at most 255 characters, as Jira counts them.',
    he: 'התקציר מתאים ל־Jira: לכל היותר 255 תווים, כפי ש־Jira סופרת אותם.',
  },
  fix: {
    en: 'Use fewer emoji and signs, or a shorter summary.',
    he: 'יש להשתמש בפחות אמוג׳י וסימנים, או לקצר את התקציר.',
  },
  check: ({ story }) =>
    story.summary.length <= limits.jiraSummaryLength
      ? []
      : [{ at: 'summary', quote: story.summary }],
})

export const summaryOneLine = defineStoryRule({
  id: 'summary.one-line',
  group: 'summary',
  mode: 'block',
  mendedBy: 'model',
  params: {},
  message: { en: 'The summary is one line.', he: 'התקציר הוא שורה אחת.' },
  fix: { en: 'Put the summary on one line.', he: 'יש לכתוב את התקציר בשורה אחת.' },
  check: ({ story }) =>
    /[\r\n]/.test(story.summary) ? [{ at: 'summary', quote: story.summary }] : [],
})

export const criteriaPresent = defineStoryRule({
  id: 'criteria.present',
  group: 'content',
  mode: 'block',
  mendedBy: 'model',
  params: {
    min: numberParam({
      default: 1,
      min: 1,
      max: limits.criteriaMax,
      label: { en: 'Criteria at least', he: 'קריטריונים לפחות' },
    }),
  },
  message: {
    en: 'There are acceptance criteria: at least {min}.',
    he: 'יש קריטריוני קבלה: לפחות {min}.',
  },
  fix: {
    en: 'Add acceptance criteria until there are {min}.',
    he: 'יש להוסיף קריטריוני קבלה עד שיהיו {min}.',
  },
  check: ({ story }, { min }) =>
    story.acceptanceCriteria.length >= min ? [] : [{ at: 'acceptanceCriteria' }],
})

export const criteriaNotEmpty = defineStoryRule({
  id: 'criteria.not-empty',
  group: 'content',
  mode: 'block',
  mendedBy: 'model',
  params: {},
  message: {
    en: 'Every acceptance criterion says something.',
    he: 'כל קריטריון קבלה אומר דבר־מה.',
  },
  fix: {
    en: 'Fill in the empty criterion, or remove it.',
    he: 'יש למלא את הקריטריון הריק או להסיר אותו.',
  },
  check: ({ story }) =>
    findingsIn(story.acceptanceCriteria, {
      at: 'acceptanceCriteria',
      fails: (text) => bareWords(text).length === 0,
    }),
})

export const criteriaUnique = defineStoryRule({
  id: 'criteria.unique',
  group: 'content',
  mode: 'block',
  mendedBy: 'model',
  params: {},
  message: {
    en: 'No acceptance criterion is there twice.',
    he: 'אין קריטריון קבלה שמופיע פעמיים.',
  },
  fix: {
    en: 'Keep one of the criteria that say the same.',
    he: 'יש להשאיר אחד מהקריטריונים הזהים.',
  },
  check: ({ story }) =>
    findingsIn(story.acceptanceCriteria, {
      at: 'acceptanceCriteria',
      fails: (text, index) =>
        !isEmpty(text) &&
        story.acceptanceCriteria.slice(0, index).some((before) => isSameText(before, text)),
    }),
})

export const scenariosPresent = defineStoryRule({
  id: 'scenarios.present',
  group: 'content',
  mode: 'block',
  mendedBy: 'model',
  params: {},
  message: {
    en: 'There are scenarios, each with Given, When and Then (BDD format).',
    he: 'יש תרחישים, ובכל אחד בהינתן, כאשר ואז (תבנית BDD).',
  },
  fix: {
    en: 'Write a scenario with Given, When and Then for the criteria.',
    he: 'יש לכתוב לקריטריונים תרחיש עם בהינתן, כאשר ואז.',
  },
  check({ story, format }) {
    if (format !== 'bdd') return 'not-applicable'
    if (story.scenarios.length === 0) return [{ at: 'scenarios' }]
    return story.scenarios.flatMap(({ name, given, when, then }, index) =>
      [given, when, then].some(isEmpty) ? [{ at: `scenarios.${index}`, quote: name }] : [],
    )
  },
})

const slot = /<([^<>\n]{1,60})>/g

/** The names in angle brackets of the steps of a scenario. */
function slotsOf(texts: readonly string[]): string[] {
  return texts.flatMap((text) => [...text.matchAll(slot)].map(([, name = '']) => name.trim()))
}

export const scenariosOutline = defineStoryRule({
  id: 'scenarios.outline',
  group: 'content',
  mode: 'block',
  mendedBy: 'model',
  params: {},
  message: {
    en: 'A Scenario Outline has a table with a column for every <name> in its steps, and a row.',
    he: 'לתבנית תרחיש (Scenario Outline) יש טבלה עם עמודה לכל <שם> שבצעדים, ולפחות שורה אחת.',
  },
  fix: {
    en: 'Add the missing columns and rows of examples.',
    he: 'יש להוסיף את העמודות והשורות החסרות של הדוגמאות.',
  },
  check({ story, format }) {
    if (format !== 'bdd') return 'not-applicable'
    const outlines = story.scenarios.map(({ name, given, when, then, examples }, index) => {
      const slots = slotsOf([given, when, then])
      const isWhole =
        slots.length === 0 && examples === undefined
          ? true
          : examples !== undefined &&
            examples.rows.length > 0 &&
            slots.every((wanted) => examples.columns.includes(wanted)) &&
            examples.rows.every((row) => row.length === examples.columns.length)
      return isWhole ? [] : [{ at: `scenarios.${index}`, quote: name }]
    })
    return outlines.flat()
  },
})

const stlcLabels = {
  scope: { en: 'Test scope', he: 'היקף הבדיקות' },
  data: { en: 'Test data', he: 'נתוני בדיקה' },
  environments: { en: 'Environments', he: 'סביבות' },
  cases: { en: 'Test cases', he: 'מקרי בדיקה' },
  entryCriteria: { en: 'Entry criteria', he: 'תנאי כניסה' },
  exitCriteria: { en: 'Exit criteria', he: 'תנאי יציאה' },
} as const

export const stlcPresent = defineStoryRule({
  id: 'stlc.present',
  group: 'content',
  mode: 'block',
  mendedBy: 'model',
  params: {
    sections: choicesParam({
      default: stlcSections,
      options: stlcSections.map((value) => ({ value, label: stlcLabels[value] })),
      label: { en: 'Sections that have to be filled in', he: 'סעיפים שיש למלא' },
    }),
  },
  message: {
    en: 'The STLC notes are filled in.',
    he: 'הערות ה־STLC מלאות.',
  },
  fix: {
    en: 'Fill in every section of the STLC notes that is empty.',
    he: 'יש למלא כל סעיף ריק בהערות ה־STLC.',
  },
  check: ({ story }, { sections }) =>
    stlcSections
      .filter((name) => sections.includes(name) && isEmpty(story.stlcNotes[name]))
      .map((name) => ({ at: `stlcNotes.${name}` })),
})

export const sectionsPresent = defineStoryRule({
  id: 'sections.present',
  group: 'content',
  mode: 'block',
  mendedBy: 'model',
  params: {},
  message: {
    en: 'The sections that the template wants are filled in.',
    he: 'הסעיפים שהתבנית דורשת מלאים.',
  },
  fix: {
    en: 'Fill in the sections of the template that are empty.',
    he: 'יש למלא את סעיפי התבנית הריקים.',
  },
  check({ story, wantedSections }) {
    if (wantedSections === undefined || wantedSections.length === 0) return 'not-applicable'
    return wantedSections
      .filter(({ key }) => isEmpty(story.sections?.find((own) => own.key === key)?.text ?? ''))
      .map(({ key, title }) => ({ at: `sections.${key}`, quote: title }))
  },
})

export const pointsLimit = defineStoryRule({
  id: 'points.limit',
  group: 'size',
  mode: 'block',
  mendedBy: 'model',
  params: {
    max: numberParam({
      default: limits.storyPointsMax,
      min: 0.5,
      max: 100,
      label: { en: 'Story points at most', he: 'נקודות סיפור לכל היותר' },
    }),
  },
  message: {
    en: 'The story has between 0 and {max} story points, or is split.',
    he: 'לסיפור יש בין 0 ל־{max} נקודות סיפור, או שהוא מפוצל.',
  },
  fix: {
    en: 'Estimate it, and split it where it is larger than {max}.',
    he: 'יש לאמוד אותו, ולפצל אותו אם הוא גדול מ־{max}.',
  },
  check({ story, children }, { max }) {
    if (children !== undefined && children.length > 0) return 'not-applicable'
    return story.storyPoints > 0 && story.storyPoints <= max
      ? []
      : [{ at: 'storyPoints', quote: String(story.storyPoints) }]
  },
})

export const splitCoverage = defineStoryRule({
  id: 'split.coverage',
  group: 'size',
  mode: 'block',
  mendedBy: 'model',
  params: {},
  message: {
    en: 'Every acceptance criterion of a split story is in at least one of its parts.',
    he: 'כל קריטריון קבלה של סיפור מפוצל נמצא לפחות באחד מחלקיו.',
  },
  fix: {
    en: 'Put each lost criterion, word for word, into the part where it belongs.',
    he: 'יש להעתיק כל קריטריון אבוד, מילה במילה, אל החלק המתאים.',
  },
  check({ story, children }) {
    if (children === undefined || children.length === 0) return 'not-applicable'
    const lost = new Set(lostCriteria(story, children))
    return findingsIn(story.acceptanceCriteria, {
      at: 'acceptanceCriteria',
      fails: (text) => lost.has(text),
    })
  },
})

export const textsLength = defineStoryRule({
  id: 'texts.length',
  group: 'size',
  mode: 'block',
  mendedBy: 'model',
  params: {
    criterion: numberParam({
      default: 400,
      min: 50,
      max: limits.criterionGraphemes,
      label: { en: 'Characters of a criterion at most', he: 'תווים בקריטריון לכל היותר' },
    }),
    section: numberParam({
      default: 2_000,
      min: 100,
      max: limits.sectionGraphemes,
      label: { en: 'Characters of a section at most', he: 'תווים בסעיף לכל היותר' },
    }),
  },
  message: {
    en: 'A criterion has at most {criterion} characters, a section at most {section}.',
    he: 'בקריטריון לכל היותר {criterion} תווים, ובסעיף לכל היותר {section}.',
  },
  fix: {
    en: 'Shorten what is too long, or make two criteria of it.',
    he: 'יש לקצר את מה שארוך מדי, או לחלק אותו לשני קריטריונים.',
  },
  check: ({ story }, { criterion, section }) => [
    ...findingsIn(story.acceptanceCriteria, {
      at: 'acceptanceCriteria',
      fails: (text) => !fitsGraphemes(text, criterion),
    }),
    ...[
      ...Object.entries(story.narrative).map(([name, text]) => [`narrative.${name}`, text]),
      ...Object.entries(story.stlcNotes).map(([name, text]) => [`stlcNotes.${name}`, text]),
    ].flatMap(([at = '', quote = '']) => (fitsGraphemes(quote, section) ? [] : [{ at, quote }])),
  ],
})

export const projectSingle = defineStoryRule({
  id: 'project.single',
  group: 'jira',
  mode: 'block',
  mendedBy: 'person',
  params: {
    keys: wordsParam({
      default: [],
      label: {
        en: 'Allowed project keys; empty: every one',
        he: 'מפתחות פרויקט מותרים; ריק: כולם',
      },
    }),
  },
  message: {
    en: 'The story goes to exactly one Jira project.',
    he: 'הסיפור מיועד לפרויקט Jira אחד בדיוק.',
  },
  fix: { en: 'Choose one allowed project.', he: 'יש לבחור פרויקט מותר אחד.' },
  check({ projectKey, isChild }, { keys }) {
    if (isChild === true || projectKey === undefined) return 'not-applicable'
    const isOne = /^[A-Z][A-Z0-9_]+$/.test(projectKey)
    const isAllowed = keys.length === 0 || keys.includes(projectKey)
    return isOne && isAllowed ? [] : [{ at: 'projectKey', quote: projectKey }]
  },
})
