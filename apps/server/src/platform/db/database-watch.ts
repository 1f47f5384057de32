/** Hears of every statement and every wait for a connection; it must neither wait nor throw. */
export type DatabaseWatch = {
  answered(statement: WatchedStatement, durationMs: number, code: string | undefined): void
  connected(waitMs: number): void
  notConnected(error: unknown): void
}

export type WatchedStatement = { readonly operation: string; readonly table: string }

const statements = new Map<string, WatchedStatement>()
/** Lists of varying length make new texts without end. */
const statementsMax = 1_000
const other: WatchedStatement = { operation: '_OTHER', table: '_OTHER' }

const verbs = /\b(select|insert|update|delete|merge)\b/i
const tables =
  /\b(?:from|into|update|join)\s+(?:only\s+)?(?!lateral\b|select\b|set\b)"?([a-z][a-z0-9_]*)"?(?!\s*\()/i

/** What a statement does, and the first table that it names; kept, since texts are few and asked often. */
export function statementOf(text: string): WatchedStatement {
  const known = statements.get(text)
  if (known !== undefined) return known
  if (statements.size >= statementsMax) return other
  const made = {
    operation: (verbs.exec(text)?.[1] ?? '_OTHER').toUpperCase(),
    table: tables.exec(text)?.[1] ?? 'none',
  }
  statements.set(text, made)
  return made
}

export async function watched<T>(
  asking: Promise<T>,
  text: string,
  watch: DatabaseWatch,
): Promise<T> {
  const began = performance.now()
  try {
    const answer = await asking
    watch.answered(statementOf(text), performance.now() - began, undefined)
    return answer
  } catch (error) {
    watch.answered(statementOf(text), performance.now() - began, codeOf(error))
    throw error
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z0-9_]{3,20}$/.test(code) ? code : '_OTHER'
}
