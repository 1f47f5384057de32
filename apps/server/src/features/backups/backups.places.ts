import { join } from 'node:path'
import { type ObjectStore, ObjectStoreError } from '../../integrations/object-store/object-store.ts'
import type { RestoreTarget } from '../../platform/backup/restore-backup.ts'
import type { ConnectionTarget } from '../../platform/db/database.ts'
import { migrateTo, productMigrations } from '../../platform/db/migrate-to.ts'
import type { Secret } from '../../platform/secret/secret.ts'
import { directoryPlace, type FilePlace, type StoredFile } from '../../platform/backup/files.ts'

type Where = {
  readonly dataDirectory: string
  readonly companyModelDirectory: string
}

type Restoring = Where & {
  readonly migration: {
    readonly policy: 'development' | 'production'
    readonly shadowUrl?: Secret | undefined
  }
}

/** Where archives are restored, and rehearsed. @param target of the owner of the tables */
export async function restorePlace(
  config: Restoring,
  target: ConnectionTarget,
  version: string,
): Promise<RestoreTarget> {
  return {
    target,
    places: await backupPlaces(config, async () => undefined),
    migrations: await productMigrations(),
    migrate: migrateTo({
      appVersion: version,
      directory: config.dataDirectory,
      policy: config.migration.policy,
      shadowUrl: config.migration.shadowUrl?.reveal(),
    }),
  }
}

/** The S3-compatible store that is set up now. */
type FindS3 = () => Promise<ObjectStore | undefined>

/** What the product keeps beside its rows. */
export async function backupPlaces(
  { dataDirectory, companyModelDirectory }: Where,
  s3: FindS3,
): Promise<FilePlace[]> {
  return [
    directoryPlace('company-model', companyModelDirectory),
    directoryPlace('audit', join(dataDirectory, 'audit')),
    objectsPlace(directoryPlace('objects', join(dataDirectory, 'files', 'objects')), s3),
  ]
}

const keyPattern = /^[0-9a-f-]{36}\/[0-9a-f]{64}$/

/**
 * Objects of both stores under one name. They are all restored into the data directory, so that it
 * needs no store but that: the one of then may be away, or gone.
 */
function objectsPlace(files: FilePlace, s3: FindS3): FilePlace {
  async function* list(missing: (key: string) => void): AsyncGenerator<StoredFile> {
    const taken = new Set<string>()
    for await (const file of files.list(missing)) {
      taken.add(file.key)
      yield file
    }
    const store = await s3()
    if (store === undefined) return
    for await (const { key, sizeBytes: size } of store.list('')) {
      // Others may share the bucket.
      if (taken.has(key) || !keyPattern.test(key)) continue
      const bytes = await store.read(key).catch(unlessMissing)
      if (bytes !== undefined) yield { key, size, read: () => asBuffers(bytes) }
    }
  }
  return { ...files, list }
}

/** Deleted since it was listed. */
function unlessMissing(error: unknown): undefined {
  if (error instanceof ObjectStoreError && error.failure === 'missing') return undefined
  throw error
}

async function* asBuffers(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of bytes)
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
