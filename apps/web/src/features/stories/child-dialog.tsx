import type { StoryChild, StoryContent } from '@studioops/contracts/story-content'
import { useReducer, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { contentOf, editorStateOf, editStory, faultyFields } from './editor-state.ts'
import { splitTexts } from './split.texts.ts'
import { StoryFields } from './story-editor-form.tsx'

/** One part of a split, corrected by hand. */
export function ChildDialog({
  child,
  number,
  isPending,
  error,
  onSave,
  onClose,
}: {
  readonly child: StoryChild
  readonly number: number
  readonly isPending: boolean
  readonly error: unknown
  readonly onSave: (content: StoryContent) => void
  readonly onClose: () => void
}) {
  const t = useTexts(splitTexts)
  const [state, dispatch] = useReducer(editStory, child.content, editorStateOf)
  const [wasTried, setWasTried] = useState(false)
  const faulty = faultyFields(state)
  const save = () => {
    setWasTried(true)
    if (faulty.size === 0) onSave(contentOf(state))
  }
  return (
    <FormDialog
      title={t('child.edit', { number })}
      submit={t('child.save')}
      isPending={isPending}
      error={error}
      onSubmit={save}
      onClose={onClose}
    >
      <StoryFields state={state} faulty={faulty} dispatch={dispatch} />
      <p role="status" className="text-sm text-muted empty:hidden">
        {wasTried && faulty.size > 0 && t('child.faulty')}
      </p>
    </FormDialog>
  )
}
