import { randomUUID } from 'node:crypto'
import { limits } from '@studioops/contracts/limits'
import {
  type ImportRow,
  type Purchase,
  type PurchaseColumn,
  purchaseColumn,
  type PurchaseFilter,
  type PurchaseInput,
  type PurchaseSort,
  purchasesPerPage,
  type PurchaseTotal,
} from '@studioops/contracts/purchases'
import type { ProjectRole } from '@studioops/contracts/projects'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Activity, ProjectAccess } from '../projects/index.ts'
import { decodeText, readCsv, safeCell, writeCsv } from '../../platform/values/csv.ts'
import * as csv from './purchases.import.ts'
import * as store from './purchases.store.ts'

type Dependencies = {
  readonly database: Database
  readonly access: ProjectAccess
  /** Notes in the project who did what, in the same transaction. */
  readonly addActivity: (db: Db, activity: Activity) => Promise<void>
}

type Asked = { readonly userId: string; readonly projectId: string }
type OfOne = Asked & { readonly purchaseId: string }

type Change = {
  readonly [K in keyof Omit<PurchaseInput, 'receiptId'>]?: PurchaseInput[K] | undefined
} & { readonly receiptId?: string | null | undefined }

type Listing = {
  readonly filter: PurchaseFilter
  readonly sort: PurchaseSort
  readonly direction: 'up' | 'down'
  /** The first is 1. */
  readonly page: number
}

/** Exact sums by query, for whatever answers questions about purchases (PUR-2). */
export type PurchaseTotals = {
  /**
   * @param filter what is absent restricts nothing
   * @returns decimal strings, a total for each currency; never added up across currencies
   * @throws AppError `project.not-found`
   */
  totals(
    asked: { readonly userId: string; readonly projectId: string },
    filter: Partial<PurchaseFilter>,
  ): Promise<{
    readonly totals: PurchaseTotal[]
    readonly budgets: store.SpendRow[]
  }>
}

export type PurchaseService = ReturnType<typeof createPurchaseService>

export function createPurchaseService({ database, access, addActivity }: Dependencies) {
  const reading = <T>({ userId, projectId }: Asked, read: (db: Db) => Promise<T>) =>
    database.readAsUser(userId, async (db) => {
      await access.require(db, projectId, 'viewer')
      return read(db)
    })

  const changing = <T>({ userId, projectId }: Asked, change: (db: Db) => Promise<T>) =>
    database.asUser(userId, async (db) => {
      const least: ProjectRole = 'editor'
      await access.require(db, projectId, least)
      return change(db)
    })

  /** @throws AppError `document.not-found` for one that is not of this project, or in the trash */
  async function requireReceipts(
    db: Db,
    { projectId }: Asked,
    inputs: readonly { readonly receiptId?: string | null | undefined }[],
  ) {
    const ids = new Set(inputs.flatMap(({ receiptId }) => receiptId ?? []))
    if (!(await store.areDocuments(db, projectId, [...ids])))
      throw new AppError('document.not-found')
  }

  async function requireOne(db: Db, asked: OfOne) {
    const row = await store.findPurchase(db, asked)
    if (row === undefined) throw new AppError('purchase.not-found')
    return row
  }

  async function sums(db: Db, projectId: string, filter: PurchaseFilter): Promise<PurchaseTotal[]> {
    const { totals, byStatus, byRate } = await store.sumPurchases(db, projectId, filter)
    return totals.map((total) => ({
      ...total,
      byStatus: byStatus
        .filter(({ currency }) => currency === total.currency)
        .map(({ status, count, gross }) => ({ status, count, gross })),
      byVatRate: byRate
        .filter(({ currency }) => currency === total.currency)
        .map(({ vat_rate, net, vat }) => ({ vatRate: vat_rate, net, vat })),
    }))
  }

  /** @throws AppError `project.not-found` */
  const totals: PurchaseTotals['totals'] = (asked, filter) =>
    reading(asked, async (db) => ({
      totals: await sums(db, asked.projectId, { search: '', ...filter }),
      budgets: await store.readSpend(db, asked.projectId),
    }))

  return {
    totals,

    /** @throws AppError `project.not-found` */
    list: (asked: Asked, { filter, sort, direction, page }: Listing) =>
      reading(asked, async (db) => {
        const { projectId } = asked
        const offset = (page - 1) * purchasesPerPage
        const wanted = { sort, direction, offset, limit: purchasesPerPage }
        const rows = await store.listPurchases(db, projectId, { filter, wanted })
        const all = await sums(db, projectId, filter)
        const budgets = await store.readSpend(db, projectId)
        return {
          purchases: rows.map(present),
          count: all.reduce((count, total) => count + total.count, 0),
          totals: all,
          budgets: budgets.map(({ currency, amount }) => ({ currency, amount })),
          categories: await store.listWords(db, projectId, 'category'),
          vendors: await store.listWords(db, projectId, 'vendor'),
        }
      }),

    /** @throws AppError `project.not-found`, `project.not-allowed`, `project.archived` */
    add: (asked: Asked, input: PurchaseInput): Promise<Purchase> =>
      changing(asked, async (db) => {
        const purchaseId = randomUUID()
        await requireReceipts(db, asked, [input])
        await store.insertPurchases(db, asked.projectId, [{ ...input, id: purchaseId }])
        const { vendor: subject } = input
        await addActivity(db, { ...asked, action: 'purchase.add', subject })
        return present(await requireOne(db, { ...asked, purchaseId }))
      }),

    /** @throws AppError `purchase.not-found`, and as above */
    change: (asked: OfOne, change: Change): Promise<Purchase> =>
      changing(asked, async (db) => {
        const before = await requireOne(db, asked)
        if (before.deleted_at !== null) throw new AppError('purchase.not-found')
        // What was its receipt before may stay so, in the trash as well.
        if (change.receiptId !== before.receipt_id) await requireReceipts(db, asked, [change])
        await store.updatePurchase(db, asked, change)
        const facts = { fields: Object.keys(change).join(' ') }
        const subject = change.vendor ?? before.vendor
        await addActivity(db, { ...asked, action: 'purchase.change', subject, facts })
        return present(await requireOne(db, asked))
      }),

    /** @throws AppError `purchase.not-found`, and as above */
    remove: (asked: OfOne, isRemoved: boolean): Promise<Purchase> =>
      changing(asked, async (db) => {
        const before = await requireOne(db, asked)
        if ((before.deleted_at !== null) !== isRemoved) {
          await store.setRemoved(db, asked, isRemoved)
          const action = isRemoved ? 'purchase.remove' : 'purchase.restore'
          await addActivity(db, { ...asked, action, subject: before.vendor })
        }
        return present(before)
      }),

    /**
     * Reads a file; keeps nothing.
     *
     * @throws AppError `purchase.file-unreadable`, `purchase.too-many`, and as above
     */
    preview: (
      asked: Asked,
      file: { readonly content: string; readonly currency: string; readonly vatRate: string },
    ) =>
      changing(asked, async (db) => {
        const { text, encoding } = decodeText(Buffer.from(file.content, 'base64'))
        const [head, ...records] = readCsv(text)
        const names = head?.cells ?? []
        const columns = columnsOf(names)
        const max = limits.importRowsMax
        if (records.length > max) throw new AppError('purchase.too-many', { facts: { max } })
        const rows = records.map((record) => csv.readRow(record, columns, file))
        const days = rows.flatMap(({ purchase }) => purchase?.boughtOn ?? [])
        const stored = await store.listIdentities(db, asked.projectId, [...new Set(days)])
        return {
          encoding,
          columns: names.map((heading, index) => ({
            heading: heading.trim(),
            ...(columns[index] === undefined ? {} : { column: columns[index] }),
          })),
          rows: csv.withDuplicates(rows, stored) satisfies ImportRow[],
        }
      }),

    /** All or none. @throws AppError as above */
    importAll: (asked: Asked, purchases: readonly PurchaseInput[]): Promise<{ count: number }> =>
      changing(asked, async (db) => {
        const rows = purchases.map((one) => ({ ...one, id: randomUUID() }))
        await requireReceipts(db, asked, rows)
        await store.insertPurchases(db, asked.projectId, rows)
        const facts = { count: rows.length }
        await addActivity(db, { ...asked, action: 'purchase.import', facts })
        return { count: rows.length }
      }),

    /** Exactly what the filter shows, oldest first. @throws AppError `project.not-found` */
    exportAll: ({ userId, projectId }: Asked, filter: PurchaseFilter, language: 'en' | 'he') =>
      database.readAsUser(userId, async (db) => {
        const { name } = await access.require(db, projectId, 'viewer')
        const wanted = { sort: 'date', direction: 'up', offset: 0, limit: exportMax } as const
        const rows = await store.listPurchases(db, projectId, { filter, wanted })
        const headings = Object.values(csv.exportHeadings[language])
        const lines = rows.map((row) => lineOf(row, language))
        const day = new Date().toISOString().slice(0, 10)
        const fileName = `${name.replaceAll(/[\\/:*?"<>|\p{C}]/gu, ' ').trim()} ${day}.csv`
        return { name: fileName, content: writeCsv([headings, ...lines]) }
      }),
  }
}

const exportMax = 100_000

/** @throws AppError `purchase.file-unreadable` where columns are missing or stand there twice */
function columnsOf(names: readonly string[]): (PurchaseColumn | undefined)[] {
  const columns = names.map(csv.columnOf)
  const missing = csv.missingColumns(columns)
  if (missing.length > 0)
    throw new AppError('purchase.file-unreadable', {
      facts: { reason: missing.map((column) => csv.exportHeadings.en[column]).join(', ') },
    })
  const twice = purchaseColumn.options.find(
    (column) => columns.filter((one) => one === column).length > 1,
  )
  if (twice !== undefined)
    throw new AppError('purchase.file-unreadable', {
      facts: { reason: `${csv.exportHeadings.en[twice]} ×2` },
    })
  return columns
}

function lineOf(row: store.PurchaseRow, language: 'en' | 'he'): string[] {
  return [
    row.bought_on,
    safeCell(row.vendor),
    safeCell(row.description),
    row.quantity,
    row.unit_price,
    row.currency,
    row.vat_rate,
    csv.statusNames[language][row.status],
    safeCell(row.category),
    row.net,
    row.vat,
    row.gross,
  ]
}

function present(row: store.PurchaseRow): Purchase {
  return {
    id: row.id,
    ...(row.project_id === null ? {} : { projectId: row.project_id }),
    ...(row.project_name === null ? {} : { projectName: row.project_name }),
    boughtOn: row.bought_on,
    vendor: row.vendor,
    description: row.description,
    quantity: row.quantity,
    unitPrice: row.unit_price,
    currency: row.currency,
    vatRate: row.vat_rate,
    status: row.status,
    category: row.category,
    ...(row.receipt_id === null ? {} : { receiptId: row.receipt_id }),
    ...(row.receipt_name === null ? {} : { receiptName: row.receipt_name }),
    net: row.net,
    vat: row.vat,
    gross: row.gross,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
