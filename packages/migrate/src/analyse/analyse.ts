import type { Node } from 'libpg-query'
import { type Objection, objectTo } from '../objection.ts'
import type { Parser } from '../text/parser.ts'
import type { Positions } from '../text/positions.ts'
import type { MigrationSource } from '../text/source.ts'
import { type ParsedStatement, splitStatements } from '../text/statements.ts'
import type { AnalysedStatement, Boundary, MigrationAnalysis, Touches } from './analysis.ts'
import { analyseReasons } from './analyse-reasons.ts'
import { type Catalog, createCatalog, isRelation, isType } from './catalog.ts'
import { applyHeader, declaredTokens } from './declared.ts'
import {
  type Context,
  createEffects,
  type Effects,
  isTemporary,
  type Reference,
  type Session,
  type Skip,
  type Suspect,
} from './effects.ts'
import { type Key, lastName, withoutAspect } from './keys.ts'
import { locateName } from './locate.ts'
import { lockOf, type LockHint } from './lock-hints.ts'
import { runStatement } from './statement.ts'
import { classifyStatements, type Classified, isForeign, stripWrapper } from './tx-class.ts'
import { labelKey } from './type-statements.ts'

export type AnalyseOptions = {
  readonly parser: Parser
  /** The state before the first file; it is changed. Default: an empty database. */
  readonly catalog?: Catalog
  /** `search_path` at the beginning of every file; default `public`. */
  readonly searchPath?: readonly string[]
}

/**
 * Reads files one after the other, each in the state that those before it leave behind.
 *
 * @param sources in the order in which they are to run
 * @returns one analysis for each, in the same order. Never throws for what a file says.
 * @example
 * ```ts
 * const { sources } = await readMigrationDirectory('migrations')
 * const analyses = analyseHistory(sources, { parser: await loadParser() })
 * ```
 */
export function analyseHistory(
  sources: readonly MigrationSource[],
  options: AnalyseOptions,
): MigrationAnalysis[] {
  return readAll(options, (surroundings) =>
    sources.map((source) => analyseInto(source, surroundings)),
  )
}

/** Reads one file alone, in an empty database or in the given state. */
export function analyseMigration(
  source: MigrationSource,
  options: AnalyseOptions,
): MigrationAnalysis {
  return readAll(options, (surroundings) => analyseInto(source, surroundings))
}

type Surroundings = AnalyseOptions & {
  readonly catalog: Catalog
  readonly skips: Map<Key, Skip>
  /** What is decided when all files are read, with the effects that get it. */
  readonly suspects: (Suspect & { readonly effects: Effects })[]
}

function readAll<Result>(options: AnalyseOptions, read: (around: Surroundings) => Result): Result {
  const catalog = options.catalog ?? createCatalog()
  const surroundings: Surroundings = { ...options, catalog, skips: new Map(), suspects: [] }
  const result = read(surroundings)
  for (const { calledBy, reference, effects } of surroundings.suspects) {
    // As long as no trigger calls it, one may come that gives the name.
    const names = catalog.rowNames.get(calledBy)
    if (names?.has(reference.word) === false) effects.lateMissing.push(reference)
  }
  return result
}

function analyseInto(source: MigrationSource, surroundings: Surroundings): MigrationAnalysis {
  const split = splitStatements(source, surroundings.parser)
  const { catalog } = surroundings
  if (split.kind === 'refused') {
    catalog.open = true
    return finish(source, [], split.objections)
  }
  const searchPath = surroundings.searchPath ?? ['public']
  const session: Session = { path: searchPath, defaultPath: searchPath, checksBodies: true }
  const statements = stripWrapper(split.statements)
  const work: Work = { source, surroundings, session, positions: split.positions }
  const declared = createEffects()
  applyHeader(contextOf(work, { effects: declared, statement: undefined }), source.header)
  const read = statements.map((statement) => readStatement(work, statement))
  const classified = classifyStatements(statements, (node) =>
    selfCommitting(node, statements, read),
  )
  const analysed = statements.map((statement, index) => {
    const effects = read[index] ?? createEffects()
    const found = { statement, effects, classified: classified[index] }
    return analysedStatement(work, found, { first: index === 0 ? declared : undefined })
  })
  leave(catalog, source)
  return finish(
    source,
    withBoundaries(analysed, statements, catalog),
    objectionsOf(source, analysed, statements),
  )
}

type Work = {
  readonly source: MigrationSource
  readonly surroundings: Surroundings
  readonly session: Session
  readonly positions: Positions
}

type Reading = { readonly effects: Effects; readonly statement: ParsedStatement | undefined }

function contextOf(
  { source, surroundings, session, positions }: Work,
  { effects, statement }: Reading,
): Context {
  return {
    catalog: surroundings.catalog,
    effects,
    session,
    parser: surroundings.parser,
    origin: { migration: source.id, statementNo: statement?.no ?? 1 },
    maybe: false,
    base: 0,
    names: new Set(),
    run: runStatement,
    statement: statement?.text ?? '',
    textFrom: (byte) => positions.slice(byte, statement?.endByte ?? positions.lengthBytes),
    skips: surroundings.skips,
  }
}

function readStatement(work: Work, statement: ParsedStatement): Effects {
  const effects = createEffects()
  const context = contextOf(work, { effects, statement })
  if (!('TransactionStmt' in statement.node)) runStatement(context, statement.node)
  readLabels(context)
  const { header } = work.source
  if (effects.opaque) declaredTokens(effects, header)
  const { catalog } = work.surroundings
  work.surroundings.suspects.push(...effects.suspects.map((one) => ({ ...one, effects })))
  for (const token of effects.tokens) catalog.tokens.add(token)
  if (effects.makesUnknown && header.defines.length === 0) catalog.open = true
  return effects
}

/** A constant that is a label of an enum which the statement uses was probably meant as one. */
function readLabels({ catalog, effects }: Context): void {
  if (effects.literals.size === 0) return
  const types = new Set([...effects.reads].flatMap((key) => typesOf(catalog, withoutAspect(key))))
  for (const type of types) {
    const object = catalog.get(type)
    if (!isType(object) || object.labels === undefined) continue
    for (const literal of effects.literals) effects.reads.add(labelKey(type, literal))
  }
}

/** A type itself, or the type of a column. */
function typesOf(catalog: Catalog, key: Key): Key[] {
  if (key.startsWith('ty:')) return [key]
  if (!key.startsWith('c:')) return []
  return [...(catalog.get(key)?.deps ?? [])].filter((dep) => dep.startsWith('ty:'))
}

function selfCommitting(
  node: Node,
  statements: readonly ParsedStatement[],
  read: readonly Effects[],
): boolean | undefined {
  const index = statements.findIndex((statement) => statement.node === node)
  return read[index]?.commits
}

type Found = {
  readonly statement: ParsedStatement
  readonly effects: Effects
  readonly classified: Classified | undefined
}

function analysedStatement(
  work: Work,
  found: Found,
  { first }: { first: Effects | undefined },
): AnalysedStatement {
  const { statement, effects, classified } = found
  const { node, ...text } = statement
  const { positions } = work
  const own = { line: text.line, column: text.column }
  return {
    ...text,
    ...(classified ?? { txClass: 'tx', segment: 1, control: undefined }),
    ...touchesOf([effects, ...(first === undefined ? [] : [first])]),
    kind: Object.keys(node)[0] ?? '',
    boundary: undefined,
    locks: locksOf(node, effects),
    missing: [...(first?.missing ?? []), ...effects.missing],
    lateMissing: effects.lateMissing,
    clashes: [...effects.clashes],
    skips: effects.skips,
    blockers: effects.blockers,
    placeOf: (key) => {
      const byte = effects.places.get(key)
      if (byte !== undefined) return positions.at(byte)
      return locateName(statement, positions, { word: wordOf(key) }) ?? own
    },
    placeOfReference: (reference) => placeOfReference(work, statement, reference),
  }
}

function placeOfReference({ positions }: Work, statement: ParsedStatement, reference: Reference) {
  if (reference.byte !== undefined) return positions.at(reference.byte)
  return (
    locateName(statement, positions, { word: reference.word, nearByte: reference.near }) ?? {
      line: statement.line,
      column: statement.column,
    }
  )
}

const wordOf = (key: Key): string => {
  const last = /(?:"((?:[^"]|"")*)"|([^."(]+))(?:\(.*\))?$/s.exec(withoutAspect(key))
  return last?.[1]?.replaceAll('""', '"') ?? last?.[2] ?? ''
}

function locksOf(node: Node, effects: Effects): LockHint[] {
  const mode = lockOf(node)
  if (mode === undefined) return []
  const isNew = (key: Key) => effects.creates.has(key)
  const relations = [...effects.reads, ...effects.drops].filter(
    (key) => key.startsWith('t:') && !key.includes('#') && !key.endsWith('*') && !isNew(key),
  )
  const [first] = relations
  if (first === undefined) return []
  // Schemas of the search path that do not have it are looked into before the one that does.
  const found = relations.findLast((key) => lastName(key) === lastName(first))
  return [{ relation: found ?? first, mode }]
}

const isShared = (key: Key) => !isTemporary(key)

export function touchesOf(list: readonly (Touches | Effects)[]): Touches {
  const union = (
    name: 'creates' | 'drops' | 'renames' | 'releases' | 'softReads' | 'dataReads' | 'dataWrites',
  ) => new Set(list.flatMap((one) => [...one[name]]).filter(isShared))
  const dataReads = union('dataReads')
  const dataWrites = union('dataWrites')
  return {
    reads: new Set([...list.flatMap((one) => [...one.reads]).filter(isShared), ...dataReads]),
    writes: new Set([...list.flatMap((one) => [...one.writes]).filter(isShared), ...dataWrites]),
    creates: union('creates'),
    drops: union('drops'),
    renames: union('renames'),
    releases: union('releases'),
    softReads: union('softReads'),
    dataReads,
    dataWrites,
    opaque: list.some((one) => one.opaque),
    tokens: new Set(list.flatMap((one) => [...one.tokens])),
  }
}

/** Finds new labels of enums that a later statement of the same file needs. */
function withBoundaries(
  analysed: readonly AnalysedStatement[],
  statements: readonly ParsedStatement[],
  catalog: Catalog,
): AnalysedStatement[] {
  return analysed.map((one, index) => {
    const node = statements[index]?.node
    if (node === undefined || !('AlterEnumStmt' in node) || node.AlterEnumStmt.newVal === undefined)
      return one
    if (node.AlterEnumStmt.oldVal !== undefined) return one
    const type = withoutAspect([...one.writes].find((key) => key.endsWith('#labels')) ?? '')
    const user = analysed.slice(index + 1).find((later) => usesType(later, type, catalog))
    const boundary: Boundary = { type, label: node.AlterEnumStmt.newVal, usedBy: user?.no }
    return { ...one, boundary }
  })
}

function usesType(statement: AnalysedStatement, type: Key, catalog: Catalog): boolean {
  if (statement.kind === 'AlterEnumStmt') return false
  return [...statement.reads, ...statement.softReads].some((key) => {
    const bare = withoutAspect(key)
    return bare === type || (bare.startsWith('c:') && catalog.get(bare)?.deps.has(type) === true)
  })
}

/** What a file leaves to the next: no temporary tables. */
function leave(catalog: Catalog, { header }: MigrationSource): void {
  for (const object of Array.from(catalog.objects.values()))
    if (isRelation(object) && object.name.schema === 'pg_temp') catalog.remove(object.key)
  if (header.opaque && header.defines.length === 0) catalog.open = true
}

function finish(
  source: MigrationSource,
  statements: readonly AnalysedStatement[],
  objections: readonly Objection[],
): MigrationAnalysis {
  const touches = touchesOf(statements)
  const { id, version, file, header } = source
  return {
    id,
    version,
    file,
    header,
    statements,
    objections,
    ...touches,
    opaque: touches.opaque || header.opaque || (objections.length > 0 && statements.length === 0),
  }
}

function objectionsOf(
  source: MigrationSource,
  analysed: readonly AnalysedStatement[],
  statements: readonly ParsedStatement[],
): Objection[] {
  const place = (one: AnalysedStatement) => ({
    migration: source.id,
    file: source.file,
    statementNo: one.no,
    line: one.line,
    column: one.column,
  })
  return analysed.flatMap((one, index) => {
    const node = statements[index]?.node
    const found: Objection[] = []
    if (node !== undefined && isForeign(node))
      found.push(
        objectTo(analyseReasons.foreign, place(one), {
          kind: one.text.split(/\s+/).slice(0, 2).join(' ').toUpperCase(),
        }),
      )
    if (source.header.tx === 'none' && one.txClass === 'tx')
      found.push(objectTo(analyseReasons.notAlone, place(one)))
    return found
  })
}

/**
 * The state that files leave behind, to begin another reading with.
 *
 * @param sources in the order in which they ran
 */
export function catalogAfter(sources: readonly MigrationSource[], parser: Parser): Catalog {
  const catalog = createCatalog()
  analyseHistory(sources, { parser, catalog })
  return catalog
}
