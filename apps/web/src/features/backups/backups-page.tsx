import type {
  BackupCheck,
  BackupCheckKind,
  BackupSchedule,
  KeptBackup,
  ListedBackups,
} from '@studioops/contracts/backups'
import { Archive, DatabaseBackup, Download } from 'lucide-react'
import { type SyntheticEvent, useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import {
  useBackups,
  useChangeSchedule,
  useCheckBackup,
  useDownloadBackup,
  useMakeBackup,
} from './backups.queries.ts'
import { backupsTexts } from './backups.texts.ts'

/** What was backed up, and when it happens by itself, for those who run the workspace (OPS-7). */
export function BackupsPage() {
  const t = useTexts(backupsTexts)
  const { data } = useBackups()
  const make = useMakeBackup()
  const running = data?.running ?? []
  const isMaking = running.some(({ kind }) => kind === 'make')
  return (
    <Page
      title={t('page.title')}
      lead={t('page.lead')}
      actions={
        data?.canMake === true && (
          <Button
            look="primary"
            icon={<DatabaseBackup aria-hidden className="size-4" />}
            isPending={make.isPending || isMaking}
            onPress={() => make.mutate(undefined)}
          >
            {t('make')}
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-6">
        {make.isError && <ProblemNotice error={make.error} />}
        <Running running={running} />
        <Content />
      </div>
    </Page>
  )
}

type Work = ListedBackups['running'][number]

/** What is under way, in words for everybody and as a bar. */
function Running({ running }: { readonly running: readonly Work[] }) {
  const t = useTexts(backupsTexts)
  const formats = useFormats()
  return (
    <div role="status" className="flex flex-col gap-2 empty:hidden">
      {running.map(({ kind, file = '', progress }) => (
        <div key={`${kind} ${file}`} className="flex flex-col gap-1 text-muted">
          <p className="wrap-anywhere">{t(`running.${kind}`, { file })}</p>
          {progress !== undefined && (
            <>
              <progress
                aria-label={t(`running.${kind}`, { file })}
                value={progress.done}
                max={progress.total}
                className="w-full accent-accent"
              />
              <p className="text-sm">
                {t('running.parts', {
                  done: formats.number(progress.done),
                  total: formats.number(progress.total),
                })}
              </p>
            </>
          )}
        </div>
      ))}
    </div>
  )
}

function Content() {
  const t = useTexts(backupsTexts)
  const backups = useBackups()
  if (backups.data === undefined)
    return backups.isError ? (
      <ProblemNotice
        error={backups.error}
        isRetrying={backups.isFetching}
        onRetry={() => void backups.refetch()}
      />
    ) : (
      <div className="flex flex-col gap-3">
        <LoadingStatus />
        <Skeleton shape="card" count={2} />
      </div>
    )
  const { backups: kept, schedule, canMake } = backups.data
  return (
    <>
      {!canMake && <p>{t('evaluation')}</p>}
      {kept.length === 0 ? (
        <EmptyState icon={Archive} title={t('empty.title')}>
          {t('empty.text')}
        </EmptyState>
      ) : (
        <BackupList backups={kept} canCheck={canMake} running={backups.data.running} />
      )}
      {canMake && (
        <ScheduleForm key={`${schedule.everyHours} ${schedule.keepCount}`} schedule={schedule} />
      )}
      <RestoreHelp file={kept[0]?.file ?? 'studioops-….tar.zst'} />
    </>
  )
}

type Listed = {
  readonly backups: readonly KeptBackup[]
  readonly canCheck: boolean
  readonly running: readonly Work[]
}

function BackupList({ backups, canCheck, running }: Listed) {
  const t = useTexts(backupsTexts)
  const download = useDownloadBackup()
  const check = useCheckBackup()
  const isBusy = (kind: BackupCheckKind) =>
    check.isPending || running.some((work) => work.kind === kind)
  return (
    <section className="flex flex-col gap-3">
      {download.isError && <ProblemNotice error={download.error} />}
      {check.isError && <ProblemNotice error={check.error} />}
      <ul aria-label={t('list.label')} className="flex flex-col gap-3">
        {backups.map((backup) => (
          <li
            key={backup.file}
            className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4 shadow-card"
          >
            <div className="flex items-start justify-between gap-4">
              <BackupFacts backup={backup} />
              <IconButton
                label={t('download', { file: backup.file })}
                icon={<Download aria-hidden className="size-4" />}
                isPending={download.isPending && download.variables === backup.file}
                onPress={() => download.mutate(backup.file)}
              />
            </div>
            {backup.check !== undefined && <CheckFound check={backup.check} />}
            {canCheck && (
              <div className="flex flex-wrap gap-2">
                {(['verify', 'rehearse'] as const).map((kind) => (
                  <Button
                    key={kind}
                    aria-label={t(`${kind}.of`, { file: backup.file })}
                    isPending={isBusy(kind)}
                    onPress={() => check.mutate({ file: backup.file, kind })}
                  >
                    {t(kind)}
                  </Button>
                ))}
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function CheckFound({ check: { kind, at, problem, changes } }: { readonly check: BackupCheck }) {
  const t = useTexts(backupsTexts)
  const formats = useFormats()
  const when = formats.dateTime(at)
  if (problem !== undefined)
    return (
      <Notice tone="bad" title={t(`${kind}.failed`, { when })}>
        {problem.detail}
      </Notice>
    )
  return (
    <div className="text-sm">
      <p className="text-good-ink">{t(`${kind}.passed`, { when })}</p>
      {kind === 'rehearse' && (
        <details>
          <summary className="cursor-pointer text-muted">
            {t('changes', { count: changes.length })}
          </summary>
          <ul>
            {changes.map(({ table, now, then }) => (
              <li key={table}>
                <bdi dir="ltr">
                  {table}: {formats.number(now)} → {formats.number(then)}
                </bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

function BackupFacts({ backup: { file, bytes, facts } }: { readonly backup: KeptBackup }) {
  const t = useTexts(backupsTexts)
  const formats = useFormats()
  const parts = [
    t('size', { megabytes: formats.number(Math.max(0.1, Math.round(bytes / 1e5) / 10)) }),
    ...(facts === undefined
      ? []
      : [
          t('contents', {
            rows: formats.number(facts.rows),
            files: formats.number(facts.files),
          }),
          t(facts.isSealed ? 'sealed' : 'open'),
          t(`cause.${facts.cause}`),
        ]),
  ]
  return (
    <div className="min-w-0">
      <p className="font-medium">
        <bdi>{facts === undefined ? file : formats.dateTime(facts.createdAt)}</bdi>
      </p>
      <p className="text-sm text-muted">{parts.join(' · ')}</p>
      <p className="text-sm text-muted wrap-anywhere">
        <bdi dir="ltr">{file}</bdi>
      </p>
    </div>
  )
}

const never = '0'
const usual = ['6', '12', '24', '168'] as const

function ScheduleForm({ schedule }: { readonly schedule: BackupSchedule }) {
  const t = useTexts(backupsTexts)
  const toast = useToast()
  const change = useChangeSchedule()
  const [every, setEvery] = useState(String(schedule.everyHours ?? never))
  const [keep, setKeep] = useState(String(schedule.keepCount))
  const [isWrong, setIsWrong] = useState(false)
  const labels: Readonly<Record<string, string>> = {
    [never]: t('schedule.never'),
    '24': t('schedule.daily'),
    '168': t('schedule.weekly'),
  }
  const choices = [...new Set([never, ...usual, every])]
  const submit = (event: SyntheticEvent) => {
    event.preventDefault()
    const keepCount = Number(keep)
    const isRight = Number.isInteger(keepCount) && keepCount >= 1 && keepCount <= 365
    setIsWrong(!isRight)
    if (!isRight) return
    const body = { everyHours: every === never ? null : Number(every), keepCount }
    change.mutate(body, {
      onSuccess: () => toast({ text: t('schedule.saved'), tone: 'good' }),
    })
  }
  return (
    <Card as="section" labelledBy="backup-schedule">
      <h2 id="backup-schedule" className="mb-3 text-lg font-semibold">
        {t('schedule.title')}
      </h2>
      <form noValidate className="grid gap-3 sm:grid-cols-2" onSubmit={submit}>
        <Select
          label={t('schedule.every')}
          value={every}
          options={choices.map((id) => ({
            id,
            label: labels[id] ?? t('schedule.hours', { hours: id }),
          }))}
          onChange={setEvery}
        />
        <TextField
          kind="code"
          label={t('schedule.keep')}
          value={keep}
          onChange={setKeep}
          {...(isWrong ? { error: t('schedule.keep.fault') } : {})}
        />
        <div className="sm:col-span-2">
          <Button type="submit" isPending={change.isPending}>
            {t('schedule.save')}
          </Button>
        </div>
        {change.isError && (
          <div className="sm:col-span-2">
            <ProblemNotice error={change.error} />
          </div>
        )}
      </form>
    </Card>
  )
}

function RestoreHelp({ file }: { readonly file: string }) {
  const t = useTexts(backupsTexts)
  return (
    <Card as="section" labelledBy="backup-restore">
      <h2 id="backup-restore" className="mb-2 text-lg font-semibold">
        {t('restore.title')}
      </h2>
      <p className="mb-3 text-muted">{t('restore.text')}</p>
      <pre
        dir="ltr"
        className="rounded-field bg-sunken p-3 text-sm wrap-anywhere whitespace-pre-wrap"
      >
        {[
          `studioops backup verify ${file}`,
          `studioops backup restore ${file} --rehearse`,
          `studioops backup restore ${file}`,
        ].join('\n')}
      </pre>
    </Card>
  )
}
