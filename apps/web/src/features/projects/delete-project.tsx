import {
  archivePath,
  type DeletionPreview,
  type PurchasesChoice,
} from '@studioops/contracts/deletions'
import type { Project } from '@studioops/contracts/projects'
import { useNavigate } from '@tanstack/react-router'
import { Download, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { RadioCards } from '../../ui/radio-cards.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useDeletionPreview, useTrashProject } from './deletion.queries.ts'
import { deletionTexts } from './deletion.texts.ts'
import { RowCounts } from './row-counts.tsx'

const trashDays = 30

/** The way into the trash, for owners. */
export function DeletePanel({ project }: { readonly project: Project }) {
  const t = useTexts(deletionTexts)
  const [isOpen, setIsOpen] = useState(false)
  return (
    <Card as="section" labelledBy="project-deletion">
      <h2 id="project-deletion" className="mb-2 text-lg font-semibold">
        {t('panel.title')}
      </h2>
      <p className="mb-4 text-muted">{t('panel.text', { days: String(trashDays) })}</p>
      {project.role === 'owner' ? (
        <Button
          look="danger"
          icon={<Trash2 aria-hidden className="size-4" />}
          onPress={() => setIsOpen(true)}
        >
          {t('panel.do')}
        </Button>
      ) : (
        <p className="text-muted">{t('panel.owner')}</p>
      )}
      {isOpen && <DeleteDialog project={project} onClose={() => setIsOpen(false)} />}
    </Card>
  )
}

type DialogProps = { readonly project: Project; readonly onClose: () => void }

function DeleteDialog({ project, onClose }: DialogProps) {
  const t = useTexts(deletionTexts)
  const toast = useToast()
  const navigate = useNavigate()
  const preview = useDeletionPreview(project.id)
  const trash = useTrashProject(project.id)
  const [name, setName] = useState('')
  const [purchases, setPurchases] = useState<PurchasesChoice>('detach')
  const submit = () =>
    trash.mutate(
      { name, purchases },
      {
        onSuccess: () => {
          toast({ text: t('dialog.done', { name: project.name }), tone: 'good' })
          void navigate({ to: '/projects/trash' })
        },
      },
    )
  return (
    <FormDialog
      title={t('dialog.title', { name: project.name })}
      submit={t('dialog.submit')}
      look="danger"
      isPending={trash.isPending}
      isDisabled={preview.data === undefined || name.trim() === ''}
      error={trash.error}
      onSubmit={submit}
      onClose={onClose}
    >
      {preview.data === undefined ? (
        <PreviewMissing preview={preview} />
      ) : (
        <>
          <Preview preview={preview.data} />
          <ArchiveOffer projectId={project.id} />
          {preview.data.detached['purchases'] !== undefined && (
            <RadioCards
              label={t('dialog.purchases')}
              value={purchases}
              onChange={setPurchases}
              cards={(['detach', 'delete'] as const).map((id) => ({
                id,
                title: t(`dialog.${id}`),
                description: t(`dialog.${id}.text`),
              }))}
            />
          )}
          <TextField
            label={t('dialog.name')}
            description={<bdi>{project.name}</bdi>}
            value={name}
            onChange={setName}
          />
        </>
      )}
    </FormDialog>
  )
}

/** The browser shows how far it is: it is a download like any other. */
function ArchiveOffer({ projectId }: { readonly projectId: string }) {
  const t = useTexts(deletionTexts)
  const { texts } = useLanguage()
  return (
    <section>
      <h3 className="mb-1 font-semibold">{t('archive.title')}</h3>
      <p className="mb-3 text-muted">{t('archive.text')}</p>
      <a
        href={`/api${archivePath(projectId, texts)}`}
        download
        className="inline-flex min-h-10 items-center gap-2 rounded-field border border-edge px-4 py-2 font-medium hover:bg-hover"
      >
        <Download aria-hidden className="size-4" />
        {t('archive.do')}
      </a>
    </section>
  )
}

function PreviewMissing({ preview }: { readonly preview: ReturnType<typeof useDeletionPreview> }) {
  if (preview.isError)
    return (
      <ProblemNotice
        error={preview.error}
        isRetrying={preview.isFetching}
        onRetry={() => void preview.refetch()}
      />
    )
  return (
    <div>
      <LoadingStatus />
      <Skeleton shape="line" count={4} />
    </div>
  )
}

function Preview({ preview }: { readonly preview: DeletionPreview }) {
  const t = useTexts(deletionTexts)
  const { removed, links } = preview
  return (
    <>
      <section>
        <h3 className="mb-1 font-semibold">{t('dialog.goes')}</h3>
        <RowCounts counts={removed} />
        <p className="mt-2 text-muted">{t('dialog.stopped')}</p>
      </section>
      <section>
        <h3 className="mb-1 font-semibold">{t('dialog.stays')}</h3>
        <ul className="list-disc ps-5 text-muted">
          <li>{t('dialog.outside')}</li>
          {links.length > 0 && <li>{t('dialog.links', { names: links.join(', ') })}</li>}
          <li>{t('dialog.shared')}</li>
        </ul>
      </section>
    </>
  )
}
