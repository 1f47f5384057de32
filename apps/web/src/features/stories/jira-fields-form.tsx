import type { JiraField } from '@studioops/contracts/stories'
import { useId, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Card } from '../../ui/card.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useFillJiraFields } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'

/** What this project wants filled in besides the story itself (CON-11); kept as it is filled in. */
export function JiraFieldsForm({
  storyId,
  asked,
}: {
  readonly storyId: string
  readonly asked: readonly JiraField[]
}) {
  const t = useTexts(storiesTexts)
  const fill = useFillJiraFields(storyId)
  const headingId = useId()
  if (asked.length === 0) return undefined
  const save = (id: string, values: readonly string[]) => fill.mutate({ [id]: [...values] })
  const isRemembered = asked.every((field) => field.isRemembered)
  return (
    <Card as="section" labelledBy={headingId}>
      <div className="flex min-w-0 flex-col gap-4">
        <div className="flex flex-col gap-1">
          <h3 id={headingId} className="font-medium">
            {t('fields.title')}
          </h3>
          <p className="text-sm text-muted">
            {t(isRemembered ? 'fields.remembered' : 'fields.lead')}
          </p>
        </div>
        {asked.map((field) => (
          <FieldInput key={field.id} field={field} save={save} />
        ))}
        {fill.isError && <ProblemNotice error={fill.error} />}
      </div>
    </Card>
  )
}

type InputProps = {
  readonly field: JiraField
  readonly save: (id: string, values: readonly string[]) => void
}

function FieldInput(props: InputProps) {
  const { kind, options } = props.field
  if (options === undefined) return <TypedInput key={props.field.values.join(', ')} {...props} />
  if (kind === 'cascade') return <CascadeInput {...props} />
  return kind === 'choices' || kind === 'users' ? (
    <ChoicesInput {...props} />
  ) : (
    <ChoiceInput {...props} />
  )
}

/** Nothing was given yet is no mistake of the person; what was given and is wrong is. */
function useMistake({ values, problem }: JiraField): string | undefined {
  const t = useTexts(storiesTexts)
  return values.length === 0 || problem === undefined ? undefined : t(`fields.problem.${problem}`)
}

function ChoiceInput({ field, save }: InputProps) {
  const t = useTexts(storiesTexts)
  const [value] = field.values
  return (
    <Select
      label={<bdi>{field.name}</bdi>}
      placeholder={t('fields.choose')}
      isRequired
      options={field.options ?? []}
      value={value}
      error={useMistake(field)}
      onChange={(id) => save(field.id, [id])}
    />
  )
}

function CascadeInput({ field, save }: InputProps) {
  const t = useTexts(storiesTexts)
  const [parent, child] = field.values
  const following = field.options?.find(({ id }) => id === parent)?.children ?? []
  return (
    <div className="flex flex-col gap-2">
      <Select
        label={<bdi>{field.name}</bdi>}
        placeholder={t('fields.choose')}
        isRequired
        options={field.options ?? []}
        value={parent}
        error={useMistake(field)}
        onChange={(id) => save(field.id, [id])}
      />
      {parent !== undefined && following.length > 0 && (
        <Select
          label={t('fields.following', { name: field.name })}
          placeholder={t('fields.choose')}
          options={following}
          value={child}
          onChange={(id) => save(field.id, [parent, id])}
        />
      )}
    </div>
  )
}

function ChoicesInput({ field, save }: InputProps) {
  const labelId = useId()
  const mistake = useMistake(field)
  // Faster than the answers: the second press builds on the first one.
  const [chosen, setChosen] = useState(field.values)
  const choose = (id: string, isChosen: boolean) => {
    const next = isChosen ? [...chosen, id] : chosen.filter((one) => one !== id)
    setChosen(next)
    save(field.id, next)
  }
  return (
    <div role="group" aria-labelledby={labelId} className="flex min-w-0 flex-col gap-1.5">
      <span id={labelId} className="text-sm font-medium">
        <bdi>{field.name}</bdi>
      </span>
      <div className="flex max-h-64 flex-col overflow-y-auto">
        {field.options?.map(({ id, label }) => (
          <Checkbox
            key={id}
            isSelected={chosen.includes(id)}
            onChange={(isChosen) => choose(id, isChosen)}
          >
            <bdi>{label}</bdi>
          </Checkbox>
        ))}
      </div>
      {mistake !== undefined && <p className="text-sm text-bad-ink">{mistake}</p>}
    </div>
  )
}

const listKinds: readonly JiraField['kind'][] = ['choices', 'users', 'groups', 'labels']
const machineKinds: readonly JiraField['kind'][] = ['number', 'date', 'datetime', 'url', 'issue']

function valuesOf(text: string, { kind }: JiraField): string[] {
  const parts = listKinds.includes(kind) ? text.split(',') : [text]
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** Kept when the field is left. */
function TypedInput({ field, save }: InputProps) {
  const t = useTexts(storiesTexts)
  const kept = field.values.join(', ')
  const [text, setText] = useState(kept)
  const { kind } = field
  const shared = {
    label: <bdi>{field.name}</bdi>,
    value: text,
    onChange: setText,
    onBlur: () => {
      if (text !== kept) save(field.id, valuesOf(text, field))
    },
    isRequired: true,
    error: useMistake(field),
  }
  if (kind === 'long-text') return <TextArea {...shared} rows={3} />
  const description = describe(kind)
  return (
    <TextField
      {...shared}
      kind={machineKinds.includes(kind) ? 'code' : 'text'}
      {...(description === undefined ? {} : { description: t(description) })}
    />
  )
}

function describe(kind: JiraField['kind']) {
  if (listKinds.includes(kind)) return 'fields.hint.list'
  if (kind === 'user') return 'fields.hint.user'
  return machineKinds.includes(kind)
    ? (`fields.hint.${kind as 'number' | 'date' | 'datetime' | 'url' | 'issue'}` as const)
    : undefined
}
