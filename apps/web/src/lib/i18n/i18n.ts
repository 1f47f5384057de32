import { createInstance, type i18n } from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Texts } from './define-texts.ts'

/** U+2068 and U+2069 keep an inserted value from turning the sentence around it (HE-7). */
export const isolated = (value: string) => `\u2068${value}\u2069`

/** An own instance, so that each test has its own language. */
export async function createI18n(language: 'en' | 'he'): Promise<i18n> {
  const instance = createInstance()
  await instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    supportedLngs: ['en', 'he'],
    resources: {},
    keySeparator: false,
    nsSeparator: false,
    returnEmptyString: false,
    interpolation: { escapeValue: true, escape: isolated },
    react: { useSuspense: false, bindI18n: 'languageChanged', bindI18nStore: false },
  })
  return instance
}

/** Adds the texts of a feature when the feature is first shown; harmless when repeated. */
export function register(instance: i18n, { namespace, en, he }: Texts): void {
  if (instance.hasResourceBundle('en', namespace)) return
  instance.addResourceBundle('en', namespace, en)
  instance.addResourceBundle('he', namespace, he)
}
