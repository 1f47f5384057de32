import { FileUp, X } from 'lucide-react'
import { useState } from 'react'
import { FileTrigger } from 'react-aria-components/FileTrigger'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { type OpenUpload, useForgetUpload, useLeftUploads } from './documents.queries.ts'
import { documentsTexts } from './documents.texts.ts'
import { isSameFile } from './left-uploads.ts'
import { uploadQueue } from './upload-queue.ts'

/** Uploads that a reload has cut off: the page may not open a file again by itself. */
export function LeftUploadList({ projectId }: { readonly projectId: string }) {
  const t = useTexts(documentsTexts)
  const left = useLeftUploads(projectId)
  if (left.length === 0) return undefined
  return (
    <section aria-label={t('left.title')} className="flex flex-col gap-2">
      <h2 className="font-semibold">{t('left.title')}</h2>
      <p className="text-muted">{t('left.text')}</p>
      <ul className="flex flex-col gap-2">
        {left.map((upload) => (
          <LeftUploadRow key={upload.uploadId} upload={upload} />
        ))}
      </ul>
    </section>
  )
}

function LeftUploadRow({ upload }: { readonly upload: OpenUpload }) {
  const t = useTexts(documentsTexts)
  const [isOther, setIsOther] = useState(false)
  const forget = useForgetUpload(upload.projectId)
  const { name, offset, sizeBytes } = upload
  const percent = Math.floor((offset / sizeBytes) * 100)
  const goOn = (files: FileList | null) => {
    const [file] = [...(files ?? [])]
    if (file === undefined) return
    const isSame = isSameFile(upload, file)
    setIsOther(!isSame)
    if (isSame) uploadQueue.goOn(file, upload)
  }
  return (
    <li className="flex flex-col gap-2 rounded-card border border-line bg-surface p-3">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-0 flex-1 basis-40 wrap-anywhere">
          <bdi>{name}</bdi>
        </p>
        <span className="text-sm text-muted tabular-nums">{t('upload.sending', { percent })}</span>
        <FileTrigger onSelect={goOn}>
          <Button size="small" icon={<FileUp aria-hidden className="size-4" />}>
            {t('left.choose')}
          </Button>
        </FileTrigger>
        <IconButton
          label={t('upload.cancel', { name })}
          size="small-icon"
          icon={<X aria-hidden className="size-4" />}
          onPress={() => forget.mutate(upload)}
        />
      </div>
      {isOther && (
        <p role="alert" className="text-sm text-bad-ink">
          {t('left.other')}
        </p>
      )}
    </li>
  )
}
