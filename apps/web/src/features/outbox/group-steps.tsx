import type { Operation, OperationStep } from '@studioops/contracts/operations'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { OperationStateBody } from './operation-state-body.tsx'
import { stateSigns } from './operation-states.ts'
import { useStateWord } from './operation-words.ts'
import { useOperationDeed } from './outbox.queries.ts'
import { outboxTexts } from './outbox.texts.ts'

/** What an operation of several steps has done, and where it stands. */
export function GroupSteps({
  operation,
  steps,
  onDeed,
}: {
  readonly operation: Operation
  readonly steps: readonly OperationStep[]
  readonly onDeed: () => void
}) {
  const t = useTexts(outboxTexts)
  const done = steps.filter(({ state }) => state === 'done').length
  return (
    <div className="flex flex-col gap-3">
      <p className="font-medium tabular-nums">
        {t('group.progress', { done, count: steps.length })}
      </p>
      <p>{t(groupText(operation))}</p>
      <ol aria-label={t('group.steps')} className="flex flex-col gap-3">
        {steps.map((step) => (
          <GroupStep key={step.id} step={step} onDeed={onDeed} />
        ))}
      </ol>
    </div>
  )
}

function groupText({ state }: Operation) {
  if (state === 'done') return 'group.done'
  if (state === 'partial') return 'group.partial'
  if (state === 'refused' || state === 'cancelled') return 'group.refused'
  return state === 'needs-user' ? 'group.needs-user' : 'group.text'
}

function GroupStep({
  step,
  onDeed,
}: {
  readonly step: OperationStep
  readonly onDeed: () => void
}) {
  const deed = useOperationDeed(step, onDeed)
  const { tone, icon } = stateSigns[step.state]
  const word = useStateWord(step)
  return (
    <li className="flex flex-col gap-2 rounded-field border border-line px-4 py-3">
      <p className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <bdi className="min-w-0 font-medium wrap-anywhere">{step.title}</bdi>
        <Badge tone={tone} icon={icon}>
          {word}
        </Badge>
      </p>
      <OperationStateBody operation={step} deed={deed} />
      {deed.isError && <ProblemNotice error={deed.error} />}
    </li>
  )
}
