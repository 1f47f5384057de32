import { type StoryContent, stlcSections } from '@studioops/contracts/story-content'
import type { StoryVersion } from '@studioops/contracts/stories'
import { type DiffPart, diffWords } from './word-diff.ts'

export const storyParts = [
  'summary',
  'asA',
  'iWant',
  'soThat',
  'criteria',
  'scenarios',
  ...stlcSections,
  'points',
] as const
export type StoryPart = (typeof storyParts)[number]

export type PartDiff = { readonly diff: readonly DiffPart[] } & (
  | { readonly part: StoryPart }
  /** A section of a custom template, by its heading. */
  | { readonly part: 'section'; readonly title: string }
  /** A part of a split, from 1. */
  | { readonly part: 'child'; readonly number: number }
)

export type Compared = Pick<StoryVersion, 'content' | 'children'>

/** The parts of a story that differ, in the order of the page; empty where nothing does. */
export function diffStories(before: Compared, after: Compared): PartDiff[] {
  const from = textsOf(before.content)
  const to = textsOf(after.content)
  const own = storyParts
    .filter((part) => from[part] !== to[part])
    .map((part) => ({ part, diff: diffWords(from[part], to[part]) }))
  return [...own, ...diffSections(before, after), ...diffChildren(before, after)]
}

function diffSections(before: Compared, after: Compared): PartDiff[] {
  const [from, to] = [before, after].map(({ content }) => content.sections ?? [])
  const all = new Map([...(from ?? []), ...(to ?? [])].map(({ key, title }) => [key, title]))
  const textIn = (sections: typeof from, wanted: string) =>
    sections?.find(({ key }) => key === wanted)?.text ?? ''
  return [...all]
    .filter(([key]) => textIn(from, key) !== textIn(to, key))
    .map(([key, title]) => ({
      part: 'section',
      title,
      diff: diffWords(textIn(from, key), textIn(to, key)),
    }))
}

function diffChildren(before: Compared, after: Compared): PartDiff[] {
  const [from, to] = [before, after].map(({ children = [] }) =>
    children.map(({ content }) => wholeText(content)),
  )
  const count = Math.max(from?.length ?? 0, to?.length ?? 0)
  return Array.from({ length: count }, (_, index) => index)
    .filter((index) => from?.[index] !== to?.[index])
    .map((index) => ({
      part: 'child',
      number: index + 1,
      diff: diffWords(from?.[index] ?? '', to?.[index] ?? ''),
    }))
}

function wholeText(content: StoryContent): string {
  const texts = textsOf(content)
  return storyParts
    .map((part) => texts[part])
    .filter((text) => text !== '')
    .join('\n')
}

/** Entries of a list stand in lines of their own, so that a diff keeps them apart. */
function textsOf(content: StoryContent): Record<StoryPart, string> {
  return {
    summary: content.summary,
    ...content.narrative,
    criteria: content.acceptanceCriteria.map((text) => `• ${text}`).join('\n'),
    scenarios: content.scenarios.map(scenarioText).join('\n\n'),
    ...content.stlcNotes,
    points: String(content.storyPoints),
  }
}

function scenarioText({ name, examples, ...steps }: StoryContent['scenarios'][number]): string {
  const rows = examples === undefined ? [] : [examples.columns, ...examples.rows]
  return [
    name,
    `Given ${steps.given}`,
    `When ${steps.when}`,
    `Then ${steps.then}`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n')
}
