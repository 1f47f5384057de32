import type { ImportFault, PurchaseInput } from '@studioops/contracts/purchases'
import { fitsGraphemes, limits } from '@studioops/contracts/limits'

/** A purchase as it stands in the fields: text, as it was typed. */
export type PurchaseText = {
  readonly boughtOn: string
  readonly vendor: string
  readonly description: string
  readonly quantity: string
  readonly unitPrice: string
  readonly currency: string
  readonly vatRate: string
  readonly status: PurchaseInput['status']
  readonly category: string
  /** Id of a document of the project; empty: none. */
  readonly receiptId: string
}

export type FieldFaults = Partial<Record<keyof PurchaseText, ImportFault['cause']>>

type Read = { readonly value: string } | { readonly fault: ImportFault['cause'] }

/** `1,250.50`, `1250.5` and the spaces that `Intl` prints; a lone comma is not guessed. Decimal text, never a float. */
export function readNumber(text: string): Read {
  const bare = text.replaceAll(/[\s\u00a0\u202f\u200e\u200f₪$€£]/g, '')
  if (bare === '') return { fault: 'missing' }
  if (/^\d{1,3}(,\d{3})+(\.\d*)?$/.test(bare)) return decimal(bare.replaceAll(',', ''))
  if (/^(\d+(\.\d*)?|\.\d+)$/.test(bare)) return decimal(bare)
  return { fault: /^[\d.,]+$/.test(bare) ? 'unclear-number' : 'not-a-number' }
}

function decimal(text: string): Read {
  const [whole = '', fraction = ''] = text.split('.')
  const digits = fraction.replace(/0+$/, '')
  if (digits.length > 4) return { fault: 'too-many-decimals' }
  const value = whole.replace(/^0+(?=\d)/, '') || '0'
  if (value.length > 10) return { fault: 'too-long' }
  return { value: digits === '' ? value : `${value}.${digits}` }
}

const readers = {
  boughtOn: (text) =>
    /^\d{4}-\d\d-\d\d$/.test(text)
      ? { value: text }
      : { fault: text === '' ? 'missing' : 'not-a-date' },
  vendor: (text) => {
    if (text === '') return { fault: 'missing' }
    return sized(text, limits.purchaseNameGraphemes)
  },
  description: (text) => sized(text, limits.purchaseTextGraphemes),
  quantity: (text) => {
    const read = readNumber(text)
    return 'value' in read && Number(read.value) === 0 ? { fault: 'not-positive' } : read
  },
  unitPrice: readNumber,
  currency: (text) => {
    const value = text.toUpperCase()
    return /^[A-Z]{3}$/.test(value) ? { value } : { fault: 'not-a-currency' }
  },
  vatRate: (text) => {
    const read = readNumber(text.replaceAll('%', ''))
    return 'value' in read && Number(read.value) <= 100 ? read : { fault: 'not-a-rate' }
  },
  category: (text) => sized(text, limits.purchaseNameGraphemes),
} satisfies Record<Exclude<keyof PurchaseText, 'status' | 'receiptId'>, (text: string) => Read>

function sized(text: string, graphemes: number): Read {
  return fitsGraphemes(text, graphemes) ? { value: text } : { fault: 'too-long' }
}

/** What would be sent, or what is wrong with each field. */
export function readPurchase(
  text: PurchaseText,
): { readonly input: PurchaseInput } | { readonly faults: FieldFaults } {
  const faults: Record<string, ImportFault['cause']> = {}
  const values: Record<string, string> = {}
  for (const [field, read] of Object.entries(readers)) {
    const result: Read = read(text[field as keyof typeof readers].trim())
    if ('fault' in result) faults[field] = result.fault
    else values[field] = result.value
  }
  if (Object.keys(faults).length > 0) return { faults }
  // Every field was read above.
  const receipt = text.receiptId === '' ? {} : { receiptId: text.receiptId }
  return { input: { ...values, status: text.status, ...receipt } as PurchaseInput }
}

/** The next line begins where the last one ended: same day, currency, rate, status and category. */
export function nextAfter(text: PurchaseText): PurchaseText {
  return { ...text, vendor: '', description: '', quantity: '1', unitPrice: '', receiptId: '' }
}

export function emptyPurchase(today: string): PurchaseText {
  return {
    boughtOn: today,
    vendor: '',
    description: '',
    quantity: '1',
    unitPrice: '',
    currency: 'ILS',
    vatRate: '18',
    status: 'ordered',
    category: '',
    receiptId: '',
  }
}
