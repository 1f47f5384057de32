import { createChooser, type Step } from './choices.ts'
import { nextOperation, type Operation } from './operations.ts'
import { isPlain, type NamePart, quoted, textOf } from './sql-parts.ts'
import { createWorld, living, type Thing, type World } from './world.ts'

export { randomSteps, type Step } from './choices.ts'

/** One generated migration. */
export type HistoryFile = {
  /** `0001_step`, without `.sql`. */
  readonly id: string
  /** Lines before the statements: header and `set search_path`. */
  readonly preamble: string
  readonly operations: readonly Operation[]
}

/** A history that PostgreSQL 18 runs from first to last file, with what it truly depends on. */
export type History = {
  readonly files: readonly HistoryFile[]
  /** Every thing that was ever made, with all its names. */
  readonly things: readonly Thing[]
}

export type HistoryOptions = {
  /** INSERT and UPDATE among the operations; default true. */
  readonly rows?: boolean
  /** Only operations whose order the text alone can tell: no name is used twice. Default false. */
  readonly derivable?: boolean
  /** At most this many statements in a file; default 3. */
  readonly statementsMax?: number
}

/**
 * Makes a history from lists of numbers: the same numbers give the same history, fewer or smaller
 * numbers a simpler one, so a property test can shrink it by shrinking the lists.
 *
 * @param steps one list for each statement; about 48 numbers are looked at
 * @example
 * ```ts
 * historyFrom(randomSteps(7, 40)).files.map(textOfFile)
 * ```
 */
export function historyFrom(steps: readonly Step[], options: HistoryOptions = {}): History {
  const { rows = true, derivable = false, statementsMax = 3 } = options
  const world = createWorld({ rows, derivable })
  const files: HistoryFile[] = []
  let left = [...steps]
  while (left.length > 0) {
    const count = 1 + ((left[0]?.[0] ?? 0) % statementsMax)
    files.push(nextFile(world, left.slice(0, count), files.length + 1))
    left = left.slice(count)
  }
  return { files, things: world.things }
}

function nextFile(world: World, steps: readonly Step[], number: number): HistoryFile {
  const first = createChooser(steps[0]?.slice(1) ?? [])
  const schema = first.chance(20) ? first.pick(living(world, 'schema')) : undefined
  world.path =
    schema === undefined || schema.name === 'public' ? ['public'] : [schema.name, 'public']
  const path = world.path.map((name) => (isPlain(name) ? name : quoted(name))).join(', ')
  const setting = schema === undefined ? '' : `set search_path to ${path};\n`
  const operations = steps.map((step) =>
    nextOperation({ world, choose: createChooser(step.slice(4)) }),
  )
  return {
    id: `${String(number).padStart(4, '0')}_step`,
    preamble: `-- why: generated\n${first.chance(20) ? '\n' : ''}${setting}`,
    operations,
  }
}

/** The text of a file; every statement ends with `;` and a line end. */
export function textOfFile(file: Pick<HistoryFile, 'preamble' | 'operations'>): string {
  return file.preamble + file.operations.map(({ parts }) => `${textOf(parts)};\n`).join('')
}

/** All files as SQL, for a failing test to print. */
export function describeHistory(history: Pick<History, 'files'>): string {
  return history.files.map((file) => `-- ${file.id}.sql\n${textOfFile(file)}`).join('\n')
}

/** Whether one must stay before the other: either writes what the other reads or writes. */
export function dependOnEachOther(left: Operation, right: Operation): boolean {
  const touches = (a: Operation, b: Operation) =>
    [...a.writes].some((key) => b.writes.has(key) || b.reads.has(key))
  return touches(left, right) || touches(right, left)
}

/** Pairs of files, by index, whose order matters: `[earlier, later]`. */
export function trueDependencies(history: History): (readonly [number, number])[] {
  const { files } = history
  return files.flatMap((later, to) =>
    files
      .slice(0, to)
      .flatMap((earlier, from) => (filesDepend(earlier, later) ? [[from, to] as const] : [])),
  )
}

export function filesDepend(earlier: HistoryFile, later: HistoryFile): boolean {
  return earlier.operations.some((one) =>
    later.operations.some((other) => dependOnEachOther(one, other)),
  )
}

/** `former`: renamed away or dropped before; `later`: made only in a later file. */
export type MutationKind = 'misspelt' | 'other-case' | 'later' | 'former'

/** One reference of a history changed to a name that does not exist at that point. */
export type Mutation = {
  readonly kind: MutationKind
  /** Index of the file. */
  readonly file: number
  /** Index of the operation in the file, and of the name among its parts. */
  readonly operation: number
  readonly part: number
  readonly original: NamePart
  /** The new name, unquoted. */
  readonly name: string
  /** 1-based, in characters: where the changed name begins. */
  readonly line: number
  readonly column: number
  readonly history: History
}

type Site = Pick<Mutation, 'file' | 'operation' | 'part' | 'original'>

/** References that PostgreSQL checks when the statement runs. */
export function hardReferences(history: History): Site[] {
  return history.files.flatMap((file, fileIndex) =>
    file.operations.flatMap(({ parts }, operation) =>
      parts.flatMap((part, index) =>
        typeof part !== 'string' && part.role === 'use' && part.hard
          ? [{ file: fileIndex, operation, part: index, original: part }]
          : [],
      ),
    ),
  )
}

/**
 * Changes one reference to a name that nothing of its kind has at that point.
 *
 * @param choice any number; picks among all references and all wrong names for them
 * @returns undefined where the history has no reference that is checked
 */
export function mutateReference(history: History, choice: number): Mutation | undefined {
  const sites = hardReferences(history).filter((site) => !isForgiving(history, site))
  const site = sites[choice % Math.max(sites.length, 1)]
  if (site === undefined) return undefined
  const names = wrongNames(history, site)
  const wrong = names[Math.floor(choice / 7) % names.length]
  return wrong === undefined
    ? undefined
    : { ...site, ...wrong, ...applyMutation(history, { site, name: wrong.name }) }
}

/** `if exists` before the name: nobody minds that it is missing. */
function isForgiving(history: History, site: Site): boolean {
  const parts = history.files[site.file]?.operations[site.operation]?.parts ?? []
  return /if exists /.test(textOf(parts.slice(0, site.part)))
}

function wrongNames(history: History, site: Site): { kind: MutationKind; name: string }[] {
  const { original, file } = site
  const { thing } = original
  const name = nameIn(original)
  const known = new Set(history.things.flatMap((one) => [one.name, ...one.formerNames]))
  const misspelt = `${name.slice(0, 3)}q${name.slice(3, 50)}`
  const flipped = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase()
  const candidates = [
    { kind: 'misspelt' as const, name: misspelt },
    { kind: 'other-case' as const, name: flipped },
    ...laterNames(history, { thing, file }).map((later) => ({
      kind: 'later' as const,
      name: later,
    })),
    ...formerNames(history, site).map((former) => ({ kind: 'former' as const, name: former })),
  ]
  const isReal = ({ kind }: { kind: MutationKind }) => kind === 'later' || kind === 'former'
  return candidates.filter((one) => isReal(one) || !known.has(one.name))
}

/** As it stands in the statement: the thing may have another name by the end. */
export function nameIn({ text }: Pick<NamePart, 'text'>): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text
}

const alikeTo = (thing: Thing) => (other: Thing) =>
  other !== thing &&
  other.kind === thing.kind &&
  other.parent === thing.parent &&
  other.schema === thing.schema

/** Names that the thing, or one of its kind in its place, had and has no more. */
function formerNames(history: History, { original, file }: Site): string[] {
  const { thing } = original
  const own = [...thing.formerNames, thing.name]
  const before = history.files.slice(0, file).flatMap(({ operations }) => operations)
  const dropped = before.flatMap(({ kind, parts }) => {
    const last = parts.findLast((part) => typeof part !== 'string')
    return kind.startsWith('drop ') && last !== undefined ? [last.thing] : []
  })
  // Only views are made again under a name that was there before.
  const gone = dropped.filter(alikeTo(thing)).filter(({ kind }) => kind !== 'view')
  return [...own.slice(0, own.indexOf(nameIn(original))), ...gone.map(({ name }) => name)]
}

/** Names of things of the same kind and place that only a later file makes. */
function laterNames(history: History, { thing, file }: { thing: Thing; file: number }): string[] {
  const alike = alikeTo(thing)
  const made = (files: readonly HistoryFile[]) =>
    new Set(files.flatMap(({ operations }) => operations.flatMap(({ parts }) => madeBy(parts))))
  const before = made(history.files.slice(0, file + 1))
  const names = [...made(history.files.slice(file + 1))]
    .filter((other) => alike(other.thing) && other.thing.formerNames.length === 0)
    .map((other) => other.thing.name)
  const taken = new Set(
    [...before].flatMap(({ thing: { name, formerNames } }) => [name, ...formerNames]),
  )
  return names.filter((name) => !taken.has(name))
}

const madeBy = (parts: Operation['parts']) =>
  parts.filter((part) => typeof part !== 'string' && part.role === 'make') as NamePart[]

function applyMutation(history: History, { site, name }: { site: Site; name: string }) {
  const files = history.files.map((file, index) =>
    index === site.file ? withName(file, { site, name }) : file,
  )
  const changed = files[site.file]
  const before =
    changed === undefined
      ? ''
      : changed.preamble +
        changed.operations
          .slice(0, site.operation)
          .map(({ parts }) => `${textOf(parts)};\n`)
          .join('') +
        textOf(changed.operations[site.operation]?.parts.slice(0, site.part) ?? [])
  const lines = before.split('\n')
  return {
    history: { ...history, files },
    line: lines.length,
    column: Array.from(startOfReference(lines.at(-1) ?? '')).length + 1,
  }
}

/** The text before a dotted name, for text that ends within that name. */
function startOfReference(text: string): string {
  return text.replace(/(?:(?:"(?:[^"]|"")*"|[\w\u0590-\u05ff]+)\.)+$/, '')
}

function withName(file: HistoryFile, { site, name }: { site: Site; name: string }): HistoryFile {
  const text = isPlain(name) ? name : quoted(name)
  const operations = file.operations.map((operation, index) =>
    index === site.operation
      ? { ...operation, parts: operation.parts.with(site.part, { ...site.original, text }) }
      : operation,
  )
  return { ...file, operations }
}
