import type { Account } from '@studioops/contracts/accounts'
import { Ellipsis, LogOut, UserRound } from 'lucide-react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useSavePreferences } from '../../lib/preferences.queries.ts'
import { useTheme } from '../../lib/theme.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '../../ui/menu.tsx'
import { appTexts } from '../app.texts.ts'
import { useSignOut } from '../session-end.queries.ts'

type Props = {
  readonly account: Account
  readonly onOpenChange?: (isOpen: boolean) => void
}

/** Profile, language, appearance and the way out, behind the person's picture. */
export function AccountMenu({ account, onOpenChange }: Props) {
  const t = useTexts(appTexts)
  return (
    <Menu
      label={t('account.menu')}
      placement="top start"
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
      trigger={
        <AriaButton className="flex h-11 w-full cursor-pointer items-center gap-3 overflow-hidden rounded-field px-1 text-start hover:bg-hover">
          <Avatar name={account.displayName} src={account.avatarPath} />
          <span className="min-w-0 flex-1 truncate font-medium">
            <bdi>{account.displayName}</bdi>
          </span>
          <span className="sr-only">{t('account.menu')}</span>
        </AriaButton>
      }
    >
      <AccountItems />
    </Menu>
  )
}

/** The same behind "More" in the bar at the bottom of a phone. */
export function MoreMenu() {
  const t = useTexts(appTexts)
  return (
    <Menu
      label={t('account.menu')}
      placement="top end"
      trigger={
        <AriaButton className="flex h-full w-full cursor-pointer flex-col items-center justify-center gap-0.5 text-muted">
          <Ellipsis aria-hidden className="size-5" />
          <span className="text-xs">{t('nav.more')}</span>
        </AriaButton>
      }
    >
      <AccountItems />
    </Menu>
  )
}

function AccountItems() {
  const t = useTexts(appTexts)
  const { texts, setLanguage } = useLanguage()
  const [theme, setTheme] = useTheme()
  const { mutate: save } = useSavePreferences()
  const signOut = useSignOut()
  return (
    <>
      <MenuItem href="/profile" icon={<UserRound aria-hidden className="size-4 text-muted" />}>
        {t('account.profile')}
      </MenuItem>
      <MenuSeparator />
      <MenuChoice
        title={t('language')}
        value={texts}
        onChange={(language) => {
          setLanguage(language)
          save({ language })
        }}
        options={[
          { id: 'en', label: 'English', lang: 'en' },
          { id: 'he', label: 'עברית', lang: 'he' },
        ]}
      />
      <MenuChoice
        title={t('theme')}
        value={theme}
        onChange={(next) => {
          setTheme(next)
          save({ theme: next })
        }}
        options={[
          { id: 'system', label: t('theme.system') },
          { id: 'light', label: t('theme.light') },
          { id: 'dark', label: t('theme.dark') },
        ]}
      />
      <MenuSeparator />
      <MenuItem
        icon={<LogOut aria-hidden className="flip size-4 text-muted" />}
        onAction={() => signOut.mutate()}
      >
        {t('account.signOut')}
      </MenuItem>
    </>
  )
}
