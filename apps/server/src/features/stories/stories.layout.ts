import type { Language } from '@studioops/contracts/installation'
import { stlcSections, type StoryContent } from '@studioops/contracts/story-content'
import { type TemplateSection, templateSlots } from '@studioops/contracts/story-templates'

/** Where the parts of a story go in a description, as a template says. */
export type Layout = { readonly body: string; readonly sections: readonly TemplateSection[] }

export const headings = {
  en: {
    story: 'Story',
    as: 'As',
    asA: 'As a',
    iWant: 'I want',
    soThat: 'so that',
    criteria: 'Acceptance Criteria',
    scenarios: 'Scenarios',
    given: 'Given',
    when: 'When',
    then: 'Then',
    examples: 'Examples',
    stlc: 'STLC notes',
    scope: 'Test scope',
    data: 'Test data',
    environments: 'Environments',
    cases: 'Test cases',
    entryCriteria: 'Entry criteria',
    exitCriteria: 'Exit criteria',
    points: 'Story points',
  },
  he: {
    story: 'סיפור',
    as: 'בתור',
    asA: 'בתור',
    iWant: 'ברצוני',
    soThat: 'כדי ש',
    criteria: 'קריטריוני קבלה',
    scenarios: 'תרחישים',
    given: 'בהינתן',
    when: 'כאשר',
    then: 'אז',
    examples: 'דוגמאות',
    stlc: 'הערות STLC',
    scope: 'היקף הבדיקות',
    data: 'נתוני בדיקה',
    environments: 'סביבות',
    cases: 'מקרי בדיקה',
    entryCriteria: 'תנאי כניסה',
    exitCriteria: 'תנאי יציאה',
    points: 'נקודות סיפור',
  },
} as const

/** Text of people must not become markup of ours: a line that begins like a heading or a list stays text. */
function plain(text: string): string {
  return text
    .trim()
    .replace(/([\\`*_{}[\]<>|~])/g, '\\$1')
    .replace(/^(\s*)([#>+-]|\d+[.)])(?=\s)/gm, '$1\\$2')
}

/** Models and people write "a customer" as often as "customer". */
const beginsWithArticle = (text: string) => /^(an?|the)\s/i.test(text.trim())

const listItem = (text: string) => `- ${plain(text).replaceAll('\n', '\n  ')}`
const cell = (text: string) => plain(text).replaceAll('\n', ' ')

type Examples = NonNullable<StoryContent['scenarios'][number]['examples']>

function tableOf({ columns, rows }: Examples, title: string): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  const table = [line(columns), line(columns.map(() => '---')), ...rows.map(line)]
  return `**${title}**\n\n${table.join('\n').replaceAll('\\-', '-')}`
}

/** The parts of a story as Markdown, by the names that a template uses. */
function partsOf(content: StoryContent, language: Language): Record<string, string> {
  const words = headings[language]
  const { asA, iWant, soThat } = content.narrative
  const scenarios = content.scenarios.map(({ name, given, when, then, examples }) =>
    [
      `### ${plain(name).replaceAll('\n', ' ')}`,
      [
        `- **${words.given}** ${plain(given).replaceAll('\n', '\n  ')}`,
        `- **${words.when}** ${plain(when).replaceAll('\n', '\n  ')}`,
        `- **${words.then}** ${plain(then).replaceAll('\n', '\n  ')}`,
      ].join('\n'),
      ...(examples === undefined ? [] : [tableOf(examples, words.examples)]),
    ].join('\n\n'),
  )
  const notes = stlcSections.map((name) =>
    [`### ${words[name]}`, plain(content.stlcNotes[name])].join('\n\n'),
  )
  return {
    summary: plain(content.summary),
    asA: plain(asA),
    iWant: plain(iWant),
    soThat: plain(soThat),
    narrative: [
      `**${beginsWithArticle(asA) ? words.as : words.asA}** ${plain(asA)}`,
      `**${words.iWant}** ${plain(iWant)}`,
      `**${words.soThat}** ${plain(soThat)}`,
    ].join('  \n'),
    criteria: content.acceptanceCriteria.map(listItem).join('\n'),
    scenarios: scenarios.join('\n\n'),
    stlc: notes.join('\n\n'),
    points: String(content.storyPoints),
  }
}

const slotPattern = /\{\{\s*([A-Za-z]+(?::[a-z0-9-]+)?)\s*\}\}/g

/** Names in `{{…}}` that nothing stands for, each once. */
export function unknownSlots({ body, sections }: Layout): string[] {
  const known = new Set<string>([...templateSlots, ...sections.map(({ key }) => `section:${key}`)])
  const named = [...body.matchAll(/\{\{([^{}]{0,100})\}\}/g)].map(([, name = '']) => name.trim())
  return [...new Set(named)].filter((name) => !known.has(name))
}

/** A template with its places filled in; what is put in is never read for places again. */
function fill(content: StoryContent, { body }: Layout, language: Language): string {
  const parts = partsOf(content, language)
  return body.replaceAll(slotPattern, (whole, name: string) => {
    if (!name.startsWith('section:')) return parts[name] ?? whole
    const key = name.slice('section:'.length)
    return plain(content.sections?.find((section) => section.key === key)?.text ?? '')
  })
}

/** The description of an issue as Markdown: as the template says, or the usual way. */
export function layOut(
  content: StoryContent,
  { language, layout }: { readonly language: Language; readonly layout?: Layout | undefined },
): string {
  if (layout !== undefined) return fill(content, layout, language)
  const words = headings[language]
  const parts = partsOf(content, language)
  const { sections = [] } = content
  return [
    `## ${words.story}`,
    parts['narrative'] ?? '',
    `## ${words.criteria}`,
    parts['criteria'] ?? '',
    ...(content.scenarios.length === 0 ? [] : [`## ${words.scenarios}`, parts['scenarios'] ?? '']),
    ...sections.flatMap(({ title, text }) => [`## ${plain(title)}`, plain(text)]),
    `## ${words.stlc}`,
    parts['stlc'] ?? '',
  ].join('\n\n')
}
