import { LogOut, UserRound } from 'lucide-react'
import type { ReactElement } from 'react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useSavePreferences } from '../../lib/preferences.queries.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { useTheme } from '../../lib/theme.ts'
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '../../ui/menu.tsx'
import { appTexts } from '../app.texts.ts'
import { useSignOut } from '../session-end.queries.ts'
import { beyondPhone, adminDestinations, laterDestinations, runsWorkspace } from './destinations.ts'

/** Profile, language, appearance and the way out; on a phone also the places that its bar has no room for. */
export function AccountMenu({
  trigger,
  placement,
  isOpenAtFirst,
  hasPlaces = false,
  onOpenChange,
}: {
  readonly trigger: ReactElement
  readonly placement: 'top start' | 'top end'
  readonly isOpenAtFirst: boolean
  readonly hasPlaces?: boolean
  readonly onOpenChange?: (isOpen: boolean) => void
}) {
  const t = useTexts(appTexts)
  return (
    <Menu
      label={t('account.menu')}
      placement={placement}
      trigger={trigger}
      isOpenAtFirst={isOpenAtFirst}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      <AccountItems hasPlaces={hasPlaces} />
    </Menu>
  )
}

function AccountItems({ hasPlaces }: { readonly hasPlaces: boolean }) {
  const t = useTexts(appTexts)
  const { texts, setLanguage } = useLanguage()
  const [theme, setTheme] = useTheme()
  const { mutate: save } = useSavePreferences()
  const signOut = useSignOut()
  const account = useAccount()
  const ofAdmins = account !== undefined && runsWorkspace(account) ? adminDestinations : []
  const places = hasPlaces ? [...beyondPhone, ...laterDestinations, ...ofAdmins] : []
  return (
    <>
      <MenuItem href="/profile" icon={<UserRound aria-hidden className="size-4 text-muted" />}>
        {t('account.profile')}
      </MenuItem>
      {places.map(({ to, textKey, icon: Icon }) => (
        <MenuItem key={to} href={to} icon={<Icon aria-hidden className="size-4 text-muted" />}>
          {t(textKey)}
        </MenuItem>
      ))}
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
      {/* On a phone the profile has it; the menu has to fit above its button. */}
      {!hasPlaces && (
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
      )}
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
