/**
 * Reads the definitions that the server prints: names and literals are quoted in one way, and there
 * are no comments. Nothing here understands expressions; they are handed on as they are.
 */

/** What stands in the brackets that open at a place. */
export type Group = {
  readonly inner: string
  /** Offset behind the closing bracket. */
  readonly end: number
}

/** @param at offset of `(` */
export function readGroup(text: string, at: number): Group | undefined {
  if (text[at] !== '(') return undefined
  let depth = 0
  for (let place = at; place < text.length; place = next(text, place)) {
    if (text[place] === '(') depth += 1
    if (text[place] === ')') depth -= 1
    if (depth === 0) return { inner: text.slice(at + 1, place), end: place + 1 }
  }
  return undefined
}

/** The offset behind the character, the literal or the quoted name at a place. */
function next(text: string, at: number): number {
  const quote = text[at]
  if (quote !== "'" && quote !== '"') return at + 1
  const escapes = quote === "'" && /(?:^|\W)[eE]$/.test(text.slice(Math.max(0, at - 2), at))
  let place = at + 1
  while (place < text.length && !endsQuote(text, place, quote))
    place += lengthAt(text, place, escapes)
  return place + 1
}

function endsQuote(text: string, at: number, quote: string): boolean {
  return text[at] === quote && text[at + 1] !== quote
}

/** Doubled quotes and escaped characters are two. */
function lengthAt(text: string, at: number, escapes: boolean): number {
  const character = text[at]
  return (escapes && character === '\\') || character === "'" || character === '"'
    ? pairLength(text, at)
    : 1
}

function pairLength(text: string, at: number): number {
  return text[at] === '\\' || text[at + 1] === text[at] ? 2 : 1
}

/** Splits at the commas that stand in no brackets. */
export function splitList(text: string): string[] {
  const items: string[] = []
  let from = 0
  let depth = 0
  for (let place = 0; place < text.length; place = next(text, place)) {
    const character = text[place] ?? ''
    if ('([{'.includes(character)) depth += 1
    if (')]}'.includes(character)) depth -= 1
    if (character !== ',' || depth > 0) continue
    items.push(text.slice(from, place).trim())
    from = place + 1
  }
  const last = text.slice(from).trim()
  return last === '' ? items : [...items, last]
}

/** Offset of a word such as ` WHERE ` outside of brackets and quotes; -1 where there is none. */
function findWord(text: string, word: string): number {
  let depth = 0
  for (let place = 0; place < text.length; place = next(text, place)) {
    if (depth === 0 && text.startsWith(word, place)) return place
    if (text[place] === '(') depth += 1
    if (text[place] === ')') depth -= 1
  }
  return -1
}

/** A name without its quotes. */
export function bareName(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

/** The expression of `CHECK (…) NO INHERIT NOT VALID`. */
export function checkExpression(definition: string): string | undefined {
  return readGroup(definition, definition.indexOf('('))?.inner
}

export type ForeignKey = {
  /** Unquoted, in the order of the key. */
  readonly columns: readonly string[]
  /** Qualified and quoted. */
  readonly parent: string
  readonly parentColumns: readonly string[]
  /** MATCH FULL: either all columns are null or none. */
  readonly isFull: boolean
}

/** Undefined for keys over periods, which are no comparison of values. */
export function readForeignKey(definition: string): ForeignKey | undefined {
  const own = readGroup(definition, definition.indexOf('('))
  if (own === undefined) return undefined
  const rest = definition.slice(own.end)
  const at = findWord(rest, '(')
  const other = readGroup(rest, at)
  if (other === undefined) return undefined
  const [columns, parentColumns] = [splitList(own.inner), splitList(other.inner)]
  if (columns.some((column) => column.startsWith('PERIOD '))) return undefined
  return {
    columns: columns.map(bareName),
    parent: rest.slice(' REFERENCES '.length, at).trim(),
    parentColumns: parentColumns.map(bareName),
    isFull: rest.slice(other.end).includes(' MATCH FULL'),
  }
}

/** What an index or an exclusion constraint keeps. */
export type IndexText = {
  /** Each as SQL, with its collation. */
  readonly expressions: readonly string[]
  /** The operator of each, for exclusion; empty for indexes. */
  readonly operators: readonly string[]
  readonly predicate: string | undefined
  readonly nullsAreEqual: boolean
}

const indexHead =
  /^CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+) ON (?:ONLY )?(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)(?:\.(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+))? USING (?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+) /

/** `CREATE UNIQUE INDEX i ON public.t USING btree (lower(a), b DESC) WHERE (c > 0)`. */
export function readIndex(definition: string): IndexText | undefined {
  const head = indexHead.exec(definition)?.[0]
  if (head === undefined) return undefined
  const group = readGroup(definition, head.length)
  if (group === undefined) return undefined
  return {
    expressions: splitList(group.inner).map((item) => readElement(item).expression),
    operators: [],
    ...readTail(definition.slice(group.end)),
  }
}

/** `EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (…)`; also `UNIQUE (a, b WITHOUT OVERLAPS)`. */
export function readExclusion(definition: string): IndexText | undefined {
  const group = readGroup(definition, definition.indexOf('('))
  if (group === undefined) return undefined
  const elements = splitList(group.inner).map(readElement)
  return {
    expressions: elements.map(({ expression }) => expression),
    operators: elements.map(({ rest }) =>
      rest.includes('WITHOUT OVERLAPS') ? '&&' : (/ ?WITH (.+)$/s.exec(rest)?.[1] ?? '='),
    ),
    ...readTail(definition.slice(group.end)),
  }
}

function readTail(tail: string): Pick<IndexText, 'predicate' | 'nullsAreEqual'> {
  const at = findWord(tail, ' WHERE ')
  const options = at === -1 ? tail : tail.slice(0, at)
  return {
    predicate: at === -1 ? undefined : tail.slice(at + ' WHERE '.length),
    nullsAreEqual: options.includes(' NULLS NOT DISTINCT'),
  }
}

/** One element of an index; classes of operators and directions do not change what is equal. */
function readElement(item: string): { readonly expression: string; readonly rest: string } {
  const end = endOfExpression(item)
  const rest = item.slice(end)
  const collation =
    /^ COLLATE ((?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)(?:\.(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+))?)/.exec(
      rest,
    )
  const suffix = collation === null ? '' : ` collate ${collation[1]}`
  return { expression: `${item.slice(0, end)}${suffix}`, rest }
}

const nameAtStart =
  /^(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)(?:\.(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+))*/

function endOfExpression(item: string): number {
  if (item.startsWith('(')) return readGroup(item, 0)?.end ?? item.length
  const name = nameAtStart.exec(item)?.[0] ?? item
  return readGroup(item, name.length)?.end ?? name.length
}

/** Whether an element is a column and nothing computed. */
export function isColumn(expression: string): boolean {
  return /^(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)$/.test(expression)
}

/** `RANGE (at, lower(name))` as its way and its expressions. */
export function readPartitionKey(
  key: string,
): { readonly way: string; readonly expressions: readonly string[] } | undefined {
  const group = readGroup(key, key.indexOf('('))
  if (group === undefined) return undefined
  return {
    way: key.slice(0, key.indexOf('(')).trim().toLowerCase(),
    expressions: splitList(group.inner).map((item) => readElement(item).expression),
  }
}

/**
 * The condition under which a row belongs into a partition, over the expressions of the parent's key.
 *
 * @returns undefined for DEFAULT and for bounds by hash, which only the server can judge
 */
export function boundCondition(bound: string, key: readonly string[]): string | undefined {
  const list = /^FOR VALUES IN /.exec(bound)
  if (list !== null) return listCondition(bound, list[0].length, key)
  const range = /^FOR VALUES FROM /.exec(bound)
  if (range === null) return undefined
  const from = readGroup(bound, range[0].length)
  if (from === undefined) return undefined
  const to = readGroup(bound, bound.indexOf('(', from.end))
  if (to === undefined) return undefined
  const limits = [
    limit(key, splitList(from.inner), { open: 'MINVALUE', sign: '>', inclusive: true }),
    limit(key, splitList(to.inner), { open: 'MAXVALUE', sign: '<', inclusive: false }),
  ]
  return [...key.map((expression) => `(${expression}) is not null`), ...limits]
    .filter((part) => part !== '')
    .join(' and ')
}

function listCondition(bound: string, at: number, key: readonly string[]): string | undefined {
  const [expression] = key
  const group = readGroup(bound, at)
  if (group === undefined || expression === undefined) return undefined
  const values = splitList(group.inner)
  const plain = values.filter((value) => value.toUpperCase() !== 'NULL')
  const parts = [
    ...(plain.length === 0 ? [] : [`coalesce((${expression}) in (${plain.join(', ')}), false)`]),
    ...(plain.length < values.length ? [`(${expression}) is null`] : []),
  ]
  return `(${parts.join(' or ')})`
}

type Side = { readonly open: string; readonly sign: '<' | '>'; readonly inclusive: boolean }

/** From the first value without a limit on, nothing is compared any more. */
function limit(key: readonly string[], values: readonly string[], side: Side): string {
  const at = values.findIndex((value) => value === 'MINVALUE' || value === 'MAXVALUE')
  const count = at === -1 ? key.length : at
  const isOpen = values[at] === side.open
  if (count === 0) return isOpen || at === -1 ? '' : 'false'
  const inclusive = at === -1 ? side.inclusive : isOpen
  const row = (items: readonly string[]) => items.slice(0, count).join(', ')
  return `(${row(key.map((one) => `(${one})`))}) ${side.sign}${inclusive ? '=' : ''} (${row(values)})`
}
