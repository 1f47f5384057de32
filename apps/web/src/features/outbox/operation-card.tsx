import type { Operation } from '@studioops/contracts/operations'
import { ListX, RotateCw, Search } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Code } from '../../ui/code.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { OperationChoices } from './operation-choices.tsx'
import { isOpen, stateSigns } from './operation-states.ts'
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
  const state = t(`state.${operation.state}`)
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
        <StateBody operation={operation} deed={deed} />
        {deed.isError && <ProblemNotice error={deed.error} />}
        <Facts operation={operation} />
        <Actions operation={operation} deed={deed}>
          {actions}
        </Actions>
      </div>
    </Card>
  )
}

type BodyProps = { readonly operation: Operation; readonly deed: Deed }

function StateBody({ operation, deed }: BodyProps) {
  const t = useTexts(outboxTexts)
  switch (operation.state) {
    case 'planned':
      return <PlannedBody operation={operation} />
    case 'attempting':
      return <p>{t('attempting.text')}</p>
    case 'done':
      return <DoneBody operation={operation} />
    case 'refused':
      return <RefusedBody operation={operation} />
    case 'unknown':
      return <p>{t('unknown.text')}</p>
    case 'needs-user':
      return <OperationChoices operation={operation} deed={deed} />
    case 'cancelled':
      return <p>{t('cancelled.text')}</p>
  }
}

function PlannedBody({ operation: { problem } }: { readonly operation: Operation }) {
  const t = useTexts(outboxTexts)
  if (problem === undefined) return <p>{t('planned.text')}</p>
  return (
    <>
      <p>{t('planned.away')}</p>
      <ProblemNotice tone="warn" error={problem} />
    </>
  )
}

function RefusedBody({ operation: { problem } }: { readonly operation: Operation }) {
  const t = useTexts(outboxTexts)
  return (
    <>
      <p>{t('refused.text')}</p>
      {problem !== undefined && <ProblemNotice error={problem} />}
      <p>{t('refused.next')}</p>
    </>
  )
}

function DoneBody({ operation: { key, url } }: { readonly operation: Operation }) {
  const t = useTexts(outboxTexts)
  return (
    <>
      <p>{t('done.text')}</p>
      <dl className="flex flex-col gap-1">
        {key !== undefined && (
          <Fact name={t('done.key')}>
            <Code>{key}</Code>
            <CopyButton text={key} object={t('done.key')} />
          </Fact>
        )}
        {url !== undefined && (
          <Fact name={t('done.link')}>
            <OutsideLink href={url}>
              <LeftToRight>{url}</LeftToRight>
            </OutsideLink>
            <CopyButton text={url} object={t('done.link')} />
          </Fact>
        )}
      </dl>
    </>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-2">
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="flex min-w-0 flex-wrap items-center gap-x-2">{children}</dd>
    </div>
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
      <dl className="flex flex-wrap gap-x-4 gap-y-1">
        <Fact name={t('card.target')}>
          <LeftToRight>{target}</LeftToRight>
        </Fact>
        <Fact name={t('card.marker')}>
          <Code>{marker}</Code>
        </Fact>
      </dl>
    </div>
  )
}

function Actions({
  operation: { state },
  deed,
  children,
}: BodyProps & { readonly children: ReactNode }) {
  const t = useTexts(outboxTexts)
  const isRunning = (type: string) => deed.isPending && deed.variables.type === type
  const isEmpty = state !== 'planned' && state !== 'unknown' && children === undefined
  if (isEmpty) return undefined
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
      {children}
    </div>
  )
}
