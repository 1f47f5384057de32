import { type ObjectStore, ObjectStoreError } from '../../integrations/object-store/object-store.ts'
import type { Database } from '../../platform/db/database.ts'
import type { RowsOfProjects } from '../../platform/db/rows/rows-of-projects.ts'
import { receiptHash } from './projects.deletion.ts'
import * as store from './projects.deletion.store.ts'

export type ReceiptFindings = {
  readonly receiptId: string
  readonly isVerified: boolean
  readonly isThere: boolean
  /** Whether its hash is the one in the audit log. */
  readonly isUnchanged: boolean
  /** What still names the project, by table, and `objects` of the stores; empty where all is gone. */
  readonly left: Readonly<Record<string, number>>
}

export type Verification = {
  readonly isVerified: boolean
  readonly receipts: readonly ReceiptFindings[]
  readonly orphans: {
    /** Objects to which no row leads: in the whole store, or below the project of the one receipt. */
    readonly count: number
    /** The first of them. */
    readonly keys: readonly string[]
  }
  /** Stores that could not be read, so that nothing is known of them. */
  readonly unread: readonly ObjectStore['kind'][]
}

type Dependencies = {
  readonly database: Database
  readonly rows: RowsOfProjects
  readonly stores: readonly ObjectStore[]
}

const keyPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/[0-9a-f]{64}$/
const keysAtOnce = 1_000
const shownOrphans = 100

/**
 * Compares a receipt, or all of them, with the database, the stores of files, and the audit log, which
 * cannot be changed unnoticed.
 */
export async function verifyReceipts(
  receiptId: string | undefined,
  { database, rows, stores }: Dependencies,
): Promise<Verification> {
  const found = await database.asMaintenance(async (db) => {
    const receipts =
      receiptId === undefined
        ? await store.listEveryReceipt(db)
        : [await store.findReceipt(db, receiptId)].filter((row) => row !== undefined)
    return { receipts, hashes: await store.listReceiptHashes(db) }
  })
  if (receiptId !== undefined && found.receipts.length === 0)
    return { isVerified: false, receipts: [absent(receiptId)], orphans: none, unread: [] }
  const [only] = receiptId === undefined ? [] : found.receipts
  const objects = await lookThrough(stores, {
    rows,
    prefix: only === undefined ? '' : `${only.project_id}/`,
  })
  const counts = await rows.count(found.receipts.map((row) => row.project_id))
  const receipts = found.receipts.map((row): ReceiptFindings => {
    const isUnchanged = found.hashes.get(row.id) === receiptHash(store.presentReceipt(row))
    const kept = objects.byProject.get(row.project_id)
    const left = { ...counts.get(row.project_id), ...(kept === undefined ? {} : { objects: kept }) }
    const isVerified = isUnchanged && Object.keys(left).length === 0
    return { receiptId: row.id, isVerified, isThere: true, isUnchanged, left }
  })
  const { orphans, unread } = objects
  const isVerified =
    receipts.every((one) => one.isVerified) && orphans.count === 0 && unread.length === 0
  return { isVerified, receipts, orphans, unread }
}

const none: Verification['orphans'] = { count: 0, keys: [] }
const absent = (receiptId: string): ReceiptFindings => ({
  receiptId,
  isVerified: false,
  isThere: false,
  isUnchanged: false,
  left: {},
})

type Looking = { readonly rows: RowsOfProjects; readonly prefix: string }

/** What is not named as ours is somebody else's, such as in a bucket that is shared. */
async function lookThrough(stores: readonly ObjectStore[], { rows, prefix }: Looking) {
  const byProject = new Map<string, number>()
  const unread: ObjectStore['kind'][] = []
  const orphans = { count: 0, keys: [] as string[] }
  for (const objects of stores)
    try {
      for await (const keys of ownKeys(objects, prefix)) {
        addTo(byProject, keys)
        // An upload writes its row before its object: what was seen has a row, or none any more.
        const unnamed = await rows.unnamed(keys)
        orphans.count += unnamed.length
        orphans.keys.push(...unnamed.slice(0, shownOrphans - orphans.keys.length))
      }
    } catch (error) {
      if (!(error instanceof ObjectStoreError)) throw error
      unread.push(objects.kind)
    }
  return { byProject, orphans, unread }
}

function addTo(byProject: Map<string, number>, keys: readonly string[]): void {
  for (const [projectId = ''] of keys.map((key) => key.split('/')))
    byProject.set(projectId, (byProject.get(projectId) ?? 0) + 1)
}

async function* ownKeys(objects: ObjectStore, prefix: string): AsyncGenerator<string[]> {
  let batch: string[] = []
  for await (const { key } of objects.list(prefix)) {
    if (keyPattern.test(key)) batch.push(key)
    if (batch.length < keysAtOnce) continue
    yield batch
    batch = []
  }
  yield batch
}
