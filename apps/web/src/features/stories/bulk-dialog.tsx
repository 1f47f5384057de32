import type { CallOf, ReplyOf } from '@studioops/contracts/endpoint'
import type { approveStories, previewStories } from '@studioops/contracts/stories'
import { Check } from 'lucide-react'
import { useIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useApproveStories, usePreviews } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'

type Preview = ReplyOf<typeof previewStories>['previews'][number]
type Result = ReplyOf<typeof approveStories>['results'][number]
type Approved = CallOf<typeof approveStories>['body']['stories'][number]

/** Several drafts with what each would send; those that may go are approved as they are shown. */
export function BulkDialog({
  storyIds,
  onClose,
}: {
  readonly storyIds: readonly string[]
  readonly onClose: () => void
}) {
  const t = useTexts(storiesTexts)
  const previews = usePreviews(storyIds)
  const approve = useApproveStories()
  const { key: idempotencyKey } = useIdempotencyKey()
  const ready = (previews.data ?? []).flatMap(approvedOf)
  return (
    <Dialog
      isOpen
      title={t('bulk.title')}
      onClose={onClose}
      actions={
        approve.isSuccess ? (
          <Button onPress={onClose}>{t('bulk.close')}</Button>
        ) : (
          <Button
            look="primary"
            isDisabled={ready.length === 0}
            isPending={approve.isPending}
            icon={<Check className="size-4" />}
            onPress={() => approve.mutate({ stories: ready, idempotencyKey })}
          >
            {t('bulk.submit')}
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-4">
        <p>{t('bulk.lead')}</p>
        {previews.isError && (
          <ProblemNotice error={previews.error} onRetry={() => void previews.refetch()} />
        )}
        {approve.isError && <ProblemNotice error={approve.error} />}
        {previews.isPending && (
          <>
            <LoadingStatus />
            <Skeleton shape="field" count={3} />
          </>
        )}
        {previews.data !== undefined && (
          <>
            <p role="status">{t('bulk.ready', { count: ready.length })}</p>
            <ul className="flex flex-col gap-3">
              {previews.data.map((preview) => (
                <Row
                  key={preview.storyId}
                  shown={preview}
                  result={approve.data?.results.find(({ storyId }) => storyId === preview.storyId)}
                />
              ))}
            </ul>
          </>
        )}
      </div>
    </Dialog>
  )
}

function approvedOf({ storyId, version, preview, problem, ...rest }: Preview): Approved[] {
  const { brokenRules, isBypassed } = rest
  const hasGap = preview?.asked.some((field) => field.problem !== undefined) === true
  if (preview === undefined || problem !== undefined || hasGap) return []
  if (brokenRules.length > 0 && !isBypassed) return []
  return [{ storyId, version, payloadHash: preview.payloadHash }]
}

function Obstacles({ shown: { brokenRules, isBypassed, preview } }: { readonly shown: Preview }) {
  const t = useTexts(storiesTexts)
  const hasGap = preview?.asked.some((field) => field.problem !== undefined) === true
  return (
    <>
      {brokenRules.length > 0 && (
        <p className="text-sm text-warn-ink">
          {isBypassed ? t('bulk.bypassed') : t('list.broken', { count: brokenRules.length })}
        </p>
      )}
      {hasGap && <p className="text-sm text-warn-ink">{t('approve.blocked.fields')}</p>}
    </>
  )
}

function Row({ shown, result }: { readonly shown: Preview; readonly result: Result | undefined }) {
  const t = useTexts(storiesTexts)
  const { title, preview, problem } = shown
  const refusal = result?.problem ?? problem
  return (
    <li className="flex flex-col gap-1.5 rounded-field border border-line px-4 py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-3 gap-y-1">
        <bdi className="min-w-0 font-medium wrap-anywhere">
          {title === '' ? t('list.untitled') : title}
        </bdi>
        {result?.isApproved === true && <Badge tone="good">{t('bulk.done')}</Badge>}
      </div>
      {preview !== undefined && (
        <p className="text-sm text-muted">
          {t('bulk.issue', { project: preview.projectKey, type: preview.issueType })}
          {preview.children.length > 0 && (
            <> · {t('list.parts', { count: preview.children.length })}</>
          )}
        </p>
      )}
      <Obstacles shown={shown} />
      {refusal !== undefined && <ProblemNotice tone="warn" error={refusal} />}
    </li>
  )
}
