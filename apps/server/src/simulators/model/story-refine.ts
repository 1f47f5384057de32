import {
  storyContent,
  type ModelReply,
  type StoryContent,
} from '@studioops/contracts/story-content'
import type { JsonObject } from '../json-value.ts'
import { upperFirst } from './requirement.ts'
import type { StoryLanguage } from './story-prompt.ts'

type Change = {
  readonly pattern: RegExp
  readonly apply: (
    story: StoryContent,
    parts: readonly string[],
  ) => Partial<StoryContent> | undefined
}

/**
 * Carries out one instruction. What the instruction does not name stays as it is, to the letter.
 */
export function refineStory(
  current: JsonObject | StoryContent,
  instruction: string,
  language: StoryLanguage,
): ModelReply {
  const read = storyContent.safeParse(current)
  if (!read.success)
    return {
      kind: 'clarify',
      question:
        language === 'he'
          ? 'הסיפור הנוכחי אינו קריא. מה צריך להיכתב מחדש?'
          : 'The current story cannot be read. What should be written anew?',
      options: [],
    }
  const story = read.data
  const text = instruction.trim()
  for (const { pattern, apply } of changes) {
    const match = pattern.exec(text)
    const changed = match === null ? undefined : apply(story, match.slice(1))
    if (changed !== undefined) return { kind: 'story', ...story, ...changed }
  }
  return { kind: 'story', ...story, ...addCriterion(story, text, language) }
}

const changes: readonly Change[] = [
  {
    pattern:
      /(?:shorten|shorter|briefer).*(?:summary|title)|(?:summary|title).*(?:shorter|briefer)/is,
    apply: (story) => ({ summary: shorten(story.summary) }),
  },
  {
    pattern:
      /(?:קצר|תקצר|קצרו|לקצר|מקוצר).*(?:תקציר|כותרת)|(?:תקציר|כותרת).*(?:קצר|קצרה|קצרים|יותר קצר)/su,
    apply: (story) => ({ summary: shorten(story.summary) }),
  },
  {
    pattern: /(?:change|set|rename|make).*?(?:summary|title)\s+(?:to|:)\s*["“']?(.+?)["”']?\.?$/is,
    apply: (_story, [summary = '']) => ({ summary: upperFirst(summary.trim()) }),
  },
  {
    pattern: /(?:תקציר|כותרת)\s*(?:ל|יהיה|תהיה|:)[־-]?\s*["״“]?(.+?)["״”]?\.?$/su,
    apply: (_story, [summary = '']) => ({ summary: summary.trim() }),
  },
  {
    pattern: /(?:story )?points?\b\D*?([123])\b/i,
    apply: (_story, [points]) => ({ storyPoints: Number(points) }),
  },
  {
    pattern: /נקודות\D*?([123])(?!\d)|([123])\s*נקודות/u,
    apply: (_story, [first, second]) => ({ storyPoints: Number(first ?? second) }),
  },
  {
    pattern: /(?:remove|delete|drop)\b.*?(?:criteri\S*|scenario)\D*(\d+)/is,
    apply: (story, [number]) => removeAt(story, Number(number) - 1),
  },
  {
    pattern: /(?:הסר|הסירו|להסיר|מחק|מחקו|למחוק).*?(?:קריטריון|תרחיש)\D*(\d+)/su,
    apply: (story, [number]) => removeAt(story, Number(number) - 1),
  },
]

/** The first clause, at most eight words, never longer than it was. */
function shorten(summary: string): string {
  const clause = summary.split(/[,;:–]|\s(?:so that|because|and|כדי|כי)\s/u)[0] ?? summary
  return clause.trim().split(/\s+/).slice(0, 8).join(' ')
}

function removeAt(story: StoryContent, index: number): Partial<StoryContent> | undefined {
  if (story.acceptanceCriteria[index] === undefined) return undefined
  const isPaired = story.scenarios.length === story.acceptanceCriteria.length
  return {
    acceptanceCriteria: story.acceptanceCriteria.toSpliced(index, 1),
    ...(isPaired ? { scenarios: story.scenarios.toSpliced(index, 1) } : {}),
  }
}

const leadIn =
  /^(?:please\s+)?(?:also\s+)?(?:add|include|mention)\s+(?:(?:an?|another|one more)\s+)?(?:(?:new\s+)?(?:acceptance\s+)?(?:criterion|criteria|scenario|requirement)\s*(?:that|about|for|saying|:)?\s*)?/i
const hebrewLeadIn =
  /^(?:נא\s+)?(?:גם\s+)?(?:הוסף|הוסיפי|הוסיפו|להוסיף|תוסיף|תוסיפי|תוסיפו|ציינו|לציין)\s+(?:עוד\s+)?(?:(?:קריטריון|תנאי|תרחיש|דרישה)(?:\s+קבלה)?(?:\s+(?:נוסף|נוספת|חדש|חדשה))?\s*(?::\s*|על\s+|לגבי\s+|ש(?=[אהיכלנת]))?)?/u

const expectations: Readonly<Record<StoryLanguage, string>> = {
  en: 'a message says what happens, and nothing that was typed is lost',
  he: 'הודעה אומרת מה קורה, ושום דבר שהוקלד אינו אובד',
}

function statementOf(instruction: string, language: StoryLanguage): string {
  const rest = instruction.replace(language === 'he' ? hebrewLeadIn : leadIn, '').trim()
  const said = upperFirst((rest === '' ? instruction : rest).replace(/[.\s]+$/, ''))
  // A topic alone is nothing that can be tested.
  const isTopic = said.split(/\s+/).length < (language === 'he' ? 2 : 3)
  return isTopic ? `${said}: ${expectations[language]}` : said
}

function addCriterion(
  story: StoryContent,
  instruction: string,
  language: StoryLanguage,
): Partial<StoryContent> {
  const statement = statementOf(instruction, language)
  const isThere = story.acceptanceCriteria.some((one) => one === `${statement}.`)
  if (isThere) return {}
  const acceptanceCriteria = [...story.acceptanceCriteria, `${statement}.`]
  if (story.scenarios.length === 0) return { acceptanceCriteria }
  const [first] = story.scenarios
  const scenario = {
    name: statement.slice(0, 80),
    given: first?.given ?? '',
    when: first?.when ?? '',
    then: statement,
  }
  return { acceptanceCriteria, scenarios: [...story.scenarios, scenario] }
}
