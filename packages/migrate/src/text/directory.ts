import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Objection, objectTo } from '../objection.ts'
import { type HeaderRules, parseHeader } from './migration-header.ts'
import type { MigrationSource, ReadSources } from './source.ts'
import { textReasons } from './text-reasons.ts'

/**
 * Reads a directory of `NNNN_name.sql` with `NNNN_name.down.sql` beside them. Other files and folders
 * are left alone. The parser is not loaded.
 *
 * @returns sources in the order of their numbers, whatever the file system says, and everything
 *   that is wrong with the set: a file that cannot be read as text is left out and objected to
 * @throws the error of `node:fs` when the directory or a file in it cannot be read
 */
export async function readMigrationDirectory(
  directory: string,
  rules: HeaderRules = {},
): Promise<ReadSources> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name)
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith('.sql'))
      .map(async (name) => ({ name, bytes: await readFile(join(directory, name)) })),
  )
  return sourcesOf(files, rules, (name) => join(directory, name))
}

/** A file as bytes; its name without a folder. */
export type FileBytes = { readonly name: string; readonly bytes: Uint8Array }

/**
 * The same from files that are in memory.
 *
 * @param pathOf how messages name a file
 */
export function sourcesOf(
  files: readonly FileBytes[],
  rules: HeaderRules = {},
  pathOf: (name: string) => string = (name) => name,
): ReadSources {
  const objections: Objection[] = []
  const downs = new Map<string, string | undefined>()
  for (const { name, bytes } of files.filter(isDown)) {
    const id = idOf(name)
    const text = readText(bytes, { migration: id, file: pathOf(name) })
    if (text.kind === 'text') downs.set(id, text.text)
    else objections.push(text.objection)
    if (!files.some((file) => file.name === `${id}.sql`))
      objections.push(
        objectTo(textReasons.noFile, { migration: id, file: pathOf(name), object: id }),
      )
  }
  const sources: MigrationSource[] = []
  for (const { name, bytes } of files.filter((file) => !isDown(file))) {
    const file = pathOf(name)
    const read = sourceOf({ id: idOf(name), file, bytes, downText: downs.get(idOf(name)) }, rules)
    objections.push(...read.objections)
    sources.push(...read.sources)
  }
  return {
    sources: sources.toSorted(bySequence),
    objections: [...objections.toSorted(byPlace), ...objectToPrefixes(sources)],
  }
}

const isDown = ({ name }: FileBytes) => name.endsWith('.down.sql')
const idOf = (fileName: string) => fileName.replace(/(\.down)?\.sql$/, '')

/** Version, then id, both by code units: the same everywhere. */
export function bySequence(
  left: Pick<MigrationSource, 'version' | 'id'>,
  right: Pick<MigrationSource, 'version' | 'id'>,
): number {
  return compareText(left.version ?? '', right.version ?? '') || compareText(left.id, right.id)
}

export function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

const byPlace = (left: Objection, right: Objection) =>
  compareText(left.file ?? '', right.file ?? '') || (left.line ?? 0) - (right.line ?? 0)

/** One file before anything of it has been understood. */
export type RawMigration = {
  readonly id: string
  readonly file: string
  readonly bytes: Uint8Array
  readonly downText?: string | undefined
}

/** One source from its bytes; none and an objection where they are no text. */
export function sourceOf(raw: RawMigration, rules: HeaderRules = {}): ReadSources {
  const place = { migration: raw.id, file: raw.file }
  const read = readText(raw.bytes, place)
  if (read.kind === 'refused') return { sources: [], objections: [read.objection] }
  const { header, objections } = parseHeader(read.text, place, rules)
  const source: MigrationSource = {
    id: raw.id,
    version: prefixOf(raw.id)?.replaceAll(/\D/g, ''),
    file: raw.file,
    text: read.text,
    rawSha256: createHash('sha256').update(raw.bytes).digest('hex'),
    sizeBytes: raw.bytes.length,
    header,
    downText: raw.downText,
  }
  return { sources: [source], objections }
}

type ReadText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly objection: Objection }

/** Bytes as the text that is hashed and run: UTF-8, without BOM, every line end `\n`. */
export function readText(bytes: Uint8Array, place: { migration: string; file: string }): ReadText {
  const refuse = (reason: (typeof textReasons)['nul' | 'notUtf8'], line: number): ReadText => ({
    kind: 'refused',
    objection: objectTo(reason, { ...place, line }),
  })
  const nul = bytes.indexOf(0)
  if (nul !== -1) return refuse(textReasons.nul, lineAt(bytes, nul))
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { kind: 'text', text: withoutRestrict(text.replaceAll(/\r\n?/g, '\n')) }
  } catch {
    return refuse(textReasons.notUtf8, lineAt(bytes, firstInvalidByte(bytes)))
  }
}

/** pg_dump guards its output against psql with two commands that mean nothing to a server. */
function withoutRestrict(text: string): string {
  if (!text.includes('-- PostgreSQL database dump')) return text
  return text.replaceAll(/^\\(?:un)?restrict\b[^\n]*$/gm, (line) => ' '.repeat(line.length))
}

const lineAt = (bytes: Uint8Array, end: number) =>
  bytes.subarray(0, end).reduce((lines, byte) => lines + (byte === 10 ? 1 : 0), 1)

/** Decodes ever shorter halves until the first bad byte is alone. */
function firstInvalidByte(bytes: Uint8Array): number {
  const isValid = (end: number) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream: true })
      return true
    } catch {
      return false
    }
  }
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (isValid(middle)) low = middle
    else high = middle - 1
  }
  return low
}

/** The number at the beginning of an id as written, such as `0007` or `2021-03-04`. */
function prefixOf(id: string): string | undefined {
  return /^\d+(?:[-.]\d+)*/.exec(id)?.[0]
}

/** `0007` and `0008` have one form, `7` and `10` do not: plain text would sort them wrongly. */
function objectToPrefixes(sources: readonly MigrationSource[]): Objection[] {
  const shapes = new Map<string, MigrationSource[]>()
  for (const source of sources.toSorted(bySequence)) {
    const shape = (prefixOf(source.id) ?? '').replaceAll(/\d/g, 'N')
    shapes.set(shape, [...(shapes.get(shape) ?? []), source])
  }
  if (shapes.size < 2) return []
  const [usual, ...odd] = [...shapes.values()].toSorted((left, right) => right.length - left.length)
  const example = usual?.[0]?.id ?? ''
  return odd.flatMap(([first]) => {
    if (first === undefined) return []
    const place = { migration: first.id, file: first.file }
    return objectTo(textReasons.mixedPrefixes, place, { one: example, odd: first.id, example })
  })
}
