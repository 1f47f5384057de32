import type { Feature } from '@studioops/contracts/connections'
import { Link } from '@tanstack/react-router'
import {
  CircleAlert,
  Inbox,
  Lock,
  type LucideIcon,
  Plug,
  ScrollText,
  SquareKanban,
  Unplug,
} from 'lucide-react'
import { classNames } from '../../lib/class-names.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { buttonClass } from '../../ui/button-class.ts'
import { dashboardTexts } from './dashboard.texts.ts'

const icons: Record<Feature['name'], LucideIcon> = {
  stories: ScrollText,
  boards: SquareKanban,
  connections: Plug,
  outbox: Inbox,
}

const paths = {
  stories: '/stories',
  boards: '/boards',
  connections: '/connections',
  outbox: '/outbox',
} as const

/** A door to a feature: open, or closed with what is missing, each a link to where it is mended. */
export function FeatureCard({
  feature,
  outboxOpen,
}: {
  readonly feature: Feature
  readonly outboxOpen: number
}) {
  const t = useTexts(dashboardTexts)
  const { name, state } = feature
  const isClosed = isGated(name) && (state === 'needs-setup' || state === 'broken')
  const Icon = icons[name]
  return (
    <li className="flex flex-col rounded-card border border-line bg-surface p-5 shadow-card">
      <div className="flex items-start justify-between gap-3">
        <span
          className={classNames(
            'grid size-10 place-items-center rounded-field',
            isClosed ? 'bg-sunken text-muted' : 'bg-accent-soft text-accent-ink',
          )}
        >
          <Icon aria-hidden className="size-5" />
        </span>
        <StateBadge feature={feature} />
      </div>
      <h3 className="mt-3 text-lg font-semibold">{t(`feature.${name}`)}</h3>
      <p className="mt-1 text-muted">{t(`feature.${name}.text`)}</p>
      {name === 'outbox' && outboxOpen > 0 && (
        <p className="mt-2 font-medium">{t('feature.outbox.waits', { count: outboxOpen })}</p>
      )}
      <Needs feature={feature} />
      {!isClosed && (
        <div className="mt-auto pt-5">
          <Link
            to={paths[name]}
            className={buttonClass({ look: name === 'stories' ? 'primary' : 'secondary' })}
          >
            {t(`feature.${name}.open`)}
          </Link>
        </div>
      )}
    </li>
  )
}

/** Without these a feature works on, in another way. */
function isFallback(connection: string): connection is 'jira' | 'model' {
  return connection === 'jira' || connection === 'model'
}

/** Connections are where things are mended, so their own door stands open. */
function isGated(name: Feature['name']): boolean {
  return name !== 'connections'
}

function StateBadge({ feature: { state, needs } }: { readonly feature: Feature }) {
  const t = useTexts(dashboardTexts)
  if (state === 'open') return undefined
  if (state === 'degraded')
    return (
      <Badge tone="warn" icon={Unplug}>
        {t('state.degraded')}
      </Badge>
    )
  if (state === 'broken')
    return (
      <Badge tone="bad" icon={CircleAlert}>
        {t('state.broken')}
      </Badge>
    )
  const passed = needs.filter((need) => need.state === 'passed').length
  return <Badge icon={Lock}>{t('state.needs-setup', { passed, all: needs.length })}</Badge>
}

const leads = {
  'needs-setup': 'needs.opens',
  broken: 'needs.broken',
  degraded: 'needs.degraded',
} as const

function Needs({ feature: { name, state, needs } }: { readonly feature: Feature }) {
  const t = useTexts(dashboardTexts)
  const missing = needs.filter((need) => need.state !== 'passed')
  if (state === 'open' || missing.length === 0) return undefined
  return (
    <div className="mt-3 text-sm">
      <p className="font-medium">{t(isGated(name) ? leads[state] : 'needs.todo')}</p>
      <ul className="mt-1 flex flex-col gap-1">
        {missing.map(({ connection, state: connectionState }) => (
          <li key={connection}>
            <Link
              to="/connections"
              hash={connection}
              className="link inline-flex min-h-8 min-w-6 items-center max-md:min-h-11 max-md:min-w-11"
            >
              {t(`connection.${connection}`)}
            </Link>{' '}
            <span className="text-muted">{t(`connectionState.${connectionState}`)}</span>
            {state === 'degraded' && isFallback(connection) && (
              <span className="block text-muted">{t(`degraded.${connection}`)}</span>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
