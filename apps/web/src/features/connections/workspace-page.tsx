import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useWorkspaceConnections } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { CredentialStates } from './credential-states.tsx'
import { JiraAddresses } from './jira-addresses.tsx'
import { ObjectStoreSection } from './object-store-section.tsx'

/** For those who run the workspace: whose credentials are broken, and what all share (OPS-9, D-2). */
export function WorkspacePage() {
  const t = useTexts(connectionsTexts)
  const account = useAccount()
  const workspace = useWorkspaceConnections()
  const isDemo = account?.isDemo === true
  return (
    <Page title={t('workspace.title')} lead={t('workspace.lead')}>
      <div className="flex flex-col gap-5">
        {workspace.isPending && (
          <>
            <LoadingStatus />
            <Card>
              <Skeleton shape="field" count={4} />
            </Card>
          </>
        )}
        {workspace.isError && (
          <ProblemNotice
            error={workspace.error}
            isRetrying={workspace.isFetching}
            onRetry={() => void workspace.refetch()}
          />
        )}
        {workspace.data !== undefined && (
          <>
            <CredentialStates workspace={workspace.data} />
            <JiraAddresses urls={workspace.data.jiraBaseUrls} isFixed={isDemo} />
            <AllowedHosts hosts={workspace.data.allowedHosts} />
            <ObjectStoreSection store={workspace.data.objectStore} />
          </>
        )}
      </div>
    </Page>
  )
}

function AllowedHosts({ hosts }: { readonly hosts: readonly string[] }) {
  const t = useTexts(connectionsTexts)
  return (
    <Card as="section" labelledBy="allowed-hosts">
      <h2 id="allowed-hosts" className="text-lg font-semibold">
        {t('hosts.title')}
      </h2>
      <p className="mt-1 mb-4 text-muted">{t('hosts.hint')}</p>
      <Facts
        facts={[
          {
            name: 'ALLOWED_INTEGRATION_HOSTS',
            value:
              hosts.length === 0 ? (
                <span className="text-muted">{t('hosts.none')}</span>
              ) : (
                <ul>
                  {hosts.map((host) => (
                    <li key={host}>
                      <LeftToRight>{host}</LeftToRight>
                    </li>
                  ))}
                </ul>
              ),
          },
        ]}
      />
    </Card>
  )
}
