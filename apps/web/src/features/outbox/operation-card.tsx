import type { Operation } from '@studioops/contracts/operations'
import { ListX, Play, RotateCw, Search } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Code } from '../../ui/code.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { GroupSteps } from './group-steps.tsx'
import { OperationFact } from './operation-fact.tsx'
import { OperationStateBody } from './operation-state-body.tsx'
import { isOpen, stateSigns } from './operation-states.ts'
import { useStateWord } from './operation-words.ts'
import { type Deed, useOperationDeed } from './outbox.queries.ts'
import { outboxTexts } from './outbox.texts.ts'

export type OperationCardProps = {
  readonly operation: Operation
  /** Level of the card's heading. */
  readonly headingLevel?: 2 | 3
  /** Called when the person did something about it, whatever came of it. */
  readonly onDeed: () => void
  /** Further ways on, such as a link to the story. */
  readonly actions?: ReactNode
}

/** A write to the outside, from approval to proof, and what a person can do about it. */
export function OperationCard({
  operation,
  headingLevel = 3,
  onDeed,
  actions,
}: OperationCardProps) {
  const t = useTexts(outboxTexts)
  const deed = useOperationDeed(operation, onDeed)
  const headingId = useId()
  const Heading = `h${headingLevel}` as const
  const { tone, icon } = stateSigns[operation.state]
  const state = useStateWord(operation)
  return (
    <Card as="article" labelledBy={headingId}>
      <div className="flex flex-col gap-4">
        <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
          <Heading id={headingId} className="min-w-0 text-lg font-semibold wrap-anywhere">
            <bdi>{operation.title}</bdi>
          </Heading>
          <Badge tone={tone} icon={icon}>
            {state}
          </Badge>
        </header>
        <VisuallyHidden role="status">
          {t('announce.state', { title: operation.title, state })}
        </VisuallyHidden>
        {operation.steps === undefined ? (
          <OperationStateBody operation={operation} deed={deed} />
        ) : (
          <GroupSteps operation={operation} steps={operation.steps} onDeed={onDeed} />
        )}
        {deed.isError && <ProblemNotice error={deed.error} />}
        <Facts operation={operation} />
        <Actions operation={operation} deed={deed}>
          {actions}
        </Actions>
      </div>
    </Card>
  )
}

function Facts({ operation }: { readonly operation: Operation }) {
  const t = useTexts(outboxTexts)
  const formats = useFormats()
  const { target, marker, createdAt, attempts, nextAttemptAt } = operation
  const isWaiting = isOpen(operation)
  return (
    <div className="flex flex-col gap-1 text-sm text-muted">
      <p className="flex flex-wrap gap-x-3">
        <span>{t('card.since', { when: formats.dateTime(createdAt) })}</span>
        {attempts > 0 && <span>{t('card.attempts', { count: attempts })}</span>}
        {isWaiting && nextAttemptAt !== undefined && (
          <span>{t('card.next', { time: formats.time(nextAttemptAt) })}</span>
        )}
      </p>
      {operation.steps === undefined && (
        <dl className="flex flex-wrap gap-x-4 gap-y-1">
          <OperationFact name={t('card.target')}>
            <LeftToRight>{target}</LeftToRight>
          </OperationFact>
          <OperationFact name={t('card.marker')}>
            <Code>{marker}</Code>
          </OperationFact>
        </dl>
      )}
    </div>
  )
}

const withActions: ReadonlySet<Operation['state']> = new Set(['planned', 'unknown', 'partial'])

function Actions({
  operation: { state },
  deed,
  children,
}: {
  readonly operation: Operation
  readonly deed: Deed
  readonly children: ReactNode
}) {
  const t = useTexts(outboxTexts)
  const isRunning = (type: string) => deed.isPending && deed.variables.type === type
  if (!withActions.has(state) && children === undefined) return undefined
  return (
    <div className="flex flex-wrap gap-2">
      {(state === 'planned' || state === 'unknown') && (
        <Button
          size="small"
          isPending={isRunning('check')}
          icon={
            state === 'planned' ? <RotateCw className="size-4" /> : <Search className="size-4" />
          }
          onPress={() => deed.mutate({ type: 'check' })}
        >
          {state === 'planned' ? t('do.try') : t('do.look')}
        </Button>
      )}
      {state === 'planned' && (
        <Button
          size="small"
          isPending={isRunning('cancel')}
          icon={<ListX className="flip size-4" />}
          onPress={() => deed.mutate({ type: 'cancel' })}
        >
          {t('do.cancel')}
        </Button>
      )}
      {state === 'partial' && (
        <Button
          size="small"
          isPending={isRunning('continue')}
          icon={<Play className="flip size-4" />}
          onPress={() => deed.mutate({ type: 'continue' })}
        >
          {t('do.continue')}
        </Button>
      )}
      {children}
    </div>
  )
}
