import {
  modelReply,
  type ModelReply,
  splitReply,
  type StoryContent,
} from '@studioops/contracts/story-content'
import { partNamed, readStoryText } from '@studioops/contracts/story-text'
import { z } from 'zod'
import { extractJson } from '../../integrations/llm/extract-json.ts'

/** What an answer of a model is, as far as it can be read. */
export type ReadReply<T> =
  | { readonly kind: 'read'; readonly reply: T }
  | { readonly kind: 'unusable'; readonly problem: string }

/**
 * Reads a story or a question. Keys in Hebrew, in other spellings, missing sections and a story in
 * Markdown are understood: what is missing then is a matter for the rules, which can name it.
 */
export function readReply(text: string): ReadReply<ModelReply> {
  const json = parseObject(text)
  if (json === undefined) {
    const written = readStoryText(text)
    return written === undefined
      ? { kind: 'unusable', problem: 'there is no JSON object in it' }
      : { kind: 'read', reply: { kind: 'story', ...written } }
  }
  const read = modelReply.safeParse(tidyReply(json))
  return read.success
    ? { kind: 'read', reply: read.data }
    : { kind: 'unusable', problem: z.prettifyError(read.error) }
}

/** Reads the children of a split. */
export function readSplit(text: string): ReadReply<StoryContent[]> {
  const json = parseObject(text)
  if (json === undefined) return { kind: 'unusable', problem: 'there is no JSON object in it' }
  const children = json['children'] ?? json['stories'] ?? json['סיפורים'] ?? json['חלקים']
  const tidy = {
    kind: 'split',
    children: Array.isArray(children) ? children.map((child) => tidyStory(asFields(child))) : [],
  }
  const read = splitReply.safeParse(tidy)
  return read.success
    ? { kind: 'read', reply: read.data.children }
    : { kind: 'unusable', problem: z.prettifyError(read.error) }
}

type Fields = Readonly<Record<string, unknown>>

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}

function parseObject(text: string): Fields | undefined {
  const json = extractJson(text)
  return json === undefined ? undefined : asFields(JSON.parse(json))
}

function tidyReply(json: Fields): unknown {
  return json['kind'] === 'clarify' ? json : { kind: 'story', ...tidyStory(json) }
}

/** The members of a story under the names that we use, whatever a model called them. */
const memberOf: Readonly<Record<string, string>> = {
  summary: 'summary',
  narrative: 'narrative',
  criteria: 'acceptanceCriteria',
  scenarios: 'scenarios',
  stlc: 'stlcNotes',
  points: 'storyPoints',
  'stlc.scope': 'scope',
  'stlc.data': 'data',
  'stlc.environments': 'environments',
  'stlc.cases': 'cases',
  'stlc.entryCriteria': 'entryCriteria',
  'stlc.exitCriteria': 'exitCriteria',
}

const clauseOf: Readonly<Record<string, string>> = {
  'as a': 'asA',
  asa: 'asA',
  בתור: 'asA',
  'i want': 'iWant',
  ברצוני: 'iWant',
  'so that': 'soThat',
  'כדי ש': 'soThat',
  given: 'given',
  בהינתן: 'given',
  when: 'when',
  כאשר: 'when',
  then: 'then',
  אז: 'then',
  name: 'name',
  שם: 'name',
}

function renamed(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      const part = partNamed(key)
      const name = (part && memberOf[part]) ?? clauseOf[key.toLowerCase().trim()] ?? key
      return [name, value]
    }),
  )
}

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : ''
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function tidyStory(json: Fields) {
  const fields = renamed(json)
  const narrative = renamed(asFields(fields['narrative']))
  const notes = { ...fields, ...renamed(asFields(fields['stlcNotes'])) }
  const points = Number(fields['storyPoints'])
  return {
    summary: textOf(fields['summary']),
    narrative: pick(narrative, ['asA', 'iWant', 'soThat']),
    acceptanceCriteria: listOf(fields['acceptanceCriteria']).map(textOf),
    scenarios: listOf(fields['scenarios']).map((one) => tidyScenario(renamed(asFields(one)))),
    stlcNotes: pick(notes, [
      'scope',
      'data',
      'environments',
      'cases',
      'entryCriteria',
      'exitCriteria',
    ]),
    storyPoints: Number.isFinite(points) ? points : 0,
    ...(Array.isArray(fields['sections']) ? { sections: fields['sections'] } : {}),
  }
}

function tidyScenario(fields: Fields) {
  const { examples } = fields
  return {
    ...pick(fields, ['name', 'given', 'when', 'then']),
    // A model that fills every member says null where there is no table.
    ...(examples === undefined || examples === null ? {} : { examples }),
  }
}

function pick(fields: Fields, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, textOf(fields[name])]))
}
