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
  const more = Object.entries(facts)
  const given = [
    [t('detail.target'), targetName === undefined ? target : undefined],
    [t('detail.request'), requestId],
    [t('detail.address'), address],
  ] as const
  return [
    { name: t('detail.number'), value: <Code>{sequence}</Code> },
    ...(targetName === undefined
      ? []
      : [{ name: t('detail.target'), value: <Bdi>{targetName}</Bdi> }]),
    ...given.flatMap(([name, value]) =>
      value === undefined ? [] : [{ name, value: <Code>{value}</Code> }],
    ),
    ...(more.length === 0 ? [] : [{ name: t('detail.facts'), value: <Codes entries={more} /> }]),
  ]
}

function Codes({ entries }: { readonly entries: readonly [string, string | number | boolean][] }) {
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-1">
      {entries.map(([name, value]) => (
        <li key={name}>
          <Code>{`${name}: ${value}`}</Code>
        </li>
      ))}
    </ul>
  )
}
