import type { KeptEdit, StoryEdits } from '@studioops/contracts/stories'
import type { StoryContent } from '@studioops/contracts/story-content'
import { isSameText, likeness } from '@studioops/contracts/story-wording'

export const noEdits: StoryEdits = { fields: [], criteria: [], removed: [], scenarios: [] }

/** The texts of a story that stand by themselves, by their path. */
function fieldsOf(story: StoryContent): Map<string, string> {
  const { summary, narrative, stlcNotes, sections = [], storyPoints } = story
  return new Map([
    ['summary', summary],
    ...Object.entries(narrative).map(([name, text]) => [`narrative.${name}`, text] as const),
    ...Object.entries(stlcNotes).map(([name, text]) => [`stlcNotes.${name}`, text] as const),
    ...sections.map(({ key, text }) => [`sections.${key}`, text] as const),
    ['storyPoints', String(storyPoints)],
  ])
}

const has = (texts: readonly string[], text: string) => texts.some((one) => isSameText(one, text))
const unique = (texts: readonly string[]) => [...new Set(texts)]

type Change = {
  readonly before: StoryContent
  readonly after: StoryContent
  /** By hand in `before` already. */
  readonly known: StoryEdits
}

/** What is by hand in a story after a correction. */
export function editsOf({ before, after, known }: Change): StoryEdits {
  const old = fieldsOf(before)
  const fields = [...fieldsOf(after)].flatMap(([path, text]) =>
    text === (old.get(path) ?? '') ? [] : [path],
  )
  const written = after.acceptanceCriteria.filter((text) => !has(before.acceptanceCriteria, text))
  const gone = before.acceptanceCriteria.filter((text) => !has(after.acceptanceCriteria, text))
  const scenarios = new Set(before.scenarios.map((scenario) => JSON.stringify(scenario)))
  const changed = after.scenarios.filter((scenario) => !scenarios.has(JSON.stringify(scenario)))
  return {
    fields: unique([...known.fields, ...fields]),
    criteria: unique([...known.criteria, ...written]).filter((text) =>
      has(after.acceptanceCriteria, text),
    ),
    removed: unique([...known.removed, ...gone]).filter(
      (text) => !has(after.acceptanceCriteria, text),
    ),
    scenarios: unique([...known.scenarios, ...changed.map(({ name }) => name)]).filter((name) =>
      after.scenarios.some((scenario) => scenario.name === name),
    ),
  }
}

type Kept = { readonly content: StoryContent; readonly kept: KeptEdit[] }

type Regeneration = {
  /** What the model wrote. */
  readonly made: StoryContent
  /** What it was given. */
  readonly current: StoryContent
  readonly edits: StoryEdits
}

/**
 * A regenerated story with what a person had written by hand left as it was (STY-15), whatever the
 * model was told or did; what it wanted instead is told.
 */
export function keepEdits({ made, current, edits }: Regeneration): Kept {
  const fields = keepFields({ made, current, edits })
  const criteria = keepCriteria({ made, current, edits })
  const scenarios = keepScenarios({ made, current, edits })
  return {
    content: {
      ...fields.content,
      acceptanceCriteria: criteria.texts,
      scenarios,
    },
    kept: [...fields.kept, ...criteria.kept],
  }
}

function keepFields({ made, current, edits }: Regeneration): Kept {
  const [own, wanted] = [fieldsOf(current), fieldsOf(made)]
  const kept = edits.fields.flatMap((path): KeptEdit[] => {
    const [text = '', proposed = ''] = [own.get(path), wanted.get(path)]
    return text === proposed || !own.has(path) ? [] : [{ path, kept: text, proposed }]
  })
  const paths = new Set(kept.map(({ path }) => path))
  const pick = <T extends Record<string, string>>(group: string, ours: T, theirs: T): T =>
    // The keys stay what they are.
    Object.fromEntries(
      Object.entries(theirs).map(([name, text]) => [
        name,
        paths.has(`${group}.${name}`) ? (ours[name] ?? text) : text,
      ]),
    ) as T
  return {
    content: {
      ...made,
      summary: paths.has('summary') ? current.summary : made.summary,
      narrative: pick('narrative', current.narrative, made.narrative),
      stlcNotes: pick('stlcNotes', current.stlcNotes, made.stlcNotes),
      storyPoints: paths.has('storyPoints') ? current.storyPoints : made.storyPoints,
      ...keptSections({ made, current, edits }),
    },
    kept,
  }
}

function keptSections({ made, current, edits }: Regeneration): Pick<StoryContent, 'sections'> {
  if (made.sections === undefined && current.sections === undefined) return {}
  const byHand = (current.sections ?? []).filter(({ key }) =>
    edits.fields.includes(`sections.${key}`),
  )
  const others = (made.sections ?? []).filter(({ key }) => byHand.every((own) => own.key !== key))
  return { sections: [...others, ...byHand] }
}

/** From where on a criterion of the model is taken for a rewording of one by hand. */
const rewordedFrom = 0.5

function keepCriteria({ made, current, edits }: Regeneration) {
  const kept: KeptEdit[] = []
  const texts = made.acceptanceCriteria.filter(
    (text) => !has(edits.removed, text) || has(edits.criteria, text),
  )
  for (const text of edits.criteria) {
    if (has(texts, text)) continue
    const at = current.acceptanceCriteria.findIndex((one) => isSameText(one, text))
    const reworded = texts.findIndex(
      (one) => !has(current.acceptanceCriteria, one) && likeness(text, one) >= rewordedFrom,
    )
    const proposed = texts[reworded] ?? ''
    if (reworded < 0) texts.splice(at < 0 ? texts.length : at, 0, text)
    else texts[reworded] = text
    kept.push({ path: 'acceptanceCriteria', kept: text, proposed })
  }
  return { texts, kept }
}

function keepScenarios({ made, current, edits }: Regeneration): StoryContent['scenarios'] {
  const byHand = current.scenarios.filter(({ name }) => edits.scenarios.includes(name))
  const rest = made.scenarios.map(
    (scenario) => byHand.find(({ name }) => name === scenario.name) ?? scenario,
  )
  const missing = byHand.filter(({ name }) => rest.every((scenario) => scenario.name !== name))
  return [...rest, ...missing]
}
