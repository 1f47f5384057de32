import { fitsGraphemes, limits } from './limits.ts'
import type { StoryContent } from './story-content.ts'
import { stlcSections } from './story-content.ts'

/** The rules that every story obeys before it may reach Jira, in the order of the panel. */
export const storyRules = [
  'summary.present',
  'summary.length',
  'summary.one-line',
  'criteria.present',
  'scenarios.present',
  'stlc.present',
  'points.limit',
] as const
export type StoryRule = (typeof storyRules)[number]

export type StoryFormat = 'classic' | 'bdd'

type Check = (story: StoryContent, format: StoryFormat) => boolean

const checks: Record<StoryRule, Check> = {
  'summary.present': (story) => story.summary.trim() !== '',
  'summary.length': (story) => fitsGraphemes(story.summary, limits.summaryGraphemes),
  'summary.one-line': (story) => !/[\r\n]/.test(story.summary),
  'criteria.present': (story) =>
    story.acceptanceCriteria.length > 0 &&
    story.acceptanceCriteria.every((criterion) => criterion.trim() !== ''),
  'scenarios.present': (story, format) => format === 'classic' || story.scenarios.length > 0,
  'stlc.present': (story) => stlcSections.every((name) => story.stlcNotes[name].trim() !== ''),
  'points.limit': (story) => story.storyPoints > 0 && story.storyPoints <= limits.storyPointsMax,
}

/** The rules that a story breaks, in the order of `storyRules`; empty for one that may be approved. */
export function brokenStoryRules(story: StoryContent, format: StoryFormat): StoryRule[] {
  return storyRules.filter((rule) => !checks[rule](story, format))
}
