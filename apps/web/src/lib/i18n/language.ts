import { remember } from '../device-memory.ts'

/** `en-Hebr`: English texts drawn right to left. Hidden; the mirror test compares it with `en`. */
export type UiLanguage = 'en' | 'he' | 'en-Hebr'

type Traits = {
  /** Whose texts are shown. */
  readonly texts: 'en' | 'he'
  readonly dir: 'ltr' | 'rtl'
  /** For React Aria, which follows the locale and not `dir`, and for `Intl`. */
  readonly locale: string
}

export const languageTraits: Record<UiLanguage, Traits> = {
  en: { texts: 'en', dir: 'ltr', locale: 'en-US' },
  he: { texts: 'he', dir: 'rtl', locale: 'he-IL' },
  'en-Hebr': { texts: 'en', dir: 'rtl', locale: 'en-Hebr-US' },
}

function isUiLanguage(value: string): value is UiLanguage {
  return Object.hasOwn(languageTraits, value)
}

/** What the direction script chose before the first paint. */
export function languageOfPage(): UiLanguage {
  const { lang } = document.documentElement
  return isUiLanguage(lang) ? lang : 'en'
}

/** Turns the page and remembers the choice on this device. */
export function applyLanguage(language: UiLanguage): void {
  const root = document.documentElement
  root.lang = language
  root.dir = languageTraits[language].dir
  remember('lang', language)
}
