import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** One migration as it lies in a directory. */
export type MigrationFile = {
  /** File name without `.sql`, such as `0007_chat_sessions`. */
  readonly name: string
  readonly text: string
  /** SHA-256 in hex of the text with line endings as `\n`. */
  readonly checksum: string
  /** Text of the `.down.sql` beside it; undefined where there is none. */
  readonly downText: string | undefined
}

/**
 * Reads `*.sql` of a directory, sorted by name whatever the file system says.
 *
 * @throws the error of `node:fs` when the directory cannot be read
 */
export async function readMigrations(directory: string): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).toSorted()
  const read = async (name: string) =>
    (await readFile(join(directory, name), 'utf8')).replaceAll('\r\n', '\n')
  return Promise.all(
    names
      .filter((name) => !name.endsWith('.down.sql'))
      .map(async (file) => {
        const name = basename(file, '.sql')
        const text = await read(file)
        const down = `${name}.down.sql`
        return {
          name,
          text,
          checksum: createHash('sha256').update(text).digest('hex'),
          downText: names.includes(down) ? await read(down) : undefined,
        }
      }),
  )
}
