import { type ComponentType, Suspense } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Card } from '../../ui/card.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useConnections } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { JiraSection } from './jira-section.tsx'
import { ModelSection } from './model-section.tsx'

/** What StudioOps may use in the person's name, each with its test (CFG-11 to CFG-18). */
export function ConnectionsPage({
  CompanyModelSection,
}: {
  readonly CompanyModelSection?: ComponentType
}) {
  const t = useTexts(connectionsTexts)
  const connections = useConnections()
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="flex flex-col gap-5">
        {connections.isPending && <Loading />}
        {connections.isError && (
          <ProblemNotice
            error={connections.error}
            isRetrying={connections.isFetching}
            onRetry={() => void connections.refetch()}
          />
        )}
        {connections.data !== undefined && (
          <>
            <JiraSection jira={connections.data.jira} />
            <ModelSection model={connections.data.model} />
            {CompanyModelSection !== undefined && (
              <Suspense>
                <CompanyModelSection />
              </Suspense>
            )}
          </>
        )}
      </div>
    </Page>
  )
}

function Loading() {
  return (
    <>
      <LoadingStatus />
      {['jira', 'model'].map((name) => (
        <Card key={name}>
          <div className="flex flex-col gap-4">
            <Skeleton shape="title" />
            <Skeleton shape="field" count={3} />
          </div>
        </Card>
      ))}
    </>
  )
}
