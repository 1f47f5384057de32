import { type Objection, objectTo, type Reason } from '../objection.ts'
import { adapterReasons } from './adapter-reasons.ts'
import { baseOf, type DirectoryFile, rawText } from './directory-file.ts'
import { marks, type Sections, splitSections, withBreakpoints } from './sections.ts'

/** A migration that a format has found, before its text is read. */
export type FoundMigration = {
  readonly id: string
  /** Compared as text; gives the order in which the tool would run it. */
  readonly sequence: string
  readonly file: DirectoryFile
  readonly down?: DirectoryFile | undefined
  /** Finds the way up and down in the text; default: the whole text is the way up. */
  readonly split?: (text: string) => Sections
  /** Names of what the tool would put in; the text has them as `placeholder` writes them. */
  readonly placeholder?: RegExp
}

/** What a format makes of a directory. */
export type FormatRead = {
  readonly migrations: readonly FoundMigration[]
  readonly objections: readonly Objection[]
}

export type Format = (files: readonly DirectoryFile[]) => FormatRead

/** Numbers as text of one width, so that comparing text compares numbers. */
const padded = (digits: string) => digits.padStart(20, '0')
const paddedParts = (version: string) => version.split(/[._]/).map(padded).join('.')

const isSql = ({ path }: DirectoryFile) => path.endsWith('.sql')
const stem = (file: DirectoryFile) => baseOf(file).replace(/\.sql$/, '')

type Named = Pick<FoundMigration, 'id' | 'sequence'>

/** Migrations from the names of their files; a pattern has the groups `id` and `version`. */
function byName(
  files: readonly DirectoryFile[],
  nameOf: (base: string) => Named | undefined,
  more: (file: DirectoryFile, named: Named) => Partial<FoundMigration> = () => ({}),
): FoundMigration[] {
  return files.filter(isSql).flatMap((file) => {
    const named = nameOf(baseOf(file))
    return named === undefined ? [] : [{ ...named, file, ...more(file, named) }]
  })
}

const numbered = (pattern: RegExp) => (base: string) => {
  const groups = pattern.exec(base)?.groups
  return groups === undefined
    ? undefined
    : { id: groups['id'] ?? base, sequence: padded(groups['version'] ?? '') }
}

const sibling = (files: readonly DirectoryFile[], path: string) =>
  files.find((file) => file.path === path)

const read = (migrations: readonly FoundMigration[], objections: readonly Objection[] = []) => ({
  migrations,
  objections: [...objections, ...objectToTwins(migrations)],
})

function objectToTwins(migrations: readonly FoundMigration[]): Objection[] {
  const bySequence = Map.groupBy(migrations, ({ sequence }) => sequence)
  return [...bySequence.values()].flatMap(([first, second]) => {
    if (first === undefined || second === undefined) return []
    const version = first.sequence.replaceAll(/(^|\.)0+(?=\d)/g, '$1')
    const other = { migration: first.id, file: first.file.file }
    return [
      objectTo(
        adapterReasons.twice,
        { migration: second.id, file: second.file.file },
        { other, version },
      ),
    ]
  })
}

/** A folder each with `migration.sql`; the folders sort by their time. */
const folders: Format = (files) =>
  read(
    files.flatMap((file) => {
      const id = /^(?:.*\/)?([^/]+)\/migration\.sql$/.exec(file.path)?.[1]
      if (id === undefined) return []
      const down = sibling(files, file.path.replace(/migration\.sql$/, 'down.sql'))
      return [{ id, sequence: id, file, down, split: withCuts }]
    }),
  )

const withCuts = (text: string): Sections => ({ up: withBreakpoints(text), down: undefined })

/** A folder each with `up.sql` and `down.sql`; their versions are compared without dashes. */
const diesel: Format = (files) =>
  read(
    files.flatMap((file) => {
      const [, id, version] = /^(([^/_]+)[^/]*)\/up\.sql$/.exec(file.path) ?? []
      if (id === undefined || version === undefined) return []
      const down = sibling(files, `${id}/down.sql`)
      return [{ id, sequence: version.replaceAll('-', ''), file, down }]
    }),
  )

type Journal = { readonly entries?: readonly { readonly idx?: number; readonly tag?: string }[] }

const drizzle: Format = (files) => {
  const list = sibling(files, 'meta/_journal.json')
  // Since its first major version there is no journal any more.
  if (list === undefined) return folders(files)
  const place = { migration: '', file: list.file }
  const journal = parseJson(rawText(list))
  if (journal.kind === 'broken')
    return read([], [objectTo(adapterReasons.badList, place, { detail: journal.detail })])
  const { entries = [] } = journal.value as Journal
  const sorted = entries.toSorted((a, b) => (a.idx ?? 0) - (b.idx ?? 0))
  const objections: Objection[] = []
  const migrations = sorted.flatMap(({ tag = '' }, index): FoundMigration[] => {
    const file = sibling(files, `${tag}.sql`)
    if (file === undefined) {
      objections.push(missing(`${tag}.sql`, list))
      return []
    }
    return [{ id: tag, sequence: padded(String(index)), file, split: withCuts }]
  })
  return read(migrations, objections)
}

function missing(object: string, list: DirectoryFile): Objection {
  const place = { migration: object.replace(/\.sql$/, ''), file: list.file, object }
  return objectTo(adapterReasons.noSuchFile, place, { list: list.path })
}

type Json = { kind: 'json'; value: unknown } | { kind: 'broken'; detail: string }

function parseJson(text: string): Json {
  try {
    return { kind: 'json', value: JSON.parse(text) ?? {} }
  } catch (error) {
    return { kind: 'broken', detail: error instanceof Error ? error.message : 'no JSON' }
  }
}

/** `1_a.up.sql` with `1_a.down.sql`; versions are numbers of any width. */
const golangMigrate: Format = (files) =>
  read(
    byName(files, numbered(/^(?<id>(?<version>\d+)_.*)\.up\.sql$/), (file) => ({
      down: sibling(files, file.path.replace(/\.up\.sql$/, '.down.sql')),
    })),
  )

/** `001.do.name.sql` with `001.undo.name.sql`. */
const postgrator: Format = (files) =>
  read(
    byName(files, numbered(/^(?<id>(?<version>\d+)\.do(\..*)?)\.sql$/), (file) => ({
      down: sibling(files, file.path.replace(/(\d)\.do\./, '$1.undo.')),
    })),
  )

const flywayPlaceholder = /\$\{([\w:.-]+)\}/g

/**
 * `V1.2__name.sql` with `U1.2__name.sql`, and `R__name.sql` after all of them. A repeatable file runs
 * once here; when it changes, the engine objects to the edit as to every other.
 */
const flyway: Format = (files) => {
  const place = (file: DirectoryFile) => ({ migration: stem(file), file: file.file })
  const baselines = files.filter((file) => /^B[\d._]+__.*\.sql$/.test(baseOf(file)))
  const nameOf = (base: string): Named | undefined => {
    const version = /^V([\d._]+?)__.*\.sql$/.exec(base)?.[1]
    const id = base.replace(/\.sql$/, '')
    if (version !== undefined) return { id, sequence: paddedParts(version) }
    return /^R__.*\.sql$/.test(base) ? { id, sequence: `R ${id}` } : undefined
  }
  return read(
    byName(files, nameOf, (file) => ({
      down: baseOf(file).startsWith('V')
        ? sibling(files, file.path.replace(/(^|\/)V([^/]*)$/, '$1U$2'))
        : undefined,
      placeholder: flywayPlaceholder,
    })),
    baselines.map((file) => objectTo(adapterReasons.baseline, place(file))),
  )
}

/** `committed/000001.sql` or `000001-name.sql`; `current.sql` is no migration yet. */
const graphileMigrate: Format = (files) =>
  read(
    byName(
      files.filter(({ path }) => /^(?:committed\/)?[^/]+$/.test(path)),
      numbered(/^(?<id>(?<version>\d{6,})(?:-.*)?)\.sql$/),
      () => ({ placeholder: /(?<![:\w'])(:DATABASE_\w+|:[A-Z][A-Z0-9_]{2,})\b/g }),
    ),
  )

type Marked = keyof typeof marks

const sectioned =
  (tool: Marked): Format =>
  (files) =>
    read(
      byName(files, numbered(/^(?<id>(?<version>\d+)[-_.].*)\.sql$/), () => ({
        split: (text) => splitSections(text, marks[tool]),
      })),
    )

/** The plan says the order; a change that was reworked keeps its older script under a tag. */
const sqitch: Format = (files) => {
  const plan = sibling(files, 'sqitch.plan')
  if (plan === undefined) return read([])
  const entries = rawText(plan)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('%') && !line.startsWith('#'))
    .map((line) => line.split(/\s+/)[0] ?? '')
  const objections: Objection[] = []
  const migrations = entries.flatMap((name, index): FoundMigration[] => {
    if (name.startsWith('@')) return []
    const id = scriptOf(name, entries.slice(index + 1))
    const file = sibling(files, `deploy/${id}.sql`)
    if (file === undefined) {
      objections.push(missing(`deploy/${id}.sql`, plan))
      return []
    }
    const down = sibling(files, `revert/${id}.sql`)
    return [{ id, sequence: padded(String(index)), file, down }]
  })
  return read(migrations, objections)
}

function scriptOf(name: string, later: readonly string[]): string {
  if (!later.includes(name)) return name
  return `${name}${later.find((entry) => entry.startsWith('@')) ?? ''}`
}

/** Tools other than our own whose directories are read. */
export const formats = {
  drizzle,
  prisma: folders,
  diesel,
  'node-pg-migrate': sectioned('node-pg-migrate'),
  'golang-migrate': golangMigrate,
  flyway,
  'graphile-migrate': graphileMigrate,
  dbmate: sectioned('dbmate'),
  goose: sectioned('goose'),
  postgrator,
  sqitch,
} as const satisfies Record<string, Format>

export type ForeignTool = keyof typeof formats

/** Languages of migrations that are programs. */
const languages: Readonly<Record<string, string>> = {
  js: 'JavaScript',
  cjs: 'JavaScript',
  mjs: 'JavaScript',
  ts: 'TypeScript',
  cts: 'TypeScript',
  mts: 'TypeScript',
  go: 'Go',
  java: 'Java',
  kt: 'Kotlin',
  py: 'Python',
  rb: 'Ruby',
}

/** Files that are programs and named as migrations are: by a number, or as Flyway's. */
export function programsAmong(files: readonly DirectoryFile[]): Objection[] {
  return files.flatMap((file) => {
    const match = /^(?:\d[\w.-]*|[VR]\w*__\w+)\.(\w+)$/.exec(baseOf(file))
    const language = languages[match?.[1] ?? '']
    if (language === undefined || /\.(d|test|spec)\.\w+$/.test(file.path)) return []
    const migration = baseOf(file).replace(/\.\w+$/, '')
    const reason: Reason = adapterReasons.code
    return [objectTo(reason, { migration, file: file.file }, { language })]
  })
}
