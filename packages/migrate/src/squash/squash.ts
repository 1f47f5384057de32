import { analyseHistory } from '../analyse/analyse.ts'
import { useMakingSettings } from '../inverse/making-settings.ts'
import { createCatalogReader } from '../catalog/catalog-reader.ts'
import { compareFacts } from '../catalog/compare-facts.ts'
import type { Facts } from '../catalog/fact.ts'
import { fingerprintOf } from '../catalog/fingerprint.ts'
import { converge } from '../inverse/converge.ts'
import { objectTo, type Objection } from '../objection.ts'
import { replayFiles } from '../plan/replay-files.ts'
import type { Shadow } from '../shadow/shadow.ts'
import { sourcesOf } from '../text/directory.ts'
import { loadParser, type Parser } from '../text/parser.ts'
import type { MigrationSource } from '../text/source.ts'
import { squashReasons } from './squash-reasons.ts'
import { type Contents, contentsSql, firstDifference, readContents } from './table-rows.ts'

export type SquashOptions = {
  /** All files in the order in which they run. */
  readonly sources: readonly MigrationSource[]
  /** Id of the last file that goes into the one; default: the last of all. */
  readonly upTo?: string | undefined
  /** Gives an empty shadow each time; `squash` closes it. */
  readonly open: () => Promise<Shadow>
  /** Id of the new file; default: `squash` behind the version of the last one. */
  readonly id?: string | undefined
}

export type SquashResult =
  | {
      readonly kind: 'squashed'
      readonly id: string
      /** The whole file, header included. */
      readonly text: string
      /** Ids of the files that it stands for, in their order. */
      readonly replaces: readonly string[]
      /** How many rows of the migrations it holds. */
      readonly rows: number
      /** What both leave behind. */
      readonly fingerprint: string
    }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/**
 * Makes one file that stands for the first ones: the definitions of what they leave behind, in an
 * order that works, with the rows that they put in. It was replayed in a shadow of its own, and
 * catalog and rows were the same to the last field; else it is refused.
 */
export async function squash(options: SquashOptions): Promise<SquashResult> {
  const { sources, upTo = sources.at(-1)?.id ?? '' } = options
  const end = sources.findIndex(({ id }) => id === upTo)
  if (end === -1) {
    const known = sources.map(({ id }) => id).join(', ')
    return refuse(objectTo(squashReasons.unknownEnd, { migration: '', object: upTo }, { known }))
  }
  const chosen = sources.slice(0, end + 1)
  const parser = await loadParser()
  const first = await replayed(options, chosen, parser)
  if ('code' in first) return refuse(first)
  const objection = await doubts(options, { chosen, parser, first })
  if (objection !== undefined) return refuse(objection)
  const made = await make(options, first)
  if ('code' in made) return refuse(made)
  const id = options.id ?? idFor(chosen)
  const text = fileText(made.statements, chosen)
  const proof = await prove(options, { id, text, parser, first })
  if (proof !== undefined) return refuse(proof)
  const rows = first.contents.tables.reduce((sum, table) => sum + table.rows.length, 0)
  const replaces = chosen.map((source) => source.id)
  const fingerprint = fingerprintOf(first.facts).structure
  return { kind: 'squashed', id, text, replaces, rows, fingerprint }
}

const refuse = (...objections: readonly Objection[]): SquashResult => ({
  kind: 'refused',
  objections,
})

function idFor(chosen: readonly MigrationSource[]): string {
  const last = chosen.at(-1)?.id ?? ''
  return `${/^\d+(?:[-.]\d+)*/.exec(last)?.[0] ?? last}_squash`
}

type Left = { readonly facts: Facts; readonly contents: Contents }

async function withShadow<T>(
  { open }: Pick<SquashOptions, 'open'>,
  work: (shadow: Shadow) => Promise<T>,
): Promise<T> {
  const shadow = await open()
  try {
    return await work(shadow)
  } finally {
    await shadow.close()
  }
}

/** What files leave behind in an empty database. */
function replayed(
  options: SquashOptions,
  sources: readonly MigrationSource[],
  parser: Parser,
): Promise<Left | Objection> {
  return withShadow(options, async (shadow) => {
    const analyses = analyseHistory(sources, { parser })
    const [unreadable] = analyses.flatMap(({ objections }) => objections)
    if (unreadable !== undefined) return unreadable
    const stuck = await replayFiles(shadow, analyses)
    if (stuck !== undefined) {
      const { id: migration, file } = stuck.analysis
      const { statementNo, error } = stuck.failure
      const place = { migration, file, statementNo }
      return objectTo(squashReasons.noReplay, place, { detail: error.message })
    }
    const facts = await shadow.facts()
    return { facts, contents: await readContents(shadow.query, facts) }
  })
}

const rowsMax = 10_000

type Doubt = {
  readonly chosen: readonly MigrationSource[]
  readonly parser: Parser
  readonly first: Left
}

/** Rows that come out otherwise the second time would be frozen at a moment that means nothing. */
async function doubts(
  options: SquashOptions,
  { chosen, parser, first }: Doubt,
): Promise<Objection | undefined> {
  const { tables, sequences } = first.contents
  const large = tables.find(({ rows }) => rows.length > rowsMax)
  if (large !== undefined) {
    const place = { migration: '', object: large.table }
    return objectTo(squashReasons.tooManyRows, place, { rows: large.rows.length })
  }
  if (tables.length === 0 && sequences.length === 0) return undefined
  const second = await replayed(options, chosen, parser)
  if ('code' in second) return second
  const object = firstDifference(first.contents, second.contents)
  if (object === undefined) return undefined
  return objectTo(squashReasons.volatileRows, { migration: '', object })
}

type Made = { readonly statements: readonly string[] }

/** Finds the statements by making the same in an empty database, which is asked after each round. */
function make(options: SquashOptions, { facts, contents }: Left): Promise<Made | Objection> {
  return withShadow(options, async (shadow) => {
    const { query } = shadow
    const reader = createCatalogReader(query)
    // As the role that the files run as; what another one makes would need ALTER … OWNER.
    await shadow.replay([], { observe: false })
    await query('begin')
    await useMakingSettings(query)
    const route = await converge({
      query,
      readFacts: () => reader.refresh({ transaction: 'open' }),
      target: facts,
      sameDatabase: false,
    })
    await query('rollback')
    if (route.kind === 'not-found') {
      const detail = route.left.slice(0, 5).join(', ')
      return objectTo(squashReasons.notMade, { migration: '' }, { detail })
    }
    return {
      statements: withContents(
        route.statements.map(({ text }) => text),
        contents,
      ),
    }
  })
}

/** What looks at rows, or fires on them, comes after the rows; what is computed from them last. */
const looksAtRows =
  /^(alter table .* foreign key|create (or replace )?(constraint )?trigger|create rule|create policy|alter table .* row level security|create materialized view)/is

function withContents(statements: readonly string[], contents: Contents): string[] {
  const inserts = contentsSql(contents)
  const found = statements.findIndex((text) => looksAtRows.test(text))
  const at = found === -1 ? statements.length : found
  return [...statements.slice(0, at), ...inserts, ...statements.slice(at)]
}

function fileText(statements: readonly string[], chosen: readonly MigrationSource[]): string {
  const [first, last] = [chosen[0]?.id ?? '', chosen.at(-1)?.id ?? '']
  const ids = chosen.map(({ id }) => id).join(', ')
  const header = [
    `-- why: One file in place of ${chosen.length}, from ${first} to ${last}; replayed, it leaves the same behind`,
    `-- replaces: ${ids}`,
  ]
  const body = statements.map((text) => `${text.replace(/;\s*$/, '')};`).join('\n\n')
  return `${header.join('\n')}\n\n${body}\n`
}

type Proving = {
  readonly id: string
  readonly text: string
  readonly parser: Parser
  readonly first: Left
}

/** @returns undefined when the file leaves the very same behind */
async function prove(
  options: SquashOptions,
  { id, text, parser, first }: Proving,
): Promise<Objection | undefined> {
  const read = sourcesOf([{ name: `${id}.sql`, bytes: Buffer.from(text) }])
  const [objection] = read.objections
  if (objection !== undefined) return objection
  const left = await replayed(options, read.sources, parser)
  if ('code' in left) return left
  const { differences } = await compareFacts(first.facts, left.facts)
  if (differences.length > 0) {
    const detail = differences.map(({ kind, key }) => `${key} is ${kind}`).slice(0, 5)
    return objectTo(squashReasons.notMade, { migration: id }, { detail: detail.join(', ') })
  }
  const object = firstDifference(first.contents, left.contents)
  if (object === undefined) return undefined
  return objectTo(squashReasons.otherRows, { migration: id, object })
}
