import type { Query } from '../catalog/query.ts'
import type { BackupManifest, BackupSequence } from './manifest.ts'
import { readSequence, readSequences } from './tables.ts'

/**
 * Sets the sequences that the tables own or take their defaults from to where they stood. Unlike
 * `setval` alone this ends with the transaction when that is rolled back.
 */
export async function restoreSequences(
  query: Query,
  { sequences }: Pick<BackupManifest, 'sequences'>,
  tables: readonly string[],
): Promise<void> {
  if (sequences.length === 0 || tables.length === 0) return
  const used = await readSequences(query, { usedBy: tables })
  for (const now of used) {
    const kept = sequences.find((one) => one.name === now.name) ?? byOwner(sequences, now)
    if (kept !== undefined) await setSequence(query, now.name, kept)
  }
}

/** A sequence that was made again with its column may be called otherwise. */
function byOwner(
  sequences: readonly BackupSequence[],
  { owner }: BackupSequence,
): BackupSequence | undefined {
  if (owner === undefined) return undefined
  return sequences.find(
    (one) => one.owner?.table === owner.table && one.owner.column === owner.column,
  )
}

/** @param name qualified and quoted */
export async function setSequence(
  query: Query,
  name: string,
  { lastValue, isCalled }: Pick<BackupSequence, 'lastValue' | 'isCalled'>,
): Promise<void> {
  const now = await readSequence(query, name)
  if (now.lastValue === lastValue && now.isCalled === isCalled) return
  // A restart gives the sequence a file of its own, which a rollback takes away again.
  await query(`alter sequence ${name} restart`)
  await query(`select pg_catalog.setval($1::text::pg_catalog.regclass, $2::text::bigint, $3)`, [
    name,
    lastValue,
    isCalled,
  ])
}
