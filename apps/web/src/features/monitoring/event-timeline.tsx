import {
  connectionTypes,
  eventOutcomes,
  type EventFilter,
  type MonitoringEvent,
  passes,
} from '@studioops/contracts/monitoring'
import {
  Ban,
  CircleCheck,
  CircleX,
  Download,
  ListFilter,
  Pause,
  Play,
  RefreshCw,
  Square,
} from 'lucide-react'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Code } from '../../ui/code.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { type Fact, Facts } from '../../ui/facts.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { Switch } from '../../ui/switch.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { exportForms, saveEvents } from './export-events.ts'
import { useStoredEvents } from './monitoring.queries.ts'
import type { RoomSearch } from './monitoring.routes.tsx'
import { monitoringTexts } from './monitoring.texts.ts'
import { eventKey, newestFirst } from './room-state.ts'
import type { ZoneFormat } from './zone-format.ts'

const shownAtOnce = 50

type Props = {
  readonly events: readonly MonitoringEvent[]
  readonly skipped: number
  readonly search: RoomSearch
  readonly onSearch: (change: Partial<RoomSearch>) => void
  readonly zone: ZoneFormat
}

/** What happened, the newest first, narrowed by what stands in the address. */
export function EventTimeline({ events, skipped, search, onSearch, zone }: Props) {
  const t = useTexts(monitoringTexts)
  const [paused, setPaused] = useState<readonly MonitoringEvent[] | undefined>(undefined)
  const [shownMost, setShownMost] = useState(shownAtOnce)
  const { found, waiting, stored } = useFound({ events, paused, search })
  return (
    <section aria-labelledby="timeline" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="timeline" className="text-lg font-semibold">
          {t('events.title')}
        </h2>
        <TimelineActions
          found={found}
          isPaused={paused !== undefined}
          onPause={(isPaused) => setPaused(isPaused ? events : undefined)}
        />
      </div>
      <TimelineFilter search={search} onSearch={onSearch} />
      <p role="status" className="text-sm text-muted empty:hidden">
        {waiting > 0 && t('events.waiting', { count: waiting })}
        {waiting === 0 && skipped > 0 && t('events.skipped', { count: skipped })}
      </p>
      {stored.isError && (
        <ProblemNotice error={stored.error} onRetry={() => void stored.refetch()} />
      )}
      <EventList events={found.slice(0, shownMost)} onSearch={onSearch} zone={zone} />
      {found.length > shownMost && (
        <Button onPress={() => setShownMost(shownMost + shownAtOnce)}>{t('events.more')}</Button>
      )}
    </section>
  )
}

/** Of what came by itself and, where it is asked for, of what was stored. */
function useFound({
  events,
  paused,
  search,
}: Pick<Props, 'events' | 'search'> & { readonly paused: readonly MonitoringEvent[] | undefined }) {
  const filter = filterOf(search)
  const isStoredWanted = search.stored === true || search.request !== undefined
  const stored = useStoredEvents(filter, isStoredWanted)
  const isWanted = (event: MonitoringEvent) =>
    passes(event, filter) && (isEverythingShown(search) || isTelling(event))
  const fitting = (all: readonly MonitoringEvent[]) => all.filter(isWanted)
  const live = fitting(paused ?? events)
  const last = live.at(-1)?.cursor ?? 0
  return {
    found: newestFirst(live, isStoredWanted ? (stored.data?.events ?? []) : []),
    waiting:
      paused === undefined ? 0 : fitting(events).filter(({ cursor }) => cursor > last).length,
    stored,
  }
}

/** Somebody who looks for something in particular gets all of it. */
function isEverythingShown({ database, type, request, text }: RoomSearch): boolean {
  return database === true || [type, request, text].some((chosen) => chosen !== undefined)
}

/** Statements that went well are most of what happens, and tell nothing. */
function isTelling({ type, outcome, durationMs }: MonitoringEvent): boolean {
  return type !== 'db' || outcome !== 'ok' || durationMs >= slowStatementMs
}

const slowStatementMs = 250

function TimelineActions({
  found,
  isPaused,
  onPause,
}: {
  readonly found: readonly MonitoringEvent[]
  readonly isPaused: boolean
  readonly onPause: (isPaused: boolean) => void
}) {
  const t = useTexts(monitoringTexts)
  const Icon = isPaused ? Play : Pause
  return (
    <div role="group" aria-label={t('export.title')} className="flex flex-wrap gap-2">
      <Button icon={<Icon aria-hidden className="size-4" />} onPress={() => onPause(!isPaused)}>
        {t(isPaused ? 'events.resume' : 'events.pause')}
      </Button>
      {exportForms.map((form) => (
        <Button
          key={form}
          icon={<Download aria-hidden className="size-4" />}
          isDisabled={found.length === 0}
          onPress={() => saveEvents(form, found)}
        >
          {t(`export.${form}`)}
        </Button>
      ))}
    </div>
  )
}

function EventList({ events, onSearch, zone }: Pick<Props, 'events' | 'onSearch' | 'zone'>) {
  const t = useTexts(monitoringTexts)
  if (events.length === 0)
    return (
      <EmptyState
        icon={ListFilter}
        title={t('events.empty')}
        action={<Button onPress={() => onSearch(everything)}>{t('events.all')}</Button>}
      >
        {t('events.empty.text')}
      </EmptyState>
    )
  return (
    <Card isPadded={false}>
      <ol className="divide-y divide-line">
        {events.map((event) => (
          <EventRow
            key={eventKey(event)}
            event={event}
            zone={zone}
            onFlow={(request) => onSearch({ ...everything, request })}
          />
        ))}
      </ol>
    </Card>
  )
}

const everything: Partial<RoomSearch> = {
  type: undefined,
  outcome: undefined,
  text: undefined,
  request: undefined,
  important: undefined,
  database: undefined,
}

function filterOf({ type, outcome, text, request, important }: RoomSearch): EventFilter {
  return {
    type,
    outcome,
    ...(text === undefined ? {} : { text }),
    ...(request === undefined ? {} : { requestId: request }),
    ...(important === true ? { important } : {}),
  }
}

function TimelineFilter({ search, onSearch }: Pick<Props, 'search' | 'onSearch'>) {
  const t = useTexts(monitoringTexts)
  return (
    <div
      role="search"
      aria-label={t('filter.title')}
      className="grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-4"
    >
      <Select
        label={t('filter.type')}
        value={search.type ?? 'all'}
        options={[
          { id: 'all', label: t('filter.type.all') },
          ...connectionTypes.map((id) => ({ id, label: id })),
        ]}
        onChange={(type) => onSearch({ type: type === 'all' ? undefined : type })}
      />
      <Select
        label={t('filter.outcome')}
        value={search.outcome ?? 'all'}
        options={[
          { id: 'all', label: t('filter.outcome.all') },
          ...eventOutcomes.map((id) => ({ id, label: t(`outcome.${id}`) })),
        ]}
        onChange={(outcome) => onSearch({ outcome: outcome === 'all' ? undefined : outcome })}
      />
      <TextField
        label={t('filter.text')}
        value={search.text ?? ''}
        onChange={(text) => onSearch({ text: text === '' ? undefined : text })}
      />
      <TextField
        kind="code"
        label={t('filter.request')}
        value={search.request ?? ''}
        onChange={(request) => onSearch({ request: request === '' ? undefined : request })}
      />
      <Switch
        isSelected={search.important === true}
        onChange={(isOn) => onSearch({ important: isOn || undefined })}
      >
        {t('filter.important')}
      </Switch>
      <Switch
        isSelected={search.database === true}
        onChange={(isOn) => onSearch({ database: isOn || undefined })}
      >
        {t('filter.database')}
      </Switch>
      <Switch
        isSelected={search.stored === true}
        onChange={(isOn) => onSearch({ stored: isOn || undefined })}
      >
        {t('events.stored')}
      </Switch>
    </div>
  )
}

const outcomeLooks = {
  ok: { tone: 'good', icon: CircleCheck },
  refused: { tone: 'warn', icon: Ban },
  error: { tone: 'bad', icon: CircleX },
  cancelled: { tone: 'neutral', icon: Square },
  fallback: { tone: 'accent', icon: RefreshCw },
} as const

function EventRow({
  event,
  zone,
  onFlow,
}: {
  readonly event: MonitoringEvent
  readonly zone: ZoneFormat
  readonly onFlow: (requestId: string) => void
}) {
  const t = useTexts(monitoringTexts)
  const formats = useFormats()
  const { at, type, name, operation, outcome, durationMs, weight, requestId } = event
  const [isOpen, setIsOpen] = useState(false)
  return (
    <li className="px-5 py-2.5">
      <details onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
        <summary className="grid cursor-pointer list-none gap-x-5 gap-y-1 rounded-field md:grid-cols-[11rem_7rem_minmax(0,1fr)_auto_auto] md:items-baseline">
          <time dateTime={new Date(at).toISOString()} className="text-sm text-muted tabular-nums">
            <bdi>{zone.moment(at)}</bdi>
          </time>
          <span className="text-sm font-medium">
            <bdi dir="ltr">{type}</bdi>
          </span>
          <span className="min-w-0 break-words">
            <bdi dir="ltr">
              {operation} {name}
            </bdi>
          </span>
          <span className="text-sm text-muted tabular-nums">
            <bdi>{formats.duration(durationMs)}</bdi>
            {weight > 1 && ` · ${t('events.weight', { count: weight })}`}
          </span>
          <span className="justify-self-start md:justify-self-end">
            <Badge {...outcomeLooks[outcome]}>{t(`outcome.${outcome}`)}</Badge>
          </span>
        </summary>
        {isOpen && (
          <div className="flex flex-col items-start gap-3 pt-3 pb-1">
            <Facts facts={factsOf(event, t)} />
            {requestId !== undefined && (
              <Button size="small" onPress={() => onFlow(requestId)}>
                {t('event.flow')}
              </Button>
            )}
          </div>
        )}
      </details>
    </li>
  )
}

function factsOf(
  { requestId, traceId, node, code, facts }: MonitoringEvent,
  t: ReturnType<typeof useTexts<(typeof monitoringTexts)['en']>>,
): Fact[] {
  const more = Object.entries(facts).map(([name, value]) => `${name}: ${value}`)
  const rows = [
    [t('event.code'), code],
    [t('event.request'), requestId],
    [t('event.trace'), traceId],
    [t('event.node'), node],
    [t('event.facts'), more.length === 0 ? undefined : more.join(', ')],
  ] as const
  return rows.flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value: <Code>{value}</Code> }],
  )
}
