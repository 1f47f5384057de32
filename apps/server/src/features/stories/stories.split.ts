import { limits } from '@studioops/contracts/limits'
import type { StoryChild, StoryContent } from '@studioops/contracts/story-content'
import { lostCriteria } from '@studioops/contracts/story-split'
import { likeness } from '@studioops/contracts/story-wording'

/** Everything that a child says, for telling what it is about. */
const wordsOf = ({ summary, narrative, acceptanceCriteria }: StoryContent) =>
  [summary, narrative.iWant, ...acceptanceCriteria].join(' ')

function nearestOf(criterion: string, children: readonly StoryChild[]): number {
  const scores = children.map(({ content }) => {
    const { length } = content.acceptanceCriteria
    return length >= limits.criteriaMax
      ? -1
      : likeness(criterion, wordsOf(content)) - length / 1_000
  })
  return scores.indexOf(Math.max(...scores))
}

/**
 * Children in which every criterion of the whole story stands: what a model dropped goes, word for
 * word, to the child that is nearest to it (STY-8). Nothing is ever lost by a split.
 */
export function withLostCriteria(
  whole: StoryContent,
  children: readonly StoryChild[],
): StoryChild[] {
  const placed = [...children]
  for (const criterion of lostCriteria(
    whole,
    children.map(({ content }) => content),
  )) {
    if (criterion.trim() === '') continue
    const at = nearestOf(criterion, placed)
    const child = placed[at]
    if (child === undefined) return placed
    const acceptanceCriteria = [...child.content.acceptanceCriteria, criterion]
    placed[at] = { ...child, content: { ...child.content, acceptanceCriteria } }
  }
  return placed
}
