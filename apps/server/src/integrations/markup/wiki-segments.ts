/** Parts of wiki markup that lines cannot tell. */
export type WikiSegment =
  | { readonly kind: 'line'; readonly text: string }
  | {
      readonly kind: 'code'
      readonly macro: string
      readonly parameters: string
      readonly text: string
    }
  | { readonly kind: 'open'; readonly macro: string; readonly parameters: string }
  | { readonly kind: 'close'; readonly macro: string }

const block = /\{(code|noformat|quote|panel)(?::([^{}\n]{0,1000}))?\}/g

/**
 * Cuts wiki markup into lines, code that is not read, and the borders of quotes and panels. A border
 * without a partner is text. Linear in the length of the source.
 */
export function wikiSegments(source: string): WikiSegment[] {
  const segments: WikiSegment[] = []
  const pairs = partners(source)
  let rest = ''
  const endText = (isLast = false) => {
    if (rest === '' && !isLast) return
    // The line ends that a border stands between are not text.
    const words = rest.replace(/^\n/, '').replace(/\n$/, '')
    if (words !== '' || rest.length > 1) addLines(segments, words)
    rest = ''
  }
  let from = 0
  for (const border of pairs) {
    if (border.start < from) continue
    rest += source.slice(from, border.start)
    endText()
    segments.push(border.segment)
    from = border.end
  }
  rest += source.slice(from)
  endText(true)
  return segments
}

function addLines(segments: WikiSegment[], words: string): void {
  for (const text of words.split('\n')) segments.push({ kind: 'line', text })
}

type Border = { readonly start: number; readonly end: number; readonly segment: WikiSegment }

type Found = {
  readonly macro: string
  readonly parameters: string
  readonly start: number
  readonly end: number
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function partners(source: string): Border[] {
  const found = bordersOf(source)
  const nextOf = nextWithName(found)
  const borders: Border[] = []
  const open: { readonly macro: string; readonly place: number }[] = []
  const closed = new Set<number>()
  for (let index = 0; index < found.length; index += 1) {
    const border = found[index]
    if (border === undefined) break
    const { macro, parameters, start, end } = border
    if (macro === 'code' || macro === 'noformat') {
      const close = nextOf[index]
      const last = close === undefined ? undefined : found[close]
      if (close === undefined || last === undefined) continue
      const text = codeText(source.slice(end, last.start))
      borders.push({ start, end: last.end, segment: { kind: 'code', macro, parameters, text } })
      index = close
      continue
    }
    const partner = parameters === '' ? open.findLastIndex((one) => one.macro === macro) : -1
    if (partner === -1) open.push({ macro, place: borders.length })
    else for (const { place } of open.splice(partner).slice(0, 1)) closed.add(place)
    const isClose = partner !== -1
    borders.push({
      start,
      end,
      segment: isClose ? { kind: 'close', macro } : { kind: 'open', macro, parameters },
    })
  }
  return borders.filter(({ segment }, place) => segment.kind !== 'open' || closed.has(place))
}

/** One line end belongs to each border. */
function codeText(text: string): string {
  return text.replace(/^\n/, '').replace(/\n$/, '')
}

function bordersOf(source: string): Found[] {
  return [...source.matchAll(block)].flatMap((match): Found[] => {
    const start = match.index
    if (source.charAt(start - 1) === '\\') return []
    const [all, macro = '', parameters = ''] = match
    return [{ macro, parameters, start, end: start + all.length }]
  })
}

/** For each border the next of the same name without parameters. */
function nextWithName(found: readonly Found[]): (number | undefined)[] {
  const next = new Map<string, number>()
  const result: (number | undefined)[] = found.map(() => undefined)
  for (let index = found.length - 1; index >= 0; index -= 1) {
    const border = found[index]
    if (border === undefined) continue
    result[index] = next.get(border.macro)
    if (border.parameters === '') next.set(border.macro, index)
  }
  return result
}
