import { createHash } from 'node:crypto'
import pg from 'pg'

const nameMaxBytes = 63

/** A name as the server keeps it: cut after 63 bytes, never inside a character. */
export function pgName(name: string, maxBytes = nameMaxBytes): string {
  let bytes = 0
  let kept = ''
  for (const character of name) {
    bytes += Buffer.byteLength(character)
    if (bytes > maxBytes) return kept
    kept += character
  }
  return kept
}

/** One name of two, the same every time; where it would be too long, a hash tells it from others. */
export function joinedName(first: string, second: string): string {
  const name = `${first}_${second}`
  if (Buffer.byteLength(name) <= nameMaxBytes) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${pgName(name, nameMaxBytes - hash.length - 1)}_${hash}`
}

/** Quoted, and qualified where a schema is known. */
export function quoted(name: {
  readonly schema: string | undefined
  readonly name: string
}): string {
  const own = pg.escapeIdentifier(name.name)
  return name.schema === undefined ? own : `${pg.escapeIdentifier(name.schema)}.${own}`
}
