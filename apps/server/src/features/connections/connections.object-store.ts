import type { ObjectStoreSettings } from '../../integrations/object-store/try-object-store.ts'
import type { Keyring } from '../../platform/crypto/keyring.ts'
import type { Database } from '../../platform/db/database.ts'
import type { Secret } from '../../platform/secret/secret.ts'
import { findObjectStore, type ObjectStoreRow } from './connections.workspace.store.ts'

type Tls = NonNullable<ObjectStoreSettings['tls']>

/** The secret of the workspace has a data key of its own, as if the workspace were a person. */
export const storeSecretPlace = {
  table: 'object_store',
  column: 'encrypted_secret',
  rowId: 'workspace',
  userId: '00000000-0000-0000-0000-000000000000',
}

/** @throws AppError `secret.locked` */
export function openStoreSecret(keyring: Pick<Keyring, 'decrypt'>, row: ObjectStoreRow): Secret {
  return keyring.decrypt(row.wrapped_key, storeSecretPlace, row.encrypted_secret)
}

/** The store that the workspace has set up; undefined: none. @throws AppError `secret.locked` */
export async function readObjectStore(
  database: Database,
  keyring: Pick<Keyring, 'decrypt'>,
): Promise<ObjectStoreSettings | undefined> {
  const row = await database.asMaintenance(findObjectStore)
  if (row === undefined) return undefined
  const { endpoint, region, bucket, access_key_id: accessKeyId } = row
  const secretAccessKey = openStoreSecret(keyring, row)
  return { endpoint, region, bucket, accessKeyId, secretAccessKey, tls: withVerify(tlsOfRow(row)) }
}

export function withVerify({ verifyTls = true, ca }: Tls): Tls {
  return { verifyTls, ...(ca === undefined ? {} : { ca }) }
}

export function tlsOfRow({ is_verified: verifyTls, certificate }: ObjectStoreRow): Tls {
  return { verifyTls, ...(certificate === null ? {} : { ca: certificate }) }
}
