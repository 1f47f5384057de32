import { isHebrew, type StoryLanguage } from './story-prompt.ts'

/**
 * What somebody wants, in the words of the requirement: to do something, to have something, that
 * the system does something, or that a sentence holds.
 */
export type Wish = {
  readonly kind: 'do' | 'have' | 'system' | 'rely'
  /** English: without `to`. Hebrew: `do` and `system` keep their infinitive with its ל. */
  readonly text: string
}

export type Requirement = {
  /** Without an article; undefined when nobody is named. */
  readonly actor: string | undefined
  readonly wish: Wish
  /** A clause that follows "so that" or "כדי ש". */
  readonly benefit: string | undefined
  /** What else it says: one sentence each, without the full stop. */
  readonly statements: readonly string[]
}

/** @param text at least one word */
export function analyseRequirement(text: string, language: StoryLanguage): Requirement {
  const [main = text, ...statements] = splitSentences(text)
  if (isHebrew(main) !== (language === 'he'))
    return { actor: undefined, wish: { kind: 'rely', text: main }, benefit: undefined, statements }
  const { rest, benefit } = language === 'he' ? splitHebrewBenefit(main) : splitBenefit(main)
  const rules = language === 'he' ? hebrewRules : englishRules
  for (const rule of rules) {
    const match = rule.pattern.exec(rest)
    const found = match === null ? undefined : rule.read(match.slice(1).map((part) => part ?? ''))
    if (found !== undefined) return { ...found, benefit, statements }
  }
  const fallback: Wish = { kind: 'have', text: lowerFirst(rest) }
  return { actor: undefined, wish: fallback, benefit, statements }
}

export function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length
}

/** Sentences and list items, without bullets and full stops. */
export function splitSentences(text: string): string[] {
  return text
    .split(/\n+|(?<=[.!?;])\s+/)
    .map((part) =>
      part
        .replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '')
        .replace(/[\s.;!?:,]+$/, '')
        .trim(),
    )
    .filter((part) => part !== '')
}

export function upperFirst(text: string): string {
  return text.replace(/^\p{L}/u, (letter) => letter.toUpperCase())
}

/** Leaves abbreviations and "I" as they are. */
export function lowerFirst(text: string): string {
  return /^\p{Lu}(?:\p{Ll}|\s(?!\p{Lu}))/u.test(text) && !/^I\b/.test(text)
    ? text.replace(/^\p{L}/u, (letter) => letter.toLowerCase())
    : text
}

type Found = { readonly actor: string | undefined; readonly wish: Wish }

/** The first rule that fits decides. `read` may still decline. */
type Rule = {
  readonly pattern: RegExp
  readonly read: (parts: readonly string[]) => Found | undefined
}

const doing = (actor: string | undefined, text: string): Found => ({
  actor,
  wish: { kind: 'do', text: lowerFirst(text.replace(/^to\s+/i, '')) },
})
const having = (text: string): Found => ({
  actor: undefined,
  wish: { kind: 'have', text: lowerFirst(text) },
})
const byTheSystem = (text: string): Found => ({
  actor: undefined,
  wish: { kind: 'system', text: lowerFirst(text) },
})

function splitBenefit(main: string): { rest: string; benefit: string | undefined } {
  const match = /^(.{8,}?),?\s+(so that|so|in order to)\s+(.+)$/i.exec(main)
  if (match === null) return { rest: main, benefit: undefined }
  const [, rest = main, link = '', reason = ''] = match
  const benefit =
    link.toLowerCase() === 'in order to'
      ? `I can ${reason}`
      : reason.replace(
          /^(?:they|he|she|customers|users)\s+(?=can|do|have|need|get|pay|know|see)/i,
          'I ',
        )
  return { rest, benefit }
}

const englishRules: readonly Rule[] = [
  {
    pattern: /^as (?:an?|the)?\s*(.+?),?\s+I\s+(?:want|need|would like|wish)\s+(to\s+)?(.+)$/i,
    read: ([actor = '', to = '', text = '']) => ({
      actor: personOf(actor) ?? actor,
      wish: to === '' ? having(text).wish : doing(undefined, text).wish,
    }),
  },
  {
    pattern:
      /^(?:please\s+|we (?:need|want|have) to\s+)?(?:allow|enable|help|permit)\s+(.+?)\s+to\s+(.+)$/i,
    read: ([actor = '', text = '']) => doing(personOf(actor), text),
  },
  {
    pattern: /^(?:please\s+)?let\s+((?:the|our|all)?\s*\S+)\s+(.+)$/i,
    read: ([actor = '', text = '']) => doing(personOf(actor), text),
  },
  {
    pattern:
      /^(.{1,60}?)\s+(?:should be able to|must be able to|will be able to|would like to|needs? to|wants? to|ha(?:s|ve) to|should|must|can|may|will)\s+(?!be\b)(.+)$/i,
    read: ([subject = '', text = '']) => {
      if (/^(?:I|we)$/i.test(subject)) return readImperative(text) ?? doing(undefined, text)
      if (isSystem(subject)) return byTheSystem(text)
      const actor = personOf(subject)
      return actor === undefined ? undefined : doing(actor, text)
    },
  },
  {
    pattern: /^(?:I|we)\s+(?:need|want|would like|are missing|miss)\s+(.+)$/i,
    read: ([text = '']) => having(text),
  },
  { pattern: /^there (?:should|must) be\s+(.+)$/i, read: ([text = '']) => having(text) },
  { pattern: /^(?:please\s+)?(.+)$/i, read: ([text = '']) => readImperative(text) },
  {
    pattern: /^(.+\s(?:should|must|is|are|will|can|may)\s.+)$/i,
    read: ([text = '']) => ({ actor: undefined, wish: { kind: 'rely', text } }),
  },
]

function readImperative(text: string): Found | undefined {
  const [, thing, place] = /^add\s+(.+?)\s+to\s+((?:the|our|every|all)\s.+)$/i.exec(text) ?? []
  if (thing !== undefined) return having(`${thing} in ${place}`)
  const [, making] =
    /^(?:add|create|build|implement|introduce|provide|develop|offer|have)\s+(.+)$/i.exec(text) ?? []
  if (making !== undefined) return having(making)
  if (systemVerb.test(text)) return byTheSystem(text)
  return userVerb.test(text) ? doing(undefined, text) : undefined
}

const systemVerb =
  /^(?:show|send|display|support|improve|fix|remove|change|update|notify|move|store|log|validate|prevent|block|automate|replace|hide|highlight|remind|calculate|detect|warn|check|refuse|keep)\s/i
const userVerb =
  /^(?:export|download|see|view|search|filter|pay|save|upload|share|edit|delete|cancel|reset|log ?in|sign ?in|log ?out|track|compare|print|copy|find|choose|select|book|order|approve|reject|import|sort|schedule|invite|register|subscribe|use|manage|receive|get|read|write|open|close|mark|assign|follow)\s/i

function isSystem(subject: string): boolean {
  return /^(?:the\s+|our\s+)?(?:system|app|application|site|website|service|server|product|platform|page|it|api)$/i.test(
    subject,
  )
}

const person =
  /\b(?:users?|customers?|clients?|admins?|administrators?|managers?|agents?|members?|owners?|teams?|developers?|testers?|analysts?|leads?|accountants?|clerks?|employees?|guests?|visitors?|buyers?|sellers?|merchants?|students?|teachers?|patients?|doctors?|drivers?|couriers?|operators?|people|person|staff|editors?|authors?|readers?|subscribers?|auditors?|everyone|everybody|anyone|shoppers?|support|photographers?|designers?)$/i

/** One person out of the group that is named; undefined when it is not people. */
function personOf(subject: string): string | undefined {
  const plain = subject.trim().replace(/^(?:the|our|all|every|each|an?)\s+/i, '')
  if (!person.test(plain)) return undefined
  const singular = plain
    .replace(/\bpeople$/i, 'person')
    .replace(/\b(?:everyone|everybody|anyone)$/i, 'person')
    .replace(/(?<!s)s$/i, '')
  return lowerFirst(singular)
}

function splitHebrewBenefit(main: string): { rest: string; benefit: string | undefined } {
  const match = /^(.{5,}?),?\s+(?:כדי|על מנת|בשביל|כך)\s+([של])(.+)$/u.exec(main)
  if (match === null) return { rest: main, benefit: undefined }
  const [, rest = main, link = '', reason = ''] = match
  return { rest, benefit: link === 'ש' ? reason : `אפשר יהיה ל${reason}` }
}

const hebrewRules: readonly Rule[] = [
  {
    pattern:
      /^בתור\s+(.+?),?\s+(?:(?:אני|אנו|אנחנו)\s+(?:רוצה|רוצים|רוצות|צריך|צריכה|צריכים|צריכות|מבקש|מבקשת|מבקשים)|ברצוני|ברצוננו)\s+(.+)$/u,
    read: ([actor = '', text = '']) => ({ ...readHebrewWish(text), actor }),
  },
  {
    pattern: /^(?:יש\s+|צריך\s+|נדרש\s+)?(?:לאפשר|אפשרו|נאפשר|לתת)\s+ל(.+?)\s+(ל\p{L}{2,}.*)$/u,
    read: ([actor = '', text = '']) => ({
      actor: hebrewPersonOf(actor),
      wish: { kind: 'do', text },
    }),
  },
  {
    pattern:
      /^(.{2,60}?)\s+(?:יכול|יכולה|יכולים|יכולות|יוכל|תוכל|יוכלו|צריך|צריכה|צריכים|צריכות|חייב|חייבת|חייבים|חייבות|אמור|אמורה|אמורים|אמורות|רוצה|רוצים|רוצות)\s+(ל\p{L}{2,}.*)$/u,
    read: ([subject = '', text = '']) => {
      if (/^(?:אני|אנו|אנחנו)$/u.test(subject)) return readHebrewWish(text)
      if (/^ה?(?:מערכת|אפליקציה|יישום|אתר|דף|מסך|שרת|שירות|מוצר)$/u.test(subject))
        return { actor: undefined, wish: { kind: 'system', text } }
      return { actor: hebrewPersonOf(subject), wish: { kind: 'do', text } }
    },
  },
  {
    pattern:
      /^(?:צריך|צריכים|יש|נדרש|נדרשת|נדרשים|חייבים|רוצים|נרצה|(?:אני|אנחנו|אנו)\s+(?:רוצה|רוצים|צריך|צריכה|צריכים)|ברצוני|ברצוננו|נא)\s+(.+)$/u,
    read: ([text = '']) => readHebrewWish(text),
  },
  {
    pattern: /^(?:הוסיפו|הוסף|הוסיפי|צרו|בנו|פתחו)\s+(.+)$/u,
    read: ([text = '']) => having(text),
  },
  {
    pattern: /^(ל\p{L}{2,}\s.+)$/u,
    read: ([text = '']) => (hebrewNounWithLamed.test(text) ? undefined : readHebrewWish(text)),
  },
]

function readHebrewWish(text: string): Found {
  const [, making] = /^(?:להוסיף|ליצור|לבנות|לפתח|ליישם)\s+(.+)$/u.exec(text) ?? []
  if (making !== undefined) return having(making)
  return /^ל\p{L}{2,}/u.test(text) && !hebrewNounWithLamed.test(text)
    ? { actor: undefined, wish: { kind: 'do', text } }
    : having(text)
}

const hebrewNounWithLamed = /^(?:לקוח|לוח|לוגו|ליווי|לשונית|למידה|לינק|ליד(?:ים)?\s)/u

const hebrewGroup =
  /^ה?(לקוחות|משתמשים|מנהלים|נציגים|עובדים|סוכנים|קונים|ספקים|מוכרים|אורחים|מבקרים|מפתחים|בודקים|תלמידים|מורים|צלמים|חברים|שליחים|נהגים|מטופלים|רופאים)(\s.+)?$/u

/** A group becomes "part of the group", which fits a single speaker of any gender. */
function hebrewPersonOf(subject: string): string {
  const [, group, more = ''] = hebrewGroup.exec(subject.trim()) ?? []
  return group === undefined ? subject.trim() : `חלק מציבור ה${group}${more}`
}
