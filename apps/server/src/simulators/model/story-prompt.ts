import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'

export type StoryLanguage = 'en' | 'he'

/** What the product asks for, read from the tagged sections of a prompt. */
export type StoryPrompt = {
  readonly requirement: string
  readonly format: 'classic' | 'bdd'
  readonly language: StoryLanguage
  readonly project: string | undefined
  readonly instruction: string | undefined
  readonly currentStory: JsonObject | undefined
  readonly clarifications: readonly { readonly question: string; readonly answer: string }[]
  /** To be cut into smaller ones, each of at most so many points. */
  readonly wholeStory: JsonObject | undefined
  readonly pointsMax: number
}

/**
 * @param texts the messages of the user, oldest first; the newest one that has a section gives it
 * @returns undefined when no requirement is there: an ordinary chat
 */
export function readStoryPrompt(texts: readonly string[]): StoryPrompt | undefined {
  const newest = (tag: string): string | undefined =>
    texts.map((text) => takeTag(text, tag)[0]).findLast((found) => found !== undefined)
  const requirement = newest('requirement')
  if (requirement === undefined) return undefined
  const instruction = newest('instruction')
  return {
    requirement,
    format: newest('format')?.toLowerCase() === 'bdd' ? 'bdd' : 'classic',
    language: readLanguage(newest('language'), requirement),
    project: newest('project'),
    instruction: instruction === '' ? undefined : instruction,
    currentStory: readObject(newest('current_story')),
    wholeStory: readObject(newest('whole_story')),
    pointsMax: Number(newest('points_max') ?? 3),
    clarifications: texts.flatMap((text) =>
      takeTag(text, 'clarification', (inside) => inside).map((inside) => ({
        question: takeTag(inside, 'question')[0] ?? '',
        answer: takeTag(inside, 'answer')[0] ?? '',
      })),
    ),
  }
}

/** The insides of all sections with this tag, without white space around them. */
function takeTag(text: string, tag: string, decode = unescapeTags): string[] {
  const [opening, closing] = [`<${tag}>`, `</${tag}>`]
  const found: string[] = []
  let start = text.indexOf(opening)
  while (start !== -1) {
    const end = text.indexOf(closing, start)
    if (end === -1) break
    found.push(decode(text.slice(start + opening.length, end)).trim())
    start = text.indexOf(opening, end)
  }
  return found
}

/** A prompt that escapes what the user typed is understood as well as one that does not. */
function unescapeTags(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

function readLanguage(named: string | undefined, requirement: string): StoryLanguage {
  if (named === 'he' || named === 'en') return named
  return isHebrew(requirement) ? 'he' : 'en'
}

export function isHebrew(text: string): boolean {
  const hebrew = text.match(/\p{Script=Hebrew}/gu)?.length ?? 0
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0
  return hebrew > latin
}

function readObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as JsonValue
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
