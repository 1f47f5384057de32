import { z } from 'zod'
import { graphemeText } from './grapheme-text.ts'
import { limits } from './limits.ts'

const section = graphemeText(limits.sectionGraphemes)

/** Notes of the software testing life cycle (STY-9, D-27). */
export const stlcNotes = z.object({
  scope: section,
  data: section,
  environments: section,
  cases: section,
  entryCriteria: section,
  exitCriteria: section,
})
export const stlcSections = [
  'scope',
  'data',
  'environments',
  'cases',
  'entryCriteria',
  'exitCriteria',
] as const satisfies readonly (keyof z.output<typeof stlcNotes>)[]

export const scenario = z.object({
  name: graphemeText(limits.criterionGraphemes),
  given: section,
  when: section,
  then: section,
})

/**
 * A story as model and person write it. What a rule forbids (too long a summary, too many points)
 * still fits in here, so that nothing typed is lost: `story-rules` says what is wrong with it.
 */
export const storyContent = z.object({
  summary: z.string().trim().max(2_000),
  narrative: z.object({ asA: section, iWant: section, soThat: section }),
  acceptanceCriteria: z.array(graphemeText(limits.criterionGraphemes)).max(limits.criteriaMax),
  /** Given, When, Then; empty in the classic format. */
  scenarios: z.array(scenario).max(limits.criteriaMax),
  stlcNotes,
  storyPoints: z.number().min(0).max(1_000),
})
export type StoryContent = z.output<typeof storyContent>

/** What a model answers: a story, or a question that it needs answered first. */
export const modelReply = z.discriminatedUnion('kind', [
  storyContent.extend({ kind: z.literal('story') }),
  z.object({
    kind: z.literal('clarify'),
    question: z.string().trim().min(1).max(1_000),
    options: z.array(z.string().trim().min(1).max(200)).max(6),
  }),
])
export type ModelReply = z.output<typeof modelReply>
