import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './project.mjs'

/** Files below a path (or the path itself), sorted; names in `except` are left out with all below. */
export function filesBelow(path, except = []) {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [path]
  return readdirSync(path)
    .sort()
    .filter((name) => !except.includes(name))
    .flatMap((name) => filesBelow(join(path, name), except))
}

/** Changes when a file, its name or a fact changes. */
export function fingerprint(files, facts = []) {
  const hash = createHash('sha256').update(JSON.stringify(facts))
  for (const file of files) hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

/** Whether the work behind a stamp was done for exactly these inputs. */
export function hasStamp(path, print) {
  return existsSync(path) && readFileSync(path, 'utf8').trim() === print
}

export function writeStamp(path, print) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${print}\n`)
}
