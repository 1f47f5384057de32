import { Link } from '@tanstack/react-router'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useConnections } from './connections.queries.ts'
import { CompanyModelSection } from './company-model-section.tsx'
import { ConfluenceSection } from './confluence-section.tsx'
import { connectionsTexts } from './connections.texts.ts'
import { JiraSection } from './jira-section.tsx'
import { ModelSection } from './model-section.tsx'
import { TrelloSection } from './trello-section.tsx'

/** What StudioOps may use in the person's name, each with its test (CFG-11 to CFG-18). */
export function ConnectionsPage() {
  const t = useTexts(connectionsTexts)
  const connections = useConnections()
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="flex flex-col gap-5">
        {connections.isPending && <Loading names={['jira', 'confluence', 'model']} />}
        {connections.isError && (
          <ProblemNotice
            error={connections.error}
            isRetrying={connections.isFetching}
            onRetry={() => void connections.refetch()}
          />
        )}
        {connections.data !== undefined && (
          <>
            <Who />
            <p>
              <Link to="/connections/tools" className="link">
                {t('tools')}
              </Link>
            </p>
            <JiraSection
              key={connections.data.jira.state === 'not-set' ? 'first' : 'known'}
              jira={connections.data.jira}
              addresses={connections.data.jiraBaseUrls}
            />
            <ConfluenceSection confluence={connections.data.confluence} />
            <TrelloSection trello={connections.data.trello} />
            <CompanyModelSection />
            <ModelSection model={connections.data.model} />
            <WorkspaceHint />
          </>
        )}
      </div>
    </Page>
  )
}

/** Not to be changed here: they come from Jira, or from the invitation (CFG-18). */
function Who() {
  const t = useTexts(connectionsTexts)
  const account = useAccount()
  if (account === undefined) return undefined
  const { employeeId, email } = account
  return (
    <Facts
      facts={[
        { name: t('employeeId'), value: <LeftToRight>{employeeId}</LeftToRight> },
        { name: t('email'), value: <LeftToRight>{email}</LeftToRight> },
      ]}
    />
  )
}

/** Where the connections of the workspace are, for those who run it. */
function WorkspaceHint() {
  const t = useTexts(connectionsTexts)
  const account = useAccount()
  if (account?.role !== 'owner' && account?.role !== 'admin') return undefined
  return (
    <p className="text-muted">
      {t('workspace.elsewhere')}{' '}
      <Link to="/admin/connections" className="link">
        {t('workspace.title')}
      </Link>
    </p>
  )
}

function Loading({ names }: { readonly names: readonly string[] }) {
  return (
    <>
      <LoadingStatus />
      {names.map((name) => (
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
