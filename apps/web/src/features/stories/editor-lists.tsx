import { limits } from '@studioops/contracts/limits'
import { ArrowDown, ArrowUp, Plus, Trash2, Undo2 } from 'lucide-react'
import { memo, type ReactNode, useEffect, useRef, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import type { EditorAction, EditorState, FaultyFields, ListName } from './editor-state.ts'
import { ExamplesField } from './examples-field.tsx'
import { storiesTexts } from './stories.texts.ts'

type ListProps = {
  readonly state: EditorState
  readonly faulty: FaultyFields
  readonly dispatch: (action: EditorAction) => void
}

const kinds = { criteria: 'criterion', scenarios: 'scenario' } as const

/** A key in another part of the story changes nothing here. */
const isUntouched =
  (list: ListName) =>
  (one: ListProps, other: ListProps): boolean =>
    one.state[list] === other.state[list] &&
    one.state.removed === other.state.removed &&
    one.state.nextId === other.state.nextId &&
    one.dispatch === other.dispatch &&
    [...one.faulty].join(' ') === [...other.faulty].join(' ')

export const CriteriaFields = memo(PlainCriteriaFields, isUntouched('criteria'))
export const ScenarioFields = memo(PlainScenarioFields, isUntouched('scenarios'))

function PlainCriteriaFields({ state, faulty, dispatch }: ListProps) {
  const t = useTexts(storiesTexts)
  return (
    <EntryList list="criteria" state={state} dispatch={dispatch}>
      {({ id }, number) => (
        <CriterionField
          id={id}
          label={t('edit.criterion', { number })}
          value={state.criteria.find((entry) => entry.id === id)?.text ?? ''}
          error={tooLong(t, faulty.has(`criteria.${id}`), limits.criterionGraphemes)}
          dispatch={dispatch}
        />
      )}
    </EntryList>
  )
}

type CriterionProps = {
  readonly id: number
  readonly label: string
  readonly value: string
  readonly error: string | undefined
  readonly dispatch: (action: EditorAction) => void
}

const CriterionField = memo(function CriterionField({
  id,
  label,
  value,
  error,
  dispatch,
}: CriterionProps) {
  return (
    <TextArea
      isLabelHidden
      label={label}
      value={value}
      onChange={(text) => dispatch({ type: 'criterion', id, text })}
      rows={1}
      maxGraphemes={limits.criterionGraphemes}
      error={error}
    />
  )
})

const scenarioParts = ['name', 'given', 'when', 'then'] as const

function PlainScenarioFields({ state, faulty, dispatch }: ListProps) {
  const t = useTexts(storiesTexts)
  const maxOf = (part: (typeof scenarioParts)[number]) =>
    part === 'name' ? limits.criterionGraphemes : limits.sectionGraphemes
  return (
    <EntryList list="scenarios" state={state} dispatch={dispatch}>
      {({ id }, number) => (
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-2 text-sm font-medium">{t('edit.scenario', { number })}</legend>
          {scenarioParts.map((part) => (
            <TextArea
              key={part}
              label={t(`part.${part}`)}
              value={state.scenarios.find((entry) => entry.id === id)?.[part] ?? ''}
              onChange={(text) => dispatch({ type: 'scenario', id, part, text })}
              rows={1}
              maxGraphemes={maxOf(part)}
              error={tooLong(t, faulty.has(`scenarios.${id}.${part}`), maxOf(part))}
            />
          ))}
          <ExamplesField
            key={String(state.scenarios.find((entry) => entry.id === id)?.examples === undefined)}
            number={number}
            examples={state.scenarios.find((entry) => entry.id === id)?.examples}
            onChange={(examples) => dispatch({ type: 'examples', id, examples })}
          />
        </fieldset>
      )}
    </EntryList>
  )
}

function tooLong(
  t: (key: 'edit.too-long', values: { max: number }) => string,
  isFaulty: boolean,
  max: number,
): string | undefined {
  return isFaulty ? t('edit.too-long', { max }) : undefined
}

type Entry = { readonly id: number }

/** Where the focus goes after a change of the list: the entry is moved, new, or gone. */
type FocusTarget = { readonly id: number; readonly part: 'up' | 'down' | 'field' }

function EntryList({
  list,
  state,
  dispatch,
  children,
}: {
  readonly list: ListName
  readonly state: EditorState
  readonly dispatch: (action: EditorAction) => void
  readonly children: (entry: Entry, number: number) => ReactNode
}) {
  const t = useTexts(storiesTexts)
  const kind = kinds[list]
  const entries: readonly Entry[] = state[list]
  const { listRef, spoken, focus, say } = useListFocus()
  const add = () => {
    dispatch({ type: 'add', list })
    focus({ id: state.nextId, part: 'field' })
  }
  const move = (id: number, by: 1 | -1, index: number) => {
    dispatch({ type: 'move', list, id, by })
    const isAtEnd = index + by === (by === 1 ? entries.length - 1 : 0)
    const part = by === 1 ? 'down' : 'up'
    focus({ id, part: isAtEnd ? opposite[part] : part })
    say(t('edit.moved', { place: index + by + 1, count: entries.length }))
  }
  const remove = (id: number, index: number) => {
    dispatch({ type: 'remove', list, id })
    const neighbour = entries[index + 1] ?? entries[index - 1]
    if (neighbour !== undefined) focus({ id: neighbour.id, part: 'field' })
    say(t('edit.removed'))
  }
  return (
    <div ref={listRef} className="flex flex-col gap-4">
      <ol className="flex flex-col gap-4">
        {entries.map(({ id }, index) => (
          <li
            key={id}
            data-entry={id}
            className="flex items-start gap-2 max-md:flex-col max-md:items-stretch max-md:gap-0"
          >
            <div className="min-w-0 flex-1">{children({ id }, index + 1)}</div>
            <EntryButtons
              kind={kind}
              number={index + 1}
              isFirst={index === 0}
              isLast={index === entries.length - 1}
              onMove={(by) => move(id, by, index)}
              onRemove={() => remove(id, index)}
            />
          </li>
        ))}
      </ol>
      <div className="flex flex-wrap items-center gap-2">
        <Button
          size="small"
          isDisabled={entries.length >= limits.criteriaMax}
          icon={<Plus className="size-4" />}
          onPress={add}
        >
          {t(`edit.${kind}.add`)}
        </Button>
        {state.removed?.list === list && (
          <Button
            size="small"
            look="quiet"
            icon={<Undo2 className="flip size-4" />}
            onPress={() => dispatch({ type: 'restore' })}
          >
            {t('edit.undo')}
          </Button>
        )}
        <span role="status" className="text-sm text-muted">
          {spoken}
        </span>
      </div>
    </div>
  )
}

const opposite = { up: 'down', down: 'up' } as const

/** The element that had the focus may be gone or elsewhere after a change, so it is set again. */
function useListFocus() {
  const listRef = useRef<HTMLDivElement>(null)
  const [target, setTarget] = useState<FocusTarget>()
  const [spoken, setSpoken] = useState('')
  useEffect(() => {
    if (target === undefined) return
    const entry = listRef.current?.querySelector(`[data-entry="${target.id}"]`)
    const selector = target.part === 'field' ? 'textarea' : `[data-move="${target.part}"] button`
    entry?.querySelector<HTMLElement>(selector)?.focus()
  }, [target])
  return { listRef, spoken, focus: setTarget, say: setSpoken }
}

function EntryButtons({
  kind,
  number,
  isFirst,
  isLast,
  onMove,
  onRemove,
}: {
  readonly kind: 'criterion' | 'scenario'
  readonly number: number
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly onMove: (by: 1 | -1) => void
  readonly onRemove: () => void
}) {
  const t = useTexts(storiesTexts)
  return (
    <div className="flex shrink-0 max-md:justify-end">
      <span data-move="up">
        <IconButton
          size="small-icon"
          label={t(`edit.${kind}.up`, { number })}
          icon={<ArrowUp className="size-4" />}
          isDisabled={isFirst}
          onPress={() => onMove(-1)}
        />
      </span>
      <span data-move="down">
        <IconButton
          size="small-icon"
          label={t(`edit.${kind}.down`, { number })}
          icon={<ArrowDown className="size-4" />}
          isDisabled={isLast}
          onPress={() => onMove(1)}
        />
      </span>
      <IconButton
        size="small-icon"
        label={t(`edit.${kind}.remove`, { number })}
        icon={<Trash2 className="size-4" />}
        onPress={onRemove}
      />
    </div>
  )
}
