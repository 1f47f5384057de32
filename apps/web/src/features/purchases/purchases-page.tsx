import { purchaseStatus } from '@studioops/contracts/purchases'
import { ShoppingCart } from 'lucide-react'
import { useRef, useState } from 'react'
import { useApi } from '../../lib/api-context.tsx'
import { useIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { mayEdit, useProject } from '../../lib/project.queries.ts'
import { Card } from '../../ui/card.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { NothingFound } from '../../ui/nothing-found.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { ExportButton } from './export-button.tsx'
import { ImportButton } from './import-dialog.tsx'
import { PurchaseForm, type Suggestions } from './purchase-form.tsx'
import { emptyPurchase, nextAfter } from './purchase-text.ts'
import { PurchaseTotals } from './purchase-totals.tsx'
import { type PurchaseView, useAddPurchase, usePurchases } from './purchases.queries.ts'
import { PurchasesTable } from './purchases-table.tsx'
import { purchasesTexts } from './purchases.texts.ts'

export type ViewProps = {
  readonly projectId: string
  readonly view: PurchaseView
  readonly onView: (view: PurchaseView) => void
}

const noWords: Suggestions = { vendors: [], categories: [] }

/** Purchases of a project: a line to write the next one, what there is, and what it comes to. */
export function PurchasesPage(props: ViewProps) {
  const { projectId, view } = props
  const project = useProject(projectId)
  const { data } = usePurchases(projectId, view)
  const isOpen = mayEdit(project.data)
  return (
    <div className="flex flex-col gap-6">
      {isOpen && (
        <Card>
          <EntryForm projectId={projectId} suggestions={data ?? noWords} />
        </Card>
      )}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {isOpen && <ImportButton projectId={projectId} />}
        <ExportButton projectId={projectId} view={view} />
      </div>
      <Filters {...props} categories={data?.categories ?? []} />
      <Content {...props} isOpen={isOpen} />
    </div>
  )
}

function EntryForm({
  projectId,
  suggestions,
}: {
  readonly projectId: string
  readonly suggestions: Suggestions
}) {
  const t = useTexts(purchasesTexts)
  const { serverNow } = useApi()
  const add = useAddPurchase(projectId)
  const vendor = useRef<HTMLInputElement>(null)
  const { key, renew } = useIdempotencyKey()
  const [text, setText] = useState(() =>
    emptyPurchase(new Date(serverNow()).toISOString().slice(0, 10)),
  )
  const [said, setSaid] = useState('')
  return (
    <>
      <PurchaseForm
        projectId={projectId}
        title={t('add.title')}
        hint={t('add.hint')}
        submitLabel={t('add.submit')}
        value={text}
        onChange={setText}
        isPending={add.isPending}
        error={add.error}
        suggestions={suggestions}
        vendorRef={vendor}
        onSubmit={(input) =>
          add.mutate(
            { input, idempotencyKey: key },
            {
              onSuccess: () => {
                renew()
                setText(nextAfter(text))
                setSaid(t('added', { vendor: input.vendor }))
                vendor.current?.focus()
              },
            },
          )
        }
      />
      <p role="status" className="sr-only">
        {said}
      </p>
    </>
  )
}

function Filters({
  view,
  onView,
  categories,
}: ViewProps & { readonly categories: readonly string[] }) {
  const t = useTexts(purchasesTexts)
  const set = (change: PurchaseView) => onView({ ...view, ...change, page: undefined })
  const any = { id: '', label: t('any') }
  return (
    <search aria-label={t('filter.label')} className="grid gap-3 sm:grid-cols-2 lg:grid-cols-6">
      <div className="lg:col-span-2">
        <TextField
          label={t('filter.search')}
          value={view.search ?? ''}
          onChange={(search) => set({ search: search === '' ? undefined : search })}
        />
      </div>
      <Select
        label={t('field.status')}
        value={view.status ?? ''}
        options={[any, ...purchaseStatus.options.map((id) => ({ id, label: t(`status.${id}`) }))]}
        onChange={(id) => set({ status: purchaseStatus.options.find((one) => one === id) })}
      />
      <Select
        label={t('field.category')}
        value={view.category ?? ''}
        options={[any, ...categories.map((id) => ({ id, label: id }))]}
        onChange={(id) => set({ category: id === '' ? undefined : id })}
      />
      <DayField
        label={t('filter.from')}
        value={view.from ?? ''}
        onChange={(from) => set({ from: from === '' ? undefined : from })}
      />
      <DayField
        label={t('filter.to')}
        value={view.to ?? ''}
        onChange={(to) => set({ to: to === '' ? undefined : to })}
      />
    </search>
  )
}

function Content({ isOpen, ...props }: ViewProps & { readonly isOpen: boolean }) {
  const t = useTexts(purchasesTexts)
  const { projectId, view, onView } = props
  const purchases = usePurchases(projectId, view)
  const { data } = purchases
  if (data === undefined)
    return purchases.isError ? (
      <ProblemNotice
        error={purchases.error}
        isRetrying={purchases.isFetching}
        onRetry={() => void purchases.refetch()}
      />
    ) : (
      <div className="flex flex-col gap-3">
        <LoadingStatus />
        <Skeleton shape="field" count={5} />
      </div>
    )
  if (data.count > 0)
    return (
      <>
        <PurchaseTotals totals={data.totals} />
        <PurchasesTable {...props} reply={data} isOpen={isOpen} />
      </>
    )
  const { sort: _, direction: __, page: ___, ...filter } = view
  if (Object.values(filter).every((value) => value === undefined))
    return (
      <EmptyState icon={ShoppingCart} title={t('list.empty.title')}>
        {t('list.empty.text')}
      </EmptyState>
    )
  return (
    <NothingFound
      title={t('list.nothing.title')}
      clear={t('filter.clear')}
      onClear={() => onView({})}
    >
      {t('list.nothing.text')}
    </NothingFound>
  )
}
