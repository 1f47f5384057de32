import type {
  DependencyCondition,
  DependencyStatus,
  SystemStatus,
} from '@studioops/contracts/health'
import type { Heartbeat, HeartbeatsOf } from '@studioops/contracts/monitoring'
import {
  CircleCheck,
  CircleDashed,
  CircleX,
  Clock3,
  OctagonAlert,
  TriangleAlert,
} from 'lucide-react'
import { classNames } from '../../lib/class-names.ts'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Bdi } from '../../ui/bdi.tsx'
import { monitoringTexts } from './monitoring.texts.ts'
import type { ZoneFormat } from './zone-format.ts'

const levelLooks = {
  NORMAL: { tone: 'good', icon: CircleCheck },
  DEGRADED: { tone: 'warn', icon: TriangleAlert },
  CRITICAL: { tone: 'bad', icon: OctagonAlert },
  OFFLINE: { tone: 'bad', icon: CircleX },
} as const

const conditionLooks = {
  up: { tone: 'good', icon: CircleCheck },
  slow: { tone: 'warn', icon: Clock3 },
  down: { tone: 'bad', icon: CircleX },
  pending: { tone: 'neutral', icon: CircleDashed },
} as const

export function LevelBadge({
  status,
  zone,
}: {
  readonly status: SystemStatus
  readonly zone: ZoneFormat
}) {
  const t = useTexts(monitoringTexts)
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Badge {...levelLooks[status.level]}>{t(`level.${status.level}`)}</Badge>
      <span className="text-sm text-muted">
        {t('level.since', { time: zone.clock(Date.parse(status.since)) })}
      </span>
    </p>
  )
}

/** Each dependency as colour, icon and word, with its newest looks. */
export function StatusTiles({
  status,
  heartbeats,
}: {
  readonly status: SystemStatus
  readonly heartbeats: readonly HeartbeatsOf[]
}) {
  const t = useTexts(monitoringTexts)
  return (
    <section aria-labelledby="tiles">
      <h2 id="tiles" className="sr-only">
        {t('tiles.title')}
      </h2>
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4">
        {status.dependencies.map((dependency) => (
          <Tile
            key={`${dependency.kind} ${dependency.name}`}
            dependency={dependency}
            beats={
              heartbeats.find(
                ({ kind, name }) => kind === dependency.kind && name === dependency.name,
              )?.beats ?? []
            }
          />
        ))}
      </ul>
    </section>
  )
}

function Tile({
  dependency,
  beats,
}: {
  readonly dependency: DependencyStatus
  readonly beats: readonly Heartbeat[]
}) {
  const t = useTexts(monitoringTexts)
  const formats = useFormats()
  const { kind, name, condition, latencyMs } = dependency
  return (
    <li className="flex min-w-0 flex-col gap-2 rounded-card border border-line bg-surface p-4 shadow-card">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-semibold">{t(`kind.${kind}`)}</h3>
        <Badge {...conditionLooks[condition]}>{t(`condition.${condition}`)}</Badge>
      </div>
      <p className="flex min-w-0 items-baseline justify-between gap-3 text-sm text-muted">
        <span className="min-w-0 truncate">{name !== '' && <Bdi>{name}</Bdi>}</span>
        {latencyMs !== undefined && (
          <bdi className="shrink-0 tabular-nums">{formats.duration(latencyMs)}</bdi>
        )}
      </p>
      <HeartbeatBar beats={beats} />
    </li>
  )
}

const beatClasses: Readonly<Record<DependencyCondition, string>> = {
  up: 'h-4 bg-good-ink',
  slow: 'h-3 bg-warn-ink',
  down: 'h-5 bg-bad',
  pending: 'h-2 bg-edge',
}

/** Heights differ as well as colours. */
function HeartbeatBar({ beats }: { readonly beats: readonly Heartbeat[] }) {
  const t = useTexts(monitoringTexts)
  const count = (wanted: DependencyCondition) =>
    beats.filter(({ condition }) => condition === wanted).length
  const label = t('beats.label', { up: count('up'), slow: count('slow'), down: count('down') })
  return (
    <div
      role="img"
      aria-label={label}
      dir="ltr"
      className="flex h-5 items-center justify-end gap-px"
    >
      {beats.slice(-40).map(({ at, condition }) => (
        <span key={at} className={classNames('w-1 rounded-full', beatClasses[condition])} />
      ))}
    </div>
  )
}
