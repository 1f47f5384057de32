import type { CompanyConnection } from '@studioops/contracts/company-model'
import type { ConnectionState, TestResult } from '@studioops/contracts/connections'
import { Link } from '@tanstack/react-router'
import {
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleX,
  type LucideIcon,
  PencilLine,
} from 'lucide-react'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { StepsList } from '../../ui/steps-list.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import type { Tone } from '../../ui/tones.ts'
import {
  useCompanyConnection,
  useRemoveCookie,
  useSaveCookie,
  useTestCompanyModel,
} from './company-model.queries.ts'
import { companyModelTexts } from './company-model.texts.ts'

/** The company's model with the person's cookie (CFG-14). Nothing where the workspace has none. */
export function CompanyModelSection() {
  const connection = useCompanyConnection()
  if (connection.isError)
    return (
      <ProblemNotice
        error={connection.error}
        isRetrying={connection.isFetching}
        onRetry={() => void connection.refetch()}
      />
    )
  if (connection.isPending)
    return (
      <Card>
        <LoadingStatus />
        <Skeleton shape="field" count={2} />
      </Card>
    )
  if (!connection.data.isConfigured) return <Absent />
  return <Section connection={connection.data} />
}

/** Those who run the workspace learn here that there could be one. */
function Absent() {
  const t = useTexts(companyModelTexts)
  if (!useRunsWorkspace()) return undefined
  return (
    <Card as="section" labelledBy="company-model">
      <h2 id="company-model" className="text-lg font-semibold">
        {t('title')}
      </h2>
      <p className="mt-1 text-muted">{t('files.none')}</p>
      <FilesLink />
    </Card>
  )
}

function useRunsWorkspace(): boolean {
  const role = useAccount()?.role
  return role === 'owner' || role === 'admin'
}

function FilesLink() {
  const t = useTexts(companyModelTexts)
  return (
    <p className="mt-3">
      <Link to="/admin/company-model" className="text-accent-ink underline">
        {t('editFiles')}
      </Link>
    </p>
  )
}

const looks: Record<ConnectionState, { readonly tone: Tone; readonly icon: LucideIcon }> = {
  'not-set': { tone: 'neutral', icon: CircleDashed },
  untested: { tone: 'warn', icon: CircleHelp },
  passed: { tone: 'good', icon: CircleCheck },
  unverified: { tone: 'warn', icon: CircleHelp },
  changed: { tone: 'warn', icon: PencilLine },
  failing: { tone: 'bad', icon: CircleX },
}

function Section({ connection }: { readonly connection: CompanyConnection }) {
  const t = useTexts(companyModelTexts)
  const { state, name, needsCookie, failure } = connection
  const test = useTestCompanyModel()
  return (
    <Card as="section" labelledBy="company-model">
      <header className="mb-5">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h2 id="company-model" className="text-lg font-semibold">
            <bdi>{name ?? t('title')}</bdi>
          </h2>
          <Badge {...looks[state]}>{t(`state.${state}`)}</Badge>
        </div>
        <p className="mt-1 text-muted">{t(needsCookie ? 'hint' : 'hintNoCookie')}</p>
        <Standing connection={connection} />
      </header>
      <div className="flex flex-col gap-4">
        {state === 'failing' && failure !== undefined && test.data === undefined && (
          <ProblemNotice error={failure} />
        )}
        {needsCookie && <CookieForm connection={connection} onSaved={() => test.mutate()} />}
        <div className="flex flex-wrap gap-2">
          {state !== 'not-set' && (
            <Button isPending={test.isPending} onPress={() => test.mutate()}>
              {t('test')}
            </Button>
          )}
          {connection.cookieHint !== undefined && <RemoveCookie />}
        </div>
        <Report result={test.data} error={test.error} onRetry={() => test.mutate()} />
      </div>
      {useRunsWorkspace() && <FilesLink />}
    </Card>
  )
}

function Standing({
  connection: { lastPassedAt, identity },
}: {
  readonly connection: CompanyConnection
}) {
  const t = useTexts(companyModelTexts)
  const formats = useFormats()
  return (
    <p className="mt-1 flex flex-wrap gap-x-4 text-sm text-muted">
      <span>{t('opens')}</span>
      {lastPassedAt !== undefined && (
        <span>{t('lastGood', { date: formats.dateTime(lastPassedAt) })}</span>
      )}
      {identity !== undefined && <span>{t(`identity.${identity}`)}</span>}
    </p>
  )
}

function CookieForm({
  connection: { cookieHint, setAt },
  onSaved,
}: {
  readonly connection: CompanyConnection
  readonly onSaved: () => void
}) {
  const t = useTexts(companyModelTexts)
  const formats = useFormats()
  const toast = useToast()
  const save = useSaveCookie()
  const [cookie, setCookie] = useState('')
  const [isMissing, setIsMissing] = useState(false)
  const keep = (value: string) =>
    save.mutate(value, {
      onSuccess: () => {
        setCookie('')
        toast({ text: t('saved') })
        onSaved()
      },
    })
  const kept =
    setAt === undefined
      ? undefined
      : t('cookie.kept', { hint: `•••• ${cookieHint ?? ''}`, date: formats.date(setAt) })
  return (
    <form
      noValidate
      className="flex flex-col items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        const value = cookie.trim()
        setIsMissing(value === '')
        if (value !== '') keep(value)
      }}
    >
      <div className="w-full">
        <TextField
          kind="token"
          label={t('cookie')}
          description={kept ?? t('cookie.hint')}
          value={cookie}
          onChange={setCookie}
          error={isMissing && cookie.trim() === '' ? t('cookie.missing') : undefined}
        />
      </div>
      {save.isError && <ProblemNotice error={save.error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" isPending={save.isPending}>
          {t('save')}
        </Button>
        <DemoCookie onPick={keep} />
      </div>
    </form>
  )
}

/** In the demo the cookie of each person is known. */
function DemoCookie({ onPick }: { readonly onPick: (cookie: string) => void }) {
  const t = useTexts(companyModelTexts)
  const people = useInstallation().data?.demo?.people
  const employeeId = useAccount()?.employeeId
  const own = people?.find((person) => person.employeeId === employeeId)
  if (own === undefined) return undefined
  return <Button onPress={() => onPick(own.companyCookie)}>{t('demo')}</Button>
}

function Report({
  result,
  error,
  onRetry,
}: {
  readonly result: TestResult | undefined
  readonly error: Error | null
  readonly onRetry: () => void
}) {
  const t = useTexts(companyModelTexts)
  const formats = useFormats()
  if (error !== null) return <ProblemNotice error={error} onRetry={onRetry} />
  if (result === undefined) return undefined
  const { passed, durationMs, evidence } = result
  const steps = result.steps.map((step) => ({
    ...step,
    id: step.step,
    label: t(`step.${step.step}`),
  }))
  return (
    <Notice
      role="status"
      tone={passed ? 'good' : 'bad'}
      title={
        passed ? t('test.passed', { duration: formats.duration(durationMs) }) : t('test.failed')
      }
    >
      {evidence !== undefined && (
        <p className="mb-2">
          <RichText
            texts={companyModelTexts}
            textKey="test.said"
            values={{ evidence }}
            parts={{ b: <bdi className="font-medium" /> }}
          />
        </p>
      )}
      <StepsList label={t('test.steps')} steps={steps} />
    </Notice>
  )
}

function RemoveCookie() {
  const t = useTexts(companyModelTexts)
  const toast = useToast()
  const remove = useRemoveCookie()
  const [isAsking, setIsAsking] = useState(false)
  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        setIsAsking(false)
        toast({ text: t('removed') })
      },
    })
  return (
    <>
      <Button look="quiet" onPress={() => setIsAsking(true)}>
        {t('remove')}
      </Button>
      <ConfirmDialog
        title={t('remove.title')}
        confirmLabel={t('remove.confirm')}
        isOpen={isAsking}
        isPending={remove.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        <p>{t('remove.text')}</p>
        {remove.isError && (
          <div className="mt-4">
            <ProblemNotice error={remove.error} onRetry={confirm} />
          </div>
        )}
      </ConfirmDialog>
    </>
  )
}
