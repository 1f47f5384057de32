import type { Database } from '../../platform/db/database.ts'
import { receiptHash } from './projects.deletion.ts'
import * as store from './projects.deletion.store.ts'

export type ReceiptFindings = {
  readonly isVerified: boolean
  readonly isThere: boolean
  /** Whether its hash is the one in the audit log. */
  readonly isUnchanged: boolean
  /** What still names the project, by table; empty where everything is gone. */
  readonly left: Readonly<Record<string, number>>
}

type Dependencies = {
  readonly database: Database
  readonly rowsOf: (projectId: string) => Promise<Record<string, number>>
}

/** Compares a receipt with the database and with the audit log, which cannot be changed unnoticed. */
export async function verifyReceipt(
  receiptId: string,
  { database, rowsOf }: Dependencies,
): Promise<ReceiptFindings> {
  const found = await database.asMaintenance(async (db) => {
    const row = await store.findReceipt(db, receiptId)
    if (row === undefined) return undefined
    return {
      receipt: store.presentReceipt(row),
      sha256: await store.findReceiptHash(db, receiptId),
    }
  })
  if (found === undefined)
    return { isVerified: false, isThere: false, isUnchanged: false, left: {} }
  const isUnchanged = found.sha256 === receiptHash(found.receipt)
  const left = await rowsOf(found.receipt.projectId)
  const isVerified = isUnchanged && Object.keys(left).length === 0
  return { isVerified, isThere: true, isUnchanged, left }
}
