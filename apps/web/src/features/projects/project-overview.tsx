import type { Project } from '@studioops/contracts/projects'
import { Link } from '@tanstack/react-router'
import { type ComponentType, type ReactNode, Suspense, useId } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useProject } from '../../lib/project.queries.ts'
import { Card } from '../../ui/card.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { ActivityPanel } from './activity-panel.tsx'
import { LinkList } from './links-panel.tsx'
import { useProjectOperations } from './projects.queries.ts'
import { RecentChats, RecentDocuments } from './recent-panels.tsx'
import { projectsTexts } from './projects.texts.ts'

/** What the overview shows of other features; each asks for itself, and fails for itself. */
export type OverviewParts = {
  readonly SpendPanel: ComponentType<{ readonly projectId: string }>
}

/** What goes on in a project, a panel for each kind; one that fails leaves the others alone. */
export function ProjectOverview({
  projectId,
  SpendPanel,
}: OverviewParts & { readonly projectId: string }) {
  const t = useTexts(projectsTexts)
  const { data } = useProject(projectId)
  if (data === undefined) return undefined
  return (
    <div className="flex flex-col gap-6">
      {data.description !== '' && (
        <p className="max-w-prose whitespace-pre-line wrap-anywhere">
          <bdi>{data.description}</bdi>
        </p>
      )}
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <Panel title={t('overview.spend')}>
          <SpendPanel projectId={projectId} />
        </Panel>
        <Panel title={t('overview.documents')}>
          <RecentDocuments projectId={projectId} />
        </Panel>
        <Panel title={t('overview.chats')}>
          <RecentChats projectId={projectId} />
        </Panel>
        <Panel title={t('links.title')}>
          <LinkList project={data} />
        </Panel>
        <Panel title={t('overview.outbox')}>
          <OutboxPanel projectId={projectId} />
        </Panel>
        <Panel title={t('overview.members')}>
          <Members project={data} />
        </Panel>
        <Panel title={t('overview.activity')}>
          <ActivityPanel projectId={projectId} />
        </Panel>
      </div>
    </div>
  )
}

function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = useId()
  return (
    <Card as="section" labelledBy={id}>
      <h2 id={id} className="mb-3 text-lg font-semibold">
        {title}
      </h2>
      <Suspense fallback={<Skeleton count={2} />}>{children}</Suspense>
    </Card>
  )
}

function Members({ project }: { readonly project: Project }) {
  const t = useTexts(projectsTexts)
  return (
    <ul className="flex flex-col gap-1.5">
      {project.members.map(({ userId, displayName, role }) => (
        <li key={userId} className="flex justify-between gap-4">
          <bdi className="min-w-0 wrap-anywhere">{displayName}</bdi>
          <span className="text-muted">{t(`role.${role}`)}</span>
        </li>
      ))}
    </ul>
  )
}

function OutboxPanel({ projectId }: { readonly projectId: string }) {
  const t = useTexts(projectsTexts)
  const operations = useProjectOperations(projectId)
  if (operations.data === undefined)
    return operations.isError ? (
      <ProblemNotice
        error={operations.error}
        isRetrying={operations.isFetching}
        onRetry={() => void operations.refetch()}
      />
    ) : (
      <>
        <LoadingStatus />
        <Skeleton count={2} />
      </>
    )
  if (operations.data.length === 0) return <p className="text-muted">{t('overview.outbox.none')}</p>
  return (
    <ul className="flex flex-col gap-2">
      {operations.data.map(({ id, title, target }) => (
        <li key={id}>
          <Link to="/outbox" className="font-medium wrap-anywhere hover:underline">
            <bdi>{title}</bdi>
          </Link>
          <p className="text-sm text-muted wrap-anywhere">
            <bdi>{target}</bdi>
          </p>
        </li>
      ))}
    </ul>
  )
}
