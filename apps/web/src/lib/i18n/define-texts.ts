export type Messages = Readonly<Record<string, string>>

/** Hebrew counts one, two, and many, so each `_one` of English asks for a `_two` as well (HE-13). */
type HebrewKey<K> = K extends `${infer Base}_one` ? K | `${Base}_two` : K

/** The texts of one feature, in both languages, under the feature's name. */
export type Texts<En extends Messages = Messages> = {
  readonly namespace: string
  readonly en: En
  readonly he: Readonly<Record<string, string>>
}

/**
 * Declares the texts of a feature: flat keys, values in `{{braces}}`, counted texts as `key_one`
 * and `key_other` (Hebrew also `key_two`) and called as `t('key', { count })`.
 *
 * ```ts
 * export const outboxTexts = defineTexts('outbox', {
 *   en: { title: 'Outbox', 'waits_one': '{{count}} waits', 'waits_other': '{{count}} wait' },
 *   he: { … },
 * })
 * const t = useTexts(outboxTexts)
 * t('waits', { count: 2 })
 * ```
 */
export function defineTexts<const En extends Messages>(
  namespace: string,
  texts: { readonly en: En; readonly he: Readonly<Record<HebrewKey<keyof En & string>, string>> },
): Texts<En> {
  return { namespace, en: texts.en, he: texts.he }
}

type BaseKey<K> = K extends `${infer Base}_${'one' | 'other'}` ? Base : K

/** What `t` takes as key: counted texts without their ending. */
export type TextKey<En extends Messages> = BaseKey<keyof En & string>

type MessageOf<En extends Messages, K extends string> = K extends keyof En
  ? En[K]
  : `${K}_other` extends keyof En
    ? En[`${K}_other`]
    : never

type Names<Text> = Text extends `${string}{{${infer Name}}}${infer Rest}`
  ? (Name extends `- ${infer Raw}` ? Raw : Name) | Names<Rest>
  : never

type Counted<En extends Messages, K extends string> = `${K}_other` extends keyof En
  ? 'count'
  : never

type Values<En extends Messages, K extends string> = {
  readonly [Name in Names<MessageOf<En, K>> | Counted<En, K>]: Name extends 'count'
    ? number
    : string | number
}

/** Translates into the language of the page; the compiler knows keys and the values they need. */
export type Translate<En extends Messages = Messages> = <K extends TextKey<En>>(
  key: K,
  ...values: keyof Values<En, K> extends never ? [] : [values: Values<En, K>]
) => string
