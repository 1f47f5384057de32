import type { DeletionReceipt, TrashedProject } from '@studioops/contracts/deletions'
import { useState } from 'react'
import { useApi } from '../../lib/api-context.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import { usePurgeProject, useReceipts, useRestoreProject, useTrash } from './deletion.queries.ts'
import { deletionTexts } from './deletion.texts.ts'
import { RowCounts } from './row-counts.tsx'

/** What can still be restored, and receipts of what is gone. */
export function TrashPage() {
  const t = useTexts(deletionTexts)
  return (
    <Page title={t('trash.title')} lead={t('trash.lead')}>
      <div className="flex flex-col gap-8">
        <Trash />
        <Receipts />
      </div>
    </Page>
  )
}

type Asked = {
  readonly isError: boolean
  readonly error: Error | null
  readonly isFetching: boolean
  readonly refetch: () => unknown
}

function Missing({ asked }: { readonly asked: Asked }) {
  if (asked.isError && asked.error !== null)
    return (
      <ProblemNotice
        error={asked.error}
        isRetrying={asked.isFetching}
        onRetry={() => void asked.refetch()}
      />
    )
  return (
    <div>
      <LoadingStatus />
      <Skeleton shape="card" count={1} />
    </div>
  )
}

function Trash() {
  const t = useTexts(deletionTexts)
  const trash = useTrash()
  return (
    <section aria-labelledby="trash" className="flex flex-col gap-3">
      <h2 id="trash" className="text-lg font-semibold">
        {t('trash.projects')}
      </h2>
      {trash.data === undefined ? (
        <Missing asked={trash} />
      ) : trash.data.length === 0 ? (
        <p className="text-muted">{t('trash.empty')}</p>
      ) : (
        <ul aria-labelledby="trash" className="flex flex-col gap-3">
          {trash.data.map((project) => (
            <li key={project.projectId}>
              <Trashed project={project} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Trashed({ project }: { readonly project: TrashedProject }) {
  const t = useTexts(deletionTexts)
  const toast = useToast()
  const formats = useFormats()
  const { serverNow } = useApi()
  const restore = useRestoreProject(project.projectId)
  const [isAsking, setIsAsking] = useState(false)
  const { name } = project
  return (
    <Card>
      <h3 className="font-semibold wrap-anywhere">
        <bdi>{name}</bdi>
      </h3>
      <p className="text-muted">
        {t('trash.deleted', {
          name: project.deletedByName,
          when: formats.relative(project.deletedAt, serverNow()),
        })}
      </p>
      <p className="mb-3 text-muted">
        {t('trash.until', { date: formats.dateTime(project.purgedFrom) })}
      </p>
      {restore.isError && <ProblemNotice error={restore.error} />}
      {project.isOwn ? (
        <div className="flex flex-wrap gap-2">
          <Button
            aria-label={t('trash.restore.of', { name })}
            isPending={restore.isPending}
            onPress={() =>
              restore.mutate(undefined, {
                onSuccess: () => toast({ text: t('trash.restored', { name }), tone: 'good' }),
              })
            }
          >
            {t('trash.restore')}
          </Button>
          <Button
            look="danger"
            aria-label={t('trash.purge.of', { name })}
            onPress={() => setIsAsking(true)}
          >
            {t('trash.purge')}
          </Button>
        </div>
      ) : (
        <p className="text-muted">{t('trash.others')}</p>
      )}
      {isAsking && <PurgeDialog project={project} onClose={() => setIsAsking(false)} />}
    </Card>
  )
}

type PurgeProps = { readonly project: TrashedProject; readonly onClose: () => void }

function PurgeDialog({ project, onClose }: PurgeProps) {
  const t = useTexts(deletionTexts)
  const purge = usePurgeProject(project.projectId)
  const [name, setName] = useState('')
  return (
    <FormDialog
      role="alertdialog"
      title={t('purge.title', { name: project.name })}
      submit={t('purge.submit')}
      look="danger"
      isPending={purge.isPending}
      isDisabled={name.trim() === ''}
      error={purge.error}
      onSubmit={() => purge.mutate(name, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>{t('purge.text')}</p>
      <TextField
        label={t('dialog.name')}
        description={<bdi>{project.name}</bdi>}
        value={name}
        onChange={setName}
      />
    </FormDialog>
  )
}

function Receipts() {
  const t = useTexts(deletionTexts)
  const receipts = useReceipts()
  return (
    <section aria-labelledby="receipts" className="flex flex-col gap-3">
      <h2 id="receipts" className="text-lg font-semibold">
        {t('receipts.title')}
      </h2>
      {receipts.data === undefined ? (
        <Missing asked={receipts} />
      ) : receipts.data.length === 0 ? (
        <p className="text-muted">{t('receipts.empty')}</p>
      ) : (
        <ul aria-labelledby="receipts" className="flex flex-col gap-3">
          {receipts.data.map((receipt) => (
            <li key={receipt.id}>
              <Receipt receipt={receipt} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Receipt({ receipt }: { readonly receipt: DeletionReceipt }) {
  const t = useTexts(deletionTexts)
  const formats = useFormats()
  const { removed, detached, objects, jobs, requestId } = receipt
  const code = (text: string) => (
    <bdi dir="ltr" className="font-mono text-sm wrap-anywhere">
      {text}
    </bdi>
  )
  return (
    <Card>
      <h3 className="mb-2 font-semibold wrap-anywhere">
        <bdi>{receipt.projectName}</bdi>
      </h3>
      <Facts
        facts={[
          { name: t('receipt.by'), value: <bdi>{receipt.deletedByName}</bdi> },
          { name: t('receipt.at'), value: formats.dateTime(receipt.purgedAt) },
          { name: t('receipt.cause'), value: t(`receipt.cause.${receipt.cause}`) },
          { name: t('receipt.rows'), value: <RowCounts counts={removed} /> },
          { name: t('receipt.kept'), value: <RowCounts counts={detached} /> },
          { name: t('receipt.objects'), value: formats.number(objects) },
          { name: t('receipt.jobs'), value: formats.number(jobs) },
          ...(requestId === undefined
            ? []
            : [{ name: t('receipt.request'), value: code(requestId) }]),
          { name: t('receipt.id'), value: code(receipt.id) },
        ]}
      />
    </Card>
  )
}
