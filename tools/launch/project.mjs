import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LaunchError } from './launch-error.mjs'

/** The clone that this file stands in. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/**
 * What a launch makes for itself: Node, npm, lock, drafts of the web build. Never in git. An installed
 * package may belong to somebody else, so that one has it in the cache of whoever runs it.
 */
export const runtimeDirectory = root.includes(`${sep}node_modules${sep}`)
  ? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'studioops')
  : join(root, '.runtime')

/**
 * How Node runs the product. On a large machine it lets 128 MB of what is new and much of what is
 * old lie before it looks what is garbage, and gains nothing by it here: this is what it does by
 * itself on a machine with 4 GB.
 */
export function serverFlags() {
  const { nodeFlags } = readJson(join(root, 'apps', 'server', 'package.json'))
  // Node lets its arguments win; here whoever runs the machine does.
  return nodeFlags.filter((flag) => !(process.env.NODE_OPTIONS ?? '').includes(flag.split('=')[0]))
}

export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** The script behind a command of an installed package. */
export function commandOf(packageName, command = packageName) {
  const directory = join(root, 'node_modules', packageName)
  if (!existsSync(directory)) {
    throw new LaunchError(
      `${packageName} is not installed. Delete the directory node_modules and start again.`,
    )
  }
  const { bin } = readJson(join(directory, 'package.json'))
  return join(directory, typeof bin === 'string' ? bin : bin[command])
}
