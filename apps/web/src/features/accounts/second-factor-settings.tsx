import type { SecondFactor } from '@studioops/contracts/accounts'
import { ShieldCheck, ShieldOff } from 'lucide-react'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import {
  useBeginSecondFactor,
  useMakeRecoveryCodes,
  useRefreshSecondFactor,
  useRemoveSecondFactor,
  useSecondFactor,
} from './accounts.queries.ts'
import { accountsTexts } from './accounts.texts.ts'
import { RecoveryCodes } from './recovery-codes.tsx'
import { SecondFactorSetup } from './second-factor-setup.tsx'

/** Codes of an app beside the password: set up, turn off, new recovery codes (D-18). */
export function SecondFactorSettings() {
  const t = useTexts(accountsTexts)
  const factor = useSecondFactor()
  return (
    <>
      <h2 id="profile-factor" className="text-lg font-semibold">
        {t('factor.title')}
      </h2>
      <p className="mb-4 text-sm text-muted">{t('factor.hint')}</p>
      {factor.isPending && (
        <>
          <LoadingStatus />
          <Skeleton shape="field" />
        </>
      )}
      {factor.isError && (
        <ProblemNotice error={factor.error} onRetry={() => void factor.refetch()} />
      )}
      {factor.data !== undefined && <Standing factor={factor.data} />}
    </>
  )
}

function Standing({ factor }: { readonly factor: SecondFactor }) {
  const t = useTexts(accountsTexts)
  const begin = useBeginSecondFactor()
  const [codes, setCodes] = useState<readonly string[]>()
  const refresh = useRefreshSecondFactor()
  if (codes !== undefined)
    return (
      <RecoveryCodes
        codes={codes}
        onDone={() => {
          setCodes(undefined)
          refresh()
        }}
      />
    )
  if (factor.isOn) return <WhileOn factor={factor} onCodes={setCodes} />
  if (begin.data !== undefined)
    return (
      <SecondFactorSetup
        offer={begin.data}
        onDone={(made) => {
          begin.reset()
          setCodes(made)
        }}
        onCancel={() => begin.reset()}
      />
    )
  return (
    <div className="flex flex-col items-start gap-4">
      {factor.isRequired ? (
        <Notice tone="warn" role="status">
          {t('factor.required')}
        </Notice>
      ) : (
        <Badge icon={ShieldOff}>{t('factor.off')}</Badge>
      )}
      {begin.isError && <ProblemNotice error={begin.error} />}
      <Button isPending={begin.isPending} onPress={() => begin.mutate()}>
        {t('factor.begin')}
      </Button>
    </div>
  )
}

function WhileOn({
  factor,
  onCodes,
}: {
  readonly factor: SecondFactor
  readonly onCodes: (codes: readonly string[]) => void
}) {
  const t = useTexts(accountsTexts)
  const formats = useFormats()
  const remake = useMakeRecoveryCodes()
  const remove = useRemoveSecondFactor()
  const [isAsking, setIsAsking] = useState(false)
  const date = factor.since === undefined ? '' : formats.date(factor.since)
  return (
    <div className="flex flex-col items-start gap-4">
      <Badge tone="good" icon={ShieldCheck}>
        {t('factor.on', { date })}
      </Badge>
      <p className="text-muted">{t('factor.codesLeft', { count: factor.codesLeft })}</p>
      {remake.isError && <ProblemNotice error={remake.error} />}
      <div className="flex flex-wrap gap-2">
        <Button
          isPending={remake.isPending}
          onPress={() =>
            remake.mutate(undefined, { onSuccess: ({ recoveryCodes }) => onCodes(recoveryCodes) })
          }
        >
          {t('factor.remake')}
        </Button>
        {!factor.isRequired && (
          <Button onPress={() => setIsAsking(true)}>{t('factor.remove')}</Button>
        )}
      </div>
      {remove.isError && <ProblemNotice error={remove.error} />}
      <ConfirmDialog
        title={t('factor.remove.title')}
        confirmLabel={t('factor.remove')}
        isOpen={isAsking}
        onConfirm={() => {
          // Closed first: the question for the password is a dialog of its own.
          setIsAsking(false)
          remove.mutate()
        }}
        onClose={() => setIsAsking(false)}
      >
        <p>{t('factor.remove.text')}</p>
      </ConfirmDialog>
    </div>
  )
}
