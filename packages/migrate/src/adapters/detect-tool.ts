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

const hasLine =
  (isMark: (line: string) => unknown): Sign =>
  (files) =>
    files.some(
      (file) =>
        file.path.endsWith('.sql') &&
        rawText(file)
          .split(/\r?\n/)
          .some((line) => isMark(line) !== undefined),
    )

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
  ['graphile-migrate', hasPath(/^committed\/\d{6,}(-[^/]*)?\.sql$/)],
  ['flyway', hasName(/^(V[\d._]+__|R__).*\.sql$/)],
  ['golang-migrate', hasName(/^\d+_.*\.up\.sql$/)],
  ['postgrator', hasName(/^\d+\.do(\..*)?\.sql$/)],
  ['dbmate', hasLine(marks.dbmate)],
  ['goose', hasLine(marks.goose)],
  ['node-pg-migrate', hasLine(marks['node-pg-migrate'])],
  ['graphile-migrate', hasLine(previous)],
]

/** The tool whose directory this is; undefined: plain files of ours, or of nobody in particular. */
export function detectTool(files: readonly DirectoryFile[]): ForeignTool | undefined {
  return signs.find(([, sign]) => sign(files))?.[0]
}
