import { createHash } from 'node:crypto'
import type { Objection } from '../objection.ts'
import { checksumOf } from '../text/checksum.ts'
import { readDirectory } from '../adapters/read-directory.ts'
import { loadParser, type Parser } from '../text/parser.ts'
import type { MigrationSource } from '../text/source.ts'
import type { MigratorOptions } from './migrator-options.ts'

/** The files of a directory, as far as they can be read without a database. */
export type ReadFiles = {
  readonly parser: Parser
  /** In the order of their numbers. */
  readonly sources: readonly MigrationSource[]
  readonly checksums: ReadonlyMap<string, string>
  /** Checksums under which the first version of the engine stored the very same files. */
  readonly formerChecksums: ReadonlyMap<string, readonly string[]>
  readonly objections: readonly Objection[]
}

/** Reads and parses them. The manifest is not believed: what is pending is judged by its text. */
export async function readFiles({
  directory,
  headers,
  tool,
  placeholders,
}: Pick<MigratorOptions, 'directory' | 'headers' | 'tool' | 'placeholders'>): Promise<ReadFiles> {
  const [parser, { sources, objections }] = await Promise.all([
    loadParser(),
    readDirectory(directory, { tool, rules: headers, placeholders }),
  ])
  return {
    parser,
    sources,
    objections,
    checksums: new Map(sources.map((source) => [source.id, checksumOf(source, parser)])),
    formerChecksums: new Map(
      sources.map(({ id, text }) => [id, [createHash('sha256').update(text).digest('hex')]]),
    ),
  }
}
