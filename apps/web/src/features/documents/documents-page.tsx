import type { DocumentState } from '@studioops/contracts/documents'
import { limits } from '@studioops/contracts/limits'
import { FileUp, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { DropZone } from 'react-aria-components/DropZone'
import { FileTrigger } from 'react-aria-components/FileTrigger'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { DocumentDialog, type DocumentParts } from './document-dialog.tsx'
import { DocumentList } from './document-list.tsx'
import { useDocuments } from './documents.queries.ts'
import { documentsTexts } from './documents.texts.ts'
import { FindInDocuments } from './find-in-documents.tsx'
import { uploadQueue } from './upload-queue.ts'
import { LeftUploadList } from './left-upload-list.tsx'
import { UploadList } from './upload-list.tsx'

/** What the address says of the page. */
export type Shown = {
  readonly name?: string | undefined
  readonly state?: DocumentState | undefined
  readonly tag?: string | undefined
  readonly shown?: 'trash' | undefined
  readonly open?: string | undefined
  readonly find?: string | undefined
}

type Props = DocumentParts & {
  readonly projectId: string
  readonly shown: Shown
  readonly onShow: (changes: Shown) => void
}

const firstLimit = 50
const mostLimit = 200

/** Documents of a project; files can be dropped anywhere on it. */
export function DocumentsPage({ projectId, shown, onShow, ReceiptOf }: Props) {
  const [limit, setLimit] = useState(firstLimit)
  const isTrash = shown.shown === 'trash'
  const documents = useDocuments(projectId, {
    name: shown.name ?? '',
    state: shown.state,
    tag: shown.tag,
    trash: isTrash,
    limit,
  })
  const mayChange = documents.data?.mayChange === true
  const page = (
    <div className="flex flex-col gap-5">
      {mayChange && !isTrash && <AddDocuments projectId={projectId} />}
      <UploadList projectId={projectId} />
      <Filters shown={shown} tags={documents.data?.tags} onShow={onShow} />
      {!isTrash && <Find projectId={projectId} shown={shown} onShow={onShow} />}
      <Content
        documents={documents}
        projectId={projectId}
        shown={shown}
        onOpen={(open) => onShow({ open })}
        onMore={limit < mostLimit ? () => setLimit(mostLimit) : undefined}
      />
      {shown.open !== undefined && (
        <DocumentDialog
          key={shown.open}
          projectId={projectId}
          documentId={shown.open}
          ReceiptOf={ReceiptOf}
          onClose={() => onShow({ open: undefined })}
        />
      )}
    </div>
  )
  return mayChange ? <DropFiles projectId={projectId}>{page}</DropFiles> : page
}

type DropProps = { readonly projectId: string; readonly children: ReactNode }

function DropFiles({ projectId, children }: DropProps) {
  return (
    <DropZone
      getDropOperation={() => 'copy'}
      onDrop={({ items }) => {
        const dropped = items.flatMap((item) => (item.kind === 'file' ? [item.getFile()] : []))
        void Promise.all(dropped).then((files) => uploadQueue.add(files, to(projectId)))
      }}
      className="rounded-card outline-offset-4 drop-target:outline-2 drop-target:outline-accent-ink drop-target:outline-dashed"
    >
      {children}
    </DropZone>
  )
}

function Find({ projectId, shown, onShow }: Pick<Props, 'projectId' | 'shown' | 'onShow'>) {
  return (
    <FindInDocuments
      projectId={projectId}
      question={shown.find ?? ''}
      onAsk={(find) => onShow({ find: find === '' ? undefined : find })}
      onOpen={(open) => onShow({ open })}
    />
  )
}

const to = (projectId: string) => ({ projectId, documentId: undefined })

function AddDocuments({ projectId }: { readonly projectId: string }) {
  return (
    <>
      <ChooseFiles projectId={projectId} />
      <LeftUploadList projectId={projectId} />
    </>
  )
}

function ChooseFiles({ projectId }: { readonly projectId: string }) {
  const t = useTexts(documentsTexts)
  return (
    <section
      aria-label={t('add.title')}
      className="flex flex-wrap items-center gap-x-5 gap-y-3 rounded-card border border-dashed border-edge/60 p-5"
    >
      <p className="min-w-0 flex-1 basis-64 text-muted">
        {t('add.text', { limit: limits.documentBytesMax / 1e6 })}
      </p>
      <FileTrigger
        allowsMultiple
        onSelect={(files) => uploadQueue.add([...(files ?? [])], to(projectId))}
      >
        <Button look="primary" icon={<FileUp aria-hidden className="size-4" />}>
          {t('add.choose')}
        </Button>
      </FileTrigger>
    </section>
  )
}

const states = ['queued', 'processing', 'ready', 'no-text', 'failed', 'cancelled'] as const

/** A tag may be called `all` as well. */
const tagMark = 'tag '
const tagId = (tag: string) => tagMark + tag

type FiltersProps = Pick<Props, 'shown' | 'onShow'> & {
  /** Of the project, to choose from. */
  readonly tags: readonly string[] | undefined
}

function Filters({ shown, tags = [], onShow }: FiltersProps) {
  const t = useTexts(documentsTexts)
  const known = shown.tag === undefined || tags.includes(shown.tag) ? tags : [...tags, shown.tag]
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
      <TextField
        label={t('filter.search')}
        value={shown.name ?? ''}
        onChange={(name) => onShow({ name: name === '' ? undefined : name })}
      />
      <Select
        label={t('filter.state')}
        value={shown.state ?? 'all'}
        onChange={(state) => onShow({ state: state === 'all' ? undefined : state })}
        options={[
          { id: 'all', label: t('filter.all') },
          ...states.map((id) => ({ id, label: t(`state.${id}`) })),
        ]}
      />
      {known.length > 0 && (
        <Select
          label={t('filter.tag')}
          value={shown.tag === undefined ? 'all' : tagId(shown.tag)}
          onChange={(id) => onShow({ tag: id === 'all' ? undefined : id.slice(tagMark.length) })}
          options={[
            { id: 'all', label: t('filter.all') },
            ...known.map((tag) => ({ id: tagId(tag), label: tag })),
          ]}
        />
      )}
      <Select
        label={t('filter.shown')}
        value={shown.shown ?? 'list'}
        onChange={(id) => onShow({ shown: id === 'trash' ? 'trash' : undefined })}
        options={[
          { id: 'list', label: t('filter.list') },
          { id: 'trash', label: t('filter.trash') },
        ]}
      />
    </div>
  )
}

type ContentProps = {
  readonly documents: ReturnType<typeof useDocuments>
  readonly projectId: string
  readonly shown: Shown
  readonly onOpen: (documentId: string) => void
  readonly onMore: (() => void) | undefined
}

function Content({ documents, projectId, shown, onOpen, onMore }: ContentProps) {
  const t = useTexts(documentsTexts)
  if (documents.data !== undefined) {
    const { documents: found, total, mayChange } = documents.data
    if (found.length === 0) return <Nothing shown={shown} />
    return (
      <>
        <DocumentList
          documents={found}
          projectId={projectId}
          mayChange={mayChange}
          onOpen={onOpen}
        />
        {total > found.length && onMore !== undefined && (
          <Button onPress={onMore}>{t('list.more')}</Button>
        )}
      </>
    )
  }
  if (documents.isError)
    return (
      <ProblemNotice
        error={documents.error}
        isRetrying={documents.isFetching}
        onRetry={() => void documents.refetch()}
      />
    )
  return (
    <div className="flex flex-col gap-3">
      <LoadingStatus />
      <Skeleton shape="card" count={2} />
    </div>
  )
}

function Nothing({ shown }: { readonly shown: Shown }) {
  const t = useTexts(documentsTexts)
  if ([shown.name, shown.state, shown.tag].some((filter) => filter !== undefined))
    return <EmptyState title={t('none.title')}>{t('none.text')}</EmptyState>
  if (shown.shown === 'trash')
    return (
      <EmptyState icon={Trash2} title={t('trash.empty')}>
        {t('trash.text', { days: limits.trashDays })}
      </EmptyState>
    )
  return (
    <EmptyState icon={FileUp} title={t('empty.title')}>
      {t('empty.text')}
    </EmptyState>
  )
}
