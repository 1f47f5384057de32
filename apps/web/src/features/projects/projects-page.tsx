import type { ProjectSummary } from '@studioops/contracts/projects'
import { Link } from '@tanstack/react-router'
import { FolderKanban } from 'lucide-react'
import { useApi } from '../../lib/api-context.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { NothingFound } from '../../ui/nothing-found.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { deletionTexts } from './deletion.texts.ts'
import { NewProjectButton } from './new-project.tsx'
import { ProjectBadges, ProjectDot } from './project-sign.tsx'
import { type ListFilter, useProjects } from './projects.queries.ts'
import { projectsTexts } from './projects.texts.ts'

type Props = { readonly filter: ListFilter; readonly onFilter: (filter: ListFilter) => void }

const noFilter: ListFilter = { shown: 'open', sort: 'active', search: '' }

/** The projects in which the person takes part. */
export function ProjectsPage(props: Props) {
  const t = useTexts(projectsTexts)
  const { data } = useProjects(props.filter)
  const isUnfiltered = props.filter.shown === 'open' && props.filter.search === ''
  const isEmpty = isUnfiltered && data?.length === 0
  return (
    <Page
      title={t('list.title')}
      lead={t('list.lead')}
      actions={data === undefined || isEmpty ? undefined : <NewProjectButton />}
    >
      <div className="flex flex-col gap-5">
        {!isEmpty && <Filters {...props} />}
        <Content {...props} isUnfiltered={isUnfiltered} />
        <TrashLink />
      </div>
    </Page>
  )
}

function TrashLink() {
  const t = useTexts(deletionTexts)
  return (
    <p>
      <Link to="/projects/trash" className="link">
        {t('to-trash')}
      </Link>
    </p>
  )
}

function Filters({ filter, onFilter }: Props) {
  const t = useTexts(projectsTexts)
  const shown = (['open', 'archived', 'all'] as const).map((id) => ({
    id,
    label: t(`shown.${id}`),
  }))
  const sorts = (['active', 'name'] as const).map((id) => ({ id, label: t(`sort.${id}`) }))
  return (
    <search className="grid gap-3 sm:grid-cols-[1fr_10rem_12rem]">
      <TextField
        label={t('list.search')}
        value={filter.search}
        onChange={(search) => onFilter({ ...filter, search })}
      />
      <Select
        label={t('list.shown')}
        options={shown}
        value={filter.shown}
        onChange={(id) => onFilter({ ...filter, shown: id })}
      />
      <Select
        label={t('list.sort')}
        options={sorts}
        value={filter.sort}
        onChange={(id) => onFilter({ ...filter, sort: id })}
      />
    </search>
  )
}

function Content({ filter, onFilter, isUnfiltered }: Props & { readonly isUnfiltered: boolean }) {
  const t = useTexts(projectsTexts)
  const projects = useProjects(filter)
  if (projects.data === undefined)
    return projects.isError ? (
      <ProblemNotice
        error={projects.error}
        isRetrying={projects.isFetching}
        onRetry={() => void projects.refetch()}
      />
    ) : (
      <div className="flex flex-col gap-3">
        <LoadingStatus />
        <Skeleton shape="card" count={2} />
      </div>
    )
  if (projects.data.length > 0) return <ProjectList projects={projects.data} />
  if (isUnfiltered)
    return (
      <EmptyState icon={FolderKanban} title={t('list.empty.title')} action={<NewProjectButton />}>
        {t('list.empty.text')}
      </EmptyState>
    )
  return (
    <NothingFound
      title={t('list.nothing.title')}
      clear={t('list.clear')}
      onClear={() => onFilter(noFilter)}
    >
      {t('list.nothing.text')}
    </NothingFound>
  )
}

function ProjectList({ projects }: { readonly projects: readonly ProjectSummary[] }) {
  const t = useTexts(projectsTexts)
  return (
    <ul aria-label={t('list.label')} className="grid gap-4 sm:grid-cols-2">
      {projects.map((project) => (
        <li key={project.id}>
          <ProjectCard project={project} />
        </li>
      ))}
    </ul>
  )
}

function ProjectCard({ project }: { readonly project: ProjectSummary }) {
  const t = useTexts(projectsTexts)
  const formats = useFormats()
  const { serverNow } = useApi()
  const { id, name, description, status, color, members, links, activeAt, archivedAt } = project
  return (
    <Link
      to="/projects/$projectId"
      params={{ projectId: id }}
      className="flex h-full min-h-32 flex-col gap-2 rounded-card border border-line bg-surface p-5 shadow-card hover:bg-hover"
    >
      <span className="flex items-baseline gap-2.5 text-lg font-semibold wrap-anywhere">
        <ProjectDot color={color} />
        <bdi>{name}</bdi>
      </span>
      {description !== '' && (
        <span className="line-clamp-2 text-muted wrap-anywhere">
          <bdi>{description}</bdi>
        </span>
      )}
      <span className="mt-auto flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm text-muted">
        <ProjectBadges status={status} isArchived={archivedAt !== undefined} />
        <span>{t('list.members', { count: members })}</span>
        {links > 0 && <span>{t('list.links', { count: links })}</span>}
        <time dateTime={activeAt} title={formats.dateTime(activeAt)}>
          {t('list.active', { when: formats.relative(activeAt, serverNow()) })}
        </time>
      </span>
    </Link>
  )
}
