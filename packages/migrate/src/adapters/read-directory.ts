import { createHash } from 'node:crypto'
import type { ToolFile } from '../ledger/claimed-files.ts'
import { type Objection, objectTo } from '../objection.ts'
import { compareText, readText, sourcesOf } from '../text/directory.ts'
import { type HeaderRules, parseHeader } from '../text/migration-header.ts'
import type { MigrationSource, ReadSources } from '../text/source.ts'
import { adapterReasons } from './adapter-reasons.ts'
import { detectTool } from './detect-tool.ts'
import { readPlaceholders } from './tool-placeholders.ts'
import { baseOf, type DirectoryFile, rawText, readFilesBelow } from './directory-file.ts'
import { type ForeignTool, formats, type FoundMigration, programsAmong } from './formats.ts'

/** `plain` is this engine's own `NNNN_name.sql` with `NNNN_name.down.sql`. */
export type DirectoryTool = 'plain' | ForeignTool

/** Tools by name, for options of commands. */
export const directoryTools: readonly DirectoryTool[] = [
  'plain',
  ...(Object.keys(formats) as ForeignTool[]),
]

export type ReadDirectoryOptions = {
  /** Default `auto`: told from what lies in the directory. */
  readonly tool?: DirectoryTool | 'auto' | undefined
  /** For plain directories; in those of other tools only a flawless header counts. */
  readonly rules?: HeaderRules | undefined
  /**
   * What stands for the placeholders of Flyway (`name` for `${name}`) and graphile-migrate, beside
   * what the tool's own configuration says: `flyway.conf`, `flyway.toml`, `.gmrc`.
   */
  readonly placeholders?: Readonly<Record<string, string>> | undefined
}

/** Migrations of a directory in the order of its tool. */
export type ReadDirectory = ReadSources & {
  readonly tool: DirectoryTool
  /** Every SQL file as it stands, for comparing with the tool's own checksums. */
  readonly files: readonly ToolFile[]
  /** Path in `files` by id of the migration. */
  readonly paths: ReadonlyMap<string, string>
}

/**
 * Reads a directory of migrations in the habits of the tool that it is for: names, order, both
 * directions, breakpoints, placeholders. Migrations that are programs are objected to by name.
 *
 * @returns sources whose `version` sorts them as the tool would run them
 * @throws the error of `node:fs` when the directory or a file in it cannot be read
 * @example
 * ```ts
 * const { tool, sources, objections } = await readDirectory('drizzle')
 * ```
 */
export async function readDirectory(
  directory: string,
  { tool = 'auto', rules = {}, placeholders = {} }: ReadDirectoryOptions = {},
): Promise<ReadDirectory> {
  const files = await readFilesBelow(directory)
  const chosen = tool === 'auto' ? (detectTool(files) ?? 'plain') : tool
  const known = { ...(await readPlaceholders(directory, chosen)), ...placeholders }
  const found =
    chosen === 'plain'
      ? readPlain(files, rules)
      : readForeign(files, { tool: chosen, placeholders: known })
  const toolFiles = files
    .filter(({ path }) => path.endsWith('.sql'))
    .map((file) => ({ path: file.path, text: rawText(file) }))
  const unread = unreadAmong(files, chosen, found.paths)
  return { tool: chosen, files: toolFiles, ...found, objections: [...found.objections, ...unread] }
}

/** Whether a name is one that the tool knows, and reads at another time or not at all. */
const knownNames: Partial<Record<DirectoryTool, RegExp>> = {
  plain: /\.sql$/,
  'golang-migrate': /\.down\.sql$/,
  postgrator: /\.undo\b.*\.sql$/,
}

/** A file beside the others that nobody would run, because it is called otherwise by a slip. */
function unreadAmong(
  files: readonly DirectoryFile[],
  tool: DirectoryTool,
  paths: Found['paths'],
): Objection[] {
  const known = knownNames[tool]
  const read = new Set(paths.values())
  const [example = ''] = read
  if (known === undefined) return []
  return files
    .filter(({ path }) => /^\d[^/]*\.sql$/i.test(path) && !known.test(path) && !read.has(path))
    .map(({ path, file }) =>
      objectTo(adapterReasons.unread, { migration: path, file }, { example }),
    )
}

type Found = ReadSources & Pick<ReadDirectory, 'paths'>

function readPlain(files: readonly DirectoryFile[], rules: HeaderRules): Found {
  const own = files.flatMap(({ path, file, bytes }) =>
    bytes === undefined || path.includes('/') || !path.endsWith('.sql')
      ? []
      : [{ name: path, file, bytes }],
  )
  const byName = new Map(own.map(({ name, file }) => [name, file]))
  // Who does not ask for reasons writes comments, and those may look like a header.
  const headers = rules.why === 'required' ? 'strict' : 'lenient'
  const read = sourcesOf(own, { headers, ...rules }, (name) => byName.get(name) ?? name)
  const { sources, objections } = read
  return {
    sources,
    objections: [...objections, ...programsAmong(files.filter(({ path }) => !path.includes('/')))],
    paths: new Map(sources.map(({ id }) => [id, `${id}.sql`])),
  }
}

type Foreign = {
  readonly tool: ForeignTool
  readonly placeholders: Readonly<Record<string, string>>
}

function readForeign(files: readonly DirectoryFile[], foreign: Foreign): Found {
  const { migrations, objections } = formats[foreign.tool](files)
  const read = migrations
    .toSorted((a, b) => compareText(a.sequence, b.sequence) || compareText(a.id, b.id))
    .map((migration) => readOne(migration, foreign))
  return {
    sources: read.flatMap(({ sources }) => sources),
    objections: [...programsAmong(files), ...objections, ...read.flatMap((one) => one.objections)],
    paths: new Map(migrations.map(({ id, file }) => [id, file.path])),
  }
}

function readOne(found: FoundMigration, { placeholders }: Foreign): ReadSources {
  const { id, sequence, file, down } = found
  const place = { migration: id, file: file.file }
  const bytes = file.bytes ?? new Uint8Array()
  const text = readText(bytes, place)
  if (text.kind === 'refused') return { sources: [], objections: [text.objection] }
  const { up, down: below } = found.split?.(text.text) ?? { up: text.text, down: undefined }
  const rendered = render(up, found, placeholders)
  const downText = downOf(down, below)
  const source: MigrationSource = {
    id,
    version: sequence,
    file: file.file,
    text: rendered.text,
    rawSha256: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.length,
    header: headerOf(rendered.text, place),
    downText: downText === undefined ? undefined : render(downText, found, placeholders).text,
  }
  const objections = rendered.unknown.map((placeholder) =>
    objectTo(adapterReasons.placeholder, place, { placeholder }),
  )
  return { sources: [source], objections }
}

function downOf(down: DirectoryFile | undefined, below: string | undefined): string | undefined {
  if (down?.bytes === undefined) return below
  const read = readText(down.bytes, { migration: baseOf(down), file: down.file })
  return read.kind === 'text' ? read.text : below
}

type Rendered = { readonly text: string; readonly unknown: readonly string[] }

function render(
  text: string,
  { placeholder }: FoundMigration,
  values: Readonly<Record<string, string>>,
): Rendered {
  if (placeholder === undefined) return { text, unknown: [] }
  const unknown = new Set<string>()
  const rendered = text.replaceAll(placeholder, (written: string, name: string) => {
    const value = values[name] ?? values[written]
    if (value === undefined) unknown.add(written)
    return value ?? written
  })
  return { text: rendered, unknown: [...unknown] }
}

/** Comments of another tool may look like a header; only one without any fault is meant as one. */
function headerOf(text: string, place: { readonly migration: string; readonly file: string }) {
  const top = text.trimStart()
  const { header, objections } = parseHeader(top, place, { headers: 'lenient' })
  return objections.length === 0 ? header : parseHeader(top, place, { headers: 'none' }).header
}
