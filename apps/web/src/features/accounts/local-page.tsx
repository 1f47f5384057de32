import type { Installation } from '@studioops/contracts/installation'
import { Link, useNavigate } from '@tanstack/react-router'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { Card } from '../../ui/card.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useRegisterLocally } from './accounts.queries.ts'
import { accountsTexts } from './accounts.texts.ts'
import { PersonForm } from './person-form.tsx'

/** An account without Jira: the owner of a new installation, or a member where that is allowed. */
export function LocalPage() {
  const t = useTexts(accountsTexts)
  const installation = useInstallation()
  const isFirst = installation.data?.mode === 'new'
  return (
    <Page
      title={isFirst ? t('local.owner.title') : t('local.title')}
      lead={isFirst ? t('local.owner.lead') : t('local.lead')}
      width="narrow"
    >
      <div className="flex flex-col gap-5">
        {installation.isPending && (
          <Card>
            <LoadingStatus />
            <Skeleton shape="field" count={3} />
          </Card>
        )}
        {installation.isError && (
          <ProblemNotice
            error={installation.error}
            onRetry={() => void installation.refetch()}
            isRetrying={installation.isFetching}
          />
        )}
        {installation.data !== undefined && <Way installation={installation.data} />}
      </div>
    </Page>
  )
}

function Way({ installation: { mode, registrationWays } }: { installation: Installation }) {
  const t = useTexts(accountsTexts)
  const isOpen = mode === 'new' || registrationWays.includes('local')
  return (
    <>
      {isOpen ? <LocalForm /> : <Closed />}
      {registrationWays.includes('jira_pat') && (
        <p>
          <Link to="/register" className="link">
            {t('local.withJira')}
          </Link>
        </p>
      )}
    </>
  )
}

function LocalForm() {
  const navigate = useNavigate()
  const register = useRegisterLocally()
  return (
    <Card>
      <PersonForm
        error={register.error}
        isPending={register.isPending}
        onSubmit={(person) =>
          register.mutate(person, {
            onSuccess: ({ employeeId }) =>
              void navigate({ to: '/sign-in', search: { as: employeeId, reason: 'registered' } }),
          })
        }
      />
    </Card>
  )
}

/** Instead of a form that nobody would be let in by. */
export function Closed() {
  const t = useTexts(accountsTexts)
  return (
    <Notice role="status" title={t('register.closed')}>
      {t('register.closed.text')}
    </Notice>
  )
}
