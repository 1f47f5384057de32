import type {
  AlterFunctionStmt,
  CallStmt,
  CreateFunctionStmt,
  DoStmt,
  FunctionParameter,
  Node,
  ObjectWithArgs,
} from 'libpg-query'
import { type BodyFacts, frozenCatalog, type FunctionFacts } from './catalog.ts'
import {
  byteOf,
  capture,
  type Context,
  create,
  createEffects,
  type Effects,
  letGo,
  mergeEffects,
  isTemporary,
  read,
  write,
} from './effects.ts'
import { functionKey, type Key, schemaKey } from './keys.ts'
import { readPlpgsql, wordsOf } from './plpgsql.ts'
import { createScope } from './scope.ts'
import { readQuery, visit } from './query.ts'
import { runFunction } from './rows.ts'
import {
  findFunctions,
  newName,
  readFunction,
  readStar,
  readType,
  splitName,
  strings,
} from './resolve.ts'
import { typeText } from './type-statements.ts'

type Options = {
  readonly language: string
  /** The text between the quotes; of a C function the name of its file. */
  readonly body: string | undefined
  readonly byte: number | undefined
}

export function createFunction(context: Context, stmt: CreateFunctionStmt): void {
  const name = newName(context, stmt.funcname)
  const parameters = parametersOf(stmt.parameters)
  const deps = capture(context, (inner) => readSignature(inner, stmt, parameters))
  const key = functionKey(name, identityOf(context, parameters))
  const options = optionsOf(context, stmt.options)
  const isTriggered = strings(stmt.returnType?.names).at(-1) === 'trigger'
  const within = isTriggered ? { ...context, triggered: key } : context
  const inside = readBody(within, { stmt, parameters, options })
  if (options.language !== 'plpgsql' && stmt.sql_body !== undefined)
    for (const dep of inside.deps) deps.add(dep)
  const fn: FunctionFacts = {
    key,
    name,
    deps: new Set([...deps, schemaKey(name.schema)]),
    parent: undefined,
    maybe: context.maybe,
    origin: context.origin,
    body: inside.facts,
  }
  announce(context, key, stmt.replace === true)
  context.catalog.add(fn)
}

/** A function that is replaced stays the same for those who use it. */
function announce(context: Context, key: Key, replace: boolean): void {
  const existing = context.catalog.get(key)
  if (!replace || existing === undefined) return create(context, key)
  read(context, key)
  write(context, `${key}#body`)
  for (const dep of existing.deps) letGo(context, existing, dep)
}

const parametersOf = (nodes: readonly Node[] | undefined): FunctionParameter[] =>
  (nodes ?? []).flatMap((node) => ('FunctionParameter' in node ? [node.FunctionParameter] : []))

const inputs = new Set([
  'FUNC_PARAM_IN',
  'FUNC_PARAM_INOUT',
  'FUNC_PARAM_VARIADIC',
  'FUNC_PARAM_DEFAULT',
])

function identityOf(context: Context, parameters: readonly FunctionParameter[]): string {
  return parameters
    .filter(({ mode }) => inputs.has(mode ?? 'FUNC_PARAM_DEFAULT'))
    .map(({ argType }) => typeText(context, argType))
    .join(',')
}

function readSignature(
  context: Context,
  stmt: CreateFunctionStmt,
  parameters: readonly FunctionParameter[],
): void {
  for (const { argType, defexpr } of parameters) {
    readType(context, argType)
    visit({ context, use: 'define' }, defexpr, createScope())
  }
  const { relation } = readType(context, stmt.returnType)
  if (relation !== undefined && isSql(stmt)) readStar(context, relation)
}

const isSql = (stmt: CreateFunctionStmt) =>
  JSON.stringify(stmt.options ?? []).includes('"sval":"sql"')

function optionsOf(context: Context, nodes: readonly Node[] | undefined): Options {
  const named = (name: string) => {
    for (const node of nodes ?? [])
      if ('DefElem' in node && node.DefElem.defname === name) return node.DefElem
    return undefined
  }
  const as = named('as')
  return {
    language: (textsOfOption(named('language')?.arg)[0] ?? 'sql').toLowerCase(),
    body: textsOfOption(as?.arg)[0],
    byte: byteOf(context, as?.location),
  }
}

function textsOfOption(arg: Node | undefined): string[] {
  if (arg === undefined) return []
  return 'List' in arg ? strings(arg.List.items) : strings([arg])
}

type Bodied = {
  readonly stmt: Pick<CreateFunctionStmt, 'sql_body' | 'returnType'>
  readonly parameters: readonly FunctionParameter[]
  readonly options: Options
}
type ReadBody = { readonly facts: BodyFacts | undefined; readonly deps: ReadonlySet<Key> }
const noDeps: ReadonlySet<Key> = new Set()

function readBody(context: Context, bodied: Bodied): ReadBody {
  const { options, stmt } = bodied
  if (stmt.sql_body !== undefined) return readAtomic(context, bodied)
  if (options.body === undefined) return { facts: undefined, deps: noDeps }
  if (options.language === 'sql') return readSqlBody(context, bodied, options.body)
  if (options.language === 'plpgsql')
    return { facts: readPlpgsqlBody(context, bodied), deps: noDeps }
  const tokens = /^(?:c|internal)$/.test(options.language) ? [] : wordsOf(options.body)
  return {
    facts: { reads: noDeps, writes: noDeps, tokens: new Set(tokens), commits: false, makes: false },
    deps: noDeps,
  }
}

/** A context in which nothing happens yet; what is found is collected apart. */
function later(context: Context, names: Iterable<string>): Context {
  return {
    ...context,
    catalog: frozenCatalog(context.catalog),
    effects: createEffects(),
    session: { ...context.session },
    maybe: false,
    names: new Set([...context.names, ...names]),
  }
}

const namesOf = (parameters: readonly FunctionParameter[]) =>
  parameters.flatMap(({ name }) => (name === undefined ? [] : [name]))

function factsOf(effects: Effects): BodyFacts {
  return {
    reads: new Set([...effects.reads, ...effects.dataReads]),
    writes: new Set([...effects.writes, ...effects.dataWrites]),
    tokens: effects.tokens,
    commits: effects.commits === true,
    makes: effects.makesUnknown || [...effects.creates].some((key) => !isTemporary(key)),
  }
}

/** Takes over what the definition checks, without the rows that only a call touches. */
function adopt(context: Context, effects: Effects, hard: boolean): void {
  for (const [key, byte] of effects.places)
    if (!context.effects.places.has(key)) context.effects.places.set(key, byte)
  const reads = hard ? context.effects.reads : context.effects.softReads
  for (const key of [...effects.reads, ...effects.softReads]) reads.add(key)
  for (const key of effects.writes) context.effects.softReads.add(key)
  const missing = hard ? context.effects.missing : context.effects.lateMissing
  missing.push(...effects.missing)
  context.effects.lateMissing.push(...effects.lateMissing)
  context.effects.suspects.push(...effects.suspects)
}

/** `begin atomic … end` and `return …`: parsed now, and depended on like a view. */
function readAtomic(context: Context, { stmt, parameters }: Bodied): ReadBody {
  const inner = later(context, namesOf(parameters))
  readStatements(inner, stmt.sql_body)
  adopt(context, inner.effects, true)
  const deps = [...inner.effects.reads].filter(
    (key) => !key.includes('#') && !key.endsWith('*') && !key.startsWith('d:'),
  )
  return { facts: factsOf(inner.effects), deps: new Set(deps) }
}

function readStatements(context: Context, value: unknown): void {
  if (Array.isArray(value)) return value.forEach((item) => readStatements(context, item))
  if (typeof value !== 'object' || value === null) return
  const reader = { context, use: 'run' } as const
  if ('List' in value) return readStatements(context, (value.List as { items?: Node[] }).items)
  if ('ReturnStmt' in value) return visit(reader, value.ReturnStmt, createScope())
  readQuery(reader, value as Node)
}

/** The text of an SQL function is checked at once, unless a dump has turned that off. */
function readSqlBody(
  context: Context,
  { parameters, options, stmt }: Bodied,
  body: string,
): ReadBody {
  const parsed = context.parser.parse(body)
  if (parsed.kind === 'syntax-error') return { facts: undefined, deps: noDeps }
  const inner = {
    ...later(context, namesOf(parameters)),
    base: options.byte === undefined ? undefined : bodyByte(context, { options, body }),
  }
  for (const { stmt: node } of parsed.statements)
    if (node !== undefined) inner.run({ ...inner, near: inner.base }, node)
  const polymorphic = /"sval":"any(?:element|array|compatible\w*|range|enum)"/.test(
    JSON.stringify([parameters, stmt.returnType]),
  )
  adopt(context, inner.effects, context.session.checksBodies && !polymorphic)
  return { facts: factsOf(inner.effects), deps: noDeps }
}

/** Where the text of a body begins in the file; undefined where quotes are doubled in it. */
function bodyByte(
  context: Context,
  { options, body }: { options: Options; body: string },
): number | undefined {
  if (options.byte === undefined) return undefined
  const found = context.textFrom(options.byte).indexOf(body)
  return found === -1
    ? undefined
    : options.byte + Buffer.byteLength(context.textFrom(options.byte).slice(0, found))
}

function readPlpgsqlBody(context: Context, { parameters, options }: Bodied): BodyFacts {
  const body = options.body ?? ''
  const inner = {
    ...later(context, namesOf(parameters)),
    base: bodyByte(context, { options, body }),
  }
  const declared = readPlpgsql(inner, { body, parameters })
  adopt(context, inner.effects, false)
  // The types of variables are looked up when the function is made.
  if (context.session.checksBodies) mergeEffects(context.effects, declared)
  return factsOf(inner.effects)
}

/** DO: the body runs at once. */
export function runBlock(context: Context, stmt: DoStmt): void {
  const { language, body, byte } = optionsOf(context, stmt.args)
  const isNamed = (stmt.args ?? []).some(
    (node) => 'DefElem' in node && node.DefElem.defname === 'language',
  )
  if (body === undefined) return
  if (isNamed && language !== 'plpgsql') {
    context.effects.opaque = true
    for (const word of wordsOf(body)) context.effects.tokens.add(word)
    return
  }
  const base = bodyByte(context, { options: { language, body, byte }, body })
  const declared = readPlpgsql({ ...context, base }, { body, parameters: [] })
  mergeEffects(context.effects, declared)
}

export function callProcedure(context: Context, { funccall }: CallStmt): void {
  if (funccall === undefined) return
  const found = readFunction(
    context,
    strings(funccall.funcname),
    byteOf(context, funccall.location),
  )
  visit({ context, use: 'run' }, funccall.args, createScope())
  for (const one of found) runFunction(context, one)
  const known = found.length > 0 && found.every((one) => one.body !== undefined)
  const commits = found.some((one) => one.body?.commits === true)
  if (commits) context.effects.commits = true
  else if (!known) context.effects.commits = undefined
}

/** Functions that an `ObjectWithArgs` may mean: with these arguments, or the only one of the name. */
export function functionsMeant(
  context: Context,
  { objname, objargs, args_unspecified }: ObjectWithArgs,
): FunctionFacts[] {
  const found = findFunctions(context, splitName(strings(objname)))
  if (args_unspecified === true || found.length < 2) return found
  const types = (objargs ?? [])
    .map((node) => typeText(context, 'TypeName' in node ? node.TypeName : undefined))
    .join(',')
  const exact = found.filter((one) => one.key.endsWith(`(${types})`))
  return exact.length > 0 ? exact : found
}

export function alterFunction(context: Context, { func }: AlterFunctionStmt): void {
  if (func === undefined) return
  const found = functionsMeant(context, func)
  if (found.length === 0) readFunction(context, strings(func.objname))
  for (const { key } of found) {
    read(context, key)
    write(context, `${key}#options`)
  }
}
