import type { Job } from '@studioops/contracts/jobs'
import { ListTodo } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { JobCard } from './job-card.tsx'
import { JobCounts } from './job-counts.tsx'
import { isOpen } from './job-states.ts'
import { useJobs } from './jobs.queries.ts'
import { jobsTexts } from './jobs.texts.ts'

/** The background jobs of the person; for those who run the workspace also how many there are of all. */
export function JobsPage() {
  const t = useTexts(jobsTexts)
  const role = useAccount()?.role
  return (
    <Page title={t('page.title')} lead={t('page.lead')}>
      <OwnJobs />
      {(role === 'owner' || role === 'admin') && <JobCounts />}
    </Page>
  )
}

function OwnJobs() {
  const t = useTexts(jobsTexts)
  const jobs = useJobs()
  if (jobs.isPending)
    return (
      <div className="flex flex-col gap-4">
        <LoadingStatus />
        <Skeleton shape="card" count={2} />
      </div>
    )
  if (jobs.isError)
    return (
      <ProblemNotice
        error={jobs.error}
        isRetrying={jobs.isFetching}
        onRetry={() => void jobs.refetch()}
      />
    )
  if (jobs.data.length === 0)
    return (
      <EmptyState icon={ListTodo} title={t('empty.title')}>
        {t('empty.text')}
      </EmptyState>
    )
  const dead = jobs.data.filter(({ state }) => state === 'dead')
  const ended = jobs.data.filter((job) => !isOpen(job) && job.state !== 'dead')
  return (
    <div className="flex flex-col gap-8">
      <JobList title={t('open.title')} empty={t('open.empty')} jobs={jobs.data.filter(isOpen)} />
      {dead.length > 0 && <JobList title={t('dead.title')} lead={t('dead.lead')} jobs={dead} />}
      {ended.length > 0 && <JobList title={t('ended.title')} jobs={ended} />}
    </div>
  )
}

function JobList({
  title,
  lead,
  empty,
  jobs,
}: {
  readonly title: string
  readonly lead?: string
  readonly empty?: string
  readonly jobs: readonly Job[]
}) {
  return (
    <section aria-label={title} className="flex flex-col gap-4">
      <h2 className="text-lg font-semibold">{title}</h2>
      {lead !== undefined && <p className="text-muted">{lead}</p>}
      {jobs.length === 0 && <p className="text-muted">{empty}</p>}
      {jobs.map((job) => (
        <JobCard key={job.id} job={job} />
      ))}
    </section>
  )
}
