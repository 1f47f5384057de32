import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useJobCounts } from './jobs.queries.ts'
import { jobsTexts } from './jobs.texts.ts'
import { useKindName } from './use-kind-name.ts'

/** For those who run the workspace: how much there is, never whose or of what. */
export function JobCounts() {
  const t = useTexts(jobsTexts)
  return (
    <section aria-label={t('admin.title')} className="mt-10 flex flex-col gap-4">
      <div>
        <h2 className="text-lg font-semibold">{t('admin.title')}</h2>
        <p className="text-muted">{t('admin.lead')}</p>
      </div>
      <CountsContent />
    </section>
  )
}

function CountsContent() {
  const t = useTexts(jobsTexts)
  const formats = useFormats()
  const kindName = useKindName()
  const counts = useJobCounts()
  if (counts.isPending) return <Skeleton shape="card" />
  if (counts.isError)
    return (
      <ProblemNotice
        error={counts.error}
        isRetrying={counts.isFetching}
        onRetry={() => void counts.refetch()}
      />
    )
  const { kinds, dead } = counts.data
  if (kinds.length === 0) return <p className="text-muted">{t('admin.empty')}</p>
  return (
    <>
      <ul className="flex flex-col gap-3">
        {kinds.map(({ kind, queued, running, dead: givenUp, oldestAt }) => (
          <Card key={kind} as="li">
            <h3 className="mb-2 font-semibold">{kindName(kind)}</h3>
            <Facts
              facts={[
                { name: t('admin.queued'), value: <bdi>{formats.number(queued)}</bdi> },
                { name: t('admin.running'), value: <bdi>{formats.number(running)}</bdi> },
                { name: t('admin.dead'), value: <bdi>{formats.number(givenUp)}</bdi> },
                ...(oldestAt === undefined
                  ? []
                  : [
                      {
                        name: t('admin.oldest'),
                        value: <bdi>{formats.dateTime(oldestAt)}</bdi>,
                      },
                    ]),
              ]}
            />
          </Card>
        ))}
      </ul>
      {dead.length > 0 && (
        <section aria-label={t('admin.reasons')} className="flex flex-col gap-3">
          <h3 className="font-semibold">{t('admin.reasons')}</h3>
          {dead.map(({ kind, problem, count, lastAt }) => (
            <div key={`${kind} ${problem.code}`} className="flex flex-col gap-1">
              <p>
                {kindName(kind)}
                {' · '}
                {t('admin.times', { count, when: formats.dateTime(lastAt) })}
              </p>
              <ProblemNotice error={problem} />
            </div>
          ))}
        </section>
      )}
    </>
  )
}
