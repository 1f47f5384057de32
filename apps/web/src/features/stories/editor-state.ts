import type { StoryContent } from '@studioops/contracts/story-content'
import { storyContent } from '@studioops/contracts/story-content'

export type NarrativePart = keyof StoryContent['narrative']
export type StlcSection = keyof StoryContent['stlcNotes']
type Scenario = StoryContent['scenarios'][number]
export type ScenarioPart = Exclude<keyof Scenario, 'examples'>
export type ListName = 'criteria' | 'scenarios'

/** Of a Scenario Outline: what stands for each `<name>` in the steps. */
export type Examples = NonNullable<Scenario['examples']>

export type EditedCriterion = { readonly id: number; readonly text: string }
export type EditedScenario = { readonly id: number } & Readonly<Record<ScenarioPart, string>> &
  Pick<Scenario, 'examples'>

/** A story while it is edited by hand. List entries have ids, so that they can move under a cursor. */
export type EditorState = {
  readonly summary: string
  readonly narrative: Readonly<Record<NarrativePart, string>>
  readonly criteria: readonly EditedCriterion[]
  readonly scenarios: readonly EditedScenario[]
  readonly stlcNotes: Readonly<Record<StlcSection, string>>
  /** As typed; `contentOf` makes the number. */
  readonly points: string
  /** Of a custom template. */
  readonly sections: StoryContent['sections']
  readonly nextId: number
  /** The entry that was removed last, to bring it back. */
  readonly removed: Removed | undefined
}

type Removed = { readonly index: number } & (
  | { readonly list: 'criteria'; readonly entry: EditedCriterion }
  | { readonly list: 'scenarios'; readonly entry: EditedScenario }
)

export type EditorAction =
  | { readonly type: 'summary'; readonly text: string }
  | { readonly type: 'narrative'; readonly part: NarrativePart; readonly text: string }
  | { readonly type: 'criterion'; readonly id: number; readonly text: string }
  | {
      readonly type: 'scenario'
      readonly id: number
      readonly part: ScenarioPart
      readonly text: string
    }
  | { readonly type: 'stlc'; readonly section: StlcSection; readonly text: string }
  | { readonly type: 'points'; readonly text: string }
  | { readonly type: 'section'; readonly key: string; readonly text: string }
  | { readonly type: 'examples'; readonly id: number; readonly examples: Examples | undefined }
  | { readonly type: 'add'; readonly list: ListName }
  | { readonly type: 'remove'; readonly list: ListName; readonly id: number }
  | { readonly type: 'move'; readonly list: ListName; readonly id: number; readonly by: 1 | -1 }
  | { readonly type: 'restore' }
  | { readonly type: 'replace'; readonly content: StoryContent }

export function editorStateOf(content: StoryContent): EditorState {
  const { summary, narrative, acceptanceCriteria, scenarios, stlcNotes, storyPoints } = content
  const firstScenario = acceptanceCriteria.length
  return {
    summary,
    narrative,
    criteria: acceptanceCriteria.map((text, id) => ({ id, text })),
    scenarios: scenarios.map((scenario, index) => ({ id: firstScenario + index, ...scenario })),
    stlcNotes,
    points: String(storyPoints),
    sections: content.sections,
    nextId: firstScenario + scenarios.length,
    removed: undefined,
  }
}

export function editStory(state: EditorState, action: EditorAction): EditorState {
  switch (action.type) {
    case 'summary':
      return { ...state, summary: action.text }
    case 'narrative':
      return { ...state, narrative: { ...state.narrative, [action.part]: action.text } }
    case 'stlc':
      return { ...state, stlcNotes: { ...state.stlcNotes, [action.section]: action.text } }
    case 'points':
      return { ...state, points: action.text }
    case 'section':
      return { ...state, sections: changedSection(state, action) }
    case 'replace':
      return editorStateOf(action.content)
    default:
      return editList(state, action)
  }
}

function changedSection(
  { sections }: EditorState,
  { key, text }: { readonly key: string; readonly text: string },
): EditorState['sections'] {
  return sections?.map((section) => (section.key === key ? { ...section, text } : section))
}

type ListAction = Exclude<
  EditorAction,
  { type: 'summary' | 'narrative' | 'stlc' | 'points' | 'section' | 'replace' }
>

function editList(state: EditorState, action: ListAction): EditorState {
  switch (action.type) {
    case 'criterion':
      return { ...state, criteria: changed(state.criteria, action.id, { text: action.text }) }
    case 'scenario': {
      const { id, part, text } = action
      return { ...state, scenarios: changed(state.scenarios, id, { [part]: text }) }
    }
    case 'examples': {
      const { id, examples } = action
      return { ...state, scenarios: changed(state.scenarios, id, { examples }) }
    }
    case 'add':
      return added(state, action.list)
    case 'remove':
      return withoutEntry(state, action)
    case 'restore':
      return restored(state)
    case 'move':
      return action.list === 'criteria'
        ? { ...state, criteria: moved(state.criteria, action) }
        : { ...state, scenarios: moved(state.scenarios, action) }
  }
}

type Entry = { readonly id: number }

function changed<E extends Entry>(entries: readonly E[], id: number, change: Partial<E>): E[] {
  return entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry))
}

function moved<E extends Entry>(
  entries: readonly E[],
  { id, by }: { readonly id: number; readonly by: number },
): readonly E[] {
  const from = entries.findIndex((entry) => entry.id === id)
  const entry = entries[from]
  const to = from + by
  if (entry === undefined || to < 0 || to >= entries.length) return entries
  return entries.toSpliced(from, 1).toSpliced(to, 0, entry)
}

function added(state: EditorState, list: ListName): EditorState {
  const { nextId: id } = state
  const next = { ...state, nextId: id + 1 }
  if (list === 'criteria') return { ...next, criteria: [...state.criteria, { id, text: '' }] }
  // oxlint-disable-next-line unicorn/no-thenable -- A step of a scenario, as the wire calls it; a text is never awaited.
  const scenario = { id, name: '', given: '', when: '', then: '' }
  return { ...next, scenarios: [...state.scenarios, scenario] }
}

function withoutEntry(
  state: EditorState,
  { list, id }: { readonly list: ListName; readonly id: number },
): EditorState {
  const index = state[list].findIndex((entry) => entry.id === id)
  if (list === 'criteria') {
    const entry = state.criteria[index]
    if (entry === undefined) return state
    const criteria = state.criteria.toSpliced(index, 1)
    return { ...state, criteria, removed: { list, index, entry } }
  }
  const entry = state.scenarios[index]
  if (entry === undefined) return state
  const scenarios = state.scenarios.toSpliced(index, 1)
  return { ...state, scenarios, removed: { list, index, entry } }
}

function restored(state: EditorState): EditorState {
  const { removed } = state
  if (removed === undefined) return state
  const next = { ...state, removed: undefined }
  return removed.list === 'criteria'
    ? { ...next, criteria: state.criteria.toSpliced(removed.index, 0, removed.entry) }
    : { ...next, scenarios: state.scenarios.toSpliced(removed.index, 0, removed.entry) }
}

const scenarioParts = ['name', 'given', 'when', 'then'] as const

/** The story as it would be saved: without list entries in which nothing stands. */
export function contentOf(state: EditorState): StoryContent {
  const { summary, narrative, criteria, scenarios, stlcNotes, points } = state
  return {
    summary,
    narrative,
    acceptanceCriteria: criteria.map(({ text }) => text).filter((text) => text.trim() !== ''),
    scenarios: scenarios
      .filter((scenario) => scenarioParts.some((part) => scenario[part].trim() !== ''))
      .map(({ id: _, examples, ...scenario }) =>
        examples === undefined ? scenario : { ...scenario, examples },
      ),
    stlcNotes,
    storyPoints: pointsOf(points),
    ...(state.sections === undefined ? {} : { sections: state.sections }),
  }
}

/** Takes a decimal comma too. NaN for what is not a number: the schema refuses that. */
function pointsOf(text: string): number {
  const trimmed = text.trim().replace(',', '.')
  return trimmed === '' ? 0 : Number(trimmed)
}

/** The fields that the server would refuse, as paths: `summary`, `stlcNotes.data`, `points`. */
export type FaultyFields = ReadonlySet<string>

/** Names list entries by their ids: `criteria.7`, `scenarios.3.given`. */
export function faultyFields(state: EditorState): FaultyFields {
  const asShown = {
    ...contentOf(state),
    acceptanceCriteria: state.criteria.map(({ text }) => text),
    scenarios: state.scenarios.map(({ id: _, ...scenario }) => scenario),
  }
  const parsed = storyContent.safeParse(asShown)
  if (parsed.success) return new Set()
  return new Set(parsed.error.issues.map(({ path }) => fieldOf(state, path.map(String))))
}

function fieldOf(state: EditorState, [first = '', second = '', ...rest]: string[]): string {
  const idAt = (entries: readonly Entry[]) => String(entries[Number(second)]?.id ?? '')
  if (first === 'acceptanceCriteria') return `criteria.${idAt(state.criteria)}`
  if (first === 'scenarios') return ['scenarios', idAt(state.scenarios), ...rest].join('.')
  if (first === 'storyPoints') return 'points'
  return second === '' ? first : `${first}.${second}`
}
