import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** A file below a directory of migrations. */
export type DirectoryFile = {
  /** Below the directory, with `/`. */
  readonly path: string
  /** As it was given to the reader and joined with `path`, for messages. */
  readonly file: string
  /** Undefined for files that no format looks into. */
  readonly bytes: Uint8Array | undefined
}

const ignored = new Set(['node_modules', 'dist'])
const looksInto = /\.sql$|^meta\/_journal\.json$|^sqitch\.plan$/

/**
 * Lists a directory and what lies below it, sorted by path, with the contents of what formats read.
 *
 * @throws the error of `node:fs` when something cannot be read
 */
export async function readFilesBelow(directory: string): Promise<DirectoryFile[]> {
  const paths = await pathsBelow(directory, '')
  return Promise.all(
    paths.toSorted(byText).map(async (path) => {
      const file = join(directory, ...path.split('/'))
      const bytes = looksInto.test(path) ? await readFile(file) : undefined
      return { path, file, bytes }
    }),
  )
}

const byText = (left: string, right: string) => (left < right ? -1 : Number(left > right))

async function pathsBelow(directory: string, below: string): Promise<string[]> {
  const entries = await readdir(join(directory, ...below.split('/')), { withFileTypes: true })
  const lists = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.') && !ignored.has(name))
      .map(async (entry) => {
        const path = below === '' ? entry.name : `${below}/${entry.name}`
        return entry.isDirectory() ? pathsBelow(directory, path) : [path]
      }),
  )
  return lists.flat().map((path) => path.split(sep).join('/'))
}

/** The name without the folders before it. */
export function baseOf({ path }: Pick<DirectoryFile, 'path'>): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** As text without any change, so that checksums of other tools can be compared. */
export function rawText({ bytes }: Pick<DirectoryFile, 'bytes'>): string {
  return Buffer.from(bytes ?? new Uint8Array()).toString('utf8')
}
