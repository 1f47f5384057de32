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
  /** Of a Scenario Outline: what stands for each `<name>` in the steps; absent in a plain scenario. */
  examples: z
    .object({
      columns: z.array(z.string().trim().min(1).max(60)).min(1).max(8),
      rows: z.array(z.array(z.string().trim().max(200)).max(8)).max(20),
    })
    .optional(),
})

/** A section that a custom template asks for besides the usual ones. */
export const storySection = z.object({
  key: z.string().trim().min(1).max(60),
  title: graphemeText(limits.sectionTitleGraphemes),
  text: section,
})
export type StorySection = z.output<typeof storySection>

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
  /** Of a custom template; absent where it has none. */
  sections: z.array(storySection).max(limits.templateSectionsMax).optional(),
})
export type StoryContent = z.output<typeof storyContent>

/** One of the stories that a too large one was cut into. */
export const storyChild = z.object({
  content: storyContent,
  /** 2: made of a child that was still too large. */
  level: z.union([z.literal(1), z.literal(2)]),
  /** Summary of the child of the first level that it was cut from. */
  splitFrom: z.string().max(2_000).optional(),
})
export type StoryChild = z.output<typeof storyChild>

/** What a model answers: a story, or a question that it needs answered first. */
export const modelReply = z.discriminatedUnion('kind', [
  storyContent.extend({ kind: z.literal('story') }),
  z.object({
    kind: z.literal('clarify'),
    question: z.string().trim().min(1).max(1_000),
    options: z.array(z.string().trim().min(1).max(200)).max(6),
  }),
])
/** What a model answers when it is asked to cut a story into smaller ones, or a question. */
export const splitReply = z.object({
  kind: z.literal('split'),
  children: z.array(storyContent).min(2).max(limits.childrenMax),
})
export type SplitReply = z.output<typeof splitReply>

export type ModelReply = z.output<typeof modelReply>
