import type { ModelSpending, ModelsView } from '@studioops/contracts/models'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Notice } from '../../ui/notice.tsx'
import { modelsTexts } from './models.texts.ts'
import { useMoney } from './use-money.ts'

const warnFrom = 80

/** What this month took, and how much of the budget is left. */
export function ModelMonth({ view: { own, workspace } }: { readonly view: ModelsView }) {
  const t = useTexts(modelsTexts)
  return (
    <section aria-labelledby="models-month">
      <Card>
        <h2 id="models-month" className="mb-3 text-lg font-semibold">
          {t('month.title')}
        </h2>
        <Facts
          facts={[
            { name: t('month.own'), value: <Spending spending={own} /> },
            { name: t('month.all'), value: <Spending spending={workspace} /> },
          ]}
        />
        <Warning percent={Math.max(own.percent ?? 0, workspace.percent ?? 0)} />
      </Card>
    </section>
  )
}

function Spending({ spending: { tokens, cost, limits } }: { readonly spending: ModelSpending }) {
  const t = useTexts(modelsTexts)
  const formats = useFormats()
  const money = useMoney()
  const used = t('month.used', { tokens: formats.number(tokens), cost: money(cost) })
  const limit = [
    ...(limits.tokens === undefined ? [] : [formats.number(limits.tokens)]),
    ...(limits.cost === undefined ? [] : [money(limits.cost)]),
  ].join(', ')
  return (
    <bdi>
      {used} ({limit === '' ? t('month.free') : t('month.of', { limit })})
    </bdi>
  )
}

function Warning({ percent }: { readonly percent: number }) {
  const t = useTexts(modelsTexts)
  if (percent < warnFrom) return null
  return (
    <div className="mt-4">
      {percent < 100 ? (
        <Notice tone="warn">{t('month.warn', { percent })}</Notice>
      ) : (
        <Notice tone="bad">{t('month.spent')}</Notice>
      )}
    </div>
  )
}
