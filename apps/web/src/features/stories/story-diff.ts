import { type StoryContent, stlcSections } from '@studioops/contracts/story-content'
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

export type PartDiff = { readonly part: StoryPart; readonly diff: readonly DiffPart[] }

/** The parts of a story that differ, in the order of the page; empty where nothing does. */
export function diffStories(before: StoryContent, after: StoryContent): PartDiff[] {
  const from = textsOf(before)
  const to = textsOf(after)
  return storyParts
    .filter((part) => from[part] !== to[part])
    .map((part) => ({ part, diff: diffWords(from[part], to[part]) }))
}

/** Entries of a list stand in lines of their own, so that a diff keeps them apart. */
function textsOf(content: StoryContent): Record<StoryPart, string> {
  const scenarios = content.scenarios.map(({ name, given, when, then }) =>
    [name, `Given ${given}`, `When ${when}`, `Then ${then}`].join('\n'),
  )
  return {
    summary: content.summary,
    ...content.narrative,
    criteria: content.acceptanceCriteria.map((text) => `• ${text}`).join('\n'),
    scenarios: scenarios.join('\n\n'),
    ...content.stlcNotes,
    points: String(content.storyPoints),
  }
}
