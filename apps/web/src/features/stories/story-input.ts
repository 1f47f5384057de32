import type { createStory, Story } from '@studioops/contracts/stories'
import type { CallOf } from '@studioops/contracts/endpoint'
import { useCallback, useState, useSyncExternalStore } from 'react'
import type { AutosaveState } from '../../lib/autosave.ts'
import { useAutosave } from '../../lib/use-autosave.ts'

export type NewStory = CallOf<typeof createStory>['body']

/** What a person gives before anything is written. `projectId` null: personal again. */
export type StoryInput = Omit<NewStory, 'projectId'> & {
  readonly projectId?: string | null | undefined
}

export function inputOf({
  requirement,
  format,
  language,
  projectKey,
  issueType,
  projectId,
  template,
  prompt,
}: Story): StoryInput {
  return {
    requirement,
    format,
    language,
    ...(projectKey === undefined ? {} : { projectKey }),
    ...(issueType === undefined ? {} : { issueType }),
    ...(projectId === undefined ? {} : { projectId }),
    ...(template === undefined ? {} : { templateId: template.id }),
    prompt,
  }
}

export type KeptInput = {
  readonly input: StoryInput
  /** Shows the change at once and keeps it soon; `isValid: false` shows it only. */
  readonly change: (changes: Partial<StoryInput>, isValid?: boolean) => void
  /** Keeps everything now. @throws what kept it from being kept */
  readonly keepNow: () => Promise<void>
  readonly saving: AutosaveState
}

/**
 * The input while it is typed, kept every two seconds, when the tab is hidden, and on leaving.
 *
 * @param save the first one given is used for good
 */
export function useKeptInput(
  story: Story,
  save: (changes: Partial<StoryInput>) => Promise<unknown>,
): KeptInput {
  const [input, setInput] = useState(() => inputOf(story))
  const autosave = useAutosave<StoryInput>(save)
  const saving = useSyncExternalStore(autosave.subscribe, autosave.state)
  const change = useCallback(
    (changes: Partial<StoryInput>, isValid = true) => {
      setInput((known) => ({ ...known, ...changes }))
      if (isValid) autosave.change(changes)
    },
    [autosave],
  )
  const keepNow = async () => {
    const isKept = await autosave.flush()
    const state = autosave.state()
    if (!isKept && state.kind === 'failed') throw state.error
  }
  return { input, change, keepNow, saving }
}
