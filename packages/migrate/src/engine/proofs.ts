import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PreparedMigration } from '../execute/migration.ts'
import { chainHash } from '../text/manifest.ts'

/**
 * What a build has proven about its own migrations on an empty database, so that a first start needs
 * neither the parser nor the shadow.
 */
export type Proofs = {
  readonly version: 1
  /** Hash of everything that the proof was made from. */
  readonly inputs: string
  /** Major version of PostgreSQL that they were tried on. */
  readonly major: number
  /** Fingerprint of the database that they began on. */
  readonly empty: string
  /** In the order in which they run. */
  readonly migrations: readonly ProvenMigration[]
}

/** One migration, ready for the executor. */
export type ProvenMigration = {
  readonly id: string
  /** File name, without a folder. */
  readonly file: string
  readonly formerChecksum: string
  readonly prepared: Pick<
    PreparedMigration,
    | 'type'
    | 'statements'
    | 'checksum'
    | 'rawSha256'
    | 'parents'
    | 'fingerprint'
    | 'rollbackScript'
    | 'destructive'
    | 'resume'
  >
}

export const proofsName = 'migrations.proofs.json'

/** Raised whenever the engine comes to prove more, or to write it down otherwise. */
const proofVersion = '1'

/**
 * The hash of all files of a directory that a proof depends on.
 *
 * @param files names and contents, in any order; line ends do not count
 */
export function hashInputs(files: readonly { readonly name: string; readonly text: string }[]) {
  const hash = createHash('sha256').update(proofVersion)
  const sorted = files.toSorted((left, right) => (left.name < right.name ? -1 : 1))
  for (const { name, text } of sorted)
    hash.update(`\0${name}\0`).update(text.replaceAll(/\r\n?/g, '\n'))
  return hash.digest('hex')
}

async function inputsOf(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql'))
  const files = await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(directory, name), 'utf8') })),
  )
  return hashInputs(files)
}

/**
 * Reads the proofs of a directory.
 *
 * @returns undefined where there are none, or where they are not about exactly these files
 */
export async function readProofs(directory: string): Promise<Proofs | undefined> {
  try {
    const text = await readFile(join(directory, proofsName), 'utf8')
    const read = JSON.parse(text) as Proofs
    if (read.version !== 1 || !Array.isArray(read.migrations)) return undefined
    return read.inputs === (await inputsOf(directory)) ? read : undefined
  } catch {
    return undefined
  }
}

/** `chainHash` of all of them. */
export function chainOfProofs({ migrations }: Proofs): string {
  return chainHash(migrations.map(({ id, prepared }) => ({ id, checksum: prepared.checksum })))
}
