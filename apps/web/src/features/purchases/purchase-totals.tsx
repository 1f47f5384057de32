import type { PurchaseTotal } from '@studioops/contracts/purchases'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { formatMoney } from './money.ts'
import { purchasesTexts } from './purchases.texts.ts'

/** A card for each currency; currencies are never added up. */
export function PurchaseTotals({ totals }: { readonly totals: readonly PurchaseTotal[] }) {
  const t = useTexts(purchasesTexts)
  if (totals.length === 0) return undefined
  return (
    <section aria-label={t('totals.title')}>
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {totals.map((total) => (
          <li
            key={total.currency}
            className="rounded-card border border-line bg-surface p-4 shadow-card"
          >
            <TotalOfCurrency total={total} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function TotalOfCurrency({ total }: { readonly total: PurchaseTotal }) {
  const t = useTexts(purchasesTexts)
  const { locale } = useLanguage()
  const show = (value: string) => <bdi>{formatMoney(value, total.currency, locale)}</bdi>
  return (
    <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 tabular-nums">
      <dt className="font-semibold">{t('totals.gross')}</dt>
      <dd className="text-end text-lg font-semibold">{show(total.gross)}</dd>
      <dt className="text-muted">{t('totals.net')}</dt>
      <dd className="text-end">{show(total.net)}</dd>
      {total.byVatRate.map(({ vatRate, vat }) => (
        <div key={vatRate} className="contents">
          <dt className="text-muted">{t('totals.vatAt', { rate: vatRate })}</dt>
          <dd className="text-end">{show(vat)}</dd>
        </div>
      ))}
      {total.byStatus.map(({ status, gross, count }) => (
        <div key={status} className="contents text-sm">
          <dt className="text-muted">
            {t(`status.${status}`)} ({count})
          </dt>
          <dd className="text-end text-muted">{show(gross)}</dd>
        </div>
      ))}
    </dl>
  )
}
