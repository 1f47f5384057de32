import {
  type ActivityEvent,
  type ProjectActivity,
  projectActivity,
} from '@studioops/contracts/projects'
import { useApi } from '../../lib/api-context.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useActivity } from './projects.queries.ts'
import { projectsTexts } from './projects.texts.ts'

/** Who did what in the project, newest first. */
export function ActivityPanel({ projectId }: { readonly projectId: string }) {
  const t = useTexts(projectsTexts)
  const activity = useActivity(projectId)
  if (activity.data === undefined)
    return activity.isError ? (
      <ProblemNotice
        error={activity.error}
        isRetrying={activity.isFetching}
        onRetry={() => void activity.refetch()}
      />
    ) : (
      <>
        <LoadingStatus />
        <Skeleton count={3} />
      </>
    )
  const events = activity.data.pages.flatMap((page) => page.events)
  if (events.length === 0) return <p className="text-muted">{t('activity.none')}</p>
  return (
    <div className="flex flex-col gap-3">
      <ol className="flex flex-col gap-2.5">
        {events.map((event) => (
          <li key={event.id}>
            <EventLine event={event} />
          </li>
        ))}
      </ol>
      {activity.hasNextPage && (
        <div>
          <Button
            size="small"
            isPending={activity.isFetchingNextPage}
            onPress={() => void activity.fetchNextPage()}
          >
            {t('activity.more')}
          </Button>
        </div>
      )}
    </div>
  )
}

const isKnown = (action: string): action is ProjectActivity =>
  projectActivity.options.some((one) => one === action)

function EventLine({ event }: { readonly event: ActivityEvent }) {
  const t = useTexts(projectsTexts)
  const formats = useFormats()
  const { serverNow } = useApi()
  const { at, action, actorName, subject } = event
  return (
    <>
      <p className="wrap-anywhere">
        <bdi className="font-medium">{actorName ?? t('activity.somebody')}</bdi>
        {' · '}
        {isKnown(action) ? t(`act.${action}`) : t('act.other')}
        {subject !== '' && (
          <>
            {': '}
            <bdi>{subject}</bdi>
          </>
        )}
      </p>
      <time dateTime={at} title={formats.dateTime(at)} className="text-sm text-muted">
        {formats.relative(at, serverNow())}
      </time>
    </>
  )
}
