/** One run of text as pdf.js gives it: turned by itself, not with its line. */
export type DrawnItem = {
  readonly str: string
  readonly dir: string
  readonly transform: readonly number[]
  readonly width: number
  readonly height: number
}

export type DrawnLine = { readonly text: string; readonly height: number }

type Run = { readonly start: number; end: number; hasLetter: boolean }
type CharClass = 'R' | 'L' | 'number' | 'sign' | 'separator' | 'unit' | 'neutral'

const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF]/u
const pairs = ['(', ')', '[', ']', '{', '}', '<', '>', '«', '»']
const mirrored = new Map(pairs.map((char, index) => [char, pairs[index ^ 1] ?? char]))

const knownClasses = new Map<string, CharClass>()

function classOf(char: string): CharClass {
  const known = knownClasses.get(char)
  if (known !== undefined) return known
  const found = findClass(char)
  // As many as a page of several scripts has.
  if (knownClasses.size < 1_000) knownClasses.set(char, found)
  return found
}

function findClass(char: string): CharClass {
  if (rightToLeft.test(char)) return 'R'
  if (/\p{L}/u.test(char)) return 'L'
  if (/\p{Nd}/u.test(char)) return 'number'
  if (/[+\-\u2212]/u.test(char)) return 'sign'
  if (/[,.:/\u00A0]/u.test(char)) return 'separator'
  return /[#%\u00B0\u2030\p{Sc}]/u.test(char) ? 'unit' : 'neutral'
}

/** Classes with the numbers made whole: `1,250.50`, `08:30`, `100-200` and `18%` are one number each. */
function classesOf(chars: readonly string[]): CharClass[] {
  const classes = chars.map(classOf)
  classes.forEach((kind, index) => {
    const isBetween = classes[index - 1] === 'number' && classes[index + 1] === 'number'
    if (isBetween && (kind === 'sign' || kind === 'separator')) classes[index] = 'number'
  })
  if (classes.includes('unit')) {
    spreadNumbers(classes, 1)
    spreadNumbers(classes, -1)
  }
  return classes
}

/** A unit beside a number belongs to it. */
function spreadNumbers(classes: CharClass[], step: 1 | -1): void {
  const order = step === 1 ? classes.keys() : [...classes.keys()].toReversed()
  for (const index of order)
    if (classes[index] === 'unit' && classes[index - step] === 'number') classes[index] = 'number'
}

const countOf = (chars: readonly string[], wanted: CharClass) =>
  chars.filter((char) => classOf(char) === wanted).length

/** A line with Hebrew is right-to-left unless Latin letters outnumber the Hebrew ones two to one. */
function directionOf(text: string): 'rtl' | 'ltr' {
  const chars = Array.from(text)
  const hebrew = countOf(chars, 'R')
  return hebrew > 0 && hebrew * 2 >= countOf(chars, 'L') ? 'rtl' : 'ltr'
}

/** Left-to-right runs of a right-to-left line; `chars` lie as drawn, left to right. */
function leftToRightRuns(chars: readonly string[], classes: readonly CharClass[]): Run[] {
  const runs: Run[] = []
  chars.forEach((_, index) => {
    const kind = classes[index]
    if (kind !== 'L' && kind !== 'number') return
    const run = runs.at(-1)
    if (run === undefined || isApart(run, classes.slice(run.end, index), kind))
      runs.push({ start: index, end: index + 1, hasLetter: kind === 'L' })
    else {
      run.end = index + 1
      run.hasLetter ||= kind === 'L'
    }
  })
  for (const run of runs) closeBracket(run, chars)
  return runs
}

/** Hebrew between parts two runs; so does anything between two numbers. */
function isApart(run: Run, gap: readonly CharClass[], kind: CharClass): boolean {
  return gap.includes('R') || (kind === 'number' && !run.hasLetter && gap.length > 0)
}

/** A bracket that was opened inside a run is closed inside it. */
function closeBracket(run: Run, chars: readonly string[]): void {
  const next = chars[run.end] ?? ' '
  if (!')]}'.includes(next)) return
  const text = chars.slice(run.start, run.end)
  const count = (char: string | undefined) => text.filter((other) => other === char).length
  if (count(mirrored.get(next)) > count(next)) run.end += 1
}

/** Right-to-left runs of a left-to-right line: from a Hebrew letter to the last one before Latin letters. */
function rightToLeftRuns(chars: readonly string[], classes: readonly CharClass[]): Run[] {
  const runs: Run[] = []
  chars.forEach((_, index) => {
    if (classes[index] !== 'R') return
    const run = runs.at(-1)
    if (run === undefined || classes.slice(run.end, index).includes('L'))
      runs.push({ start: index, end: index + 1, hasLetter: true })
    else run.end = index + 1
  })
  return runs
}

function isNested(chars: readonly string[]): boolean {
  const open: (string | undefined)[] = []
  for (const char of chars)
    if ('([{'.includes(char)) open.push(mirrored.get(char))
    else if (')]}'.includes(char) && open.pop() !== char) return false
  return open.length === 0
}

/** A right-to-left line has its runs in reverse; what is left-to-right inside keeps its own order. */
function reverseAround(chars: readonly string[], swapsBrackets: boolean): string[] {
  const runs = leftToRightRuns(chars, classesOf(chars))
  const isInRun = (index: number) => runs.some(({ start, end }) => index >= start && index < end)
  const drawn = swapsBrackets
    ? chars.map((char, index) => (isInRun(index) ? char : (mirrored.get(char) ?? char)))
    : chars
  const turned = drawn.toReversed()
  for (const { start, end } of runs)
    turned.splice(chars.length - end, end - start, ...drawn.slice(start, end))
  return turned
}

/**
 * Reading order of one line.
 *
 * @param drawn the characters as they lie on the page, from left to right
 */
export function logicalLine(drawn: string): string {
  const chars = Array.from(drawn)
  if (!rightToLeft.test(drawn)) return drawn
  if (directionOf(drawn) === 'rtl') {
    const swapped = reverseAround(chars, true)
    const kept = reverseAround(chars, false)
    return (isNested(kept) && !isNested(swapped) ? kept : swapped).join('')
  }
  for (const { start, end } of rightToLeftRuns(chars, classesOf(chars)))
    chars.splice(start, end - start, ...reverseAround(chars.slice(start, end), true))
  return chars.join('')
}

/** pdf.js has already turned each of its items by itself; undo that, so that the whole line can be turned at once. */
function drawnText({ str, dir }: DrawnItem): string {
  if (!rightToLeft.test(str)) return str
  const chars = Array.from(str)
  if (dir === 'rtl') return reverseAround(chars, false).join('')
  for (const { start, end } of rightToLeftRuns(chars, classesOf(chars)))
    chars.splice(start, end - start, ...chars.slice(start, end).toReversed())
  return chars.join('')
}

type Placed = {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly text: string
}

type DrawnRow = { readonly y: number; readonly items: Placed[] }

/** Where the next run of a page goes; only lines nearby are looked at, or many runs would take their square. */
function createRows() {
  const lines: DrawnRow[] = []
  const nearby = new Map<number, DrawnRow[]>()
  let last: DrawnRow | undefined
  return {
    lines,
    at(y: number, height: number): DrawnRow {
      const isSame = (line: DrawnRow) => Math.abs(line.y - y) < height * 0.35
      if (last !== undefined && isSame(last)) return last
      const place = Math.round(y / 8)
      const near = [place - 1, place, place + 1].flatMap((one) => nearby.get(one) ?? [])
      last = near.find(isSame)
      if (last !== undefined) return last
      last = { y, items: [] }
      lines.push(last)
      nearby.set(place, [...(nearby.get(place) ?? []), last])
      return last
    },
  }
}

/** Runs of about the same height of the page, the highest first; a table of a page by its rows. */
function groupIntoLines(items: readonly DrawnItem[]): Placed[][] {
  const { lines, at } = createRows()
  for (const item of items) {
    if (item.str === '') continue
    const [, , , , x = 0, y = 0] = item.transform
    const height = item.height || 10
    at(y, height).items.push({ x, y, width: item.width, height, text: drawnText(item) })
  }
  return lines.toSorted((one, other) => other.y - one.y).map(({ items: placed }) => placed)
}

function joinDrawn(items: readonly Placed[]): string {
  let text = ''
  let previousEnd = Number.NEGATIVE_INFINITY
  for (const { x, width, height, text: drawn } of items.toSorted((one, other) => one.x - other.x)) {
    const isApart = x - previousEnd > height * 0.15 && previousEnd !== Number.NEGATIVE_INFINITY
    if (isApart && !/\s$/u.test(text) && !/^\s/u.test(drawn)) text += ' '
    text += drawn
    previousEnd = Math.max(previousEnd, x + width)
  }
  return text
}

/** Lines of one page of pdf.js in reading order. Not handled: columns side by side, vowel points. */
export function linesOfPage(items: readonly DrawnItem[]): DrawnLine[] {
  return groupIntoLines(items).flatMap((line) => {
    const text = logicalLine(joinDrawn(line).trim())
    const height = Math.max(...line.map(({ height: own }) => own))
    return text === '' ? [] : [{ text, height }]
  })
}
