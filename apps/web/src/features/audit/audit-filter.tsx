import { type AuditAction, auditActions, type AuditOutcome } from '@studioops/contracts/audit'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Select } from '../../ui/select.tsx'
import { type AuditFilter, useAuditPeople } from './audit.queries.ts'
import { auditTexts } from './audit.texts.ts'

const times = ['all', 'hour', 'day', 'week', 'month'] as const
const outcomes = ['all', 'done', 'refused', 'failed'] as const
const actions = ['all', ...(Object.keys(auditActions) as AuditAction[])] as const

const hourMs = 3_600_000
const lengthsMs = { hour: hourMs, day: 24 * hourMs, week: 168 * hourMs, month: 720 * hourMs }

export type AuditChoice = {
  /** `all` or the id of a person. */
  readonly person: string
  readonly action: (typeof actions)[number]
  readonly outcome: (typeof outcomes)[number]
  readonly time: (typeof times)[number]
  /** When the time was chosen; what it begins with stays the same while one looks. */
  readonly chosenAt: number
}

export const everything: AuditChoice = {
  person: 'all',
  action: 'all',
  outcome: 'all',
  time: 'all',
  chosenAt: 0,
}

export function filterOf({ person, action, outcome, time, chosenAt }: AuditChoice): AuditFilter {
  return {
    actorId: person === 'all' ? undefined : person,
    action: action === 'all' ? undefined : action,
    outcome: outcome === 'all' ? undefined : (outcome satisfies AuditOutcome),
    from: time === 'all' ? undefined : new Date(chosenAt - lengthsMs[time]).toISOString(),
  }
}

/** What is shown of the log; every choice counts at once. */
export function AuditFilterForm({
  choice,
  onChange,
}: {
  readonly choice: AuditChoice
  readonly onChange: (choice: AuditChoice) => void
}) {
  const t = useTexts(auditTexts)
  const people = useAuditPeople()
  return (
    <section aria-label={t('filter.title')} className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
      <Select
        label={t('filter.person')}
        value={choice.person}
        options={[
          { id: 'all', label: t('filter.person.all') },
          ...(people.data ?? []).map(({ id, name }) => ({ id, label: name })),
        ]}
        onChange={(person) => onChange({ ...choice, person })}
      />
      <Select
        label={t('filter.action')}
        value={choice.action}
        options={actions.map((id) => ({
          id,
          label: id === 'all' ? t('filter.action.all') : t(`action.${id}`),
        }))}
        onChange={(action) => onChange({ ...choice, action })}
      />
      <Select
        label={t('filter.outcome')}
        value={choice.outcome}
        options={outcomes.map((id) => ({
          id,
          label: id === 'all' ? t('filter.outcome.all') : t(`outcome.${id}`),
        }))}
        onChange={(outcome) => onChange({ ...choice, outcome })}
      />
      <Select
        label={t('filter.time')}
        value={choice.time}
        options={times.map((id) => ({ id, label: t(`time.${id}`) }))}
        onChange={(time) => onChange({ ...choice, time, chosenAt: Date.now() })}
      />
    </section>
  )
}
