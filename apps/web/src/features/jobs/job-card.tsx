import type { Job } from '@studioops/contracts/jobs'
import { RotateCw, X } from 'lucide-react'
import { useId } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { isOpen, stateSigns } from './job-states.ts'
import { useJobDeed } from './jobs.queries.ts'
import { jobsTexts } from './jobs.texts.ts'
import { useKindName } from './use-kind-name.ts'

/** One background job of the person, and what can be done about it. */
export function JobCard({ job }: { readonly job: Job }) {
  const t = useTexts(jobsTexts)
  const deed = useJobDeed(job)
  const headingId = useId()
  const kind = useKindName()(job.kind)
  const { tone, icon } = stateSigns[job.state]
  const state = t(`state.${job.state}`)
  return (
    <Card as="article" labelledBy={headingId}>
      <div className="flex flex-col gap-3">
        <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
          <h3 id={headingId} className="min-w-0 text-lg font-semibold wrap-anywhere">
            {kind}
          </h3>
          <Badge tone={tone} icon={icon}>
            {state}
          </Badge>
        </header>
        <VisuallyHidden role="status">{t('announce', { kind, state })}</VisuallyHidden>
        <Standing job={job} />
        {job.problem !== undefined && (
          <ProblemNotice tone={job.state === 'dead' ? 'bad' : 'warn'} error={job.problem} />
        )}
        {deed.isError && <ProblemNotice error={deed.error} />}
        <Times job={job} />
        <Deeds job={job} deed={deed} />
      </div>
    </Card>
  )
}

function Standing({ job }: { readonly job: Job }) {
  const t = useTexts(jobsTexts)
  const { state, progress, isCancelling } = job
  if (isCancelling) return <p>{t('cancelling')}</p>
  if (state === 'stuck') return <p>{t('stuck')}</p>
  if (state === 'running' && progress !== undefined)
    return (
      <div className="flex flex-col gap-1">
        <progress
          aria-label={t('progress.label')}
          className="h-2 w-full accent-accent"
          value={progress.done}
          max={Math.max(progress.total, 1)}
        />
        <p className="text-sm tabular-nums">{t('progress', progress)}</p>
      </div>
    )
  return <p>{useStanding(job)}</p>
}

const mostAhead = 1_000

function useStanding({ state, ahead, cause }: Job): string {
  const t = useTexts(jobsTexts)
  if (state !== 'queued' || ahead === undefined) return t(`cause.${cause}`)
  if (ahead === 0) return t('ahead.none')
  return ahead < mostAhead ? t('ahead', { count: ahead }) : t('ahead.many', { most: mostAhead })
}

function Times({ job }: { readonly job: Job }) {
  const t = useTexts(jobsTexts)
  const formats = useFormats()
  const { createdAt, endedAt, nextAttemptAt, attempts, attemptsMax } = job
  return (
    <p className="flex flex-wrap gap-x-3 text-sm text-muted">
      <span>
        {endedAt === undefined
          ? t('since', { when: formats.dateTime(createdAt) })
          : t('ended', { when: formats.dateTime(endedAt) })}
      </span>
      {attempts > 1 && <span>{t('attempts', { attempt: attempts, most: attemptsMax })}</span>}
      {nextAttemptAt !== undefined && (
        <span>{t('next', { time: formats.time(nextAttemptAt) })}</span>
      )}
    </p>
  )
}

const retried: ReadonlySet<Job['state']> = new Set(['retrying', 'dead', 'cancelled'])

function Deeds({ job, deed }: { readonly job: Job; readonly deed: ReturnType<typeof useJobDeed> }) {
  const t = useTexts(jobsTexts)
  const canCancel = isOpen(job) && !job.isCancelling
  const canRetry = retried.has(job.state)
  if (!canCancel && !canRetry) return undefined
  const isRunning = (type: string) => deed.isPending && deed.variables === type
  return (
    <div className="flex flex-wrap gap-2">
      {canRetry && (
        <Button
          size="small"
          isPending={isRunning('retry')}
          icon={<RotateCw className="size-4" />}
          onPress={() => deed.mutate('retry')}
        >
          {t('do.retry')}
        </Button>
      )}
      {canCancel && (
        <Button
          size="small"
          isPending={isRunning('cancel')}
          icon={<X className="size-4" />}
          onPress={() => deed.mutate('cancel')}
        >
          {t('do.cancel')}
        </Button>
      )}
    </div>
  )
}
