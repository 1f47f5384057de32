import { limits } from '@studioops/contracts/limits'
import type { Database } from '../../platform/db/database.ts'
import type { Meanings } from './documents.meanings.ts'
import type { Passages } from './documents.passages.ts'
import type { Shelf } from './documents.shelf.ts'
import type { Staging } from './documents.staging.ts'
import * as store from './documents.sweep.store.ts'
import { lockObject } from './documents.uploads.store.ts'

type Dependencies = {
  readonly database: Database
  readonly staging: Staging
  readonly shelf: Shelf
  readonly passages: Pick<Passages, 'renew'>
  readonly meanings: Pick<Meanings, 'catchUp'>
  /** Of copies of what lies in S3. */
  readonly cacheBytesMax: number
}

/** Longer than any store takes for the largest file. */
const storingHours = 2
const removalsAtOnce = 200

/**
 * What crashes, cancelled uploads, the trash and deleted projects leave behind. Each step bears to be
 * done twice and to be cut off anywhere.
 */
export function createDocumentSweep({
  database,
  staging,
  shelf,
  passages,
  meanings,
  cacheBytesMax,
}: Dependencies) {
  async function sweepUploads(now: Date): Promise<number> {
    const ids = await database.asMaintenance((db) =>
      store.deleteOldUploads(db, now, limits.uploadHours),
    )
    // Without a row there is nobody who could go on; a row is made before the first byte.
    const old = await staging.listOlder(new Date(now.getTime() - storingHours * 3_600_000))
    const open = await database.asMaintenance((db) => store.listOpenUploads(db, old))
    const left = [...ids, ...old.filter((id) => !open.has(id))]
    for (const id of left) await staging.remove(id)
    return left.length
  }

  /** The object goes while its key is locked, and only where no row leads to it (any more). */
  async function removeObject({ key, stored_in: kind, local_cache_path: copy }: store.Removal) {
    await database.asMaintenance(async (db) => {
      await lockObject(db, key)
      if (!(await store.hasFile(db, key))) await shelf.remove(kind, key)
      await store.deleteRemoval(db, key)
    })
    if (copy !== null) await shelf.uncache(copy)
  }

  async function removeObjects(): Promise<number> {
    const removals = await database.asMaintenance((db) => store.listRemovals(db, removalsAtOnce))
    for (const removal of removals) await removeObject(removal)
    return removals.length < removalsAtOnce
      ? removals.length
      : removals.length + (await removeObjects())
  }

  /** @returns how many uploads, rows, objects, halves of them and copies went */
  return async function sweep(now: Date): Promise<number> {
    const uploads = await sweepUploads(now)
    const rows = await database.asMaintenance(async (db) => {
      const unstored = await store.deleteUnstoredFiles(db, now, storingHours)
      const documents = await store.deleteOldTrash(db, now, limits.trashDays)
      return unstored + documents + (await store.deleteUnlinkedFiles(db))
    })
    await passages.renew()
    await meanings.catchUp()
    const objects = await removeObjects()
    const torn = await shelf.removeTorn(new Date(now.getTime() - storingHours * 3_600_000))
    const copies = await database.asMaintenance((db) => store.forgetOldCopies(db, cacheBytesMax))
    for (const path of copies) await shelf.uncache(path)
    return uploads + rows + objects + torn + copies.length
  }
}
