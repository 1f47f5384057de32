import type {
  Messages,
  TextKey,
  Texts,
  Translate,
} from '../../apps/web/src/lib/i18n/define-texts.ts'
import { createI18n, register } from '../../apps/web/src/lib/i18n/i18n.ts'

export type Language = 'en' | 'he'

/** What the page says, by the catalogue of the product: `words(storiesTexts)('list.new')`. */
export type Words = <En extends Messages>(texts: Texts<En>) => Translate<En>

export async function wordsIn(language: Language): Promise<Words> {
  const i18n = await createI18n(language)
  const translate = (texts: Texts) => {
    register(i18n, texts)
    return (key: string, values?: Record<string, string | number>) => {
      const text = i18n.t(key, { ns: texts.namespace, ...values })
      if (text === key) throw new Error(`${texts.namespace} has no text "${key}"`)
      return text
    }
  }
  return translate as unknown as Words
}

/** How a text begins, up to its first value, for values that are not known before. */
export function beginning<En extends Messages>(
  texts: Texts<En>,
  key: TextKey<En> & string,
  language: Language,
): string {
  return (texts[language][key] ?? '').split(/\{\{|</)[0]?.trim() ?? ''
}
