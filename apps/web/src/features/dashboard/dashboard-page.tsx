import { useDashboard } from '../../lib/dashboard.queries.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useAccount } from '../../lib/session.queries.ts'
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
  const recent = useRecentStories()
  const lead = account === undefined ? undefined : t('greeting', { name: account.displayName })
  return (
    <Page title={t('title')} lead={lead} width="wide">
      <div className="flex flex-col gap-8">
        {dashboard.isError && (
          <ProblemNotice
            error={dashboard.error}
            isRetrying={dashboard.isFetching}
            onRetry={() => void dashboard.refetch()}
          />
        )}
        {dashboard.data !== undefined && recent.data !== undefined && (
          <GettingStarted
            accountId={account?.id ?? ''}
            features={dashboard.data.features}
            hasStory={recent.data.some(({ state }) => state === 'created' || state === 'approved')}
          />
        )}
        <section aria-labelledby="features" className="@container" hidden={dashboard.isError}>
          <h2 id="features" className="mb-3 text-lg font-semibold">
            {t('features')}
          </h2>
          <ul className="grid gap-4 @xl:grid-cols-2 @4xl:grid-cols-3">
            {dashboard.isPending && (
              <>
                <LoadingStatus />
                <Skeleton shape="card" count={3} />
              </>
            )}
            {dashboard.data?.features.map((feature) => (
              <FeatureCard
                key={feature.name}
                feature={feature}
                outboxOpen={dashboard.data.outboxOpen}
              />
            ))}
          </ul>
        </section>
        {recent.data !== undefined && recent.data.length > 0 && (
          <RecentStories stories={recent.data} />
        )}
      </div>
    </Page>
  )
}
