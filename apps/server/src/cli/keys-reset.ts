import { createHash, randomBytes } from 'node:crypto'
import type { Audit } from '../platform/audit/audit.ts'
import { ownerOf } from '../platform/crypto/keyring.ts'
import type { MasterKey } from '../platform/crypto/master-keys.ts'
import { wrapRoots } from '../platform/crypto/open-keyring.ts'
import { replaceRoots } from '../platform/crypto/root-secrets.store.ts'
import type { Database } from '../platform/db/database.ts'
import * as store from './keys-reset.store.ts'

export type ResetLink = { readonly employeeId: string; readonly path: string }

type Options = {
  readonly database: Database
  readonly audit: Audit
  /** The master key of from now on. */
  readonly key: MasterKey
}

const linkHours = 24

/**
 * Begins anew where the master key is lost for good: new roots and new data keys for everybody. What
 * was encrypted stays closed for ever, and no password fits.
 *
 * @returns links with which the owners set a new password; they let the others in
 */
export async function resetKeys({ database, audit, key }: Options): Promise<ResetLink[]> {
  const people = await database.asMaintenance(async (db) => {
    const everybody = await store.listEverybody(db)
    await replaceRoots(db, wrapRoots(key, randomBytes(32), randomBytes(32)))
    await store.forgetWhatIsLost(
      db,
      everybody.map(({ id }) => ({ id, wrapped: key.wrap(randomBytes(32), ownerOf(id)) })),
    )
    return everybody
  })
  for (const { id } of people) await database.asUser(id, (db) => store.closeConnections(db, id))
  const facts = { to: key.fingerprint, people: people.length }
  await audit.record({ action: 'keys.reset', outcome: 'done', facts })
  const owners = people.filter(({ role, disabled_at }) => role === 'owner' && disabled_at === null)
  const links: ResetLink[] = []
  for (const { id, employee_id: employeeId } of owners) {
    const token = randomBytes(32).toString('base64url')
    const hash = createHash('sha256').update(token).digest('base64url')
    const until = new Date(Date.now() + linkHours * 3_600_000)
    const isOffered = await database.asUser(id, (db) => store.offerReset(db, { id, hash, until }))
    if (isOffered) links.push({ employeeId, path: `/reset#${token}` })
  }
  return links
}
