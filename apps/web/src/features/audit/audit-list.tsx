import { type AuditAction, auditActions, type AuditEvent } from '@studioops/contracts/audit'
import { CircleAlert, CircleCheck, CircleX, ScrollText } from 'lucide-react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Bdi } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Code } from '../../ui/code.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { type Fact, Facts } from '../../ui/facts.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { type AuditFilter, useAuditEvents } from './audit.queries.ts'
import { auditTexts } from './audit.texts.ts'

export function AuditList({
  filter,
  onShowAll,
}: {
  readonly filter: AuditFilter
  readonly onShowAll: () => void
}) {
  const t = useTexts(auditTexts)
  const pages = useAuditEvents(filter)
  if (pages.isPending)
    return (
      <div className="flex flex-col gap-3">
        <LoadingStatus />
        <Skeleton shape="field" count={6} />
      </div>
    )
  if (pages.isError)
    return (
      <ProblemNotice
        error={pages.error}
        isRetrying={pages.isFetching}
        onRetry={() => void pages.refetch()}
      />
    )
  const events = pages.data.pages.flatMap((page) => page.events)
  if (events.length === 0)
    return (
      <EmptyState
        icon={ScrollText}
        title={t('empty.title')}
        action={<Button onPress={onShowAll}>{t('empty.action')}</Button>}
      >
        {t('empty.text')}
      </EmptyState>
    )
  return (
    <section aria-label={t('list.title')} className="flex flex-col gap-4">
      <Card isPadded={false}>
        <ol className="divide-y divide-line">
          {events.map((event) => (
            <AuditRow key={event.sequence} event={event} />
          ))}
        </ol>
      </Card>
      {pages.hasNextPage && (
        <Button isPending={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
          {t('older')}
        </Button>
      )}
    </section>
  )
}

const outcomeLooks = {
  done: { tone: 'good', icon: CircleCheck },
  refused: { tone: 'warn', icon: CircleAlert },
  failed: { tone: 'bad', icon: CircleX },
} as const

function AuditRow({ event }: { readonly event: AuditEvent }) {
  const t = useTexts(auditTexts)
  const formats = useFormats()
  const { sequence, at, actorId, actorName, action, outcome } = event
  const nobody = actorId === undefined ? t('nobody') : t('person.gone')
  return (
    <li className="grid gap-x-6 gap-y-1 px-5 py-3 md:grid-cols-[11rem_minmax(0,1fr)_minmax(0,1fr)_auto] md:items-baseline">
      <time dateTime={at} className="text-sm text-muted tabular-nums">
        <bdi>{formats.dateTime(at)}</bdi>
      </time>
      <span className="min-w-0 font-medium break-words">
        {isKnown(action) ? t(`action.${action}`) : <Code>{action}</Code>}
      </span>
      <span className="min-w-0 break-words">
        {actorName === undefined ? (
          <span className="text-muted">{nobody}</span>
        ) : (
          <Bdi>{actorName}</Bdi>
        )}
      </span>
      <span className="justify-self-start md:justify-self-end">
        <Badge {...outcomeLooks[outcome]}>{t(`outcome.${outcome}`)}</Badge>
      </span>
      <details className="col-span-full text-sm">
        <summary
          aria-label={t('details.of', { number: sequence })}
          className="w-fit cursor-pointer rounded-field py-1 text-muted hover:text-ink"
        >
          {t('details')}
        </summary>
        <div className="pt-2 pb-1">
          <Facts facts={useFacts(event)} />
        </div>
      </details>
    </li>
  )
}

function isKnown(action: string): action is AuditAction {
  return action in auditActions
}

function useFacts({ sequence, target, targetName, requestId, address, facts }: AuditEvent): Fact[] {
  const t = useTexts(auditTexts)
  const shown = (value: string | number | boolean) =>
    typeof value === 'boolean' ? t(value ? 'fact.yes' : 'fact.no') : <Code>{String(value)}</Code>
  const named = targetName === undefined ? undefined : <Bdi>{targetName}</Bdi>
  const known: (Fact | undefined)[] = [
    { name: t('detail.number'), value: <Code>{sequence}</Code> },
    target === undefined
      ? undefined
      : { name: t('detail.target'), value: named ?? <Code>{target}</Code> },
    requestId === undefined
      ? undefined
      : { name: t('detail.request'), value: <Code>{requestId}</Code> },
    address === undefined
      ? undefined
      : { name: t('detail.address'), value: <Code>{address}</Code> },
  ]
  return [
    ...known.filter((fact) => fact !== undefined),
    ...Object.entries(facts).map(([name, value]) => ({
      name: <Code>{name}</Code>,
      value: shown(value),
    })),
  ] as Fact[]
}
