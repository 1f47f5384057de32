import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionTarget } from './database.ts'
import { migrateDatabase } from './migrate-database.ts'
import { migrationsFolder, type UpgradeOptions } from './schema-upgrade.ts'

/** Ids of everything that this version brings. */
export async function productMigrations(): Promise<string[]> {
  const files = await readdir(migrationsFolder)
  return files
    .filter((file) => file.endsWith('.sql') && !file.endsWith('.down.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .toSorted()
}

type Options = Pick<UpgradeOptions, 'appVersion' | 'directory' | 'policy' | 'shadowUrl'>

/** Makes the schema as these migrations leave it, or as all do. */
export function migrateTo(options: Options) {
  return async (target: ConnectionTarget, ids?: readonly string[]): Promise<void> => {
    const server = { target, roles: 'switched' } as const
    if (ids === undefined) {
      await migrateDatabase(server, options)
      return
    }
    const folder = await mkdtemp(join(tmpdir(), 'studioops-migrations-'))
    try {
      for (const file of ids.flatMap((id) => [`${id}.sql`, `${id}.down.sql`]))
        await copyFile(join(migrationsFolder, file), join(folder, file)).catch(unlessNoWayBack)
      // An earlier state of an empty database has no proof of its own, and nothing that could be lost.
      await migrateDatabase(server, { ...options, policy: 'development', migrations: folder })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

function unlessNoWayBack(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT' || error.path?.endsWith('.down.sql') !== true) throw error
}
