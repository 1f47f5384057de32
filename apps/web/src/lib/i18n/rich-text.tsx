import type { ReactElement } from 'react'
import { Trans } from 'react-i18next'
import type { Messages, TextKey, Texts } from './define-texts.ts'
import { useTexts } from './use-texts.ts'

/**
 * A text with elements in it: `'Read <link>how</link>'` with `parts={{ link: <a href="…" /> }}`.
 * Values stand in the text as `<b>{{name}}</b>`, so that a name from outside can be a `<bdi>`.
 */
export function RichText<En extends Messages>({
  texts,
  textKey,
  values = {},
  parts,
}: {
  readonly texts: Texts<En>
  readonly textKey: TextKey<En>
  readonly values?: Readonly<Record<string, string | number>>
  readonly parts: Readonly<Record<string, ReactElement>>
}) {
  const t = useTexts(texts)
  return <Trans t={t as never} i18nKey={textKey} values={values} components={parts} />
}
