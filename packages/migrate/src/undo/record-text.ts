/**
 * Reads a row as PostgreSQL writes it as text, `(1,"a ""b""",,"")`: one text for each column, and
 * undefined for NULL.
 *
 * @throws Error where the text is not a row
 */
export function readRecord(text: string): (string | undefined)[] {
  if (!text.startsWith('(') || !text.endsWith(')')) throw new Error('not a row of PostgreSQL')
  const fields: (string | undefined)[] = []
  let at = 1
  while (at < text.length) {
    const field = fieldAt(text, at)
    fields.push(field.value)
    at = field.end + 1
  }
  return fields
}

type Field = { readonly value: string | undefined; readonly end: number }

/** `end` is the place of the comma or parenthesis behind it. */
function fieldAt(text: string, start: number): Field {
  const first = text[start]
  if (first === ',' || first === ')') return { value: undefined, end: start }
  if (first === '"') return quotedAt(text, start + 1)
  const plain = /[,)]/g
  plain.lastIndex = start
  const end = plain.exec(text)?.index ?? text.length
  return { value: text.slice(start, end), end }
}

/** Quotes are doubled and backslashes, too. */
function quotedAt(text: string, start: number): Field {
  const mark = /"|\\/g
  let value = ''
  let from = start
  for (;;) {
    mark.lastIndex = from
    const found = mark.exec(text)
    if (found === null) throw new Error('a row of PostgreSQL does not end')
    const isEnd = found[0] === '"' && text[found.index + 1] !== '"'
    value += text.slice(from, found.index)
    if (isEnd) return { value, end: found.index + 1 }
    value += found[0]
    from = found.index + 2
  }
}
