import type {
  CompanyOverview,
  CompanyTexts,
  CompanyVersion,
} from '@studioops/contracts/company-model'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useToast } from '../../ui/toast.tsx'
import { CompanyDiff } from './company-diff-dialog.tsx'
import {
  useCompanyVersion,
  useCompanyVersions,
  useRestoreCompanyVersion,
} from './company-model.queries.ts'
import { companyModelTexts } from './company-model.texts.ts'

/** Every version with who, when and why; each can be compared and put in force again. */
export function CompanyHistory({ inForce }: { readonly inForce: CompanyOverview }) {
  const t = useTexts(companyModelTexts)
  const versions = useCompanyVersions()
  return (
    <Card as="section" labelledBy="company-history">
      <h2 id="company-history" className="mb-3 text-lg font-semibold">
        {t('history.title')}
      </h2>
      {versions.isPending && (
        <>
          <LoadingStatus />
          <Skeleton shape="field" count={2} />
        </>
      )}
      {versions.isError && (
        <ProblemNotice error={versions.error} onRetry={() => void versions.refetch()} />
      )}
      {versions.data?.length === 0 && <p className="text-muted">{t('history.empty')}</p>}
      {versions.data !== undefined && versions.data.length > 0 && (
        <ul className="flex flex-col divide-y divide-line">
          {versions.data.map((version) => (
            <VersionRow key={version.number} version={version} inForce={inForce} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function VersionRow({
  version,
  inForce,
}: {
  readonly version: CompanyVersion
  readonly inForce: CompanyOverview
}) {
  const t = useTexts(companyModelTexts)
  const formats = useFormats()
  const { number, source, authorName, note, createdAt, changed } = version
  const isInForce = number === inForce.version?.number
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 py-3">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">{t('history.version', { number })}</span>
          {isInForce && <Badge tone="good">{t('history.inForce')}</Badge>}
          <span className="text-sm text-muted">
            {formats.dateTime(createdAt)} · {t(`source.${source}`, { name: authorName ?? '' })}
          </span>
        </p>
        {note !== '' && <p dir="auto">{note}</p>}
        <p className="text-sm text-muted">
          <bdi dir="ltr">{changed.join(', ')}</bdi>
        </p>
      </div>
      {!isInForce && inForce.texts !== undefined && (
        <div className="flex flex-wrap gap-2">
          <Compare number={number} inForce={inForce.texts} />
          <Restore number={number} />
        </div>
      )}
    </li>
  )
}

function Compare({ number, inForce }: { readonly number: number; readonly inForce: CompanyTexts }) {
  const t = useTexts(companyModelTexts)
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <Button size="small" onPress={() => setIsOpen(true)}>
        {t('history.compare')}
      </Button>
      <Dialog
        title={t('diff.titleVersion', { number })}
        width="wide"
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
      >
        <Comparison number={number} inForce={inForce} />
      </Dialog>
    </>
  )
}

function Comparison({
  number,
  inForce,
}: {
  readonly number: number
  readonly inForce: CompanyTexts
}) {
  const version = useCompanyVersion(number)
  if (version.isError)
    return <ProblemNotice error={version.error} onRetry={() => void version.refetch()} />
  if (version.data === undefined) return <LoadingStatus />
  return <CompanyDiff before={inForce} after={version.data.texts} />
}

function Restore({ number }: { readonly number: number }) {
  const t = useTexts(companyModelTexts)
  const toast = useToast()
  const restore = useRestoreCompanyVersion()
  const [isAsking, setIsAsking] = useState(false)
  const confirm = () =>
    restore.mutate(number, {
      onSuccess: () => {
        setIsAsking(false)
        toast({ text: t('restore.done', { number }) })
      },
    })
  return (
    <>
      <Button size="small" onPress={() => setIsAsking(true)}>
        {t('history.restore')}
      </Button>
      <ConfirmDialog
        title={t('restore.title', { number })}
        confirmLabel={t('restore.confirm')}
        isOpen={isAsking}
        isPending={restore.isPending}
        isDanger={false}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        <p>{t('restore.text')}</p>
        {restore.isError && (
          <div className="mt-4">
            <ProblemNotice error={restore.error} onRetry={confirm} />
          </div>
        )}
      </ConfirmDialog>
    </>
  )
}
