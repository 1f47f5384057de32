import { deleteDocument, restoreDocument } from '@studioops/contracts/documents'
import { getSession } from '@studioops/contracts/accounts'
import { createProject, setBudgets } from '@studioops/contracts/projects'
import * as api from '@studioops/contracts/purchases'
import { describe, expect, it } from 'vitest'
import { givenDocument } from '../../testing/sent-documents.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { test } from '../../testing/test.ts'
import { decodeText, openedCell, readCsv, safeCell, writeCsv } from '../../platform/values/csv.ts'
import { readDate, readNumber } from './purchases.import.ts'
import { updatePurchase } from './purchases.store.ts'
import { summarizePurchases } from './purchases.summary.ts'

const sample: api.PurchaseInput = {
  boughtOn: '2026-11-01',
  vendor: 'דפוס השרון בע״מ',
  description: 'Flyers',
  quantity: '3',
  unitPrice: '33.335',
  currency: 'ILS',
  vatRate: '18',
  status: 'ordered',
  category: 'Print',
}

async function begun(client: TestClient) {
  const { project } = await client.call(createProject, { body: { name: 'קמפיין' } })
  return { projectId: project.id }
}

describe('purchases', () => {
  test('have a document of their project as receipt and no other, as long as it is there [PUR-2] [PRJ-2]', async ({
    app,
  }) => {
    const client = await app.signedIn('noa.levi')
    const [params, other] = [await begun(client), await begun(client)]
    const userId = (await client.call(getSession, {})).session?.account.id ?? ''
    const file = { name: 'קבלה 12.txt', bytes: new TextEncoder().encode('סה״כ 118.01') }
    const { document } = await givenDocument(client, params.projectId, file)
    const foreign = await givenDocument(client, other.projectId, file)
    const body = { ...sample, receiptId: document.id }
    const { purchase } = await client.call(api.addPurchase, { params, body })
    expect(purchase).toMatchObject({ receiptId: document.id, receiptName: 'קבלה 12.txt' })
    const one = { ...params, purchaseId: purchase.id }
    const change = (receiptId: string | null) => ({ params: one, body: { receiptId } })
    expect(await client.try(api.changePurchase, change(foreign.document.id))).toMatchObject({
      problem: { code: 'document.not-found' },
    })
    const query = { receiptId: document.id }
    const found = await client.call(api.listPurchases, { params, query })
    expect(found.purchases.map(({ id }) => id)).toEqual([purchase.id])
    const shown = async () =>
      (await client.call(api.listPurchases, { params, query: {} })).purchases
    const place = { params: { ...params, documentId: document.id } }
    await client.call(deleteDocument, place)
    expect((await shown())[0]).not.toHaveProperty('receiptName')
    await client.call(api.changePurchase, { params: one, body: { vendor: 'אחר' } })
    await client.call(restoreDocument, place)
    expect(await shown()).toMatchObject([{ vendor: 'אחר', receiptName: 'קבלה 12.txt' }])
    await app.copy.asOwner((db) => db.query('delete from documents where id = $1', [document.id]))
    expect((await shown())[0]).not.toHaveProperty('receiptId')
    // Past the check, the row policy says the same.
    await expect(
      app.database.asUser(userId, (db) =>
        updatePurchase(db, one, { receiptId: foreign.document.id }),
      ),
    ).rejects.toMatchObject({ code: '42501' })
  })

  test('round each line half up to the minor unit, and add up exactly [PUR-2] [D-19]', async ({
    app,
  }) => {
    const client = await app.signedIn('noa.levi')
    const params = await begun(client)
    const add = async (change: Partial<api.PurchaseInput>) =>
      (await client.call(api.addPurchase, { params, body: { ...sample, ...change } })).purchase
    // 3 × 33.335 = 100.005 → 100.01; 18 % of it = 18.0018 → 18.00
    expect(await add({})).toMatchObject({ net: '100.01', vat: '18.00', gross: '118.01' })
    expect(await add({ quantity: '0.1', unitPrice: '0.2', status: 'paid' })).toMatchObject({
      net: '0.02',
      vat: '0.00',
    })
    expect(await add({ currency: 'JPY', unitPrice: '0.5', vatRate: '10' })).toMatchObject({
      net: '2',
      vat: '0',
      gross: '2',
    })
    expect(await add({ currency: 'KWD', unitPrice: '1.2345', vatRate: '0' })).toMatchObject({
      net: '3.704',
    })
    await add({ status: 'cancelled', unitPrice: '9999999999.9999' })
    await client.call(setBudgets, {
      params,
      body: { budgets: [{ currency: 'ILS', amount: '236.06' }] },
    })
    const { totals, budgets } = await client.call(api.sumPurchases, { params, query: {} })
    const ils = totals.find(({ currency }) => currency === 'ILS')
    expect(ils).toMatchObject({ count: 3, net: '100.03', vat: '18.00', gross: '118.03' })
    expect(ils?.byVatRate).toEqual([{ vatRate: '18', net: '100.03', vat: '18.00' }])
    expect(ils?.byStatus.map(({ status }) => status).toSorted()).toEqual([
      'cancelled',
      'ordered',
      'paid',
    ])
    expect(budgets).toMatchObject([
      { currency: 'ILS', amount: '236.06', spent: '118.03', share: 0.5 },
    ])
    expect(totals.map(({ currency }) => currency)).toEqual(['ILS', 'JPY', 'KWD'])
    const { rows } = await app.copy.asOwner((db) =>
      db.query<{ id: string }>('select created_by as id from projects where id = $1', [
        params.projectId,
      ]),
    )
    const told = await app.database.readAsUser(rows[0]?.id ?? '', (db) =>
      summarizePurchases(db, params.projectId),
    )
    expect(told?.text).toContain('All in ILS: 2 purchases, net 100.03, VAT 18.00, gross 118.03')
    expect(told?.text).toContain('status "paid" in ILS: 1 purchases, net 0.02')
    expect(told?.text).toContain('Budget in ILS: 236.06, spent 118.03')
  })

  test('are found, sorted, changed, taken away and taken back [PUR-2]', async ({ app }) => {
    const client = await app.signedIn('noa.levi')
    const params = await begun(client)
    for (const [vendor, boughtOn] of [
      ['Alpha', '2026-03-01'],
      ['צ׳ק פוינט', '2026-01-01'],
      ['Beta', '2026-02-01'],
    ] as const)
      await client.call(api.addPurchase, { params, body: { ...sample, vendor, boughtOn } })
    const list = async (query: object) => client.call(api.listPurchases, { params, query })
    const vendors = async (query: object) =>
      (await list(query)).purchases.map(({ vendor }) => vendor)
    expect(await vendors({})).toEqual(['Alpha', 'Beta', 'צ׳ק פוינט'])
    expect(await vendors({ sort: 'vendor', direction: 'up' })).toEqual([
      'Alpha',
      'Beta',
      'צ׳ק פוינט',
    ])
    // Typed as most keyboards have it.
    expect(await vendors({ search: "צ'ק" })).toEqual(['צ׳ק פוינט'])
    expect(await vendors({ from: '2026-02-01', to: '2026-02-28' })).toEqual(['Beta'])
    const [first] = (await list({})).purchases
    const one = { ...params, purchaseId: first?.id ?? '' }
    const changed = await client.call(api.changePurchase, {
      params: one,
      body: { unitPrice: '10', status: 'paid' },
    })
    expect(changed.purchase).toMatchObject({ vendor: 'Alpha', net: '30.00', status: 'paid' })
    await client.call(api.removePurchase, { params: one, body: { isRemoved: true } })
    expect(await vendors({})).toEqual(['Beta', 'צ׳ק פוינט'])
    expect(await client.try(api.changePurchase, { params: one, body: {} })).toMatchObject({
      problem: { code: 'purchase.not-found' },
    })
    await client.call(api.removePurchase, { params: one, body: { isRemoved: false } })
    expect(await vendors({ status: 'paid' })).toEqual(['Alpha'])
    const stranger = await app.signedIn('maya.green')
    expect(await stranger.try(api.listPurchases, { params, query: {} })).toMatchObject({
      problem: { code: 'project.not-found' },
    })
  })

  test('come from a Hebrew file with every fault by line, and nothing is kept before [PUR-2] [D-19]', async ({
    app,
  }) => {
    const client = await app.signedIn('noa.levi')
    const params = await begun(client)
    await client.call(api.addPurchase, {
      params,
      body: { ...sample, vendor: 'אופיס', description: 'נייר', quantity: '2', unitPrice: '20' },
    })
    const file = [
      'תאריך;ספק;תיאור;כמות;מחיר יחידה;מטבע;מע״מ %;סטטוס;הערה',
      '01/11/2026;אופיס;נייר;2;20;₪;18%;שולם;',
      '2.11.2026;"דפוס; השרון";"שתי\nשורות";1;1,250.50;ש"ח;;הוזמן;',
      '31/02/2026;;x;0;12,5;שקלים;180;אולי;',
      '2026-11-03;=HYPERLINK("x");;1;5;;;;',
      '2026-11-03;=HYPERLINK("x");;1;5;;;;',
    ].join('\r\n')
    const content = Buffer.from(`\uFEFF${file}`).toString('base64')
    const preview = await client.call(api.previewImport, { params, body: { content } })
    expect(preview.encoding).toBe('utf-8')
    expect(preview.columns.at(-1)).toEqual({ heading: 'הערה' })
    expect(preview.rows.map(({ line, duplicate }) => [line, duplicate])).toEqual([
      [2, 'stored'],
      [3, undefined],
      [5, undefined],
      [6, undefined],
      [7, 'file'],
    ])
    expect(preview.rows[1]?.purchase).toMatchObject({
      boughtOn: '2026-11-02',
      vendor: 'דפוס; השרון',
      description: 'שתי\nשורות',
      unitPrice: '1250.5',
      currency: 'ILS',
      vatRate: '18',
      status: 'ordered',
    })
    expect(preview.rows[2]?.faults.map(({ column, cause }) => [column, cause])).toEqual([
      ['boughtOn', 'not-a-date'],
      ['vendor', 'missing'],
      ['quantity', 'not-positive'],
      ['unitPrice', 'unclear-number'],
      ['currency', 'not-a-currency'],
      ['vatRate', 'not-a-rate'],
      ['status', 'not-a-status'],
    ])
    const count = async () => (await client.call(api.listPurchases, { params, query: {} })).count
    expect(await count()).toBe(1)
    const purchases = preview.rows.flatMap(({ purchase, duplicate }) =>
      purchase !== undefined && duplicate === undefined ? [purchase] : [],
    )
    await client.call(api.importPurchases, { params, body: { purchases } })
    expect(await count()).toBe(3)

    const csv = await client.call(api.exportPurchases, { params, query: { language: 'he' } })
    expect(csv.content.startsWith('\uFEFFתאריך,ספק')).toBe(true)
    expect(csv.content).toContain(`"'=HYPERLINK(""x"")"`)
    // What we write, we read: every line is known already.
    const again = await client.call(api.previewImport, {
      params,
      body: { content: Buffer.from(csv.content).toString('base64') },
    })
    expect(again.rows.map(({ duplicate, faults }) => [duplicate, faults])).toEqual(
      Array.from({ length: 3 }, () => ['stored', []]),
    )
    const broken = { params, body: { content: Buffer.from('a,b\n1,2').toString('base64') } }
    expect(await client.try(api.previewImport, broken)).toMatchObject({
      problem: { code: 'purchase.file-unreadable' },
    })
  })
})

describe('a CSV file', () => {
  it('is read as Windows writes Hebrew, and by its mark [D-19]', () => {
    const windows = Uint8Array.from([0xe7, 0xe5, 0xf9, 0xe1, 0x2c, 0x31])
    expect(decodeText(windows)).toEqual({ encoding: 'windows-1255', text: 'חושב,1' })
    expect(decodeText(Buffer.from('\uFEFFספק', 'utf16le'))).toEqual({
      encoding: 'utf-16le',
      text: 'ספק',
    })
  })

  it('comes back as it was written, and begins no formula [D-19]', () => {
    const cells = ['=1+1', '+1', '-1', '@x', 'a,"b"\nc', "'quoted", 'שלום', '']
    const written = writeCsv([
      ['h', ...cells.map(() => 'h')],
      ['x', ...cells.map(safeCell)],
    ])
    const [, record] = readCsv(written.slice(1))
    expect(record?.cells.slice(1).map(openedCell)).toEqual(cells)
    for (const cell of record?.cells ?? []) expect(cell).not.toMatch(/^[=+\-@]/)
  })

  it('has numbers and dates that mean one thing only [D-19]', () => {
    expect(readNumber('₪ 1,250.50')).toEqual({ value: '1250.5' })
    expect(readNumber('1\u202f250.5')).toEqual({ value: '1250.5' })
    expect(readNumber('12,5')).toEqual({ cause: 'unclear-number' })
    expect(readNumber('1.23456')).toEqual({ cause: 'too-many-decimals' })
    expect(readNumber('-5')).toEqual({ cause: 'not-a-number' })
    expect(readDate('1/2/26')).toEqual({ value: '2026-02-01' })
    expect(readDate('12/31/2026')).toEqual({ cause: 'not-a-date' })
  })
})
