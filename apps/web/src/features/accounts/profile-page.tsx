import type { Account } from '@studioops/contracts/accounts'
import { Link } from '@tanstack/react-router'
import type { Translate } from '../../lib/i18n/define-texts.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Page } from '../../ui/page.tsx'
import { accountsTexts } from './accounts.texts.ts'
import { LookSettings } from './look-settings.tsx'
import { PasswordSettings } from './password-settings.tsx'
import { SecondFactorSettings } from './second-factor-settings.tsx'
import { SessionsSettings } from './sessions-settings.tsx'

/** Who one is here, the password, and the look of the page (ID-12). */
export function ProfilePage() {
  const t = useTexts(accountsTexts)
  const account = useAccount()
  if (account === undefined) return undefined
  return (
    <Page title={t('profile.title')}>
      <div className="flex flex-col gap-5">
        <Card as="section" labelledBy="profile-identity">
          <Identity account={account} />
        </Card>
        <Card as="section" labelledBy="profile-look">
          <LookSettings />
        </Card>
        <Card as="section" labelledBy="profile-password">
          <PasswordSettings employeeId={account.employeeId} />
        </Card>
        <Card as="section" labelledBy="profile-factor">
          <SecondFactorSettings />
        </Card>
        <Card as="section" labelledBy="profile-sessions">
          <SessionsSettings />
        </Card>
      </div>
    </Page>
  )
}

function Identity({ account }: { readonly account: Account }) {
  const t = useTexts(accountsTexts)
  return (
    <>
      <h2 id="profile-identity" className="text-lg font-semibold">
        {t('profile.identity')}
      </h2>
      <p className="mb-4 text-sm text-muted">
        {account.jiraUrl === undefined ? t('profile.identity.local') : t('profile.identity.hint')}
      </p>
      <div className="flex flex-col gap-5 sm:flex-row sm:gap-8">
        <Avatar size="large" name={account.displayName} src={account.avatarPath} />
        <Facts
          facts={[
            { name: t('profile.displayName'), value: <bdi>{account.displayName}</bdi> },
            ...(account.jiraUrl === undefined ? [] : jiraNames(account, t)),
            { name: t('profile.email'), value: <LeftToRight>{account.email}</LeftToRight> },
            { name: t('profile.role'), value: t(`role.${account.role}`) },
          ]}
        />
      </div>
      <p className="mt-4">
        <Link to="/connections" className="link">
          {t('profile.connect')}
        </Link>
      </p>
      <p className="mt-2">
        <Link to="/profile/programs" className="link">
          {t('profile.programs')}
        </Link>
      </p>
    </>
  )
}

function jiraNames(
  { employeeId, name, jiraUrl }: Account,
  t: Translate<(typeof accountsTexts)['en']>,
) {
  return [
    { name: t('profile.employeeId'), value: <LeftToRight>{employeeId}</LeftToRight> },
    { name: t('profile.name'), value: <LeftToRight>{name}</LeftToRight> },
    { name: t('profile.jira'), value: <LeftToRight>{jiraUrl}</LeftToRight> },
  ]
}
