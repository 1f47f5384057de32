import type { i18n } from 'i18next'
import { createContext, type ReactNode, use, useMemo, useState } from 'react'
import { I18nProvider as ReactAriaLocale } from 'react-aria-components/I18nProvider'
import { I18nextProvider } from 'react-i18next'
import { applyLanguage, languageOfPage, languageTraits, type UiLanguage } from './language.ts'

export type LanguageChoice = {
  readonly language: UiLanguage
  /** Whose texts are shown: what the server's `_en` and `_he` are chosen by. */
  readonly texts: 'en' | 'he'
  readonly dir: 'ltr' | 'rtl'
  /** For `Intl`. */
  readonly locale: string
  /** Switches texts, direction and formats without a reload. */
  readonly setLanguage: (language: UiLanguage) => void
}

const LanguageContext = createContext<LanguageChoice>({
  language: 'en',
  ...languageTraits.en,
  setLanguage: () => {},
})

export function LanguageProvider({
  i18n: instance,
  children,
}: {
  readonly i18n: i18n
  readonly children: ReactNode
}) {
  const [language, setLanguage] = useState(languageOfPage)
  const choice = useMemo<LanguageChoice>(
    () => ({
      language,
      ...languageTraits[language],
      setLanguage: (next) => {
        applyLanguage(next)
        void instance.changeLanguage(languageTraits[next].texts).then(() => setLanguage(next))
      },
    }),
    [instance, language],
  )
  return (
    <I18nextProvider i18n={instance}>
      <ReactAriaLocale locale={choice.locale}>
        <LanguageContext value={choice}>{children}</LanguageContext>
      </ReactAriaLocale>
    </I18nextProvider>
  )
}

export function useLanguage(): LanguageChoice {
  return use(LanguageContext)
}
