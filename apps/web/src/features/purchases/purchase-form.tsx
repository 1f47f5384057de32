import { type PurchaseInput, purchaseStatus } from '@studioops/contracts/purchases'
import { type FormEvent, type Ref, useId, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { ReceiptField } from './receipt-field.tsx'
import { type FieldFaults, type PurchaseText, readPurchase } from './purchase-text.ts'
import { purchasesTexts } from './purchases.texts.ts'

export type Suggestions = {
  readonly vendors: readonly string[]
  readonly categories: readonly string[]
}

type Props = {
  readonly projectId: string
  readonly title: string
  readonly submitLabel: string
  readonly value: PurchaseText
  readonly onChange: (value: PurchaseText) => void
  /** Called by Enter in any field and by the button, with what can be sent. */
  readonly onSubmit: (input: PurchaseInput) => void
  readonly onCancel?: () => void
  readonly isPending: boolean
  readonly error: unknown
  readonly suggestions: Suggestions
  readonly vendorRef?: Ref<HTMLInputElement>
  readonly hint?: string
}

/** One purchase in a row of fields; Enter in any of them saves it, Escape gives it up. */
export function PurchaseForm(props: Props) {
  const { title, submitLabel, value, onSubmit, onCancel, isPending, error, hint } = props
  const t = useTexts(purchasesTexts)
  const titleId = useId()
  const [faults, setFaults] = useState<FieldFaults>({})
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = readPurchase(value)
    setFaults('faults' in read ? read.faults : {})
    if ('input' in read) onSubmit(read.input)
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape in any of the fields inside
    <form
      noValidate
      aria-labelledby={titleId}
      className="flex flex-col gap-3"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel?.()
      }}
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 id={titleId} className="font-semibold">
          <bdi>{title}</bdi>
        </h2>
        {hint !== undefined && <p className="text-sm text-muted max-md:hidden">{hint}</p>}
      </div>
      {error !== null && <ProblemNotice error={error} />}
      <Fields {...props} faults={faults} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" isPending={isPending}>
          {submitLabel}
        </Button>
        {onCancel !== undefined && <Button onPress={onCancel}>{t('cancel')}</Button>}
      </div>
    </form>
  )
}

function Fields({
  projectId,
  value,
  onChange,
  suggestions,
  vendorRef,
  faults,
}: Props & { readonly faults: FieldFaults }) {
  const t = useTexts(purchasesTexts)
  const listId = useId()
  const field = (name: Exclude<keyof PurchaseText, 'status' | 'boughtOn' | 'receiptId'>) => {
    const fault = faults[name]
    return {
      label: t(`field.${name}`),
      value: value[name],
      onChange: (next: string) => onChange({ ...value, [name]: next }),
      ...(fault === undefined ? {} : { error: t(`fault.${fault}`) }),
    }
  }
  const dayFault = faults.boughtOn
  return (
    <div className="grid gap-3 sm:grid-cols-2 md:grid-cols-[10.5rem_repeat(3,minmax(0,1fr))] lg:grid-cols-[10.5rem_repeat(5,minmax(0,1fr))]">
      <datalist id={`${listId}-vendors`}>
        {suggestions.vendors.map((vendor) => (
          <option key={vendor}>{vendor}</option>
        ))}
      </datalist>
      <datalist id={`${listId}-categories`}>
        {suggestions.categories.map((category) => (
          <option key={category}>{category}</option>
        ))}
      </datalist>
      <DayField
        label={t('field.boughtOn')}
        value={value.boughtOn}
        error={dayFault && t(`fault.${dayFault}`)}
        onChange={(boughtOn) => onChange({ ...value, boughtOn })}
      />
      <TextField
        {...field('vendor')}
        list={`${listId}-vendors`}
        {...(vendorRef === undefined ? {} : { ref: vendorRef })}
      />
      <div className="md:col-span-2">
        <TextField {...field('description')} />
      </div>
      <TextField {...field('quantity')} kind="code" />
      <TextField {...field('unitPrice')} kind="code" />
      <TextField {...field('currency')} kind="code" />
      <TextField {...field('vatRate')} kind="code" />
      <Select
        label={t('field.status')}
        value={value.status}
        options={purchaseStatus.options.map((id) => ({ id, label: t(`status.${id}`) }))}
        onChange={(status) => onChange({ ...value, status })}
      />
      <TextField {...field('category')} list={`${listId}-categories`} />
      <div className="sm:col-span-2">
        <ReceiptField
          projectId={projectId}
          value={value.receiptId}
          onChange={(receiptId) => onChange({ ...value, receiptId })}
        />
      </div>
    </div>
  )
}
