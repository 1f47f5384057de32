import { classNames } from '../../lib/class-names.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { formatMoney } from './money.ts'
import { useSpend } from './purchases.queries.ts'
import { purchasesTexts } from './purchases.texts.ts'

export type SpendPanelProps = { readonly projectId: string }

/** What was spent of each budget, and what was spent where there is none. */
export function SpendPanel({ projectId }: SpendPanelProps) {
  const t = useTexts(purchasesTexts)
  const { locale } = useLanguage()
  const spend = useSpend(projectId)
  if (spend.data === undefined)
    return spend.isError ? (
      <ProblemNotice
        error={spend.error}
        isRetrying={spend.isFetching}
        onRetry={() => void spend.refetch()}
      />
    ) : (
      <>
        <LoadingStatus />
        <Skeleton shape="field" count={2} />
      </>
    )
  const { budgets, totals } = spend.data
  const free = totals.filter((total) =>
    budgets.every(({ currency }) => currency !== total.currency),
  )
  return (
    <ul className="flex flex-col gap-4">
      {budgets.length === 0 && <li className="text-muted">{t('budget.none')}</li>}
      {budgets.map(({ currency, amount, spent, planned, share }) => {
        const words = {
          spent: formatMoney(spent, currency, locale),
          budget: formatMoney(amount, currency, locale),
        }
        return (
          <li key={currency} className="flex flex-col gap-1.5">
            <p className="tabular-nums">
              <bdi>{share > 1 ? t('budget.over', words) : t('budget.of', words)}</bdi>
            </p>
            <Bar share={share} />
            {Number(planned) > 0 && (
              <p className="text-sm text-muted tabular-nums">
                <bdi>
                  {t('budget.planned', { planned: formatMoney(planned, currency, locale) })}
                </bdi>
              </p>
            )}
          </li>
        )
      })}
      {free.map(({ currency, gross, count }) => (
        <li key={currency} className="flex justify-between gap-4 tabular-nums">
          <span className="text-muted">{t('totals.count', { count })}</span>
          <bdi>{formatMoney(gross, currency, locale)}</bdi>
        </li>
      ))}
    </ul>
  )
}

/** The words above it say the same. */
function Bar({ share }: { readonly share: number }) {
  return (
    <div aria-hidden className="h-2.5 overflow-hidden rounded-full bg-sunken">
      <div
        className={classNames('h-full rounded-full', share > 1 ? 'bg-bad' : 'bg-accent')}
        style={{ width: `${Math.min(100, share * 100)}%` }}
      />
    </div>
  )
}
