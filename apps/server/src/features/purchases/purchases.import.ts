import { fitsGraphemes, limits } from '@studioops/contracts/limits'
import {
  type ImportFault,
  type ImportRow,
  type PurchaseColumn,
  type PurchaseInput,
  type PurchaseStatus,
  purchaseColumn,
} from '@studioops/contracts/purchases'
import { type CsvRecord, openedCell } from '../../platform/values/csv.ts'

/** Headings as people and our own export write them, in both languages. */
const headings: Readonly<Record<PurchaseColumn, readonly string[]>> = {
  boughtOn: ['date', 'bought on', 'תאריך', 'תאריך רכישה', 'תאריך חשבונית'],
  vendor: ['vendor', 'supplier', 'ספק', 'שם ספק', 'שם הספק'],
  description: ['description', 'item', 'details', 'תיאור', 'תאור', 'פריט', 'פירוט', 'פרטים'],
  quantity: ['quantity', 'qty', 'כמות'],
  unitPrice: ['unit price', 'price', 'מחיר', 'מחיר יחידה', 'מחיר ליחידה'],
  currency: ['currency', 'מטבע'],
  vatRate: ['vat', 'vat %', 'vat rate', 'מעמ', 'מע"מ', 'מע"מ %', 'שיעור מע"מ', '% מע"מ'],
  status: ['status', 'state', 'סטטוס', 'מצב'],
  category: ['category', 'קטגוריה', 'סיווג'],
}

const required: readonly PurchaseColumn[] = ['boughtOn', 'vendor', 'unitPrice']

const statusWords: Readonly<Record<PurchaseStatus, readonly string[]>> = {
  planned: ['planned', 'מתוכנן', 'מתוכננת', 'תכנון'],
  ordered: ['ordered', 'הוזמן', 'הוזמנה', 'הזמנה'],
  received: ['received', 'התקבל', 'התקבלה'],
  paid: ['paid', 'שולם', 'שולמה'],
  cancelled: ['cancelled', 'canceled', 'בוטל', 'בוטלה'],
}

const currencyWords: Readonly<Record<string, string>> = {
  '₪': 'ILS',
  NIS: 'ILS',
  'ש"ח': 'ILS',
  שח: 'ILS',
  שקל: 'ILS',
  $: 'USD',
  '€': 'EUR',
  '£': 'GBP',
}

/** Geresh and gershayim as the quotes that most people type, spaces as one (HE-20). */
function plain(text: string): string {
  return text
    .replaceAll('״', '"')
    .replaceAll('׳', "'")
    .replaceAll(/[\s\u00a0\u202f]+/g, ' ')
    .trim()
    .toLowerCase()
}

/** Which column a heading means. */
export function columnOf(heading: string): PurchaseColumn | undefined {
  const wanted = plain(openedCell(heading))
  return purchaseColumn.options.find((column) => headings[column].includes(wanted))
}

/** Columns without which no purchase can be made. */
export function missingColumns(columns: readonly (PurchaseColumn | undefined)[]): PurchaseColumn[] {
  return required.filter((column) => !columns.includes(column))
}

type Defaults = { readonly currency: string; readonly vatRate: string }
type Cause = ImportFault['cause']
type Parsed = { readonly value: string } | { readonly cause: Cause }

/** `1,250.50`, `1250.5`, `₪ 1 250`; a comma that may be a decimal point is not guessed. */
export function readNumber(text: string): Parsed {
  const bare = text.replaceAll(/[\s\u00a0\u202f₪$€£]/g, '').replaceAll(/ש"ח|NIS|ILS/gi, '')
  if (/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(bare)) return decimal(bare.replaceAll(',', ''))
  if (/^\d+(\.\d+)?$/.test(bare)) return decimal(bare)
  if (/^[\d.,]+$/.test(bare)) return { cause: 'unclear-number' }
  return { cause: 'not-a-number' }
}

function decimal(text: string): Parsed {
  const [whole = '0', fraction = ''] = text.split('.')
  const digits = fraction.replace(/0+$/, '')
  const digitsOfWhole = whole.replace(/^0+(?=\d)/, '')
  if (digits.length > 4) return { cause: 'too-many-decimals' }
  if (digitsOfWhole.length > 10) return { cause: 'not-a-number' }
  return { value: digits === '' ? digitsOfWhole : `${digitsOfWhole}.${digits}` }
}

/** Year, month and day. */
function datePartsOf(text: string): [string, string, string] | undefined {
  const [, year, month = '', day = ''] = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$/.exec(text) ?? []
  if (year !== undefined) return [year, month, day]
  const local = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})$/.exec(text)
  const [, dayFirst = '', monthSecond = '', yearLast = ''] = local ?? []
  return local === null ? undefined : [yearLast.padStart(4, '20'), monthSecond, dayFirst]
}

/** `2026-11-21`, and with the day first as Israel writes it: `21/11/2026`, `21.11.26`. */
export function readDate(text: string): Parsed {
  const parts = datePartsOf(text)
  if (parts === undefined) return { cause: 'not-a-date' }
  const value = parts.map((part) => part.padStart(2, '0')).join('-')
  const date = new Date(`${value}T00:00:00Z`)
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)
  return isReal ? { value } : { cause: 'not-a-date' }
}

function readCurrency(text: string): Parsed {
  const wanted = text.trim().replaceAll('״', '"').toUpperCase()
  const value = currencyWords[wanted] ?? wanted
  return /^[A-Z]{3}$/.test(value) ? { value } : { cause: 'not-a-currency' }
}

function readRate(text: string): Parsed {
  const parsed = readNumber(text.replaceAll('%', ''))
  if ('cause' in parsed) return { cause: 'not-a-rate' }
  return Number(parsed.value) <= 100 ? parsed : { cause: 'not-a-rate' }
}

function readStatus(text: string): Parsed {
  const wanted = plain(text)
  const found = Object.entries(statusWords).find(([, words]) => words.includes(wanted))
  return found === undefined ? { cause: 'not-a-status' } : { value: found[0] }
}

const textOf =
  (max: number) =>
  (text: string): Parsed =>
    fitsGraphemes(text, max) ? { value: text } : { cause: 'too-long' }

function readQuantity(text: string): Parsed {
  const parsed = readNumber(text)
  return 'value' in parsed && Number(parsed.value) === 0 ? { cause: 'not-positive' } : parsed
}

const readers: Readonly<Record<PurchaseColumn, (text: string) => Parsed>> = {
  boughtOn: readDate,
  vendor: textOf(limits.purchaseNameGraphemes),
  description: textOf(limits.purchaseTextGraphemes),
  quantity: readQuantity,
  unitPrice: readNumber,
  currency: readCurrency,
  vatRate: readRate,
  status: readStatus,
  category: textOf(limits.purchaseNameGraphemes),
}

/** Reads one line: a purchase, or every reason why it is none. */
export function readRow(
  { line, cells }: CsvRecord,
  columns: readonly (PurchaseColumn | undefined)[],
  defaults: Defaults,
): ImportRow {
  const faults: ImportFault[] = []
  const values: Partial<Record<PurchaseColumn, string>> = {
    description: '',
    quantity: '1',
    status: 'planned',
    category: '',
    ...defaults,
  }
  if (cells.length > columns.length) faults.push({ cause: 'cells', value: String(cells.length) })
  for (const [index, column] of columns.entries()) {
    const text = openedCell(cells[index] ?? '').trim()
    if (column === undefined) continue
    if (text === '') {
      if (required.includes(column)) faults.push({ column, cause: 'missing', value: '' })
      continue
    }
    const parsed = readers[column](text)
    if ('value' in parsed) values[column] = parsed.value
    else faults.push({ column, cause: parsed.cause, value: text.slice(0, 60) })
  }
  if (faults.length > 0) return { line, faults }
  // Every column has a value now: a default, or what was read.
  return { line, faults, purchase: values as PurchaseInput }
}

type Identity = Pick<
  PurchaseInput,
  'boughtOn' | 'vendor' | 'description' | 'quantity' | 'unitPrice' | 'currency'
>

export function identityOf(purchase: Identity): string {
  const { boughtOn, vendor, description, quantity, unitPrice, currency } = purchase
  return [boughtOn, plain(vendor), plain(description), quantity, unitPrice, currency].join('\u0001')
}

/** Marks what stands there already, in the project or earlier in the file. */
export function withDuplicates(
  rows: readonly ImportRow[],
  stored: readonly Identity[],
): ImportRow[] {
  const known = new Set(stored.map(identityOf))
  const seen = new Set<string>()
  return rows.map((row) => {
    if (row.purchase === undefined) return row
    const identity = identityOf(row.purchase)
    const isSeen = seen.has(identity)
    seen.add(identity)
    if (known.has(identity)) return { ...row, duplicate: 'stored' }
    return isSeen ? { ...row, duplicate: 'file' } : row
  })
}

export const exportHeadings: Readonly<
  Record<'en' | 'he', Readonly<Record<PurchaseColumn | 'net' | 'vat' | 'gross', string>>>
> = {
  en: {
    boughtOn: 'Date',
    vendor: 'Vendor',
    description: 'Description',
    quantity: 'Quantity',
    unitPrice: 'Unit price',
    currency: 'Currency',
    vatRate: 'VAT %',
    status: 'Status',
    category: 'Category',
    net: 'Net',
    vat: 'VAT sum',
    gross: 'Total',
  },
  he: {
    boughtOn: 'תאריך',
    vendor: 'ספק',
    description: 'תיאור',
    quantity: 'כמות',
    unitPrice: 'מחיר יחידה',
    currency: 'מטבע',
    vatRate: 'מע"מ %',
    status: 'סטטוס',
    category: 'קטגוריה',
    net: 'סכום ללא מע"מ',
    vat: 'סכום מע"מ',
    gross: 'סה"כ',
  },
}

export const statusNames: Readonly<Record<'en' | 'he', Readonly<Record<PurchaseStatus, string>>>> =
  {
    en: {
      planned: 'Planned',
      ordered: 'Ordered',
      received: 'Received',
      paid: 'Paid',
      cancelled: 'Cancelled',
    },
    he: { planned: 'מתוכנן', ordered: 'הוזמן', received: 'התקבל', paid: 'שולם', cancelled: 'בוטל' },
  }
