import { useLocation, useNavigate } from '@tanstack/react-router'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useAcceptInvitation, useInvitation } from './accounts.queries.ts'
import { accountsTexts } from './accounts.texts.ts'
import { PersonForm } from './person-form.tsx'

/** Behind the link of an invitation; its secret stands behind `#`, where no server logs it. */
export function InvitationPage() {
  const token = useLocation({ select: ({ hash }) => hash })
  return <Invitation key={token} token={token} />
}

export function Invitation({ token }: { readonly token: string }) {
  const t = useTexts(accountsTexts)
  const formats = useFormats()
  const navigate = useNavigate()
  const invitation = useInvitation(token)
  const accept = useAcceptInvitation()
  return (
    <Page title={t('invitation.title')} lead={t('invitation.lead')} width="narrow">
      {token === '' && (
        <Notice role="alert" tone="warn">
          {t('invitation.none')}
        </Notice>
      )}
      {token !== '' && invitation.isPending && (
        <Card>
          <LoadingStatus />
          <Skeleton shape="field" count={3} />
        </Card>
      )}
      {invitation.isError && (
        <ProblemNotice error={invitation.error} onRetry={() => void invitation.refetch()} />
      )}
      {invitation.data !== undefined && (
        <Card>
          <div className="flex flex-col gap-5">
            <Facts
              facts={[
                {
                  name: t('local.email'),
                  value: <LeftToRight>{invitation.data.email}</LeftToRight>,
                },
                { name: t('invitation.as'), value: t(`role.${invitation.data.role}`) },
                {
                  name: t('invitation.until'),
                  value: <bdi>{formats.dateTime(invitation.data.expiresAt)}</bdi>,
                },
              ]}
            />
            <PersonForm
              email={invitation.data.email}
              error={accept.error}
              isPending={accept.isPending}
              onSubmit={({ email: _, ...person }) =>
                accept.mutate(
                  { token, ...person },
                  {
                    onSuccess: ({ employeeId }) =>
                      void navigate({
                        to: '/sign-in',
                        search: { as: employeeId, reason: 'registered' },
                      }),
                  },
                )
              }
            />
          </div>
        </Card>
      )}
    </Page>
  )
}
