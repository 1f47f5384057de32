import type { Story } from '@studioops/contracts/stories'
import {
  blockingRules,
  checkStory,
  type RuleResult,
  type StoryRule,
} from '@studioops/contracts/story-rules'
import type { StoryEditor } from './story-editing.ts'

/** How what is shown stands to the rules: the corrections while there are any, else the newest version. */
export function checksOf(story: Story, editor: StoryEditor): readonly RuleResult[] {
  const { format, language, projectKey, rules, versions, checks } = story
  if (!editor.isChanged && versions.length > 0 && checks.length > 0) return checks
  const children = versions.at(-1)?.children?.map(({ content }) => content)
  return checkStory({ story: editor.content, format, language, projectKey, children }, rules)
}

/** The rules that keep what is shown from being approved, but for those that were let pass. */
export function brokenRulesOf(story: Story, editor: StoryEditor): readonly StoryRule[] {
  const broken = blockingRules(checksOf(story, editor))
  const passed = passedRulesOf(story, editor)
  return broken.filter((rule) => !passed.includes(rule))
}

/** What an administrator let pass holds for one version only, and not for corrections of it. */
export function passedRulesOf(story: Story, editor: StoryEditor): readonly StoryRule[] {
  const { bypass, versions } = story
  if (bypass === undefined || editor.isChanged) return []
  return bypass.version === versions.at(-1)?.number ? bypass.rules : []
}
