import type { Feature, getDashboard } from '@studioops/contracts/connections'
import type { ReplyOf } from '@studioops/contracts/endpoint'
import { Link } from '@tanstack/react-router'
import { useDashboard } from '../../lib/dashboard.queries.ts'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useRecentStories } from './dashboard.queries.ts'
import { dashboardTexts } from './dashboard.texts.ts'
import { FeatureCard } from './feature-card.tsx'
import { GettingStarted } from './getting-started.tsx'
import { RecentStories } from './recent-stories.tsx'

/** What one can do here, and what is missing for the rest (UI-2, CFG-17). */
export function DashboardPage() {
  const t = useTexts(dashboardTexts)
  const account = useAccount()
  const dashboard = useDashboard()
  const lead = account === undefined ? undefined : t('greeting', { name: account.displayName })
  return (
    <Page title={t('title')} lead={lead} width="wide">
      <div className="flex flex-col gap-8">
        {dashboard.isPending && <Loading />}
        {dashboard.isError && (
          <ProblemNotice
            error={dashboard.error}
            isRetrying={dashboard.isFetching}
            onRetry={() => void dashboard.refetch()}
          />
        )}
        {dashboard.data !== undefined && (
          <>
            <BrokenCredentials broken={dashboard.data.broken} />
            <Newcomer accountId={account?.id ?? ''} features={dashboard.data.features} />
            <FeatureCards {...dashboard.data} />
          </>
        )}
        <Recent />
      </div>
    </Page>
  )
}

/** What the weekly check, a test or real use has found out; each leads to where it is mended. */
function BrokenCredentials({ broken }: Pick<ReplyOf<typeof getDashboard>, 'broken'>) {
  const t = useTexts(dashboardTexts)
  const formats = useFormats()
  if (broken.length === 0) return undefined
  return (
    <Notice tone="bad" title={t('broken.title')}>
      <ul>
        {broken.map(({ connection, failingSince }) => (
          <li key={connection}>
            <Link
              to="/connections"
              hash={connection}
              className="link inline-flex min-h-8 items-center max-md:min-h-11"
            >
              {t(`connection.${connection}`)}
            </Link>{' '}
            {failingSince !== undefined && (
              <span className="text-muted">
                {t('broken.since', { date: formats.date(failingSince) })}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Notice>
  )
}

/** The way to the first story, for those who have none in Jira yet. */
function Newcomer(props: { readonly accountId: string; readonly features: readonly Feature[] }) {
  const { data: stories } = useRecentStories()
  if (stories === undefined) return undefined
  const isNewcomer = !stories.some(({ state }) => state === 'created' || state === 'approved')
  return isNewcomer && <GettingStarted {...props} />
}

function Recent() {
  const { data: stories = [] } = useRecentStories()
  return stories.length > 0 && <RecentStories stories={stories} />
}

function FeatureCards({ features, outboxOpen }: ReplyOf<typeof getDashboard>) {
  const t = useTexts(dashboardTexts)
  return (
    <section aria-labelledby="features" className="@container">
      <h2 id="features" className="mb-3 text-lg font-semibold">
        {t('features')}
      </h2>
      <ul className="grid gap-4 @xl:grid-cols-2 @4xl:grid-cols-3">
        {features.map((feature) => (
          <FeatureCard key={feature.name} feature={feature} outboxOpen={outboxOpen} />
        ))}
      </ul>
    </section>
  )
}

function Loading() {
  return (
    <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      <LoadingStatus />
      <Skeleton shape="card" count={3} />
    </div>
  )
}
