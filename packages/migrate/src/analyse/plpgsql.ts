import type { FunctionParameter, Node } from 'libpg-query'
import type { PlpgsqlNode } from '../text/parser.ts'
import { type Context, createEffects, type Effects } from './effects.ts'
import { constantText } from './text-names.ts'
import { createScope } from './scope.ts'
import { visit } from './query.ts'
import { readColumn, readRelation, strings } from './resolve.ts'
import { commitsItself } from './tx-class.ts'

export type Body = {
  readonly body: string
  readonly parameters: readonly FunctionParameter[]
}

/**
 * Reads the statements of a PL/pgSQL body in their order. PL/pgSQL's compiler gives the embedded SQL
 * as texts; they are parsed again.
 *
 * @returns apart from all else, what the declarations look up when the body is compiled
 */
export function readPlpgsql(context: Context, { body, parameters }: Body): Effects {
  const declared = createEffects()
  const tree = treeOf(context, { body, parameters })
  if (tree === undefined) {
    becomeOpaque(context, body)
    return declared
  }
  const names = new Set([...context.names, ...variablesOf(tree)])
  const inner: Context = { ...context, names }
  readTypesOf({ ...inner, effects: declared }, tree)
  walk({ ...inner, cursor: { body, at: 0 } }, tree['action'])
  if (commitsItself(tree)) context.effects.commits = true
  return declared
}

/**
 * The tree of a body. The statement itself is tried first; inside of other bodies there is none, so
 * the body is put into functions of our own until PL/pgSQL's compiler agrees with one.
 */
function treeOf(context: Context, { body, parameters }: Body): PlpgsqlNode | undefined {
  const tag = dollarTag(body)
  const rest = `language plpgsql as ${tag}${body}${tag}`
  const list = parameters
    .filter(({ name }) => name !== undefined)
    .map(({ name = '' }) => `"${name.replaceAll('"', '""')}" integer`)
  const texts = [
    ...(/^\s*create\b/i.test(context.statement) && context.statement.includes(body)
      ? [context.statement]
      : []),
    `create procedure f(${list.join(', ')}) ${rest}`,
    `create function f(${list.join(', ')}) returns integer ${rest}`,
    `create function f(${list.join(', ')}) returns setof record ${rest}`,
    `create function f() returns trigger ${rest}`,
    `create function f() returns event_trigger ${rest}`,
  ]
  for (const text of texts) {
    const tree = context.parser.parsePlpgsql(text)
    if (tree !== undefined) return tree
  }
  return undefined
}

function dollarTag(body: string): string {
  let tag = '$body$'
  for (let number = 0; body.includes(tag); number += 1) tag = `$body${number}$`
  return tag
}

/** Words of a text that nobody can read further. */
export function wordsOf(text: string): string[] {
  return [...new Set(text.match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? [])]
}

function becomeOpaque(context: Context, text: string): void {
  context.effects.opaque = true
  for (const word of wordsOf(text)) context.effects.tokens.add(word)
  if (/\b(?:create|rename|add)\b/i.test(text)) context.effects.makesUnknown = true
}

type Walking = Context & { readonly cursor: { readonly body: string; at: number } }

const isNode = (value: unknown): value is PlpgsqlNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function variablesOf(tree: PlpgsqlNode): string[] {
  const datums = Array.isArray(tree['datums']) ? (tree['datums'] as PlpgsqlNode[]) : []
  return datums.flatMap((datum) => {
    const [content] = Object.values(datum)
    return isNode(content) && typeof content['refname'] === 'string' ? [content['refname']] : []
  })
}

/** Types of declared variables: `users%rowtype`, `users.id%type`, and plain ones. */
function readTypesOf(context: Context, tree: PlpgsqlNode): void {
  const datums = Array.isArray(tree['datums']) ? (tree['datums'] as PlpgsqlNode[]) : []
  for (const datum of datums) {
    const [content] = Object.values(datum)
    const type = isNode(content) && isNode(content['datatype']) ? content['datatype'] : undefined
    const inner = type?.['PLpgSQL_type']
    if (isNode(inner) && typeof inner['typname'] === 'string')
      readTypeText(context, inner['typname'])
  }
}

function readTypeText(context: Context, text: string): void {
  const match = /^(.*)%(rowtype|type)$/is.exec(text.trim())
  if (match === null) return readPlainType(context, text)
  // The compiler has folded the names and taken their quotes away.
  const parts = (match[1] ?? '').split('.')
  const isRow = match[2]?.toLowerCase() === 'rowtype'
  const [schemaname, relname] = isRow ? [parts.at(-2), parts.at(-1)] : [parts.at(-3), parts.at(-2)]
  // `other%type` copies the type of another variable.
  if (relname === undefined) return
  const range = { relname, ...(schemaname === undefined ? {} : { schemaname }) }
  const found = readRelation(context, range)
  if (!isRow && found.kind === 'found')
    readColumn(context, found.relation, { column: parts.at(-1) ?? '' })
}

function readPlainType(context: Context, text: string): void {
  const parsed = context.parser.parse(`select null::${text}`)
  if (parsed.kind === 'parsed')
    visit(
      { context: { ...context, base: undefined }, use: 'define' },
      parsed.statements[0]?.stmt,
      createScope(),
    )
}

/** Parts of a node that run only sometimes. */
const conditional = new Set([
  'PLpgSQL_stmt_if',
  'PLpgSQL_stmt_case',
  'PLpgSQL_stmt_loop',
  'PLpgSQL_stmt_while',
  'PLpgSQL_stmt_fori',
  'PLpgSQL_stmt_fors',
  'PLpgSQL_stmt_forc',
  'PLpgSQL_stmt_foreach_a',
  'PLpgSQL_stmt_dynfors',
])

function walk(context: Walking, value: unknown): void {
  if (Array.isArray(value)) {
    let isSure = true
    for (const item of value) {
      walk(isSure ? context : { ...context, maybe: true }, item)
      isSure &&= !mayReturn(item)
    }
    return
  }
  if (!isNode(value)) return
  for (const [tag, content] of Object.entries(value)) walkTagged(context, tag, content)
}

/** What stands behind `if … then return; end if` runs only sometimes, too. */
function mayReturn(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(mayReturn)
  if (!isNode(value)) return false
  return Object.entries(value).some(
    ([tag, content]) => tag === 'PLpgSQL_stmt_return' || mayReturn(content),
  )
}

type Reader = (context: Walking, content: PlpgsqlNode) => void

/** Nodes that hold SQL. */
const readers: Readonly<Record<string, Reader>> = {
  PLpgSQL_expr: readExpression,
  PLpgSQL_stmt_dynexecute: (context, content) =>
    readDynamic(context, content['query'], content['params']),
  PLpgSQL_stmt_dynfors: (context, content) => {
    readDynamic(context, content['query'], content['params'])
    walk({ ...context, maybe: true }, content['body'])
  },
  dynquery: (context, content) => readDynamic(context, content, undefined),
}

function walkTagged(context: Walking, tag: string, content: unknown): void {
  const reader = readers[tag]
  if (reader !== undefined && isNode(content)) return reader(context, content)
  const isSometimes = conditional.has(tag) || hasHandlers(tag, content)
  walk(isSometimes ? { ...context, maybe: true } : context, content)
}

/** What fails in a block with EXCEPTION is undone, and the block goes on. */
const hasHandlers = (tag: string, content: unknown) =>
  tag === 'PLpgSQL_stmt_block' && isNode(content) && content['exceptions'] !== undefined

/** Ways in which PL/pgSQL parses its texts (RawParseMode of PostgreSQL's parser). */
const asStatement = 0
const asExpression = 2

function readExpression(context: Walking, content: PlpgsqlNode): void {
  const query = content['query']
  const mode = content['parseMode']
  if (typeof query !== 'string') return
  const place = placeOf(context, query)
  if (mode === undefined || mode === asStatement) return readSql(context, query, place)
  if (mode === asExpression)
    return readSql(context, `select ${query}`, place === undefined ? undefined : place - 7)
  const value = /^[^:=]*:?=(.*)$/s.exec(query)?.[1]
  if (value !== undefined) readSql(context, `select ${value}`, undefined)
}

/** Where an embedded text begins in the file; PL/pgSQL says only in which line. */
function placeOf({ base, cursor }: Walking, query: string): number | undefined {
  if (base === undefined) return undefined
  const stem = query.slice(0, 24)
  const found = cursor.body.indexOf(stem, cursor.at)
  if (found === -1) return undefined
  cursor.at = found
  return base + Buffer.byteLength(cursor.body.slice(0, found))
}

function readSql(context: Walking, text: string, base: number | undefined): void {
  const parsed = context.parser.parse(text)
  if (parsed.kind === 'syntax-error') return becomeOpaque(context, text)
  for (const { stmt } of parsed.statements)
    if (stmt !== undefined) context.run({ ...context, base, near: base }, stmt)
}

/** EXECUTE: a constant text is read like any other, the rest leaves its words. */
function readDynamic(context: Walking, query: unknown, params: unknown): void {
  walk(context, params)
  const text =
    isNode(query) && isNode(query['PLpgSQL_expr']) ? query['PLpgSQL_expr']['query'] : undefined
  if (typeof text !== 'string') return
  const parsed = context.parser.parse(`select ${text}`)
  const expression = parsed.kind === 'parsed' ? firstTarget(parsed.statements[0]?.stmt) : undefined
  const constant = foldText(expression)
  if (constant !== undefined && context.parser.parse(constant).kind === 'parsed')
    return readSql({ ...context }, constant, undefined)
  becomeOpaque(context, constantsOf(expression).join(' '))
}

function firstTarget(node: Node | undefined): Node | undefined {
  if (node === undefined || !('SelectStmt' in node)) return undefined
  const [target] = node.SelectStmt.targetList ?? []
  return target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
}

/** The value of a text expression of constants: literals, `||`, `format`, `quote_ident`. */
function foldText(node: Node | undefined): string | undefined {
  const constant = constantText(node)
  if (constant !== undefined || node === undefined) return constant
  if ('A_Expr' in node && strings(node.A_Expr.name).join() === '||') {
    const sides = [foldText(node.A_Expr.lexpr), foldText(node.A_Expr.rexpr)]
    return sides.includes(undefined) ? undefined : sides.join('')
  }
  return 'FuncCall' in node ? foldCall(node.FuncCall) : undefined
}

function foldCall({ funcname, args }: { funcname?: Node[]; args?: Node[] }): string | undefined {
  const name = strings(funcname).at(-1) ?? ''
  const values = (args ?? []).map(foldText)
  const [first, ...rest] = values
  if (first === undefined || values.includes(undefined)) return undefined
  if (name === 'quote_ident') return quoteIdentifier(first)
  if (name === 'quote_literal') return quoteLiteral(first)
  return name === 'format'
    ? formatText(
        first,
        rest.map((value) => value ?? ''),
      )
    : undefined
}

const quoteIdentifier = (text: string) =>
  /^[a-z_][a-z0-9_]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`
const quoteLiteral = (text: string) => `'${text.replaceAll(`'`, `''`)}'`

/** PostgreSQL's `format` with `%s`, `%I`, `%L`, `%%` and positions. */
function formatText(pattern: string, values: readonly string[]): string | undefined {
  let next = 0
  let complete = true
  const text = pattern.replaceAll(
    /%(?:(\d+)\$)?([sIL%])/g,
    (_, position: string | undefined, kind: string) => {
      if (kind === '%') return '%'
      const index = position === undefined ? next : Number(position) - 1
      next = index + 1
      const value = values[index]
      if (value === undefined) complete = false
      if (kind === 'I') return quoteIdentifier(value ?? '')
      return kind === 'L' ? quoteLiteral(value ?? '') : (value ?? '')
    },
  )
  return complete ? text : undefined
}

/** All literals of an expression. */
function constantsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(constantsOf)
  if (typeof value !== 'object' || value === null) return []
  if ('sval' in value && typeof value.sval === 'string') return [value.sval]
  return Object.values(value).flatMap(constantsOf)
}
