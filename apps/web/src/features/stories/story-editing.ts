import type { Story, StoryVersion } from '@studioops/contracts/stories'
import type { StoryContent } from '@studioops/contracts/story-content'
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react'
import {
  contentOf,
  type EditorAction,
  type EditorState,
  editorStateOf,
  editStory,
} from './editor-state.ts'

/** Corrections that are not saved yet, and the version that they began from. */
type Corrections = { readonly basedOn: number; readonly state: EditorState }

export type StoryEditor = {
  readonly state: EditorState
  readonly dispatch: (action: EditorAction) => void
  /** The story as it would be saved. */
  readonly content: StoryContent
  readonly basedOn: number
  readonly isChanged: boolean
  /** True where the newest version is not the one that the corrections began from. */
  readonly isBehind: boolean
  /** True where corrections of an earlier visit were brought back. */
  readonly wasRestored: boolean
  readonly discard: () => void
}

const nothing: StoryContent = {
  summary: '',
  narrative: { asA: '', iWant: '', soThat: '' },
  acceptanceCriteria: [],
  scenarios: [],
  stlcNotes: {
    scope: '',
    data: '',
    environments: '',
    cases: '',
    entryCriteria: '',
    exitCriteria: '',
  },
  storyPoints: 0,
}

/** Corrections by hand; they live until they are saved or discarded, also through a reload. */
export function useStoryEditor({ id: storyId, versions }: Story): StoryEditor {
  const newest = versions.at(-1)
  const base = useMemo(() => editorStateOf(newest?.content ?? nothing), [newest])
  const basedOn = newest?.number ?? 0
  const [corrections, setCorrections] = useState(() => readKept(storyId))
  const [wasRestored, setWasRestored] = useState(corrections !== undefined)
  const settled = useDeferredValue(corrections)
  useEffect(() => keepForReload(storyId, settled), [storyId, settled])

  const dispatch = useCallback(
    (action: EditorAction) =>
      setCorrections((known) => ({
        basedOn: known?.basedOn ?? basedOn,
        state: editStory(known?.state ?? base, action),
      })),
    [base, basedOn],
  )
  const discard = useCallback(() => {
    setCorrections(undefined)
    setWasRestored(false)
  }, [])

  const state = corrections?.state ?? base
  const content = useMemo(() => contentOf(state), [state])
  const isChanged = useMemo(
    () => corrections !== undefined && !isSame(content, originOf(corrections, versions)),
    [corrections, content, versions],
  )
  return useMemo(
    () => ({
      state,
      dispatch,
      content,
      basedOn: corrections?.basedOn ?? basedOn,
      isChanged,
      isBehind: isChanged && corrections?.basedOn !== basedOn,
      wasRestored: wasRestored && isChanged,
      discard,
    }),
    [state, dispatch, content, corrections, basedOn, isChanged, wasRestored, discard],
  )
}

function originOf({ basedOn }: Corrections, versions: readonly StoryVersion[]) {
  return versions.find(({ number }) => number === basedOn)?.content ?? nothing
}

/** Compared as they would be saved, so that a criterion without text changes nothing. */
function isSame(one: StoryContent, other: StoryContent): boolean {
  return JSON.stringify(one) === JSON.stringify(contentOf(editorStateOf(other)))
}

const storageKey = (storyId: string) => `story-corrections:${storyId}`

function readKept(storyId: string): Corrections | undefined {
  try {
    const text = sessionStorage.getItem(storageKey(storyId))
    return text === null ? undefined : (JSON.parse(text) as Corrections)
  } catch {
    return undefined
  }
}

function keepForReload(storyId: string, corrections: Corrections | undefined): void {
  try {
    if (corrections === undefined) sessionStorage.removeItem(storageKey(storyId))
    else sessionStorage.setItem(storageKey(storyId), JSON.stringify(corrections))
  } catch {
    // A browser that forbids storage loses them at a reload; the page goes on working.
  }
}
