/**
 * First word of a statement in lower case, past comments and parentheses; empty where there is none.
 * Enough to tell a TRUNCATE from an ALTER, which both give a table a new file.
 */
export function headWord(text: string): string {
  return /^[a-z]+/i.exec(afterComments(text))?.[0].toLowerCase() ?? ''
}

/** The statement from its first word on. */
export function afterComments(text: string): string {
  let rest = text.replace(/^[\s(;]+/, '')
  for (;;) {
    const next = skipComment(rest)
    if (next === rest) return rest
    rest = next.replace(/^[\s(;]+/, '')
  }
}

function skipComment(text: string): string {
  if (text.startsWith('--')) {
    const end = text.indexOf('\n')
    return end === -1 ? '' : text.slice(end + 1)
  }
  if (!text.startsWith('/*')) return text
  let depth = 0
  let at = 0
  do {
    const mark = text.slice(at, at + 2)
    if (mark === '/*') depth += 1
    if (mark === '*/') depth -= 1
    at += mark === '/*' || mark === '*/' ? 2 : 1
  } while (depth > 0 && at < text.length)
  return text.slice(at)
}
