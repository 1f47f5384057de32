import { limits } from '@studioops/contracts/limits'
import {
  type SplitReply,
  storyContent,
  type StoryContent,
} from '@studioops/contracts/story-content'
import type { StoryPrompt } from './story-prompt.ts'
import { clip } from './story-writer.ts'

/** How many criteria one child takes. */
const share = 3

const partWords = {
  en: (index: number, count: number) => `, part ${index} of ${count}`,
  he: (index: number, count: number) => `, חלק ${index} מתוך ${count}`,
} as const

/** The demo's model cuts a story by its criteria, in their order. Undefined where no split is asked for. */
export function splitStory({
  wholeStory,
  pointsMax,
  language,
}: StoryPrompt): SplitReply | undefined {
  const read = storyContent.safeParse(wholeStory)
  if (!read.success) return undefined
  const whole = read.data
  const groups = cut(whole.acceptanceCriteria)
  const children = groups.map(({ from, criteria }, index): StoryContent => {
    const tail = partWords[language](index + 1, groups.length)
    const scenarios =
      whole.scenarios.length === whole.acceptanceCriteria.length
        ? whole.scenarios.slice(from, from + criteria.length)
        : whole.scenarios
    return {
      ...whole,
      summary: `${clip(whole.summary, limits.summaryGraphemes - tail.length)}${tail}`,
      acceptanceCriteria: criteria,
      scenarios,
      storyPoints: Math.min(pointsMax, criteria.length),
    }
  })
  return { kind: 'split', children }
}

function cut(criteria: readonly string[]): { from: number; criteria: string[] }[] {
  // One criterion has to be cut too: a split of one is none.
  const size = Math.max(1, Math.min(share, Math.ceil(criteria.length / 2)))
  const count = Math.max(2, Math.ceil(criteria.length / size))
  return Array.from({ length: count }, (_, index) => {
    const from = Math.min(index * size, Math.max(0, criteria.length - 1))
    return { from, criteria: criteria.slice(from, from + size) }
  })
}
