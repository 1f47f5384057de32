import type { Account } from '@studioops/contracts/accounts'
import { Ellipsis } from 'lucide-react'
import { lazy } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Truncated } from '../../ui/truncated.tsx'
import { WhenIdle } from '../../ui/when-idle.tsx'
import { appTexts } from '../app.texts.ts'

type ButtonProps = { readonly onPress?: () => void }

const AccountMenu = lazy(async () => {
  const { AccountMenu: menu } = await import('./account-menu.tsx')
  return { default: menu }
})

/** The person's picture and name; a press opens the menu of the account. */
export function AccountButton({
  account,
  onOpenChange,
}: {
  readonly account: Account
  readonly onOpenChange: (isOpen: boolean) => void
}) {
  const t = useTexts(appTexts)
  const button = (props: ButtonProps) => (
    <AriaButton
      {...props}
      className="flex h-11 w-full cursor-pointer items-center gap-3 overflow-hidden rounded-field px-1 text-start hover:bg-hover"
    >
      <Avatar name={account.displayName} src={account.avatarPath} />
      <span className="min-w-0 flex-1 font-medium">
        <Truncated>{account.displayName}</Truncated>
      </span>
      <span className="sr-only">{t('account.menu')}</span>
    </AriaButton>
  )
  return (
    <WhenIdle fallback={(want) => button({ onPress: want })}>
      {(isWanted) => (
        <AccountMenu
          trigger={button({})}
          placement="top start"
          isOpenAtFirst={isWanted}
          onOpenChange={onOpenChange}
        />
      )}
    </WhenIdle>
  )
}

/** The same behind "More" in the bar at the bottom of a phone. */
export function MoreButton() {
  const t = useTexts(appTexts)
  const button = (props: ButtonProps) => (
    <AriaButton
      {...props}
      className="flex h-full w-full cursor-pointer flex-col items-center justify-center gap-0.5 text-muted"
    >
      <Ellipsis aria-hidden className="size-5" />
      <span className="text-xs">{t('nav.more')}</span>
    </AriaButton>
  )
  return (
    <WhenIdle fallback={(want) => button({ onPress: want })}>
      {(isWanted) => (
        <AccountMenu trigger={button({})} placement="top end" isOpenAtFirst={isWanted} hasPlaces />
      )}
    </WhenIdle>
  )
}
