import { baseOf, type DirectoryFile, rawText } from './directory-file.ts'
import type { ForeignTool } from './formats.ts'
import { marks } from './sections.ts'

type Sign = (files: readonly DirectoryFile[]) => boolean

const hasPath =
  (pattern: RegExp): Sign =>
  (files) =>
    files.some(({ path }) => pattern.test(path))

const hasName =
  (pattern: RegExp): Sign =>
  (files) =>
    files.some((file) => pattern.test(baseOf(file)))

/** Most files have none of it, so their lines are not looked at. */
const hasLine =
  (word: string, isMark: (line: string) => unknown): Sign =>
  (files) =>
    files.some(({ path, bytes }) => {
      if (!path.endsWith('.sql') || bytes === undefined) return false
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      if (!text.includes(word)) return false
      return rawText({ bytes })
        .split(/\r?\n/)
        .some((line) => isMark(line) !== undefined)
    })

const all =
  (...signs: readonly Sign[]): Sign =>
  (files) =>
    signs.every((sign) => sign(files))

const previous = (line: string) => (line.startsWith('--! Previous:') ? true : undefined)

/** How the directory of each tool is told from the others; the first that fits wins. */
const signs: readonly (readonly [tool: ForeignTool, sign: Sign])[] = [
  ['drizzle', hasPath(/^meta\/_journal\.json$/)],
  ['sqitch', all(hasPath(/^sqitch\.plan$/), hasPath(/^deploy\//))],
  ['drizzle', all(hasPath(/^\d+_[^/]*\/migration\.sql$/), hasPath(/^\d+_[^/]*\/snapshot\.json$/))],
  ['prisma', hasPath(/^[^/]+\/migration\.sql$/)],
  ['diesel', hasPath(/^[^/]+\/up\.sql$/)],
  ['graphile-migrate', hasPath(/^committed\/\d{6,}(-[^/]*)?\.sql$/)],
  ['flyway', hasName(/^(V[\d._]+__|R__).*\.sql$/)],
  ['golang-migrate', hasName(/^\d+_.*\.up\.sql$/)],
  ['postgrator', hasName(/^\d+\.do(\..*)?\.sql$/)],
  ['dbmate', hasLine('migrate:up', marks.dbmate)],
  ['goose', hasLine('+goose', marks.goose)],
  ['node-pg-migrate', hasLine('igration', marks['node-pg-migrate'])],
  ['graphile-migrate', hasLine('--! Previous:', previous)],
]

/** The tool whose directory this is; undefined: plain files of ours, or of nobody in particular. */
export function detectTool(files: readonly DirectoryFile[]): ForeignTool | undefined {
  return signs.find(([, sign]) => sign(files))?.[0]
}
