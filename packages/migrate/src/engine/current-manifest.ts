import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type Manifest, readManifest } from '../text/manifest.ts'

/**
 * The manifest of a directory, if it speaks of exactly the files that lie there, byte for byte. Dates
 * and sizes would not show every edit.
 */
export async function currentManifest(directory: string): Promise<Manifest | undefined> {
  const manifest = await readManifest(directory)
  if (manifest === undefined) return undefined
  const names = readdirSync(directory).filter((name) => isMigration(name))
  if (names.length !== manifest.migrations.length) return undefined
  const hashes = new Map(manifest.migrations.map(({ id, rawSha256 }) => [`${id}.sql`, rawSha256]))
  for (const [index, name] of names.entries()) {
    // Promises would take six times as long; the server, which is being asked, has a turn in between.
    if (index % portion === 0) await setImmediate()
    if (hashes.get(name) !== hash('sha256', readFileSync(join(directory, name)))) return undefined
  }
  return manifest
}

const portion = 50

const isMigration = (name: string) => name.endsWith('.sql') && !name.endsWith('.down.sql')
