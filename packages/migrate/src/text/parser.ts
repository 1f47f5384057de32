import type { Node, ParseResult, RawStmt, ScanToken } from 'libpg-query'

export type { Node, RawStmt, ScanToken } from 'libpg-query'

/** What PostgreSQL's own parser made of a text, or where it stopped. */
export type Parsed =
  | { readonly kind: 'parsed'; readonly statements: readonly RawStmt[] }
  /** `offset`: 0-based, in characters of the text. `message` is PostgreSQL's. */
  | { readonly kind: 'syntax-error'; readonly message: string; readonly offset: number }

/** PostgreSQL's parser (libpg-query, the grammar of PostgreSQL 18) in WebAssembly. */
export type Parser = {
  /** Never throws. Empty and comment-only texts give no statements. Offsets are UTF-8 bytes. */
  parse(text: string): Parsed
  /** Tokens including comments; offsets are UTF-8 bytes. @throws Error on an unterminated quote */
  scan(text: string): readonly ScanToken[]
  /**
   * The body of a PL/pgSQL function as a tree, from a whole `CREATE FUNCTION` statement.
   * Undefined where PL/pgSQL's own compiler refuses it.
   */
  parsePlpgsql(createFunction: string): PlpgsqlNode | undefined
}

/** A node of PL/pgSQL's tree; PostgreSQL does not document its shape. */
export type PlpgsqlNode = { readonly [key: string]: unknown }

let loading: Promise<Parser> | undefined

/**
 * Loads the parser once for the process. This costs as much as parsing some hundred statements, so
 * only call it when there is something to parse.
 */
export function loadParser(): Promise<Parser> {
  loading ??= import('libpg-query').then(async (module) => {
    await module.loadModule()
    return {
      parse: (text) => tryParse(text, module),
      scan: (text) => module.scanSync(withoutControls(text)).tokens,
      parsePlpgsql(createFunction) {
        try {
          const tree = module.parsePlPgSQLSync(createFunction) as unknown as PlpgsqlTree
          return tree.plpgsql_funcs?.[0]?.PLpgSQL_function
        } catch {
          return undefined
        }
      },
    }
  })
  return loading
}
type PlpgsqlTree = { readonly plpgsql_funcs?: readonly { PLpgSQL_function?: PlpgsqlNode }[] }

type Module = {
  parseSync(text: string): ParseResult
  hasSqlDetails(error: unknown): error is Error & { sqlDetails?: { cursorPosition: number } }
}

function tryParse(text: string, { parseSync, hasSqlDetails }: Module): Parsed {
  // The module calls an empty text an error, but a text of one comment none.
  if (text.trim() === '') return { kind: 'parsed', statements: [] }
  try {
    return { kind: 'parsed', statements: parseSync(text).stmts ?? [] }
  } catch (error) {
    const offset = hasSqlDetails(error) ? (error.sqlDetails?.cursorPosition ?? 0) : 0
    const message = error instanceof Error ? error.message : String(error)
    return { kind: 'syntax-error', message, offset: Math.max(offset, 0) }
  }
}

/**
 * The scanner hands its answer over as JSON and does not escape control characters, so they are
 * covered; every offset stays what it was. Outside of literals and comments none can stand.
 */
function withoutControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the characters in question
  return text.replaceAll(/[\u0001-\u0008\u000b\u000e-\u001f]/g, '?')
}

/** A node as its tag and content: `{ SelectStmt: {…} }` is `['SelectStmt', {…}]`. */
export function tagOf(node: Node): string {
  return Object.keys(node)[0] ?? ''
}
