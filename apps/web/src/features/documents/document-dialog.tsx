import { contentPath, type Document, type DocumentVersion } from '@studioops/contracts/documents'
import { FileUp } from 'lucide-react'
import { type ComponentType, Suspense, type SyntheticEvent, useState } from 'react'
import { FileTrigger } from 'react-aria-components/FileTrigger'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus } from '../../ui/skeleton.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useChangeDocument, useDocument, useDocumentText } from './documents.queries.ts'
import { documentsTexts } from './documents.texts.ts'
import { uploadQueue } from './upload-queue.ts'

type Place = { readonly projectId: string; readonly documentId: string }

/** What other features show of a document. */
export type DocumentParts = { readonly ReceiptOf: ComponentType<Place> }

type DialogProps = Place & DocumentParts & { readonly onClose: () => void }

/** A document as it was read, with what can be done about it. */
export function DocumentDialog({ onClose, ReceiptOf, ...place }: DialogProps) {
  const t = useTexts(documentsTexts)
  const shown = useDocument(place.projectId, place.documentId)
  return (
    <Dialog
      isOpen
      width="wide"
      title={<bdi>{shown.data?.document.name ?? t('dialog.title')}</bdi>}
      onClose={onClose}
    >
      {shown.isError && <ProblemNotice error={shown.error} onRetry={() => void shown.refetch()} />}
      {shown.isPending && <LoadingStatus />}
      {shown.data !== undefined && (
        <div className="flex flex-col gap-5">
          {shown.data.document.problem !== undefined && (
            <ProblemNotice tone="warn" error={shown.data.document.problem} />
          )}
          <Ways place={place} document={shown.data.document} mayChange={shown.data.mayChange} />
          <Preview place={place} document={shown.data.document} />
          {shown.data.mayChange && <Settings place={place} document={shown.data.document} />}
          <Suspense fallback={<LoadingStatus />}>
            <ReceiptOf {...place} />
          </Suspense>
          <Versions place={place} versions={shown.data.versions} />
        </div>
      )}
    </Dialog>
  )
}

const linkClass =
  'inline-flex min-h-10 items-center gap-2 rounded-field border border-edge px-4 py-2 font-medium hover:bg-hover'
const pictures: readonly string[] = ['png', 'jpeg', 'gif', 'webp']

type Part = { readonly place: Place; readonly document: Document }

function Ways({ place, document, mayChange }: Part & { readonly mayChange: boolean }) {
  const t = useTexts(documentsTexts)
  return (
    <div className="flex flex-wrap gap-2">
      <a className={linkClass} href={`/api${contentPath(place)}`} download={document.name}>
        {t('do.download')}
      </a>
      {document.format === 'pdf' && (
        <a
          className={linkClass}
          href={`/api${contentPath(place, { inline: true })}`}
          target="_blank"
          rel="noreferrer"
        >
          {t('dialog.original')}
        </a>
      )}
      {mayChange && (
        <FileTrigger onSelect={(files) => uploadQueue.add([...(files ?? [])], place)}>
          <Button icon={<FileUp aria-hidden className="size-4" />}>{t('add.version')}</Button>
        </FileTrigger>
      )}
    </div>
  )
}

const firstChunks = 50
const mostChunks = 200

/** A PDF as it was made where the browser can show one, beside what was read of it. */
function Preview({ place, document }: Part) {
  const t = useTexts(documentsTexts)
  const [view, setView] = useState<'text' | 'pages'>('text')
  const src = `/api${contentPath(place, { inline: true })}`
  if (pictures.includes(document.format))
    return (
      <img
        src={src}
        alt={t('dialog.picture', { name: document.name })}
        className="max-h-96 max-w-full self-start rounded-card"
      />
    )
  const text = <ReadText place={place} />
  if (document.format !== 'pdf' || !navigator.pdfViewerEnabled) return text
  const pages = (
    <iframe
      src={src}
      title={t('dialog.pagesOf', { name: document.name })}
      className="h-[70vh] w-full rounded-card border border-line"
    />
  )
  return (
    <Tabs
      label={t('dialog.preview')}
      value={view}
      onChange={setView}
      tabs={[
        { id: 'text', title: t('dialog.text'), content: text },
        { id: 'pages', title: t('dialog.pages'), content: pages },
      ]}
    />
  )
}

function ReadText({ place }: Pick<Part, 'place'>) {
  const t = useTexts(documentsTexts)
  const [limit, setLimit] = useState(firstChunks)
  const text = useDocumentText(place.projectId, place.documentId, limit)
  if (text.isError) return <ProblemNotice error={text.error} />
  if (text.data === undefined) return <LoadingStatus />
  const { chunks, total } = text.data
  if (chunks.length === 0) return <p>{t('dialog.noText')}</p>
  return (
    <section aria-label={t('dialog.text')} className="flex flex-col gap-3">
      {chunks.map(({ ordinal, page, text: words }, index) => (
        <div key={ordinal}>
          {page !== undefined && page !== chunks[index - 1]?.page && (
            <p className="mb-1 text-sm text-muted">{t('find.page', { page })}</p>
          )}
          <p dir="auto" className="wrap-anywhere whitespace-pre-line">
            {words}
          </p>
        </div>
      ))}
      {total > chunks.length && limit < mostChunks && (
        <div>
          <Button size="small" onPress={() => setLimit(mostChunks)}>
            {t('list.more')}
          </Button>
        </div>
      )}
    </section>
  )
}

function Settings({ place, document }: Part) {
  const t = useTexts(documentsTexts)
  const change = useChangeDocument(place.projectId)
  const [name, setName] = useState(document.name)
  const [tags, setTags] = useState(document.tags.join(', '))
  const submit = (event: SyntheticEvent) => {
    event.preventDefault()
    const each = tags.split(',').map((tag) => tag.trim())
    const { documentId } = place
    change.mutate({ documentId, name, tags: each.filter((tag) => tag !== '') })
  }
  return (
    <form className="grid gap-3 sm:grid-cols-2" onSubmit={submit}>
      <TextField label={t('field.name')} value={name} onChange={setName} />
      <TextField label={t('field.tags')} value={tags} onChange={setTags} />
      <div className="sm:col-span-2">
        <Button type="submit" isPending={change.isPending}>
          {t('do.save')}
        </Button>
      </div>
      {change.isError && (
        <div className="sm:col-span-2">
          <ProblemNotice error={change.error} />
        </div>
      )}
    </form>
  )
}

type VersionsProps = { readonly place: Place; readonly versions: readonly DocumentVersion[] }

function Versions({ place, versions }: VersionsProps) {
  const t = useTexts(documentsTexts)
  const formats = useFormats()
  if (versions.length < 2) return undefined
  return (
    <section aria-label={t('dialog.versions')}>
      <h3 className="mb-2 font-semibold">{t('dialog.versions')}</h3>
      <ul className="flex flex-col gap-1">
        {versions.map(({ version, createdAt, createdBy = '' }) => (
          <li key={version} className="flex flex-wrap gap-x-3">
            <a className="underline" href={`/api${contentPath(place, { version })}`}>
              {t('row.version', { version })}
            </a>
            <span className="text-muted">
              {t('dialog.by', { name: createdBy, date: formats.dateTime(createdAt) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
