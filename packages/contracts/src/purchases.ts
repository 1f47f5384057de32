import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { graphemeText } from './grapheme-text.ts'
import { limits } from './limits.ts'
import { amount, currency, projectBudget } from './projects.ts'

/** D-19, in the order in which a purchase goes. */
export const purchaseStatus = z.enum(['planned', 'ordered', 'received', 'paid', 'cancelled'])
export type PurchaseStatus = z.output<typeof purchaseStatus>

/** A percentage as a decimal string: `18`, `17.5`. */
export const vatRate = z.string().regex(/^(100|\d{1,2})(\.\d{1,4})?$/)

/** A sum as a decimal string in the minor units of its currency, never a float. */
export const money = z.string().regex(/^\d+(\.\d+)?$/)

const words = (max: number) => graphemeText(max)

/**
 * What a person writes of a purchase. Price is for one, without VAT; `numeric(14,4)`.
 */
export const purchaseInput = z.object({
  boughtOn: z.iso.date(),
  vendor: words(limits.purchaseNameGraphemes).pipe(z.string().min(1)),
  description: words(limits.purchaseTextGraphemes),
  quantity: amount.refine((value) => Number(value) > 0, { error: 'more than nothing' }),
  unitPrice: amount,
  currency,
  vatRate,
  status: purchaseStatus,
  category: words(limits.purchaseNameGraphemes),
  /** A document of the same project. */
  receiptId: z.uuid().optional(),
})
export type PurchaseInput = z.output<typeof purchaseInput>

/**
 * Line = quantity × price, VAT = line × rate, each rounded half up to the minor unit of the currency;
 * totals are sums of those, so that what is printed adds up.
 */
export const purchase = purchaseInput.extend({
  id: z.uuid(),
  /** Absent where the project is gone. */
  projectId: z.uuid().optional(),
  /** Of the project, as it was called when it went (D-8). */
  projectName: z.string().optional(),
  /** Of the receipt, unless it is in the trash. */
  receiptName: z.string().optional(),
  net: money,
  vat: money,
  gross: money,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})
export type Purchase = z.output<typeof purchase>

export const purchaseTotal = z.object({
  currency,
  count: z.int(),
  /** Without those that were cancelled. */
  net: money,
  vat: money,
  gross: money,
  /** Gross sums of each status that occurs, the cancelled ones too. */
  byStatus: z.array(z.object({ status: purchaseStatus, count: z.int(), gross: money })),
  /** Without those that were cancelled. */
  byVatRate: z.array(z.object({ vatRate, net: money, vat: money })),
})
export type PurchaseTotal = z.output<typeof purchaseTotal>

const filter = z.object({
  search: z.string().trim().max(limits.searchLengthMax).default(''),
  status: purchaseStatus.optional(),
  category: z.string().max(limits.searchLengthMax).optional(),
  currency: currency.optional(),
  from: z.iso.date().optional(),
  /** Included. */
  to: z.iso.date().optional(),
  /** Those whose receipt is this document. */
  receiptId: z.uuid().optional(),
})
export type PurchaseFilter = z.output<typeof filter>

export const purchaseSort = z.enum(['date', 'vendor', 'category', 'status', 'gross', 'added'])
export type PurchaseSort = z.output<typeof purchaseSort>

const params = z.object({ projectId: z.uuid() })
const oneParams = params.extend({ purchaseId: z.uuid() })
const reading = ['session.required', 'request.invalid', 'project.not-found'] as const
const changing = [
  ...reading,
  'session.read-only',
  'project.not-allowed',
  'project.archived',
  'purchase.not-found',
  'document.not-found',
] as const

const pageSize = 50

export const listPurchases = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/purchases',
  summary: 'Purchases of a project, fifty at a time, with the totals of all that match.',
  access: 'member',
  params,
  query: filter.extend({
    sort: purchaseSort.default('date'),
    direction: z.enum(['up', 'down']).default('down'),
    page: z.coerce.number().int().min(1).max(10_000).default(1),
  }),
  reply: z.object({
    purchases: z.array(purchase),
    /** Of all pages. */
    count: z.int(),
    totals: z.array(purchaseTotal),
    budgets: z.array(projectBudget),
    categories: z.array(z.string()),
    vendors: z.array(z.string()),
  }),
  errors: reading,
})
export const purchasesPerPage = pageSize

export const sumPurchases = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/purchase-totals',
  summary: 'Exact sums of the purchases that match, by currency, status and VAT rate.',
  access: 'member',
  params,
  query: filter,
  reply: z.object({
    totals: z.array(purchaseTotal),
    budgets: z.array(
      projectBudget.extend({
        /** Ordered, received and paid. */
        spent: money,
        planned: money,
        /** Spent of the budget, 1 is all of it; for a bar, never for a sum. */
        share: z.number(),
      }),
    ),
  }),
  errors: reading,
})

export const addPurchase = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/purchases',
  summary: 'Writes a purchase down.',
  access: 'member',
  params,
  body: purchaseInput,
  reply: z.object({ purchase }),
  status: 201,
  errors: changing,
})

export const changePurchase = defineEndpoint({
  method: 'PATCH',
  path: '/projects/:projectId/purchases/:purchaseId',
  summary: 'Changes what is named of a purchase.',
  access: 'member',
  params: oneParams,
  body: purchaseInput.partial().extend({
    /** Null: no receipt any more. */
    receiptId: z.uuid().nullable().optional(),
  }),
  reply: z.object({ purchase }),
  errors: changing,
})

export const removePurchase = defineEndpoint({
  method: 'PUT',
  path: '/projects/:projectId/purchases/:purchaseId/removal',
  summary: 'Takes a purchase away, or back for thirty days.',
  access: 'member',
  params: oneParams,
  body: z.object({ isRemoved: z.boolean() }),
  reply: z.object({ purchase }),
  errors: changing,
})

export const purchaseColumn = z.enum([
  'boughtOn',
  'vendor',
  'description',
  'quantity',
  'unitPrice',
  'currency',
  'vatRate',
  'status',
  'category',
])
export type PurchaseColumn = z.output<typeof purchaseColumn>

/** Why a line cannot be taken. */
export const importFault = z.object({
  /** Absent where the whole line is meant. */
  column: purchaseColumn.optional(),
  cause: z.enum([
    'missing',
    'not-a-date',
    'not-a-number',
    'unclear-number',
    'too-many-decimals',
    'not-positive',
    'not-a-currency',
    'not-a-rate',
    'not-a-status',
    'too-long',
    'cells',
  ]),
  /** What stands there, shortened. */
  value: z.string(),
})
export type ImportFault = z.output<typeof importFault>

export const importRow = z.object({
  /** Of the file, the first is 1. */
  line: z.int(),
  purchase: purchaseInput.optional(),
  faults: z.array(importFault),
  /** The same vendor, date, description, quantity and price stands there already. */
  duplicate: z.enum(['stored', 'file']).optional(),
})
export type ImportRow = z.output<typeof importRow>

export const previewImport = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/purchases/import/preview',
  summary: 'Reads a CSV file and says what would be taken. Keeps nothing.',
  access: 'member',
  params,
  body: z.object({
    /** The bytes of the file, Base64: UTF-8, UTF-16 with a mark, or Windows-1255. */
    content: z.base64().max(limits.importBytesMax * 2),
    /** For lines that name none. */
    currency: currency.default('ILS'),
    vatRate: vatRate.default('18'),
  }),
  reply: z.object({
    encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1255']),
    columns: z.array(z.object({ heading: z.string(), column: purchaseColumn.optional() })),
    rows: z.array(importRow),
  }),
  errors: [...changing, 'purchase.file-unreadable', 'purchase.too-many'],
})

export const importPurchases = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/purchases/import',
  summary: 'Writes down what a preview has shown: all of it or nothing.',
  access: 'member',
  params,
  body: z.object({ purchases: z.array(purchaseInput).min(1).max(limits.importRowsMax) }),
  reply: z.object({ count: z.int() }),
  status: 201,
  errors: changing,
})

export const exportPurchases = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/purchases/export',
  summary: 'A CSV file of exactly what the filter shows: UTF-8 with a mark, no formulas.',
  access: 'member',
  params,
  query: filter.extend({ language: z.enum(['en', 'he']).default('en') }),
  reply: z.object({ name: z.string(), content: z.string() }),
  errors: reading,
})
