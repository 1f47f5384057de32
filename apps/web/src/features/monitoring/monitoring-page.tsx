import type { SeriesStep } from '@studioops/contracts/monitoring'
import { getRouteApi } from '@tanstack/react-router'
import { Radio, Unplug } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { ErrorGroups } from './error-groups.tsx'
import { EventTimeline } from './event-timeline.tsx'
import { useRoom, useSeries } from './monitoring.queries.ts'
import type { RoomSearch } from './monitoring.routes.tsx'
import { monitoringTexts } from './monitoring.texts.ts'
import type { Feed } from './room-feed.ts'
import type { Room } from './room-state.ts'
import { LevelBadge, StatusTiles } from './status-tiles.tsx'
import { isZone, useZoneFormat, type ZoneFormat } from './zone-format.ts'

/** Charts are drawn by a library of their own size, and nothing else waits for it. */
const MetricCharts = lazy(async () => ({
  default: (await import('./metric-charts.tsx')).MetricCharts,
}))

const route = getRouteApi('/member/admin/admin/monitoring')

export function MonitoringRoute() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <MonitoringPage
      search={search}
      onSearch={(change) =>
        void navigate({
          to: '/admin/monitoring',
          search: { ...search, ...change },
          replace: true,
          resetScroll: false,
        })
      }
    />
  )
}

type Props = {
  readonly search: RoomSearch
  readonly onSearch: (change: Partial<RoomSearch>) => void
}

/** Everything about how the product runs, for those who run it (MON-2). */
export function MonitoringPage({ search, onSearch }: Props) {
  const t = useTexts(monitoringTexts)
  const feed = useRoom()
  const zone = useZoneFormat(search.zone)
  const { room, error } = feed
  return (
    <Page
      title={t('page.title')}
      lead={t('page.lead')}
      width="full"
      actions={room !== undefined && <LiveBadge feed={feed} zone={zone} />}
    >
      {room === undefined && error === undefined && (
        <div className="flex flex-col gap-3">
          <LoadingStatus />
          <Skeleton shape="field" count={6} />
        </div>
      )}
      {room === undefined && error !== undefined && <ProblemNotice error={error} isRetrying />}
      {room !== undefined && (
        <RoomView room={room} search={search} onSearch={onSearch} zone={zone} />
      )}
    </Page>
  )
}

function LiveBadge({ feed, zone }: { readonly feed: Feed; readonly zone: ZoneFormat }) {
  const t = useTexts(monitoringTexts)
  const { isLive, heardAt = 0 } = feed
  return (
    <div role="status">
      {isLive ? (
        <Badge tone="good" icon={Radio}>
          {t('live')}
        </Badge>
      ) : (
        <span className="flex flex-wrap items-center gap-2 text-sm">
          <Badge tone="warn" icon={Unplug}>
            {t('live.not', { time: zone.clock(heardAt) })}
          </Badge>
          <span className="text-muted">{t('live.trying')}</span>
        </span>
      )}
    </div>
  )
}

const ranges = { '15m': 1, '6h': 10, '24h': 60 } as const satisfies Record<string, SeriesStep>

function RoomView({
  room,
  search,
  onSearch,
  zone,
}: Props & { readonly room: Room; readonly zone: ZoneFormat }) {
  const t = useTexts(monitoringTexts)
  const range = search.range ?? '15m'
  const step = ranges[range]
  const series = useSeries(step)
  const points = step === 1 ? room.series : (series.data?.points ?? [])
  return (
    <div className="flex flex-col gap-8">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <LevelBadge status={room.status} zone={zone} />
        <ZoneChoice zone={search.zone} onChange={(name) => onSearch({ zone: name })} />
      </div>
      <StatusTiles status={room.status} heartbeats={room.heartbeats} />
      <section aria-labelledby="charts" className="flex flex-col gap-3">
        <div className="flex flex-wrap items-end justify-between gap-3">
          <h2 id="charts" className="text-lg font-semibold">
            {t('charts.title')}
          </h2>
          <Select
            label={t('charts.range')}
            value={range}
            options={(['15m', '6h', '24h'] as const).map((id) => ({ id, label: t(`range.${id}`) }))}
            onChange={(id) => onSearch({ range: id === '15m' ? undefined : id })}
          />
        </div>
        {series.isError && (
          <ProblemNotice error={series.error} onRetry={() => void series.refetch()} />
        )}
        <Suspense fallback={<Skeleton shape="field" count={3} />}>
          <MetricCharts points={points} step={step} zone={zone} />
        </Suspense>
      </section>
      <ErrorGroups
        groups={room.errorGroups}
        zone={zone}
        onShow={(request) => onSearch({ request })}
      />
      <EventTimeline
        events={room.events}
        skipped={room.skipped}
        search={search}
        onSearch={onSearch}
        zone={zone}
      />
    </div>
  )
}

const knownZones = ['UTC', 'Asia/Jerusalem', 'Australia/Sydney'] as const

function ZoneChoice({
  zone,
  onChange,
}: {
  readonly zone: string | undefined
  readonly onChange: (zone: string | undefined) => void
}) {
  const t = useTexts(monitoringTexts)
  const known = zone === undefined ? 'local' : knownZones.find((one) => one === zone)
  const [typed, setTyped] = useState<string | undefined>(known === undefined ? zone : undefined)
  return (
    <div className="flex flex-wrap items-end gap-3">
      <Select
        label={t('filter.zone')}
        value={typed === undefined ? (known ?? 'local') : 'other'}
        options={[
          { id: 'local', label: t('zone.local') },
          ...knownZones.map((id) => ({ id, label: id })),
          { id: 'other', label: t('zone.other') },
        ]}
        onChange={(id) => {
          setTyped(id === 'other' ? '' : undefined)
          if (id !== 'other') onChange(id === 'local' ? undefined : id)
        }}
      />
      {typed !== undefined && (
        <TextField
          kind="code"
          label={t('zone.name')}
          value={typed}
          error={typed === '' || isZone(typed) ? undefined : t('zone.unknown')}
          onChange={(name) => {
            setTyped(name)
            if (isZone(name)) onChange(name)
          }}
        />
      )}
    </div>
  )
}
