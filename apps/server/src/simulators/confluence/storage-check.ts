const token =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y
const text = /[^<&]+/y
const entity = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w{1,31});/iy

/** Confluence knows the names of HTML as well as the five of XML; a sample of them. */
const named = new Set(
  'amp lt gt quot apos nbsp copy reg trade hellip mdash ndash lsquo rsquo ldquo rdquo laquo raquo bull middot times divide euro pound cent deg plusmn rarr larr uarr darr rlm lrm zwj zwnj shy ensp emsp thinsp eacute egrave agrave uuml ouml auml szlig'.split(
    ' ',
  ),
)

/**
 * Whether storage format is what Confluence takes: well-formed XML with `ac:` and `ri:` in it.
 *
 * @returns what Confluence would say of it; undefined where it is fine
 */
export function storageProblem(source: string): string | undefined {
  const open: string[] = []
  let position = 0
  while (position < source.length) {
    const read = readPiece(source, position)
    if (read === undefined) return at(source, position, 'Unexpected character')
    const problem = follow(open, read)
    if (problem !== undefined) return at(source, position, problem)
    position = read.end
  }
  const last = open.at(-1)
  return last === undefined
    ? undefined
    : at(source, source.length, `Unexpected EOF; was expecting a close tag for element <${last}>`)
}

type Piece = {
  readonly end: number
  readonly opened?: string | undefined
  readonly closed?: string | undefined
  readonly problem?: string
}

function readPiece(source: string, position: number): Piece | undefined {
  for (const pattern of [text, token, entity]) {
    pattern.lastIndex = position
    const found = pattern.exec(source)
    if (found === null) continue
    if (pattern === entity) return readEntity(found[0], pattern.lastIndex)
    if (pattern === text) return { end: pattern.lastIndex }
    return readTag(found, pattern.lastIndex)
  }
  return undefined
}

function readEntity(whole: string, end: number): Piece {
  const name = whole.slice(1, -1)
  if (name.startsWith('#') || named.has(name)) return { end }
  return { end, problem: `Undeclared general entity "${name}"` }
}

function readTag([, closed, opened, attributes = '', slash]: RegExpExecArray, end: number): Piece {
  const names = [...attributes.matchAll(/([\w:.-]+)\s*=/g)].map(([, name]) => name)
  if (new Set(names).size < names.length) return { end, problem: 'Duplicate attribute' }
  if (/&(?!(?:#\d+|#x[\da-f]+|\w+);)/i.test(attributes))
    return { end, problem: 'Unexpected character in attribute' }
  const prefix = (opened ?? closed)?.split(':').at(-2)
  if (prefix !== undefined && !['ac', 'ri', 'at'].includes(prefix))
    return { end, problem: `Undeclared namespace prefix "${prefix}"` }
  return slash === '/' ? { end } : { end, opened, closed }
}

function follow(open: string[], { opened, closed, problem }: Piece): string | undefined {
  if (problem !== undefined) return problem
  if (opened !== undefined) open.push(opened)
  if (closed === undefined) return undefined
  const expected = open.pop()
  return expected === closed
    ? undefined
    : `Unexpected close tag </${closed}>; expected </${expected ?? ''}>`
}

function at(source: string, position: number, problem: string): string {
  const lines = source.slice(0, position).split('\n')
  const column = (lines.at(-1)?.length ?? 0) + 1
  return `Error parsing xhtml: ${problem}. at [row,col {unknown-source}]: [${lines.length},${column}]`
}

/** The words of a page, for searches and excerpts. */
export function wordsOf(storage: string): string {
  return storage
    .replaceAll(/<!--[\s\S]*?-->/g, ' ')
    .replaceAll(/<ac:parameter[^>]*>[\s\S]*?<\/ac:parameter>/g, ' ')
    .replaceAll(/<!\[CDATA\[([\s\S]*?)\]\]>/g, ' $1 ')
    .replaceAll(/<\/?[\w:.-]+[^>]*>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
