import { createBackup } from '../../backup/create-backup.ts'
import { openSession } from '../../execute/session.ts'
import type { Answer } from '../answer.ts'
import type { Context } from '../context.ts'
import { openClient } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { alignColumns } from '../terminal.ts'
import { refusal } from './drift.ts'

export type BackupOptions = { readonly table?: readonly string[]; readonly proof?: string }

/** Copies every table, or those that were named, in one snapshot, and reads the copy back. */
export async function backup(context: Context, { table, proof }: BackupOptions): Promise<Answer> {
  const { voice, backupDirectory } = context
  const { words, paint } = voice
  const { config, title } = await context.connection()
  const session = await openSession({ open: () => openClient(config) })
  try {
    const result = await createBackup({
      query: session.rows,
      directory: backupDirectory,
      parts: table === undefined ? 'all' : table.map((name) => ({ kind: 'table', table: name })),
      proof: proof === 'rows' ? 'rows' : 'files',
      engineVersion: context.surroundings.version,
    })
    if (result.kind === 'refused') return refusal({ objections: result.objections, title, voice })
    const { location, manifest } = result
    const rows = manifest.entries.map(({ name, rows: count, sizeBytes }) => [
      name,
      words.backup.rows(count),
      paint('quiet', bytes(sizeBytes)),
    ])
    return {
      exitCode: exitCodes.done,
      data: { database: title, location, manifest },
      text: [
        ...alignColumns(rows),
        '',
        `${paint('good', words.backup.done(manifest.entries.length, location))} ${paint('quiet', words.on(title))}`,
      ].join('\n'),
      next: [],
    }
  } finally {
    await session.close()
  }
}

function bytes(size: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = size < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(size) / 10))
  const amount = size / 1024 ** power
  return `${power === 0 ? amount : amount.toFixed(1)} ${units[power] ?? ''}`
}
