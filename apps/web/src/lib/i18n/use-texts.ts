import { useTranslation } from 'react-i18next'
import type { Messages, Texts, Translate } from './define-texts.ts'
import { register } from './i18n.ts'

/** The texts of a feature in the language of the page: `const t = useTexts(accountsTexts)`. */
export function useTexts<En extends Messages>(texts: Texts<En>): Translate<En> {
  const { t, i18n } = useTranslation(texts.namespace)
  register(i18n, texts)
  // i18next knows no keys here; `Translate` holds the caller to those of `texts`.
  return t as unknown as Translate<En>
}
