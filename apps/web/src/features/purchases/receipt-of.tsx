import { Link } from '@tanstack/react-router'
import { useFormats } from '../../lib/formats.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { formatMoney } from './money.ts'
import { usePurchases } from './purchases.queries.ts'
import { purchasesTexts } from './purchases.texts.ts'

export type ReceiptOfProps = { readonly projectId: string; readonly documentId: string }

/** The purchases whose receipt a document is; nothing where there are none. */
export function ReceiptOf({ projectId, documentId }: ReceiptOfProps) {
  const t = useTexts(purchasesTexts)
  const formats = useFormats()
  const { locale } = useLanguage()
  const { data, isError, error } = usePurchases(projectId, { receiptId: documentId })
  if (isError) return <ProblemNotice error={error} />
  if (data === undefined || data.count === 0) return undefined
  return (
    <section aria-label={t('receipt.of')}>
      <h3 className="mb-2 font-semibold">{t('receipt.of')}</h3>
      <ul className="flex flex-col gap-1">
        {data.purchases.map(({ id, vendor, boughtOn, gross, currency }) => (
          <li key={id} className="flex flex-wrap gap-x-3">
            <Link
              to="/projects/$projectId/purchases"
              params={{ projectId }}
              search={{ receiptId: documentId }}
              className="underline wrap-anywhere"
            >
              <bdi>{vendor}</bdi>
            </Link>
            <span className="text-muted tabular-nums">
              <bdi>{formats.date(boughtOn)}</bdi> ·{' '}
              <bdi>{formatMoney(gross, currency, locale)}</bdi>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
