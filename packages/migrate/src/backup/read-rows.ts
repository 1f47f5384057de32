import { join } from 'node:path'
import { readFileLines } from './line-files.ts'
import type { BackupEntry } from './manifest.ts'

/** A row by its columns: small integers and booleans as JSON has them, the rest as text. */
export type BackupRow = Readonly<Record<string, string | number | boolean | null>>

/** @returns undefined where the backup has no entry of that name */
export function entryOf(
  { entries }: { readonly entries: readonly BackupEntry[] },
  name: string,
): BackupEntry | undefined {
  return entries.find((entry) => entry.name === name)
}

/** The lines of one entry as they were written, in portions. */
export function readEntryLines(
  location: string,
  { file }: Pick<BackupEntry, 'file'>,
): AsyncGenerator<readonly string[]> {
  return readFileLines(join(location, file))
}

/**
 * The rows of one entry, in the order of its key.
 *
 * @throws Error where the file is damaged; `verifyBackup` says so before
 */
export async function* readRows(
  location: string,
  entry: Pick<BackupEntry, 'file'>,
): AsyncGenerator<BackupRow> {
  for await (const lines of readEntryLines(location, entry))
    for (const line of lines) yield JSON.parse(line) as BackupRow
}
