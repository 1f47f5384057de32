import type { ToolServers } from '@studioops/contracts/tools'
import { Wrench } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { AddServer } from './add-server.tsx'
import { ServerCard } from './server-card.tsx'
import { useToolServers } from './tools.queries.ts'
import { toolsTexts } from './tools.texts.ts'

/** MCP servers of the person, their tools, and what a model is told of them (CON-6 to CON-9). */
export function ToolsPage() {
  const t = useTexts(toolsTexts)
  const tools = useToolServers()
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="flex flex-col gap-5">
        {tools.isPending && (
          <>
            <LoadingStatus />
            <Skeleton shape="card" count={2} />
          </>
        )}
        {tools.isError && (
          <ProblemNotice
            error={tools.error}
            isRetrying={tools.isFetching}
            onRetry={() => void tools.refetch()}
          />
        )}
        {tools.data !== undefined && <Servers tools={tools.data} />}
      </div>
    </Page>
  )
}

function Servers({ tools: { servers, hints, commands } }: { readonly tools: ToolServers }) {
  const t = useTexts(toolsTexts)
  return (
    <>
      {servers.length === 0 && (
        <EmptyState icon={Wrench} title={t('empty.title')}>
          {t('empty.text')}
        </EmptyState>
      )}
      {servers.map((server) => (
        <ServerCard key={server.id} server={server} />
      ))}
      <Card as="section" labelledBy="tools-add">
        <AddServer commands={commands} />
      </Card>
      <Card as="section" labelledBy="tools-hints">
        <h2 id="tools-hints" className="text-lg font-semibold">
          {t('hints.title')}
        </h2>
        <p className="mb-3 text-sm text-muted">{t('hints.text', { max: hints.tokensMax })}</p>
        {hints.text === '' ? (
          <p className="text-muted">{t('hints.none')}</p>
        ) : (
          <pre
            dir="ltr"
            className="rounded-field bg-sunken p-3 font-mono text-sm whitespace-pre-wrap wrap-anywhere"
          >
            {hints.text}
          </pre>
        )}
      </Card>
    </>
  )
}
