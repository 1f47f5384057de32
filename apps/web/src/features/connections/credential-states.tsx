import {
  type CredentialState,
  systemNames,
  type workspaceConnections,
} from '@studioops/contracts/connections'
import { RefreshCw } from 'lucide-react'
import type * as z from 'zod/mini'
import { useFormats } from '../../lib/formats.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { problemTexts } from '../../lib/problem.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { ConnectionBadge } from './connection-badge.tsx'
import { useCheckCredentials } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'

type Workspace = z.output<typeof workspaceConnections>

/** How everybody's credentials stand, the broken ones first; never what they are (OPS-9). */
export function CredentialStates({ workspace }: { readonly workspace: Workspace }) {
  const t = useTexts(connectionsTexts)
  const formats = useFormats()
  const check = useCheckCredentials()
  const { credentials, lastCheckedAt, due } = workspace
  const broken = credentials.filter(({ state }) => state === 'failing').length
  return (
    <Card as="section" labelledBy="credentials">
      <h2 id="credentials" className="text-lg font-semibold">
        {t('credentials.title')}
      </h2>
      <p className="mt-1 text-muted">{t('credentials.hint')}</p>
      <p role="status" className="mt-1 flex flex-wrap gap-x-4 text-sm text-muted">
        <span>{t('credentials.broken', { count: broken })}</span>
        {lastCheckedAt !== undefined && (
          <span>{t('credentials.last', { date: formats.dateTime(lastCheckedAt) })}</span>
        )}
        {due > 0 && <span>{t('credentials.due', { count: due })}</span>}
      </p>
      <div className="my-4">
        <Button
          icon={<RefreshCw aria-hidden className="size-4" />}
          isPending={check.isPending || due > 0}
          onPress={() => check.mutate({})}
        >
          {t('credentials.check')}
        </Button>
      </div>
      {check.isError && <ProblemNotice error={check.error} />}
      {credentials.length === 0 ? (
        <p className="text-muted">{t('credentials.none')}</p>
      ) : (
        <ul aria-label={t('credentials.title')} className="divide-y divide-line">
          {credentials.map((credential) => (
            <CredentialRow
              key={`${credential.userId} ${credential.system}`}
              credential={credential}
            />
          ))}
        </ul>
      )}
    </Card>
  )
}

function CredentialRow({ credential }: { readonly credential: CredentialState }) {
  const t = useTexts(connectionsTexts)
  const formats = useFormats()
  const { texts } = useLanguage()
  const { displayName, employeeId, system, state, failure, failingSince, checkedAt } = credential
  return (
    <li className="py-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <p className="min-w-0">
          <bdi className="font-medium">{displayName}</bdi>{' '}
          <bdi className="text-sm text-muted">{employeeId}</bdi>
          {' · '}
          <SystemName system={system} />
        </p>
        <ConnectionBadge state={state} />
      </div>
      <p className="flex flex-wrap gap-x-4 text-sm text-muted">
        {failingSince !== undefined && (
          <span>{t('failingSince', { date: formats.dateTime(failingSince) })}</span>
        )}
        {checkedAt !== undefined && (
          <span>{t('credentials.checked', { date: formats.dateTime(checkedAt) })}</span>
        )}
      </p>
      {failure !== undefined && (
        <p className="text-sm text-bad-ink">{problemTexts(failure, texts).message}</p>
      )}
    </li>
  )
}

function SystemName({ system }: Pick<CredentialState, 'system'>) {
  const t = useTexts(connectionsTexts)
  if (system === 'model') return t('model.title')
  if (system === 'company-model') return t('company.title')
  return <bdi lang="en">{systemNames[system]}</bdi>
}
