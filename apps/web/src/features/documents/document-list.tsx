import type { Document } from '@studioops/contracts/documents'
import { EllipsisVertical } from 'lucide-react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import { stateSigns } from './document-signs.ts'
import { type DocumentDeed, useDocumentDeed } from './documents.queries.ts'
import { documentsTexts } from './documents.texts.ts'

type Props = {
  readonly documents: readonly Document[]
  readonly projectId: string
  readonly mayChange: boolean
  readonly onOpen: (documentId: string) => void
}

export function DocumentList({ documents, projectId, mayChange, onOpen }: Props) {
  const t = useTexts(documentsTexts)
  const toast = useToast()
  const deed = useDocumentDeed(projectId)
  const carryOut = (documentId: string, what: DocumentDeed) =>
    deed.mutate(
      { documentId, deed: what },
      {
        onSuccess: () => {
          if (what !== 'delete') return
          const onPress = () => deed.mutate({ documentId, deed: 'restore' })
          toast({ text: t('deleted'), action: { label: t('undo'), onPress } })
        },
      },
    )
  return (
    <div className="flex flex-col gap-3">
      {deed.isError && <ProblemNotice error={deed.error} />}
      <ul aria-label={t('list.label')} className="flex flex-col gap-2">
        {documents.map((document) => (
          <DocumentRow
            key={document.id}
            document={document}
            onOpen={onOpen}
            onDeed={mayChange ? carryOut : undefined}
          />
        ))}
      </ul>
    </div>
  )
}

type RowProps = {
  readonly document: Document
  readonly onOpen: (documentId: string) => void
  readonly onDeed: ((documentId: string, deed: DocumentDeed) => void) | undefined
}

function DocumentRow({ document, onOpen, onDeed }: RowProps) {
  const t = useTexts(documentsTexts)
  const formats = useFormats()
  const { id, name, state, progress, tags, updatedAt, createdBy, pages, deletedAt } = document
  const { tone, icon } = stateSigns[state]
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-line bg-surface p-4 shadow-card">
      <div className="min-w-0 flex-1 basis-56">
        {deletedAt === undefined ? (
          <button
            type="button"
            className="cursor-pointer text-start font-semibold wrap-anywhere hover:underline"
            onClick={() => onOpen(id)}
          >
            <bdi>{name}</bdi>
          </button>
        ) : (
          <p className="font-semibold wrap-anywhere">
            <bdi>{name}</bdi>
          </p>
        )}
        <p className="flex flex-wrap gap-x-3 text-sm text-muted">
          <bdi>{useSize(document.sizeBytes)}</bdi>
          {pages !== undefined && <span>{t('row.pages', { count: pages })}</span>}
          {document.version > 1 && <span>{t('row.version', { version: document.version })}</span>}
          {createdBy !== undefined && <bdi>{createdBy}</bdi>}
          <bdi>{formats.dateTime(updatedAt)}</bdi>
        </p>
        {tags.length > 0 && (
          <p className="mt-1 flex flex-wrap gap-1">
            {tags.map((tag) => (
              <Badge key={tag}>
                <bdi>{tag}</bdi>
              </Badge>
            ))}
          </p>
        )}
      </div>
      <Badge tone={tone} icon={icon}>
        {t(`state.${state}`)}
        {progress !== undefined && <bdi>{` ${progress.done}/${progress.total}`}</bdi>}
      </Badge>
      {onDeed !== undefined && (
        <Menu
          label={t('row.actions', { name })}
          trigger={
            <IconButton
              label={t('row.actions', { name })}
              icon={<EllipsisVertical aria-hidden className="size-4" />}
            />
          }
        >
          {deedsOf(document).map((deed) => (
            <MenuItem key={deed} isDanger={deed === 'delete'} onAction={() => onDeed(id, deed)}>
              {t(`do.${deed}`)}
            </MenuItem>
          ))}
        </Menu>
      )}
    </li>
  )
}

function deedsOf({ state, deletedAt }: Document): readonly DocumentDeed[] {
  if (deletedAt !== undefined) return ['restore']
  if (state === 'queued' || state === 'processing') return ['stop', 'delete']
  return state === 'ready' ? ['delete'] : ['read', 'delete']
}

/** As people write sizes of files. */
export function useSize(bytes: number): string {
  const t = useTexts(documentsTexts)
  const formats = useFormats()
  if (bytes < 1_000) return t('size.bytes', { size: formats.number(bytes) })
  const isLarge = bytes >= 1_000_000
  const size = formats.number(Number((bytes / (isLarge ? 1e6 : 1e3)).toFixed(1)))
  return isLarge ? t('size.mb', { size }) : t('size.kb', { size })
}
