import { join } from 'node:path'
import { directoryPlace, type FilePlace } from '../../platform/backup/files.ts'

type Where = {
  readonly dataDirectory: string
  readonly companyModelDirectory: string
}

/** What the product keeps beside its rows. */
export async function backupPlaces({
  dataDirectory,
  companyModelDirectory,
}: Where): Promise<FilePlace[]> {
  return [
    directoryPlace('company-model', companyModelDirectory),
    directoryPlace('audit', join(dataDirectory, 'audit')),
    directoryPlace('objects', join(dataDirectory, 'files', 'objects')),
  ]
}
