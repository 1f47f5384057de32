import type { ModelUsageRow, ModelUsageTotals } from '@studioops/contracts/models'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Switch } from '../../ui/switch.tsx'
import { useModelUsage } from './models.queries.ts'
import { modelsTexts } from './models.texts.ts'
import { type Grouping, groupUsage } from './group-usage.ts'
import { useMoney } from './use-money.ts'

const periods = ['7', '30', '365'] as const

/** What calls took, by day, person or model, with a line for all of it. */
export function ModelUsage({ runsWorkspace }: { readonly runsWorkspace: boolean }) {
  const t = useTexts(modelsTexts)
  const [days, setDays] = useState<(typeof periods)[number]>('30')
  const [by, setBy] = useState<Grouping>('day')
  const [ofEverybody, setOfEverybody] = useState(false)
  const usage = useModelUsage(Number(days), ofEverybody && runsWorkspace)
  return (
    <section aria-labelledby="models-usage" className="flex flex-col gap-4">
      <h2 id="models-usage" className="text-lg font-semibold">
        {t('usage.title')}
      </h2>
      <div className="flex flex-wrap items-end gap-4">
        <Select
          label={t('usage.days')}
          value={days}
          onChange={setDays}
          options={periods.map((id) => ({ id, label: t(`usage.days.${id}`) }))}
        />
        <Select
          label={t('usage.by')}
          value={by}
          onChange={setBy}
          options={(['day', 'person', 'model'] as const).map((id) => ({
            id,
            label: t(`usage.by.${id}`),
          }))}
        />
        {runsWorkspace && (
          <Switch isSelected={ofEverybody} onChange={setOfEverybody}>
            {t('usage.whose')}
          </Switch>
        )}
      </div>
      {usage.isPending && <Skeleton shape="card" />}
      {usage.isError && (
        <ProblemNotice
          error={usage.error}
          isRetrying={usage.isFetching}
          onRetry={() => void usage.refetch()}
        />
      )}
      {usage.data !== undefined && <UsageTable {...usage.data} by={by} />}
    </section>
  )
}

type TableProps = {
  readonly rows: readonly ModelUsageRow[]
  readonly totals: ModelUsageTotals
  readonly by: Grouping
}

function UsageTable({ rows, totals, by }: TableProps) {
  const t = useTexts(modelsTexts)
  if (rows.length === 0) return <p className="text-muted">{t('usage.empty')}</p>
  const heads = ['usage.calls', 'usage.failed', 'usage.tokens', 'usage.cost'] as const
  return (
    <>
      {/* A wide table scrolls by itself, and by keyboard. */}
      <div
        role="region"
        aria-label={t('usage.table')}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached
        tabIndex={0}
        className="overflow-x-auto rounded-card border border-line"
      >
        <table className="w-full text-start">
          <thead className="bg-sunken text-muted">
            <tr>
              <th scope="col" className="px-3 py-2 text-start font-medium">
                {t(`usage.by.${by}`)}
              </th>
              {heads.map((head) => (
                <th key={head} scope="col" className="px-3 py-2 text-end font-medium">
                  {t(head)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groupUsage(rows, by).map(({ name, sum }) => (
              <UsageRow key={name} name={name} sum={sum} />
            ))}
          </tbody>
          <tfoot className="border-t border-line font-semibold">
            <UsageRow name={t('usage.total')} sum={totals} />
          </tfoot>
        </table>
      </div>
      {totals.unpriced > 0 && (
        <p className="text-muted">{t('usage.unpriced', { count: totals.unpriced })}</p>
      )}
    </>
  )
}

function UsageRow({ name, sum }: { readonly name: string; readonly sum: ModelUsageTotals }) {
  const formats = useFormats()
  const money = useMoney()
  const cells = [
    formats.number(sum.calls),
    formats.number(sum.failed),
    `${formats.number(sum.inputTokens)} / ${formats.number(sum.outputTokens)}`,
    money(sum.cost),
  ]
  return (
    <tr className="border-t border-line">
      <th scope="row" className="px-3 py-2 text-start font-normal">
        <bdi>{name}</bdi>
      </th>
      {cells.map((cell, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- the columns never change their places
        <td key={index} className="px-3 py-2 text-end whitespace-nowrap tabular-nums">
          <bdi>{cell}</bdi>
        </td>
      ))}
    </tr>
  )
}
