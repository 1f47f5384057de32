import type { stlcSections, StoryContent } from './story-content.ts'

type Part =
  | 'summary'
  | 'narrative'
  | 'criteria'
  | 'scenarios'
  | 'stlc'
  | 'points'
  | `stlc.${(typeof stlcSections)[number]}`

/** How people head the parts of a story, in both languages; compared without case and marks. */
const headings: Readonly<Record<Part, readonly string[]>> = {
  summary: ['summary', 'title', 'תקציר', 'כותרת'],
  narrative: ['story', 'user story', 'narrative', 'סיפור', 'סיפור משתמש'],
  criteria: [
    'acceptance criteria',
    'criteria',
    'קריטריוני קבלה',
    'תנאי קבלה',
    'קריטריונים לקבלה',
    'קריטריוני הקבלה',
    'תנאי הקבלה',
  ],
  scenarios: ['scenarios', 'תרחישים'],
  stlc: ['stlc', 'stlc notes', 'test notes', 'הערות stlc', 'הערות בדיקה', 'בדיקות'],
  points: ['story points', 'points', 'estimate', 'נקודות סיפור', 'אומדן'],
  'stlc.scope': ['test scope', 'scope', 'היקף הבדיקות', 'היקף'],
  'stlc.data': ['test data', 'data', 'נתוני בדיקה', 'נתונים'],
  'stlc.environments': ['environments', 'environment', 'סביבות', 'סביבה'],
  'stlc.cases': ['test cases', 'cases', 'מקרי בדיקה', 'מקרים'],
  'stlc.entryCriteria': ['entry criteria', 'תנאי כניסה', 'קריטריוני כניסה'],
  'stlc.exitCriteria': ['exit criteria', 'תנאי יציאה', 'קריטריוני יציאה'],
}

const partOf = new Map(
  Object.entries(headings).flatMap(([part, names]) =>
    // The keys are the parts.
    names.map((name) => [name, part as Part] as const),
  ),
)

const bareHeading = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[*_#:`־-]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** The part that a line heads, and what stands after its colon. */
function headingOf(line: string): { part: Part; rest: string } | undefined {
  const whole = partOf.get(bareHeading(line))
  if (whole !== undefined) return { part: whole, rest: '' }
  const colon = line.indexOf(':')
  if (colon < 1) return undefined
  const part = partOf.get(bareHeading(line.slice(0, colon)))
  const rest = line.slice(colon + 1).replace(/^\**\s*/, '')
  return part === undefined ? undefined : { part, rest }
}

const bullet = /^\s*(?:[-*•]|\d{1,3}[.)])\s+/

const narrativeParts = [
  { name: 'asA', begins: /^(?:as an?|as|בתור|כ־)\s*/i },
  { name: 'iWant', begins: /^(?:i want to|i want|ברצוני|אני רוצה)\s*/i },
  { name: 'soThat', begins: /^(?:so that|in order to|כדי ש־?|כדי)\s*/i },
] as const

function narrativeOf(lines: readonly string[]): StoryContent['narrative'] {
  const found = { asA: '', iWant: '', soThat: '' }
  const clauses = lines.flatMap((line) =>
    line
      .replaceAll(/[*_]/g, '')
      .split(/(?:,\s*|\s{2,}|\s)(?=(?:i want|so that|ברצוני|כדי ש)\b|(?:ברצוני|כדי ש))/i),
  )
  for (const clause of clauses) {
    const text = clause.trim()
    const part = narrativeParts.find(({ begins }) => begins.test(text))
    if (part !== undefined) found[part.name] = text.replace(part.begins, '').replace(/[,.]$/, '')
  }
  return found
}

/**
 * Reads a story that somebody wrote as text with headings, in English or Hebrew (STY-9).
 *
 * @returns undefined where there is no heading of a story in it
 */
export function readStoryText(text: string): StoryContent | undefined {
  const parts = new Map<Part, string[]>()
  const free: string[] = []
  let current: string[] = free
  for (const line of text.split(/\r?\n/)) {
    const heading = headingOf(line.trim())
    if (heading === undefined) current.push(line)
    else {
      current = parts.get(heading.part) ?? []
      parts.set(heading.part, current)
      if (heading.rest !== '') current.push(heading.rest)
    }
  }
  if (parts.size === 0) return undefined
  const textOf = (part: Part) => (parts.get(part) ?? []).join('\n').trim()
  const listOf = (part: Part) =>
    (parts.get(part) ?? [])
      .map((line) => line.replace(bullet, '').trim())
      .filter((line) => line !== '')
  const first = free.map((line) => line.replace(/^[#\s]+/, '').trim()).find((line) => line !== '')
  return {
    summary: textOf('summary') || (first ?? ''),
    narrative: narrativeOf([...(parts.get('narrative') ?? []), ...free]),
    acceptanceCriteria: listOf('criteria'),
    scenarios: [],
    stlcNotes: notesOf(textOf),
    storyPoints: pointsIn(textOf('points')),
  }
}

const pointsIn = (text: string) => Number(/\d+(?:[.,]\d+)?/.exec(text)?.[0]?.replace(',', '.') ?? 0)

function notesOf(textOf: (part: Part) => string): StoryContent['stlcNotes'] {
  return {
    scope: textOf('stlc.scope') || textOf('stlc'),
    data: textOf('stlc.data'),
    environments: textOf('stlc.environments'),
    cases: textOf('stlc.cases'),
    entryCriteria: textOf('stlc.entryCriteria'),
    exitCriteria: textOf('stlc.exitCriteria'),
  }
}

/** The part that a key of an object names, whatever language a model gave it in. */
export function partNamed(key: string): string | undefined {
  return partOf.get(bareHeading(key.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' ')))
}
