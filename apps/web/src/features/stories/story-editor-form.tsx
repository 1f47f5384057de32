import type { Story, StoryEdits } from '@studioops/contracts/stories'
import { limits } from '@studioops/contracts/limits'
import { stlcSections } from '@studioops/contracts/story-content'
import { memo, type ReactNode, useRef, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { problemOf } from '../../lib/problem.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import { CriteriaFields, ScenarioFields } from './editor-lists.tsx'
import {
  type EditorAction,
  type EditorState,
  type FaultyFields,
  faultyFields,
} from './editor-state.ts'
import { useEditStory } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'
import { StoryDiff } from './story-diff-view.tsx'
import type { StoryEditor } from './story-editing.ts'

const narrativeParts = ['asA', 'iWant', 'soThat'] as const

/** Every part of the story as a field; saving makes a new version. */
export function StoryEditorForm({
  story,
  editor,
  onSaved,
}: {
  readonly story: Story
  readonly editor: StoryEditor
  readonly onSaved: () => void
}) {
  const t = useTexts(storiesTexts)
  const { state, dispatch } = editor
  const { form, save, edit, wasTried } = useSaving(story, editor, onSaved)
  const faulty = faultyFields(state)
  const edits = story.versions.at(-1)?.edits
  return (
    <form
      ref={form}
      noValidate
      className="flex flex-col gap-8"
      onSubmit={(event) => {
        event.preventDefault()
        save(editor.basedOn)
      }}
    >
      <p className="text-sm text-muted">{t('edit.lead')}</p>
      {editor.wasRestored && <Notice tone="accent">{t('edit.restored')}</Notice>}
      {editor.isBehind && <Conflict story={story} editor={editor} onSave={save} />}
      <StoryFields state={state} faulty={faulty} dispatch={dispatch} edits={edits} />
      <div className="flex flex-col gap-3">
        <FormButtons editor={editor} isSaving={edit.isPending} />
        <FormStatus editor={editor} wasTried={wasTried} isFaulty={faulty.size > 0} />
        {edit.isError && !isShownAsConflict(edit.error, editor) && (
          <ProblemNotice error={edit.error} />
        )}
      </div>
    </form>
  )
}

/** The fields of a story, or of one of its parts. */
export function StoryFields({
  state,
  faulty,
  dispatch,
  edits,
}: {
  readonly state: EditorState
  readonly faulty: FaultyFields
  readonly dispatch: Dispatch
  /** What was written by hand so far. */
  readonly edits?: StoryEdits | undefined
}) {
  const t = useTexts(storiesTexts)
  const isByHand = (path: string) => edits?.fields.includes(path) === true
  return (
    <>
      <SummaryField value={state.summary} isByHand={isByHand('summary')} dispatch={dispatch} />
      <Group title={t('part.narrative')}>
        {narrativeParts.map((part) => (
          <SectionField
            key={part}
            action={{ type: 'narrative', part }}
            label={t(`part.${part}`)}
            value={state.narrative[part]}
            isFaulty={faulty.has(`narrative.${part}`)}
            isByHand={isByHand(`narrative.${part}`)}
            dispatch={dispatch}
          />
        ))}
      </Group>
      <Group title={t('part.criteria')}>
        <CriteriaFields state={state} faulty={faulty} dispatch={dispatch} />
      </Group>
      <Group title={t('part.scenarios')}>
        <ScenarioFields state={state} faulty={faulty} dispatch={dispatch} />
      </Group>
      <Group title={t('part.stlc')}>
        {stlcSections.map((section) => (
          <SectionField
            key={section}
            action={{ type: 'stlc', section }}
            label={t(`part.${section}`)}
            value={state.stlcNotes[section]}
            isFaulty={faulty.has(`stlcNotes.${section}`)}
            isByHand={isByHand(`stlcNotes.${section}`)}
            dispatch={dispatch}
          />
        ))}
      </Group>
      {state.sections !== undefined && state.sections.length > 0 && (
        <Group title={t('part.sections')}>
          {state.sections.map(({ key, title, text }) => (
            <TextArea
              key={key}
              label={<bdi>{title}</bdi>}
              value={text}
              onChange={(next) => dispatch({ type: 'section', key, text: next })}
              rows={1}
              maxGraphemes={limits.sectionGraphemes}
              description={isByHand(`sections.${key}`) ? t('edit.by-hand') : undefined}
            />
          ))}
        </Group>
      )}
      <PointsField value={state.points} faulty={faulty} dispatch={dispatch} />
    </>
  )
}

type Dispatch = (action: EditorAction) => void

function useSaving(story: Story, editor: StoryEditor, onSaved: () => void) {
  const t = useTexts(storiesTexts)
  const toast = useToast()
  const edit = useEditStory(story.id)
  const form = useRef<HTMLFormElement>(null)
  const [wasTried, setWasTried] = useState(false)
  const save = (basedOn: number) => {
    setWasTried(true)
    if (faultyFields(editor.state).size > 0) {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
      return
    }
    if (!editor.isChanged) return
    edit.mutate(
      { basedOn, content: editor.content },
      {
        onSuccess: ({ story: { versions } }) => {
          editor.discard()
          toast({ text: t('edit.saved', { number: versions.at(-1)?.number ?? 0 }), tone: 'good' })
          onSaved()
        },
      },
    )
  }
  return { form, save, edit, wasTried }
}

function isShownAsConflict(error: unknown, { isBehind }: StoryEditor): boolean {
  return isBehind && problemOf(error)?.code === 'story.version-changed'
}

function FormButtons({
  editor,
  isSaving,
}: {
  readonly editor: StoryEditor
  readonly isSaving: boolean
}) {
  const t = useTexts(storiesTexts)
  return (
    <div className="flex flex-wrap gap-2">
      <Button look="primary" type="submit" isPending={isSaving}>
        {t('edit.save')}
      </Button>
      {editor.isChanged && (
        <Button look="quiet" onPress={editor.discard}>
          {t('edit.discard')}
        </Button>
      )}
    </div>
  )
}

function FormStatus({
  editor,
  wasTried,
  isFaulty,
}: {
  readonly editor: StoryEditor
  readonly wasTried: boolean
  readonly isFaulty: boolean
}) {
  const t = useTexts(storiesTexts)
  return (
    <p role="status" className="text-sm text-muted empty:hidden">
      {wasTried && isFaulty && t('edit.faulty')}
      {wasTried && !isFaulty && !editor.isChanged && t('edit.unchanged')}
    </p>
  )
}

/** Somebody made a newer version meanwhile: both are at hand, and nothing is lost. */
function Conflict({
  story,
  editor,
  onSave,
}: {
  readonly story: Story
  readonly editor: StoryEditor
  readonly onSave: (basedOn: number) => void
}) {
  const t = useTexts(storiesTexts)
  const origin = story.versions.find(({ number }) => number === editor.basedOn)
  const newest = story.versions.at(-1)
  if (newest === undefined) return undefined
  return (
    <Notice
      role="alert"
      tone="warn"
      title={t('conflict.title')}
      actions={
        <>
          <Button size="small" onPress={() => onSave(newest.number)}>
            {t('conflict.mine')}
          </Button>
          <Button size="small" onPress={editor.discard}>
            {t('conflict.take-theirs')}
          </Button>
        </>
      }
    >
      <p>{t('conflict.text')}</p>
      {origin !== undefined && (
        <details className="mt-2">
          <summary className="cursor-pointer text-sm">{t('conflict.theirs')}</summary>
          <div className="mt-2 rounded-field bg-surface p-3">
            <StoryDiff before={origin} after={newest} />
          </div>
        </details>
      )}
    </Notice>
  )
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-4">
      <legend className="mb-3 font-semibold">{title}</legend>
      {children}
    </fieldset>
  )
}

const SummaryField = memo(function SummaryField({
  value,
  isByHand,
  dispatch,
}: {
  readonly value: string
  readonly isByHand: boolean
  readonly dispatch: Dispatch
}) {
  const t = useTexts(storiesTexts)
  return (
    <TextField
      label={t('part.summary')}
      value={value}
      onChange={(text) => dispatch({ type: 'summary', text })}
      maxGraphemes={limits.summaryGraphemes}
      description={isByHand ? t('edit.by-hand') : undefined}
      autoComplete="off"
    />
  )
})

type SectionAction =
  | Omit<Extract<EditorAction, { type: 'narrative' }>, 'text'>
  | Omit<Extract<EditorAction, { type: 'stlc' }>, 'text'>

type SectionProps = {
  /** Of the same field always the same. */
  readonly action: SectionAction
  readonly label: string
  readonly value: string
  readonly isFaulty: boolean
  readonly isByHand: boolean
  readonly dispatch: Dispatch
}

const sectionProps = ['label', 'value', 'isFaulty', 'isByHand', 'dispatch'] as const

const SectionField = memo(PlainSectionField, (one, other) =>
  sectionProps.every((name) => one[name] === other[name]),
)

function PlainSectionField({ action, label, value, isFaulty, isByHand, dispatch }: SectionProps) {
  const t = useTexts(storiesTexts)
  return (
    <TextArea
      label={label}
      description={isByHand ? t('edit.by-hand') : undefined}
      value={value}
      onChange={(text) => dispatch({ ...action, text } as EditorAction)}
      rows={1}
      maxGraphemes={limits.sectionGraphemes}
      error={isFaulty ? t('edit.too-long', { max: limits.sectionGraphemes }) : undefined}
    />
  )
}

function PointsField({
  value,
  faulty,
  dispatch,
}: {
  readonly value: string
  readonly faulty: FaultyFields
  readonly dispatch: Dispatch
}) {
  const t = useTexts(storiesTexts)
  return (
    <div className="max-w-40">
      <TextField
        label={t('part.points')}
        description={t('edit.points.hint', { max: limits.storyPointsMax })}
        value={value}
        onChange={(text) => dispatch({ type: 'points', text })}
        autoComplete="off"
        error={faulty.has('points') ? t('edit.points.bad') : undefined}
      />
    </div>
  )
}
