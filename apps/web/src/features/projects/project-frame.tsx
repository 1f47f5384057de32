import type { Project } from '@studioops/contracts/projects'
import { Link, useLocation } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useProject } from '../../lib/project.queries.ts'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { ProjectBadges, ProjectDot } from './project-sign.tsx'
import { projectTabs } from './project-tabs.ts'
import { projectsTexts } from './projects.texts.ts'

type Props = { readonly projectId: string; readonly children: ReactNode }

/** Name and tabs of a project around the page of a tab; a stranger sees what a missing one shows. */
export function ProjectFrame({ projectId, children }: Props) {
  const t = useTexts(projectsTexts)
  const project = useProject(projectId)
  const tab = useTab(projectId)
  const name = project.data?.name ?? t('project')
  return (
    <Page
      width="wide"
      title={name}
      windowTitle={tab === undefined ? name : `${t(tab)} · ${name}`}
      lead={project.data !== undefined && <Signs project={project.data} />}
    >
      {project.data !== undefined && !project.isError ? (
        <>
          <TabBar projectId={projectId} />
          {project.data.archivedAt !== undefined && (
            <div className="mb-5">
              <Notice tone="warn" title={t('archive.notice')} />
            </div>
          )}
          {children}
        </>
      ) : (
        <Waiting projectId={projectId} />
      )}
    </Page>
  )
}

function Waiting({ projectId }: { readonly projectId: string }) {
  const project = useProject(projectId)
  if (project.isError)
    return (
      <ProblemNotice
        error={project.error}
        isRetrying={project.isFetching}
        onRetry={() => void project.refetch()}
      />
    )
  return (
    <div className="flex flex-col gap-3">
      <LoadingStatus />
      <Skeleton shape="card" count={2} />
    </div>
  )
}

function Signs({ project }: { readonly project: Project }) {
  return (
    <span className="flex flex-wrap items-center gap-2">
      <ProjectDot color={project.color} />
      <ProjectBadges status={project.status} isArchived={project.archivedAt !== undefined} />
    </span>
  )
}

function useTab(projectId: string) {
  const { pathname } = useLocation()
  const rest = pathname.replace(`/projects/${projectId}`, '/projects/$projectId')
  return projectTabs.findLast(({ to }) => rest === to || rest.startsWith(`${to}/`))?.textKey
}

function TabBar({ projectId }: { readonly projectId: string }) {
  const t = useTexts(projectsTexts)
  return (
    <nav aria-label={t('tabs.label')} className="mb-5">
      <ul className="flex gap-1 overflow-x-auto border-b border-line">
        {projectTabs.map(({ to, textKey, icon: Icon }) => (
          <li key={to} className="shrink-0">
            <Link
              to={to}
              params={{ projectId }}
              activeOptions={{ exact: to === '/projects/$projectId' }}
              className="-mb-px flex min-h-10 items-center gap-2 border-b-2 border-transparent px-3 py-2 font-medium whitespace-nowrap text-muted hover:text-ink focus-visible:-outline-offset-2 max-md:min-h-11"
              activeProps={{ className: 'border-accent-ink! text-ink!', 'aria-current': 'page' }}
            >
              <Icon aria-hidden className="size-4" />
              {t(textKey)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
