import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { readObjectStore } from '../features/connections/index.ts'
import { createFilesObjectStore } from '../integrations/object-store/files-object-store.ts'
import type { ObjectStore } from '../integrations/object-store/object-store.ts'
import { createS3ObjectStore } from '../integrations/object-store/s3-object-store.ts'
import { openKeyring } from '../platform/crypto/open-keyring.ts'
import type { Database } from '../platform/db/database.ts'
import { openMasterKeys } from '../platform/instance/master-key-source.ts'
import { createOutbound } from '../platform/outbound/outbound.ts'

type Opening = { readonly database: Database; readonly opened: AsyncDisposableStack }

/**
 * The stores of files that the product uses: that of the data directory, and the S3-compatible one
 * where one is set up, in the environment or by an administrator.
 *
 * @throws AppError `secret.locked` where the master key is not the one that closed its secret
 */
export async function openObjectStores(
  config: Config,
  { database, opened }: Opening,
): Promise<ObjectStore[]> {
  const files = createFilesObjectStore(join(config.dataDirectory, 'files', 'objects'))
  const settings = config.objectStore ?? (await readStored(config, database))
  if (settings === undefined) return [files]
  const outbound = opened.use(
    createOutbound({
      timeouts: config.outboundTimeouts,
      allowed: { listed: config.allowedHosts, jiraBaseUrls: () => [] },
    }),
  )
  return [files, createS3ObjectStore(outbound, settings)]
}

async function readStored(config: Config, database: Database) {
  const { masterKeys } = await openMasterKeys(config)
  return readObjectStore(database, await openKeyring(database, masterKeys))
}
