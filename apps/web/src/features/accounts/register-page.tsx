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
        {installation.data !== undefined &&
          (checked === undefined ? (
            <JiraStep installation={installation.data} onChecked={setChecked} />
          ) : (
            <IdentityStep checked={checked} onBack={() => setChecked(undefined)} />
          ))}
        {checked === undefined && (
          <p className="text-muted">
            {t('register.hasAccount')}{' '}
            <Link to="/sign-in" className="link">
              {t('register.signIn')}
            </Link>
          </p>
        )}
      </div>
    </Page>
  )
}
