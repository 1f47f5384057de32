import type { StoryContent } from './story-content.ts'
import { saysTheSame } from './story-wording.ts'

/** Where one criterion of the whole story went. */
export type CoverageRow = {
  readonly criterion: string
  /** Its place in the whole story, from 0. */
  readonly index: number
  /** The children that have it, from 0; empty: it is lost. */
  readonly children: readonly number[]
}

type Criteria = Pick<StoryContent, 'acceptanceCriteria'>

/**
 * In which children every criterion of a story is found again (STY-8). Told by the words alone,
 * never by what a model says of its own work.
 */
export function coverageOf(whole: Criteria, children: readonly Criteria[]): CoverageRow[] {
  return whole.acceptanceCriteria.map((criterion, index) => ({
    criterion,
    index,
    children: children.flatMap(({ acceptanceCriteria }, child) =>
      acceptanceCriteria.some((own) => saysTheSame(criterion, own)) ? [child] : [],
    ),
  }))
}

/** The criteria that no child has. */
export function lostCriteria(whole: Criteria, children: readonly Criteria[]): string[] {
  return coverageOf(whole, children)
    .filter((row) => row.children.length === 0)
    .map(({ criterion }) => criterion)
}
