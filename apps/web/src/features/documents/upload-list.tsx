import { RotateCw, X } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useUploads } from './documents.queries.ts'
import { documentsTexts } from './documents.texts.ts'
import { hasEnded, type UploadItem, uploadQueue } from './upload-queue.ts'

/** Files on their way into a project, and how each has ended. */
export function UploadList({ projectId }: { readonly projectId: string }) {
  const t = useTexts(documentsTexts)
  const uploads = useUploads(projectId)
  if (uploads.length === 0) return undefined
  return (
    <section aria-label={t('uploads.title')} className="flex flex-col gap-3">
      <ul className="flex flex-col gap-2">
        {uploads.map((item) => (
          <UploadRow key={item.id} item={item} />
        ))}
      </ul>
      {uploads.some(hasEnded) && (
        <div>
          <Button size="small" onPress={uploadQueue.clear}>
            {t('uploads.clear')}
          </Button>
        </div>
      )}
    </section>
  )
}

function UploadRow({ item }: { readonly item: UploadItem }) {
  const t = useTexts(documentsTexts)
  const { file, state, sentBytes, error, id } = item
  const { name } = file
  const percent = file.size === 0 ? 100 : Math.floor((sentBytes / file.size) * 100)
  return (
    <li className="flex flex-col gap-2 rounded-card border border-line bg-surface p-3">
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 wrap-anywhere">
          <bdi>{name}</bdi>
        </p>
        <span role="status" className="text-sm text-muted tabular-nums">
          {state === 'sending' ? t('upload.sending', { percent }) : t(`upload.${state}`)}
        </span>
        {!hasEnded(item) && (
          <IconButton
            label={t('upload.cancel', { name })}
            size="small-icon"
            icon={<X aria-hidden className="size-4" />}
            onPress={() => uploadQueue.cancel(id)}
          />
        )}
        {state === 'failed' && (
          <IconButton
            label={t('upload.retry', { name })}
            size="small-icon"
            icon={<RotateCw aria-hidden className="size-4" />}
            onPress={() => uploadQueue.retry(id)}
          />
        )}
      </div>
      {!hasEnded(item) && (
        <progress
          aria-label={t('upload.progress', { name })}
          className="h-2 w-full accent-accent"
          value={percent}
          max={100}
        />
      )}
      {state === 'failed' && <ProblemNotice error={error} />}
    </li>
  )
}
