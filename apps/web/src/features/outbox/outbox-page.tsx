import type { Operation } from '@studioops/contracts/operations'
import { Link } from '@tanstack/react-router'
import { FileText, Inbox } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { buttonClass } from '../../ui/button-class.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { OperationCard } from './operation-card.tsx'
import { isOpen } from './operation-states.ts'
import { useOperations } from './outbox.queries.ts'
import { outboxTexts } from './outbox.texts.ts'

/** Every write of the person that waits, is checked, or ended lately. */
export function OutboxPage() {
  const t = useTexts(outboxTexts)
  return (
    <Page title={t('page.title')} lead={t('page.lead')}>
      <OutboxContent />
    </Page>
  )
}

function OutboxContent() {
  const operations = useOperations()
  if (operations.isPending)
    return (
      <div className="flex flex-col gap-4">
        <LoadingStatus />
        <Skeleton shape="card" count={2} />
      </div>
    )
  if (operations.isError)
    return (
      <ProblemNotice
        error={operations.error}
        isRetrying={operations.isFetching}
        onRetry={() => void operations.refetch()}
      />
    )
  return <OperationLists operations={operations.data} onDeed={() => void operations.refetch()} />
}

function OperationLists({
  operations,
  onDeed,
}: {
  readonly operations: readonly Operation[]
  readonly onDeed: () => void
}) {
  const t = useTexts(outboxTexts)
  if (operations.length === 0)
    return (
      <EmptyState
        icon={Inbox}
        title={t('empty.title')}
        action={
          <Link to="/stories" className={buttonClass({ look: 'primary' })}>
            {t('empty.action')}
          </Link>
        }
      >
        {t('empty.text')}
      </EmptyState>
    )
  const open = operations.filter(isOpen)
  const ended = operations.filter((operation) => !isOpen(operation))
  return (
    <div className="flex flex-col gap-8">
      <OperationList title={t('open.title')} operations={open} onDeed={onDeed} />
      {ended.length > 0 && (
        <OperationList title={t('ended.title')} operations={ended} onDeed={onDeed} />
      )}
    </div>
  )
}

function OperationList({
  title,
  operations,
  onDeed,
}: {
  readonly title: string
  readonly operations: readonly Operation[]
  readonly onDeed: () => void
}) {
  const t = useTexts(outboxTexts)
  return (
    <section aria-label={title} className="flex flex-col gap-4">
      <h2 className="text-lg font-semibold">{title}</h2>
      {operations.length === 0 && <p className="text-muted">{t('open.empty')}</p>}
      {operations.map((operation) => (
        <OperationCard
          key={operation.id}
          operation={operation}
          onDeed={onDeed}
          actions={<StoryLink operation={operation} />}
        />
      ))}
    </section>
  )
}

function StoryLink({ operation: { storyId, title } }: { readonly operation: Operation }) {
  const t = useTexts(outboxTexts)
  if (storyId === undefined) return undefined
  return (
    <Link
      to="/stories/$storyId"
      params={{ storyId }}
      aria-label={t('card.story.of', { title })}
      className={buttonClass({ size: 'small' })}
    >
      <FileText aria-hidden className="size-4" />
      {t('card.story')}
    </Link>
  )
}
