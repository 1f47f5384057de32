import type { JiraIdentity } from '@studioops/contracts/accounts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Facts } from '../../ui/facts.tsx'
import { accountsTexts } from './accounts.texts.ts'

/** "This is me", as Jira says it (ID-2). */
export function IdentityCard({ identity }: { readonly identity: JiraIdentity }) {
  const t = useTexts(accountsTexts)
  const { employeeId, email, jiraUrl } = identity
  return (
    <>
      <h2 id="identity" className="text-sm font-medium text-muted">
        {t('identity.title')}
      </h2>
      <div className="mt-3 mb-4 flex items-center gap-4">
        <Avatar size="large" name={identity.displayName} src={identity.avatar} />
        <p className="min-w-0 text-xl font-semibold">
          <bdi>{identity.displayName}</bdi>
        </p>
      </div>
      <Facts
        facts={[
          { name: t('identity.employeeId'), value: <LeftToRight>{employeeId}</LeftToRight> },
          ...(email === undefined
            ? []
            : [{ name: t('identity.email'), value: <LeftToRight>{email}</LeftToRight> }]),
          { name: t('identity.jira'), value: <LeftToRight>{jiraUrl}</LeftToRight> },
        ]}
      />
    </>
  )
}
