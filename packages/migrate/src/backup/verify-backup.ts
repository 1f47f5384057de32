import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { objectTo, type Objection } from '../objection.ts'
import { messageOf } from './backup-errors.ts'
import { backupReasons } from './backup-reasons.ts'
import { digestOfFile } from './line-files.ts'
import {
  readManifest,
  type BackupCatalog,
  type BackupEntry,
  type BackupManifest,
} from './manifest.ts'
import { unfinishedMark } from './open-backup.ts'

export type VerifyResult =
  | { readonly kind: 'verified'; readonly manifest: BackupManifest }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/** Reads the manifest of a backup and nothing else. */
export async function openManifest(location: string): Promise<VerifyResult> {
  const refuse = (detail: string): VerifyResult => ({
    kind: 'refused',
    objections: [objectTo(backupReasons.notWhole, { migration: '' }, { place: location, detail })],
  })
  if (basename(location).includes(unfinishedMark)) return refuse('it was never finished')
  let text: string
  try {
    text = await readFile(join(location, 'manifest.json'), 'utf8')
  } catch (error) {
    return refuse(messageOf(error))
  }
  const read = readManifest(text)
  return read.kind === 'unreadable'
    ? refuse(read.because)
    : { kind: 'verified', manifest: read.manifest }
}

/**
 * Reads a backup from its first byte to its last: every file is there, decompresses, and has the
 * rows and the hash that the manifest says. All that is wrong is named.
 *
 * @param names of entries, when not all of them matter
 */
export async function verifyBackup(
  location: string,
  { names }: { readonly names?: readonly string[] } = {},
): Promise<VerifyResult> {
  const opened = await openManifest(location)
  if (opened.kind === 'refused') return opened
  const { manifest } = opened
  const { entries, catalog } = manifest
  const files: readonly KeptFile[] =
    names === undefined
      ? [...entries, ...(catalog === undefined ? [] : [catalog])]
      : entries.filter(({ name }) => names.includes(name))
  const objections: Objection[] = []
  for (const file of files) {
    const detail = await damageOf(location, file)
    if (detail === undefined) continue
    const object = 'name' in file ? { object: file.name } : {}
    const place = { migration: manifest.migration ?? '', file: file.file, ...object }
    objections.push(objectTo(backupReasons.damaged, place, { place: location, detail }))
  }
  return objections.length > 0 ? { kind: 'refused', objections } : { kind: 'verified', manifest }
}

type KeptFile = BackupEntry | BackupCatalog

async function damageOf(location: string, entry: KeptFile): Promise<string | undefined> {
  try {
    const { rows, sha256, sizeBytes } = await digestOfFile(join(location, entry.file))
    if (rows !== entry.rows) return `${rows} rows instead of ${entry.rows}`
    if (sizeBytes !== entry.sizeBytes) return `${sizeBytes} bytes instead of ${entry.sizeBytes}`
    return sha256 === entry.sha256 ? undefined : 'its hash is another'
  } catch (error) {
    return messageOf(error)
  }
}

/** Backups of a directory that were finished, newest first. Nothing of their content is read. */
export async function listBackups(
  directory: string,
): Promise<{ readonly location: string; readonly manifest: BackupManifest }[]> {
  const names = await readdir(directory).catch(() => [])
  const found = []
  for (const name of names) {
    const location = join(directory, name)
    const opened = await openManifest(location)
    if (opened.kind === 'verified') found.push({ location, manifest: opened.manifest })
  }
  return found.toSorted((a, b) => (a.manifest.takenAt < b.manifest.takenAt ? 1 : -1))
}
