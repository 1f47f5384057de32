/** One line or paragraph of a document, in reading order. */
export type Line = {
  readonly text: string
  /** From 1. */
  readonly page?: number | undefined
  /** Of a heading, from 1. */
  readonly level?: number | undefined
}

/** A piece of text in which something is found and cited: one page, below one heading. */
export type Chunk = {
  readonly text: string
  /** From the outermost. */
  readonly headings: string[]
  readonly page?: number
}

/** About as much as a model is given of one passage, in UTF-16 units. */
const chunkLength = 1_200
const headingLengthMax = 200

/** Puts lines together to chunks, and parts paragraphs that are longer at a sentence or a word. */
export function chunkLines(lines: Iterable<Line>): Chunk[] {
  const chunks: Chunk[] = []
  const headings: string[] = []
  let page: number | undefined
  let open: string[] = []
  let length = 0
  const close = () => {
    const text = open.join('\n').trim()
    if (text !== '')
      chunks.push({
        text,
        headings: headings.filter((heading) => heading !== ''),
        ...(page === undefined ? {} : { page }),
      })
    open = []
    length = 0
  }
  for (const line of lines) {
    if (line.page !== page || line.level !== undefined) close()
    page = line.page
    if (line.level !== undefined) {
      headings.length = Math.min(headings.length, line.level - 1)
      while (headings.length < line.level - 1) headings.push('')
      headings.push(line.text.slice(0, headingLengthMax))
    }
    for (const part of partsOf(line.text)) {
      if (length > 0 && length + part.length > chunkLength) close()
      open.push(part)
      length += part.length
    }
  }
  close()
  return chunks
}

function* partsOf(text: string): Generator<string> {
  let rest = text
  while (rest.length > chunkLength) {
    const head = rest.slice(0, chunkLength)
    const sentence = Math.max(...['. ', '! ', '? ', '\n'].map((end) => head.lastIndexOf(end)))
    const end = sentence > chunkLength / 2 ? sentence + 1 : head.lastIndexOf(' ')
    const cut = end > chunkLength / 4 ? end : whole(rest, chunkLength)
    yield rest.slice(0, cut).trim()
    rest = rest.slice(cut).trim()
  }
  yield rest
}

/** Not between the halves of a character. */
function whole(text: string, length: number): number {
  return /[\uD800-\uDBFF]/.test(text.charAt(length - 1)) ? length - 1 : length
}
