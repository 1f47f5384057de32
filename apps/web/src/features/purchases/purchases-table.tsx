import {
  type Purchase,
  type PurchaseSort,
  purchasesPerPage,
  purchaseStatus,
} from '@studioops/contracts/purchases'
import { Link } from '@tanstack/react-router'
import {
  ArrowDown,
  ArrowUp,
  ChevronLeft,
  ChevronRight,
  Paperclip,
  Pencil,
  Trash2,
} from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { useToast } from '../../ui/toast.tsx'
import { formatDecimal, formatMoney } from './money.ts'
import { PurchaseForm, type Suggestions } from './purchase-form.tsx'
import type { PurchaseText } from './purchase-text.ts'
import type { ViewProps } from './purchases-page.tsx'
import {
  type PurchaseChange,
  type PurchaseView,
  useChangePurchase,
  useRemovePurchase,
} from './purchases.queries.ts'
import { purchasesTexts } from './purchases.texts.ts'

type Reply = Suggestions & { readonly purchases: readonly Purchase[]; readonly count: number }

type TableProps = ViewProps & { readonly reply: Reply; readonly isOpen: boolean }

const columns: readonly {
  readonly field: 'boughtOn' | 'vendor' | 'category' | 'quantity' | 'unitPrice' | 'status' | 'total'
  readonly sort?: PurchaseSort
  readonly isNumber?: true
}[] = [
  { field: 'boughtOn', sort: 'date' },
  { field: 'vendor', sort: 'vendor' },
  { field: 'category', sort: 'category' },
  { field: 'quantity', isNumber: true },
  { field: 'unitPrice', isNumber: true },
  { field: 'total', sort: 'gross', isNumber: true },
  { field: 'status', sort: 'status' },
]

/** A table where there is room, a list of cards on a phone. */
export function PurchasesTable(props: TableProps) {
  const t = useTexts(purchasesTexts)
  const { reply, isOpen, projectId } = props
  return (
    <div className="flex flex-col gap-3">
      <div className="overflow-x-auto rounded-card border border-line bg-surface shadow-card max-md:hidden">
        <table aria-label={t('list.label')} className="w-full border-collapse text-start">
          <thead>
            <tr className="border-b border-line">
              {columns.map((column) => (
                <Heading key={column.field} column={column} {...props} />
              ))}
              {isOpen && (
                <th scope="col">
                  <span className="sr-only">{t('field.actions')}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {reply.purchases.map((purchase) => (
              <Row
                key={purchase.id}
                purchase={purchase}
                projectId={projectId}
                isOpen={isOpen}
                suggestions={reply}
              />
            ))}
          </tbody>
        </table>
      </div>
      <ul aria-label={t('list.label')} className="flex flex-col gap-3 md:hidden">
        {reply.purchases.map((purchase) => (
          <li
            key={purchase.id}
            className="rounded-card border border-line bg-surface p-4 shadow-card"
          >
            <PhoneCard
              purchase={purchase}
              projectId={projectId}
              isOpen={isOpen}
              suggestions={reply}
            />
          </li>
        ))}
      </ul>
      <Pages {...props} />
    </div>
  )
}

type HeadingProps = Pick<TableProps, 'view' | 'onView'> & {
  readonly column: (typeof columns)[number]
}

function Heading({ column: { field, sort, isNumber }, view, onView }: HeadingProps) {
  const t = useTexts(purchasesTexts)
  const { sort: sorted = 'date', direction = 'down' } = view
  const isSorted = sort === sorted
  const order = direction === 'up' ? 'ascending' : 'descending'
  const label = t(`field.${field}`)
  const Arrow = direction === 'up' ? ArrowUp : ArrowDown
  const turn = (): PurchaseView => ({
    ...view,
    sort,
    direction: isSorted && direction === 'down' ? 'up' : 'down',
    page: undefined,
  })
  return (
    <th
      scope="col"
      aria-sort={isSorted ? order : undefined}
      className={isNumber ? 'px-1 text-end' : 'px-1 text-start'}
    >
      {sort === undefined ? (
        <span className="px-2 text-sm font-medium text-muted">{label}</span>
      ) : (
        <Button
          look="quiet"
          size="small"
          aria-label={t('sort.by', { column: label })}
          onPress={() => onView(turn())}
        >
          {label}
          {isSorted && <Arrow aria-hidden className="size-3.5" />}
        </Button>
      )}
    </th>
  )
}

type RowProps = {
  readonly purchase: Purchase
  readonly projectId: string
  readonly isOpen: boolean
  readonly suggestions: Suggestions
}

function useRow({ purchase, projectId }: RowProps) {
  const t = useTexts(purchasesTexts)
  const toast = useToast()
  const [isEditing, setIsEditing] = useState(false)
  const change = useChangePurchase(projectId, purchase.id)
  const removal = useRemovePurchase(projectId, purchase.id)
  const { vendor } = purchase
  const save = (next: PurchaseChange) =>
    change.mutate(next, {
      onSuccess: () => {
        setIsEditing(false)
        toast({
          text: t('changed', { vendor }),
          action: { label: t('undo'), onPress: () => change.mutate(before(purchase)) },
        })
      },
    })
  const remove = () =>
    removal.mutate(true, {
      onSuccess: () =>
        toast({
          text: t('removed', { vendor }),
          action: { label: t('undo'), onPress: () => removal.mutate(false) },
        }),
    })
  return { isEditing, setIsEditing, change, removal, save, remove }
}

type RowState = ReturnType<typeof useRow>

function textOf(purchase: Purchase): PurchaseText {
  const { boughtOn, vendor, description, quantity, unitPrice, currency } = purchase
  const { vatRate, status, category } = purchase
  const head = { boughtOn, vendor, description, quantity, unitPrice, currency }
  return { ...head, vatRate, status, category, receiptId: purchase.receiptId ?? '' }
}

/** Everything as it was. */
function before(purchase: Purchase): PurchaseChange {
  const { receiptId, ...text } = textOf(purchase)
  return { ...text, receiptId: receiptId === '' ? null : receiptId }
}

function Row(props: RowProps) {
  const { purchase, isOpen } = props
  const formats = useFormats()
  const { locale } = useLanguage()
  const row = useRow(props)
  const { boughtOn, vendor, description, category, quantity, unitPrice, currency } = purchase
  if (row.isEditing)
    return (
      <tr className="border-b border-line last:border-0">
        <td colSpan={8} className="p-4">
          <EditForm {...props} row={row} />
        </td>
      </tr>
    )
  return (
    <tr className="border-b border-line last:border-0 hover:bg-hover">
      <td className="px-3 py-2 whitespace-nowrap tabular-nums">
        <bdi>{formats.date(boughtOn)}</bdi>
      </td>
      <td className="px-3 py-2 wrap-anywhere">
        <bdi className="font-medium">{vendor}</bdi>
        {description !== '' && (
          <p className="text-sm text-muted">
            <bdi>{description}</bdi>
          </p>
        )}
        <ReceiptLink {...props} />
        <RowProblem row={row} />
      </td>
      <td className="px-3 py-2 wrap-anywhere">
        <bdi>{category}</bdi>
      </td>
      <td className="px-3 py-2 text-end tabular-nums">
        <bdi>{formatDecimal(quantity, locale)}</bdi>
      </td>
      <td className="px-3 py-2 text-end tabular-nums">
        <bdi>{formatDecimal(unitPrice, locale)}</bdi>
      </td>
      <td className="px-3 py-2 text-end font-medium whitespace-nowrap tabular-nums">
        <bdi>{formatMoney(purchase.gross, currency, locale)}</bdi>
      </td>
      <td className="px-3 py-2">
        <StatusPart {...props} row={row} />
      </td>
      {isOpen && (
        <td className="px-2 whitespace-nowrap">
          <RowButtons purchase={purchase} row={row} />
        </td>
      )}
    </tr>
  )
}

function PhoneCard(props: RowProps) {
  const { purchase, isOpen } = props
  const formats = useFormats()
  const { locale } = useLanguage()
  const row = useRow(props)
  if (row.isEditing) return <EditForm {...props} row={row} />
  const { vendor, description, category, boughtOn, gross, currency } = purchase
  const line: ReactNode[] = [formats.date(boughtOn), description, category].filter(
    (text) => text !== '',
  )
  return (
    <div className="flex flex-col gap-2">
      <p className="flex flex-wrap justify-between gap-x-4 font-medium">
        <bdi className="wrap-anywhere">{vendor}</bdi>
        <bdi className="tabular-nums">{formatMoney(gross, currency, locale)}</bdi>
      </p>
      <p className="text-sm text-muted wrap-anywhere">
        {line.map((text, index) => (
          <span key={index}>
            {index > 0 && ' · '}
            <bdi>{text}</bdi>
          </span>
        ))}
      </p>
      <ReceiptLink {...props} />
      <RowProblem row={row} />
      <div className="flex items-center justify-between gap-2">
        <StatusPart {...props} row={row} />
        {isOpen && <RowButtons purchase={purchase} row={row} />}
      </div>
    </div>
  )
}

function ReceiptLink({ purchase, projectId }: Pick<RowProps, 'purchase' | 'projectId'>) {
  const t = useTexts(purchasesTexts)
  const { receiptId, receiptName } = purchase
  if (receiptId === undefined || receiptName === undefined) return undefined
  return (
    <Link
      to="/projects/$projectId/documents"
      params={{ projectId }}
      search={{ open: receiptId }}
      className="inline-flex min-h-6 items-center gap-1.5 text-sm underline wrap-anywhere"
    >
      <Paperclip aria-hidden className="size-3.5 shrink-0" />
      <span className="sr-only">{t('field.receipt')}</span>
      <bdi>{receiptName}</bdi>
    </Link>
  )
}

function RowProblem({ row }: { readonly row: RowState }) {
  const error = row.isEditing ? null : (row.change.error ?? row.removal.error)
  return error === null ? undefined : <ProblemNotice error={error} />
}

function StatusPart({ purchase, isOpen, row }: RowProps & { readonly row: RowState }) {
  const t = useTexts(purchasesTexts)
  const { status, vendor } = purchase
  if (!isOpen) return <>{t(`status.${status}`)}</>
  return (
    <Select
      isLabelHidden
      label={t('status.of', { vendor })}
      value={status}
      options={purchaseStatus.options.map((id) => ({ id, label: t(`status.${id}`) }))}
      onChange={(next) => row.save({ status: next })}
    />
  )
}

function RowButtons({ purchase, row }: Pick<RowProps, 'purchase'> & { readonly row: RowState }) {
  const t = useTexts(purchasesTexts)
  const { vendor } = purchase
  return (
    <span className="inline-flex">
      <IconButton
        size="small-icon"
        label={t('edit.open', { vendor })}
        icon={<Pencil aria-hidden className="size-4" />}
        onPress={() => row.setIsEditing(true)}
      />
      <IconButton
        size="small-icon"
        label={t('remove.of', { vendor })}
        icon={<Trash2 aria-hidden className="size-4" />}
        isPending={row.removal.isPending}
        onPress={row.remove}
      />
    </span>
  )
}

function EditForm({
  purchase,
  projectId,
  suggestions,
  row,
}: RowProps & { readonly row: RowState }) {
  const t = useTexts(purchasesTexts)
  const [text, setText] = useState(() => textOf(purchase))
  return (
    <PurchaseForm
      projectId={projectId}
      title={t('edit.title', { vendor: purchase.vendor })}
      submitLabel={t('edit.submit')}
      value={text}
      onChange={setText}
      isPending={row.change.isPending}
      error={row.change.error}
      suggestions={suggestions}
      onSubmit={(input) => row.save({ ...input, receiptId: input.receiptId ?? null })}
      onCancel={() => row.setIsEditing(false)}
    />
  )
}

function Pages({ view, onView, reply: { count } }: TableProps) {
  const t = useTexts(purchasesTexts)
  const page = view.page ?? 1
  const from = (page - 1) * purchasesPerPage + 1
  const to = Math.min(count, page * purchasesPerPage)
  if (count <= purchasesPerPage) return undefined
  const go = (next: number) => onView({ ...view, page: next === 1 ? undefined : next })
  return (
    <div className="flex items-center justify-center gap-3">
      <IconButton
        label={t('page.previous')}
        isDisabled={page === 1}
        icon={<ChevronLeft aria-hidden className="flip size-4" />}
        onPress={() => go(page - 1)}
      />
      <span className="text-muted tabular-nums">{t('page.of', { from, to, count })}</span>
      <IconButton
        label={t('page.next')}
        isDisabled={to >= count}
        icon={<ChevronRight aria-hidden className="flip size-4" />}
        onPress={() => go(page + 1)}
      />
    </div>
  )
}
