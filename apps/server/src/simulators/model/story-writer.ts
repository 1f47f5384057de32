import { countGraphemes, limits } from '@studioops/contracts/limits'
import type { ModelReply, StoryContent } from '@studioops/contracts/story-content'
import { analyseRequirement, countWords, type Requirement } from './requirement.ts'
import { phrases } from './story-phrases.ts'
import type { StoryPrompt } from './story-prompt.ts'
import { refineStory } from './story-refine.ts'
import { criteriaOfTopics, type Criterion } from './story-topics.ts'

type Story = { readonly kind: 'story' } & StoryContent

/**
 * The demo's model: a story from the words of the requirement, by rules and set phrases. The same
 * prompt gives the same reply.
 */
export function writeStory(prompt: StoryPrompt): ModelReply {
  const { instruction, currentStory } = prompt
  if (instruction !== undefined && currentStory !== undefined)
    return refineStory(currentStory, instruction, prompt.language)
  const question = findQuestion(prompt)
  if (question !== undefined)
    return { kind: 'clarify', question: question.question, options: [...question.options] }
  const story = writeFirst(prompt)
  return instruction === undefined ? story : refineStory(story, instruction, prompt.language)
}

const namedScheme =
  /visa|master ?card|amex|american express|diners|isracard|discover|ויזה|מא?סטר ?קארד|אמקס|אמריקן אקספרס|דיינרס|ישראכרט/iu

function mentionsCards(text: string): boolean {
  return /card scheme|כרטיס(?!י?יי?ה|י?יו)/iu.test(text)
}

/** Asks only where the story would have to guess, and never twice. */
function findQuestion(
  prompt: StoryPrompt,
): { question: string; options: readonly string[] } | undefined {
  const { requirement, clarifications, language } = prompt
  if (clarifications.length > 0) return undefined
  const words = phrases[language]
  if (mentionsCards(requirement) && !namedScheme.test(requirement)) return words.askCardScheme
  return countWords(requirement) < 4 ? words.askMore(clip(requirement, 80)) : undefined
}

function writeFirst(prompt: StoryPrompt): Story {
  const { language, project, format } = prompt
  const words = phrases[language]
  const { text, schemes } = withAnswers(prompt)
  const requirement = analyseRequirement(text, language)
  const criteria = collectCriteria(prompt, { requirement, text, schemes })
  const summary = clip(words.summary(requirement), limits.summaryGraphemes)
  const narrative = words.narrative(requirement)
  const data = criteria.flatMap((criterion) => criterion.data ?? [])
  return {
    kind: 'story',
    summary,
    narrative: {
      asA: clip(narrative.asA, 500),
      iWant: clip(narrative.iWant, 1000),
      soThat: clip(narrative.soThat, 1000),
    },
    acceptanceCriteria: criteria.map((criterion) =>
      clip(criterion.text, limits.criterionGraphemes),
    ),
    scenarios:
      format === 'bdd'
        ? criteria.map(({ scenario }) => ({ ...scenario, name: clip(scenario.name, 80) }))
        : [],
    stlcNotes: words.notes({ summary, project, data, criteria: criteria.length }),
    storyPoints: estimate(criteria.length - words.always(requirement).length),
  }
}

const criteriaMax = 9

function collectCriteria(
  { language }: StoryPrompt,
  found: {
    readonly requirement: Requirement
    readonly text: string
    readonly schemes: readonly string[]
  },
): readonly Criterion[] {
  const words = phrases[language]
  const { requirement, text, schemes } = found
  const always = words.always(requirement)
  const own = [
    words.mainCriterion(requirement),
    ...requirement.statements.map((statement) => words.statement(statement, requirement)),
    ...schemes.map((answer) => words.cardSchemes(answer)),
    ...criteriaOfTopics(text, language),
  ]
  return [...own.slice(0, criteriaMax - always.length), ...always]
}

/** Answers about cards become a criterion; any other answer becomes part of the requirement. */
function withAnswers({ requirement, clarifications }: StoryPrompt): {
  text: string
  schemes: string[]
} {
  const answers = clarifications.map(({ answer }) => answer).filter((answer) => answer !== '')
  if (mentionsCards(requirement)) return { text: requirement, schemes: answers }
  const parts = countWords(requirement) < 4 ? answers : [requirement, ...answers]
  return { text: parts.join('\n') || requirement, schemes: [] }
}

function estimate(ownCriteria: number): number {
  if (ownCriteria <= 1) return 1
  if (ownCriteria >= largeFrom) return largePoints
  return ownCriteria <= 3 ? 2 : limits.storyPointsMax
}

/** What says so much is more than one story. */
const largeFrom = 6
const largePoints = 8

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** Cuts between words where a word boundary is near. */
export function clip(text: string, graphemesMax: number): string {
  const oneLine = text.replaceAll(/\s+/g, ' ').trim()
  if (countGraphemes(oneLine) <= graphemesMax) return oneLine
  const kept = [...segmenter.segment(oneLine)]
    .slice(0, graphemesMax - 1)
    .map(({ segment }) => segment)
    .join('')
  const boundary = kept.lastIndexOf(' ')
  return `${boundary > kept.length / 2 ? kept.slice(0, boundary) : kept}…`
}
