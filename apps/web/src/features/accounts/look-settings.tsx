import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useSavePreferences } from '../../lib/preferences.queries.ts'
import { useTheme } from '../../lib/theme.ts'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { accountsTexts } from './accounts.texts.ts'

const languages = [
  { id: 'en', label: 'English' },
  { id: 'he', label: 'עברית' },
] as const

/** Language and appearance; in force at once, kept with the person. */
export function LookSettings() {
  const t = useTexts(accountsTexts)
  const { texts, setLanguage } = useLanguage()
  const [theme, setTheme] = useTheme()
  const save = useSavePreferences()
  const themes = (['system', 'light', 'dark'] as const).map((id) => ({
    id,
    label: t(`theme.${id}`),
  }))
  return (
    <>
      <h2 id="profile-look" className="mb-4 text-lg font-semibold">
        {t('profile.look')}
      </h2>
      <div className="grid gap-5 sm:grid-cols-2">
        <Select
          label={t('profile.language')}
          options={languages}
          value={texts}
          onChange={(language) => {
            setLanguage(language)
            save.mutate({ language })
          }}
        />
        <Select
          label={t('profile.theme')}
          options={themes}
          value={theme}
          onChange={(next) => {
            setTheme(next)
            save.mutate({ theme: next })
          }}
        />
      </div>
      {save.isError && (
        <div className="mt-4">
          <ProblemNotice error={save.error} />
        </div>
      )}
    </>
  )
}
