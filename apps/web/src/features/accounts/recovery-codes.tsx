import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { accountsTexts } from './accounts.texts.ts'

/** Shown once, right after they were made. */
export function RecoveryCodes({
  codes,
  onDone,
}: {
  readonly codes: readonly string[]
  readonly onDone: () => void
}) {
  const t = useTexts(accountsTexts)
  return (
    <div className="flex flex-col items-start gap-4">
      <Notice tone="warn" role="alert" title={t('factor.codes.title')}>
        {t('factor.codes.text')}
      </Notice>
      <ul dir="ltr" className="grid w-full gap-x-8 gap-y-1 font-mono text-sm sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code} className="break-all">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap items-center gap-2">
        <Button look="primary" onPress={onDone}>
          {t('factor.codes.done')}
        </Button>
        <CopyButton text={codes.join('\n')} object={t('factor.codes.title')} />
      </div>
    </div>
  )
}
