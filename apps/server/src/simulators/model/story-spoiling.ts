import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'
import type { ChatRequest } from './model-answer.ts'
import { readStoryPrompt } from './story-prompt.ts'

export type Carelessness =
  | 'json'
  | 'long'
  | 'sections'
  | 'dropped'
  | 'hebrew'
  | 'large'
  | 'any'
  /** Its first cut is too coarse, the second is not. */
  | 'coarse'
  /** However often it cuts, the parts are too large. */
  | 'uncut'

const all = ['json', 'long', 'sections', 'dropped', 'hebrew', 'large'] as const

type Spoiling = { readonly how: Carelessness; readonly chat: ChatRequest }

/**
 * A story as a careless model writes it. By the words of the question: which fault, and whether the
 * model does better when it is told, and after how many times; always the same for the same words.
 */
export function spoil(text: string, { how, chat }: Spoiling): string {
  if (how === 'coarse' || how === 'uncut') return withLargeParts(text, { how, chat })
  const users = chat.messages.filter(({ role }) => role === 'user').map((message) => message.text)
  const seed = sumOf(users[0] ?? '')
  const rounds = users.length - 1
  // Some learn at once, some at the second time, some never.
  if (rounds >= seed % 4) return text
  const chosen = how === 'any' ? (all[Math.floor(seed / 4) % all.length] ?? 'json') : how
  return spoilers[chosen](text)
}

/** A whole that is a part itself has been cut once. */
const isPart = /, part \d+ of \d+|, חלק \d+ מתוך \d+/

function withLargeParts(text: string, { how, chat }: Spoiling): string {
  const value = JSON.parse(text) as JsonValue
  if (!isJsonObject(value) || value['kind'] !== 'split') return text
  const whole = readStoryPrompt(chat.messages.map((message) => message.text))?.wholeStory
  const isSecond = isPart.test(memberText(whole ?? {}, 'summary'))
  return how === 'coarse' && isSecond ? text : spoilers.large(text)
}

type Spoiler = Exclude<Carelessness, 'any' | 'coarse' | 'uncut'>

const spoilers: Readonly<Record<Spoiler, (text: string) => string>> = {
  json: (text) => `${text.slice(0, Math.floor(text.length * 0.6))} …`,
  long: (text) =>
    change(text, (story) => ({
      ...story,
      summary: `${memberText(story, 'summary')} `.repeat(30).slice(0, 1_500).trim(),
    })),
  sections: (text) =>
    change(text, ({ stlcNotes: _, ...story }) => ({ ...story, acceptanceCriteria: [] })),
  dropped: (text) => change(text, withoutLast),
  hebrew: (text) => change(text, withHebrewKeys),
  large: (text) => change(text, (story) => ({ ...story, storyPoints: 13 })),
}

function change(text: string, spoilOne: (story: JsonObject) => JsonObject): string {
  const value = JSON.parse(text) as JsonValue
  if (!isJsonObject(value)) return text
  const { children } = value
  if (Array.isArray(children))
    return JSON.stringify({
      ...value,
      children: children.map((child) => (isJsonObject(child) ? spoilOne(child) : child)),
    })
  return value['kind'] === 'story' ? JSON.stringify(spoilOne(value)) : text
}

function withoutLast(story: JsonObject): JsonObject {
  const { acceptanceCriteria: criteria } = story
  return Array.isArray(criteria) && criteria.length > 1
    ? { ...story, acceptanceCriteria: criteria.slice(0, -1) }
    : story
}

const hebrewKeys: Readonly<Record<string, string>> = {
  summary: 'תקציר',
  narrative: 'סיפור',
  acceptanceCriteria: 'קריטריוני קבלה',
  scenarios: 'תרחישים',
  stlcNotes: 'הערות STLC',
  storyPoints: 'נקודות סיפור',
}

function withHebrewKeys(story: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(story).map(([key, value]) => [hebrewKeys[key] ?? key, value]),
  )
}

function memberText(story: JsonObject, name: string): string {
  const value = story[name]
  return typeof value === 'string' ? value : ''
}

function sumOf(text: string): number {
  let sum = 7
  for (const sign of text) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 1_000_003
  return sum
}
