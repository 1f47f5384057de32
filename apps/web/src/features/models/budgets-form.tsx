import type { ModelBudgets, ModelLimits } from '@studioops/contracts/models'
import { Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useModelBudgets, usePeopleOfModels, useSetBudgets } from './models.queries.ts'
import { modelsTexts } from './models.texts.ts'
import { readNumber } from './read-number.ts'

/** What may be used in a month, for those who run the workspace. */
export function BudgetsForm() {
  const t = useTexts(modelsTexts)
  const budgets = useModelBudgets()
  return (
    <Card as="section" labelledBy="models-budgets">
      <h2 id="models-budgets" className="text-lg font-semibold">
        {t('budgets.title')}
      </h2>
      <p className="mb-4 text-muted">{t('budgets.lead')}</p>
      {budgets.isPending && <Skeleton shape="card" />}
      {budgets.isError && (
        <ProblemNotice
          error={budgets.error}
          isRetrying={budgets.isFetching}
          onRetry={() => void budgets.refetch()}
        />
      )}
      {budgets.data !== undefined && <Form budgets={budgets.data} />}
    </Card>
  )
}

type Fields = { readonly tokens: string; readonly cost: string }

const fieldsOf = ({ tokens, cost }: ModelLimits): Fields => ({
  tokens: tokens === undefined ? '' : String(tokens),
  cost: cost === undefined ? '' : String(cost),
})

function Form({ budgets }: { readonly budgets: ModelBudgets }) {
  const t = useTexts(modelsTexts)
  const save = useSetBudgets()
  const [workspace, setWorkspace] = useState(() => fieldsOf(budgets.workspace))
  const [everyone, setEveryone] = useState(() => fieldsOf(budgets.everyone))
  const [people, setPeople] = useState<readonly PersonFields[]>(() =>
    budgets.people.map(({ userId, displayName, ...limits }) => ({
      userId,
      displayName,
      fields: fieldsOf(limits),
    })),
  )
  const change = (userId: string, fields: Fields) =>
    setPeople(people.map((one) => (one.userId === userId ? { ...one, fields } : one)))
  const send = (event: FormEvent) => {
    event.preventDefault()
    const [all, each] = [limitsOf(workspace), limitsOf(everyone)]
    const own = people.flatMap(({ fields, ...person }) => {
      const limits = limitsOf(fields)
      return limits === undefined ? [] : [{ ...person, ...limits }]
    })
    if (all !== undefined && each !== undefined && own.length === people.length)
      save.mutate({ workspace: all, everyone: each, people: own })
  }
  return (
    <form noValidate onSubmit={send} className="flex flex-col gap-4">
      <LimitFields who={t('budgets.workspace')} fields={workspace} onChange={setWorkspace} />
      <LimitFields who={t('budgets.everyone')} fields={everyone} onChange={setEveryone} />
      {people.map(({ userId, displayName, fields }) => (
        <div key={userId} className="flex flex-wrap items-end gap-3">
          <LimitFields
            who={displayName}
            fields={fields}
            onChange={(changed) => change(userId, changed)}
          />
          <IconButton
            label={t('budgets.remove', { who: displayName })}
            icon={<Trash2 aria-hidden className="size-5" />}
            onPress={() => setPeople(people.filter((one) => one.userId !== userId))}
          />
        </div>
      ))}
      <AddPerson
        taken={people.map(({ userId }) => userId)}
        onAdd={(person) => setPeople([...people, { ...person, fields: fieldsOf({}) }])}
      />
      {save.error !== null && <ProblemNotice error={save.error} />}
      <div className="flex items-center gap-2">
        <Button type="submit" isPending={save.isPending}>
          {t('save')}
        </Button>
        <span role="status">{save.isSuccess ? t('saved') : ''}</span>
      </div>
    </form>
  )
}

type PersonFields = {
  readonly userId: string
  readonly displayName: string
  readonly fields: Fields
}

type AddProps = {
  readonly taken: readonly string[]
  readonly onAdd: (person: Omit<PersonFields, 'fields'>) => void
}

/** Offers those who have no budget of their own yet. */
function AddPerson({ taken, onAdd }: AddProps) {
  const t = useTexts(modelsTexts)
  const others = usePeopleOfModels().data?.people.filter(({ id }) => !taken.includes(id)) ?? []
  if (others.length === 0) return null
  return (
    <Select
      label={t('budgets.add')}
      placeholder={t('budgets.add.who')}
      value={undefined}
      options={others.map(({ id, displayName }) => ({ id, label: displayName }))}
      onChange={(userId) => {
        const person = others.find(({ id }) => id === userId)
        if (person !== undefined) onAdd({ userId, displayName: person.displayName })
      }}
    />
  )
}

function limitsOf(fields: Fields): ModelLimits | undefined {
  const [tokens, cost] = [readNumber(fields.tokens), readNumber(fields.cost)]
  const isWhole = typeof tokens !== 'number' || Number.isInteger(tokens)
  if (tokens === 'wrong' || cost === 'wrong' || !isWhole) return undefined
  return { ...(tokens === undefined ? {} : { tokens }), ...(cost === undefined ? {} : { cost }) }
}

type LimitProps = {
  readonly who: string
  readonly fields: Fields
  readonly onChange: (fields: Fields) => void
}

function LimitFields({ who, fields, onChange }: LimitProps) {
  const t = useTexts(modelsTexts)
  const wrong = (text: string) => (readNumber(text) === 'wrong' ? t('number.wrong') : undefined)
  return (
    <div className="flex flex-wrap gap-3">
      <TextField
        label={t('budgets.object', { part: t('budgets.tokens'), who })}
        value={fields.tokens}
        onChange={(tokens) => onChange({ ...fields, tokens })}
        error={wrong(fields.tokens)}
        kind="code"
        autoComplete="off"
      />
      <TextField
        label={t('budgets.object', { part: t('budgets.cost'), who })}
        value={fields.cost}
        onChange={(cost) => onChange({ ...fields, cost })}
        error={wrong(fields.cost)}
        kind="code"
        autoComplete="off"
      />
    </div>
  )
}
