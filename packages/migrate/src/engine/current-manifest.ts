import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isMigration, type Manifest, readManifest } from '../text/manifest.ts'
import type { MigratorOptions } from './migrator-options.ts'
import { lookAt, readSeen, writeSeen } from './seen-files.ts'

/**
 * The chain hash of a directory's manifest, if that speaks of exactly the files that lie there, byte
 * for byte. Files that were read by an earlier start and that nobody has touched since are not read
 * again, where there is a directory to remember them in.
 *
 * @throws the error of `node:fs` when the directory cannot be read
 */
export async function currentChain({
  directory,
  imageDirectory: cache,
}: Pick<MigratorOptions, 'directory' | 'imageDirectory'>): Promise<string | undefined> {
  if (cache === undefined) return (await currentManifest(directory))?.chain
  // Whatever is written while the files are read is later than this look.
  const look = await lookAt(directory)
  const seen = readSeen(cache, directory, look)
  if (seen !== undefined) return seen.chain
  const manifest = await currentManifest(directory)
  if (manifest === undefined) return undefined
  writeSeen(cache, directory, { chain: manifest.chain, digest: look.digest })
  return manifest.chain
}

async function currentManifest(directory: string): Promise<Manifest | undefined> {
  const manifest = await readManifest(directory)
  if (manifest === undefined) return undefined
  const names = readdirSync(directory).filter(isMigration)
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
