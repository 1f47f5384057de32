import type { Installation } from '@studioops/contracts/installation'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { Card } from '../../ui/card.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { accountsTexts } from './accounts.texts.ts'
import { IdentityStep } from './identity-step.tsx'
import { type CheckedToken, JiraStep } from './jira-step.tsx'
import { Closed } from './local-page.tsx'
import { RegisterSteps } from './register-steps.tsx'

/** Registration: whose token is it, then a password (ID-1 to ID-5). */
export function RegisterPage() {
  const t = useTexts(accountsTexts)
  const installation = useInstallation()
  const [checked, setChecked] = useState<CheckedToken>()
  return (
    <Page title={t('register.title')} lead={t('register.lead')} width="narrow">
      <div className="flex flex-col gap-5">
        <RegisterSteps current={checked === undefined ? 'jira' : 'password'} />
        {installation.isPending && (
          <Card>
            <LoadingStatus />
            <div className="flex flex-col gap-4">
              <Skeleton shape="field" count={2} />
            </div>
          </Card>
        )}
        {installation.isError && (
          <ProblemNotice
            error={installation.error}
            onRetry={() => void installation.refetch()}
            isRetrying={installation.isFetching}
          />
        )}
        {installation.data !== undefined && (
          <Steps installation={installation.data} checked={checked} onChecked={setChecked} />
        )}
        {checked === undefined && <OtherWays installation={installation.data} />}
      </div>
    </Page>
  )
}

/** The first person may come this way whatever was switched off. */
function isOpen({ mode, registrationWays }: Installation): boolean {
  return mode === 'new' || registrationWays.includes('jira_pat')
}

function isOpenWithout({ mode, registrationWays }: Installation): boolean {
  return mode === 'new' || registrationWays.includes('local')
}

function Steps({
  installation,
  checked,
  onChecked,
}: {
  readonly installation: Installation
  readonly checked: CheckedToken | undefined
  readonly onChecked: (checked: CheckedToken | undefined) => void
}) {
  if (!isOpen(installation)) return <Closed />
  if (checked === undefined) return <JiraStep installation={installation} onChecked={onChecked} />
  return <IdentityStep checked={checked} onBack={() => onChecked(undefined)} />
}

function OtherWays({ installation }: { readonly installation: Installation | undefined }) {
  const t = useTexts(accountsTexts)
  return (
    <div className="flex flex-col gap-2 text-muted">
      <p>
        {t('register.hasAccount')}{' '}
        <Link to="/sign-in" className="link">
          {t('register.signIn')}
        </Link>
      </p>
      {installation !== undefined && isOpenWithout(installation) && (
        <p>
          <Link to="/register/local" className="link">
            {t('local.without')}
          </Link>
        </p>
      )}
    </div>
  )
}
