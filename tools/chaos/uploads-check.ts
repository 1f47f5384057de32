import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Ground } from './uploads-scene.ts'

export type Acknowledged = { readonly id: string; readonly sha256: string }

/** Files that somebody was told are kept, and that are not there byte by byte. */
export async function findLosses(
  { owner, objects }: Ground,
  acknowledged: readonly Acknowledged[],
): Promise<string[]> {
  const { rows } = await owner.query<{ id: string; project_id: string; file_hash: string }>(
    `select document_versions.id, files.project_id, files.file_hash from document_versions
     join files on files.id = document_versions.file_id where files.stored_at is not null`,
  )
  const known = new Map(rows.map((row) => [row.id, row]))
  const whole = new Map<string, boolean>()
  const losses: string[] = []
  for (const { id, sha256 } of acknowledged) {
    const row = known.get(id)
    if (row === undefined) losses.push(`lost: ${id} has no row`)
    else if (row.file_hash !== sha256) losses.push(`lost: ${id} leads to other bytes`)
    else {
      const path = join(objects, row.project_id, sha256)
      if (!whole.has(path)) whole.set(path, (await hashOf(path)) === sha256)
      if (whole.get(path) !== true) losses.push(`lost: the bytes of ${id} are not in the store`)
    }
  }
  return losses
}

/** What belongs to nobody. */
export async function findLeftovers({ owner, objects, staging }: Ground): Promise<string[]> {
  const { rows } = await owner.query<{ what: string; count: number }>(
    `select 'uploads' as what, count(*)::int from uploads
     union all select 'objects to be removed', count(*)::int from object_removals
     union all select 'files that are not stored', count(*)::int from files where stored_at is null
     union all select 'files without a document', count(*)::int from files where not exists (
       select from document_versions where document_versions.file_id = files.id)
     union all select 'jobs of files that have not ended', count(*)::int from background_jobs
       where kind = 'documents.read' and ended_at is null
     union all select 'files that were never read', count(*)::int from files
       where state not in ('ready', 'no-text')
     union all select 'passages without a place in the index', count(*)::int from files
       where state = 'ready' and not exists (
         select from search_segments where search_segments.project_id = files.project_id)`,
  )
  const counted = rows.filter(({ count }) => count > 0)
  const { rows: files } = await owner.query<{ key: string }>(
    `select project_id || '/' || file_hash as key from files`,
  )
  const keys = new Set(files.map(({ key }) => key))
  const stored = await filesBelow(objects)
  return [
    ...counted.map(({ what, count }) => `left: ${count} ${what}`),
    ...stored.filter((key) => !keys.has(key)).map((key) => `left: object ${key}`),
    ...(await filesBelow(staging)).map((name) => `left: staged ${name}`),
  ]
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
}

async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  } catch {
    return undefined
  }
  return hash.digest('hex')
}
